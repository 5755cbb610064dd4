import { setTimeout as sleep } from 'node:timers/promises';
import { verifyAll } from '../../main/cli/verify.ts';
import { asEntryId, asMailboxId, asSourceId, type EntryId, type MailboxId, type OutboxId } from '../../shared/model/ids.ts';
import type { EngineRig } from './engine-rig.ts';
import type { ImapProxy } from './imap-proxy.ts';
import { isAtom, tokenItems, tokenText } from './imap-tokens.ts';
import type { RateClock } from './rate-clock.ts';
import type { SecondClient } from './second-client.ts';
import { until } from './until.ts';

/** Longer than the pause in the writing after which a draft is filed. */
const DRAFT_PAUSE_MS = 20_000;
/** Between two looks for the copy of a sent mail, and how long such a look may take here. */
const LOOK_MS = 21_000;
const LOOK_TAKES_MS = 400;
const LOOKS = 20;

export interface SettingParts {
  readonly rig: EngineRig;
  readonly clock: RateClock;
  readonly user: string;
  readonly proxy: ImapProxy;
  readonly direct: SecondClient;
  readonly relay: SecondClient;
}

/** One person's app between a relay and a primary that is a test double of some company's mail server. */
export class FacedSetting {
  readonly rig: EngineRig;
  readonly clock: RateClock;
  readonly user: string;
  /** Between the app and the face. */
  readonly proxy: ImapProxy;
  /** Another program of this person at the primary, and what the server does by itself. */
  readonly direct: SecondClient;
  readonly relay: SecondClient;

  constructor(parts: SettingParts) {
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
    for (const { path, attributes } of await this.direct.list()) {
      if (attributes.some((one) => /^\\noselect$/i.test(one))) continue;
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
