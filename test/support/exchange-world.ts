import { setTimeout as sleep } from 'node:timers/promises';
import { verifyAll } from '../../main/cli/verify.ts';
import { asEntryId, asMailboxId, asSourceId, type EntryId, type MailboxId, type OutboxId } from '../../shared/model/ids.ts';
import { startDovecot, type DefaultMailbox, type Dovecot } from './dovecot.ts';
import { EngineRig } from './engine-rig.ts';
import { exchangeCapabilities, exchangeMailboxes, startExchangeFace, type ExchangeFace } from './exchange-face.ts';
import { exchangeForm } from './exchange-form.ts';
import { startImapProxy, type ImapProxy } from './imap-proxy.ts';
import { isAtom, tokenItems, tokenText } from './imap-tokens.ts';
import { RateClock } from './rate-clock.ts';
import type { SecondClient } from './second-client.ts';
import { startSmtpScript, type AcceptedMail, type SmtpScript } from './smtp-script.ts';
import { until } from './until.ts';

/** Longer than the pause in the writing after which a draft is filed. */
const DRAFT_PAUSE_MS = 20_000;
/** Between two looks for the copy of a sent mail, and how long such a look may take here. */
const LOOK_MS = 21_000;
const LOOK_TAKES_MS = 400;
const LOOKS = 20;
const DAY_MS = 86_400_000;

/** A company whose mail server is Exchange, and its relay; a fresh user for each test. */
export class ExchangeServers {
  readonly primary: Dovecot;
  readonly relay: Dovecot;
  readonly face: ExchangeFace;
  /** Submission of the primary. */
  readonly smtp: SmtpScript;
  /** What the mail server does with a mail it has taken. */
  onMail: ((mail: AcceptedMail) => void | Promise<void>) | null = null;
  #next = 0;

  private constructor(primary: Dovecot, relay: Dovecot, face: ExchangeFace, smtp: SmtpScript) {
    this.primary = primary;
    this.relay = relay;
    this.face = face;
    this.smtp = smtp;
  }

  static async start(mailboxes: readonly DefaultMailbox[] = exchangeMailboxes, count = 40): Promise<ExchangeServers> {
    const users = Array.from({ length: count }, (_, n) => `user${n}`);
    const primary = await startDovecot({ users, mailboxes: [...mailboxes, { path: 'Projects' }], capabilities: exchangeCapabilities });
    const relay = await startDovecot({ users });
    const face = await startExchangeFace({ upstreamPort: primary.imapPort });
    const passwords = Object.fromEntries(users.map((name) => [name, `pw-${name}`]));
    const smtp = await startSmtpScript({ passwords, onMail: (mail) => servers.onMail?.(mail) });
    const servers = new ExchangeServers(primary, relay, face, smtp);
    return servers;
  }

  async dispose(): Promise<void> {
    await this.face.close();
    await this.smtp.close();
    await this.primary.dispose();
    await this.relay.dispose();
  }

  /** The next user that no test has had. */
  freshUser(): string {
    return `user${this.#next++}`;
  }

  async with(work: (setting: ExchangeSetting) => Promise<void>): Promise<void> {
    const user = this.freshUser();
    const proxy = await startImapProxy({ upstreamPort: this.face.port });
    const [direct, relay] = [await this.primary.connect(user), await this.relay.connect(user)];
    const clock = new RateClock();
    const password = `pw-${user}`;
    const rig = await EngineRig.open({
      primary: { port: proxy.port, user, password, smtpPort: this.smtp.port },
      relay: { port: this.relay.imapPort, user, password },
      ...{ clock, config: { continuity: { undoSendSeconds: 0 } } },
    });
    try {
      await work(new ExchangeSetting(this, { rig, clock, user, proxy, direct, relay }));
    } finally {
      this.onMail = null;
      await direct.close();
      await relay.close();
      // First: nobody has to wait for an answer then.
      await proxy.close();
      await rig.close();
    }
  }
}

/** One person's app between the two servers. */
export class ExchangeSetting {
  readonly servers: ExchangeServers;
  readonly rig: EngineRig;
  readonly clock: RateClock;
  readonly user: string;
  /** Between the app and the face. */
  readonly proxy: ImapProxy;
  /** Another program of this person at the primary, and what the server does by itself. */
  readonly direct: SecondClient;
  readonly relay: SecondClient;

  constructor(
    servers: ExchangeServers,
    parts: { rig: EngineRig; clock: RateClock; user: string; proxy: ImapProxy; direct: SecondClient; relay: SecondClient },
  ) {
    this.servers = servers;
    this.rig = parts.rig;
    this.clock = parts.clock;
    this.user = parts.user;
    this.proxy = parts.proxy;
    this.direct = parts.direct;
    this.relay = parts.relay;
  }

  get actions() {
    return this.rig.engine.actions;
  }

  /** A mail is delivered to both sides, or to one: the primary keeps it in its own form. */
  async deliver(raw: Buffer, to: 'both' | 'primary' | 'relay' = 'both'): Promise<void> {
    const internalDate = Math.floor((Date.now() - DAY_MS) / 1000) * 1000;
    const through = (by: string): Buffer => Buffer.concat([Buffer.from(`Received: by ${by} with ESMTP\r\n`), raw]);
    if (to !== 'relay') await this.direct.append('INBOX', exchangeForm(through('exchange.example.com')), { internalDate });
    if (to !== 'primary') await this.relay.append('INBOX', through('relay.example.net'), { internalDate });
  }

  /** Looks until nothing is open any more, at least twice: by the second look the primary knows every size. */
  async settle(): Promise<void> {
    for (let n = 0; n < 4; n += 1) {
      await this.rig.mirror();
      if (n > 0 && this.openCount() === 0) return;
    }
  }

  /** So much time goes by as a draft needs to be filed, then a look at the servers. */
  async file(): Promise<void> {
    this.clock.pass(DRAFT_PAUSE_MS);
    await this.rig.mirror();
  }

  async sent(id: OutboxId, ...states: string[]): Promise<void> {
    const { outbox } = this.rig.engine.features;
    await until(`${states.join(' or ')}`, () => states.includes(outbox.item(id).state)).catch((error: Error) => {
      const { state, sentCopy, sentStep } = this.rig.engine.store.outbox.get(id);
      throw new Error(`${error.message}; now ${JSON.stringify({ state, sentCopy, sentStep })}`);
    });
  }

  /** Lets time go by, one look after another, until the copy of a sent mail is in its place. */
  async passUntilFiled(id: OutboxId): Promise<void> {
    const { outbox } = this.rig.engine.features;
    for (let n = 0; n < LOOKS && outbox.item(id).state !== 'filed'; n += 1) {
      this.clock.pass(LOOK_MS);
      await sleep(LOOK_TAKES_MS);
    }
    await this.sent(id, 'filed');
  }

  openCount(): number {
    return this.rig.engine.store.ops.countOpen(this.rig.accountId);
  }

  failed() {
    return this.actions.failed().map(({ kind, state, detail, subject, error }) => ({ kind, state, detail, subject, code: error?.code }));
  }

  entry(subject: string): EntryId {
    const id = this.#value('SELECT id FROM entries WHERE subject = ? ORDER BY id LIMIT 1', subject);
    if (id === undefined) throw new Error(`no entry ${subject}`);
    return asEntryId(id);
  }

  mailbox(path: string): MailboxId {
    const found = this.rig.engine.store.mailboxes.list(this.rig.accountId, 'primary').find((one) => one.path === path);
    if (!found) throw new Error(`no mailbox ${path}`);
    return asMailboxId(found.id);
  }

  /** Subjects of a list, newest first. */
  list(path: string): string[] {
    return this.rig.rows(path).map((row) => row.subject);
  }

  /** How many entries there are of this mail, listed or not. */
  entryCount(subject: string): number {
    return this.#value('SELECT count(*) FROM entries WHERE subject = ?', subject) ?? 0;
  }

  /** The source that is shown of a mail; null while it is not here. */
  source(subject: string): Buffer | null {
    const id = this.#value('SELECT source_id FROM entries WHERE id = ?', this.entry(subject));
    if (typeof id !== 'number') return null;
    return Buffer.concat([...this.rig.engine.store.sources.raw(asSourceId(id))]);
  }

  /** Every place where the primary really holds mails of this subject (ASCII), with their flags: `INBOX \Seen`. */
  async places(subject: string): Promise<string[]> {
    const found: string[] = [];
    for (const { path } of await this.direct.list()) {
      await this.direct.select(path, { readOnly: true });
      for (const uid of await this.direct.uids(`HEADER Subject "${subject}"`)) {
        const flags: string[] = [];
        for (const flag of ['Seen', 'Flagged', 'Answered', 'Deleted', 'Draft']) {
          if ((await this.direct.uids(`UID ${uid} ${flag.toUpperCase()}`)).length > 0) flags.push(`\\${flag}`);
        }
        found.push([path, ...flags].join(' '));
      }
    }
    return found.sort();
  }

  /** Of a message in the mailbox that `direct` has selected, bytes as latin1. */
  async sourceOnServer(uid: number): Promise<string> {
    const { untagged } = await this.direct.run(`UID FETCH ${uid} BODY.PEEK[]`);
    const items = tokenItems(untagged.find((one) => isAtom(one[1], 'FETCH'))?.[2]);
    return tokenText(items[items.findIndex((one) => isAtom(one, 'BODY[]')) + 1]);
  }

  async count(path: string): Promise<number> {
    return (await this.direct.select(path, { readOnly: true })).exists;
  }

  /** Another program moves a mail. */
  async moveElsewhere(subject: string, from: string, to: string): Promise<void> {
    await this.direct.select(from);
    await this.direct.move(await this.direct.uids(`HEADER Subject "${subject}"`), to);
  }

  /** What `verify` prints as its totals, and its exit code. */
  async verify(): Promise<{ code: number; totals: Record<string, number> }> {
    let printed = '';
    const code = await verifyAll(this.rig.engine, { print: (text) => (printed += text), isJson: true });
    return { code, totals: (JSON.parse(printed) as { totals: Record<string, number> }).totals };
  }

  #value(sql: string, ...values: (string | number)[]): number | undefined {
    return this.rig.engine.store.handle.db
      .prepare(sql)
      .pluck()
      .get(...values) as number | undefined;
  }
}
