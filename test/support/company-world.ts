import { createTransport } from 'nodemailer';
import type { AccountConfig } from '../../shared/model/account.ts';
import type { ContinuityMode } from '../../shared/model/continuity.ts';
import { asMailboxId, type EntryId, type MailboxId, type OutboxId } from '../../shared/model/ids.ts';
import type { EngineEventListener } from '../../main/engine/engine.ts';
import { EngineRig } from './engine-rig.ts';
import { startImapProxy, type ImapProxy } from './imap-proxy.ts';
import { startMailPair, type MailPair } from './mail-pair.ts';
import { RateClock } from './rate-clock.ts';
import { usualMailboxes } from './dovecot.ts';
import { startSmtpScript, type SmtpScript } from './smtp-script.ts';
import { until } from './until.ts';

const DOMAIN = 'example.com';
/**
 * Waiting passes so much faster. Only waiting: the servers' clocks do not, and an outage that began in their future would make all their
 * mail older than it.
 */
const RATE = 5;

export interface WorkOptions {
  readonly continuity?: Partial<AccountConfig['continuity']>;
  readonly onEvent?: EngineEventListener;
  /** Submission port in place of the primary's own. */
  readonly submissionPort?: number;
}

/** A company's mail server, its relay, and the world beyond, as real servers; each test is a person of its own. */
export class CompanyWorld {
  readonly pair: MailPair;
  /** Takes what goes to other domains. */
  readonly outside: SmtpScript;

  private constructor(pair: MailPair, outside: SmtpScript) {
    this.pair = pair;
    this.outside = outside;
  }

  static async start(users: readonly string[]): Promise<CompanyWorld> {
    const outside = await startSmtpScript({ capabilities: ['8BITMIME', 'SMTPUTF8'] });
    const mailboxes = [...usualMailboxes, { path: 'Projects', autoSubscribe: true }];
    const pair = await startMailPair({ users, outsidePort: outside.port, dovecot: { mailboxes }, delayWarningSeconds: 1 });
    return new CompanyWorld(pair, outside);
  }

  /** Mail from outside, as it comes in: to the relay, which keeps a copy and hands it on. */
  async arrive(user: string, ...names: string[]): Promise<void> {
    const transport = createTransport({ host: '127.0.0.1', port: this.pair.relay.postfix.inboundPort, ignoreTLS: true });
    for (const name of names) {
      const text = `Text of ${name}.\r\n`;
      await transport.sendMail({ from: 'Bernd <bernd@partner.test>', to: `${user}@${DOMAIN}`, subject: name, text });
    }
    transport.close();
  }

  /** The app of a person, running, connected to both sides. */
  async open(user: string, options: WorkOptions = {}): Promise<Work> {
    const work = await Work.open(this, user, options);
    await work.isWell();
    return work;
  }

  async dispose(): Promise<void> {
    await this.pair.dispose();
    await this.outside.close();
  }
}

/** One person's app at work. */
export class Work {
  readonly company: CompanyWorld;
  readonly user: string;
  readonly rig: EngineRig;
  readonly clock: RateClock;
  /** Between the app and the primary's mailboxes. */
  readonly imap: ImapProxy;

  private constructor(company: CompanyWorld, user: string, rig: EngineRig, clock: RateClock, imap: ImapProxy) {
    this.company = company;
    this.user = user;
    this.rig = rig;
    this.clock = clock;
    this.imap = imap;
  }

  static async open(company: CompanyWorld, user: string, { continuity, onEvent, submissionPort }: WorkOptions): Promise<Work> {
    const { primary, relay } = company.pair;
    const clock = new RateClock();
    const imap = await startImapProxy({ upstreamPort: primary.dovecot.imapPort });
    const login = { user, password: `pw-${user}` };
    const rig = await EngineRig.open({
      primary: { ...login, port: imap.port, smtpPort: submissionPort ?? primary.postfix.submissionPort },
      relay: { ...login, port: relay.dovecot.imapPort, smtpPort: relay.postfix.submissionPort },
      clock,
      config: {
        email: `${user}@${DOMAIN}`,
        pollSeconds: 10,
        continuity: {
          ...({ failover: 'automatic', reconcile: 'automatic' } as const),
          ...{ stableSeconds: 2, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: 120, ...continuity },
        },
      },
      ...(onEvent ? { onEvent } : {}),
    });
    rig.engine.start();
    return new Work(company, user, rig, clock, imap);
  }

  get engine() {
    return this.rig.engine;
  }

  get id() {
    return this.rig.accountId;
  }

  state() {
    return this.engine.features.monitor.state(this.id);
  }

  /** Both sides are watched, and every endpoint was seen well. */
  async isWell(): Promise<void> {
    await until('both sides are watched', () => this.engine.syncStates().every((one) => one.phase === 'watching'));
    const { endpoints } = await this.engine.features.monitor.probeNow(this.id);
    if (endpoints.some((one) => one.health !== 'up')) throw new Error(endpoints.map((one) => one.lastError).join());
  }

  /** Waits for a mode; how long that took by the app's clock, in ms. */
  async reaches(mode: ContinuityMode): Promise<number> {
    const startedAt = this.clock.monotonic();
    await this.#hurry(`mode ${mode}`, () => this.state().mode === mode);
    return Math.round(this.clock.monotonic() - startedAt);
  }

  /** Writes a mail and sends it. */
  send(to: string, subject: string): Promise<OutboxId> {
    return this.rig.send([to], subject);
  }

  async #hurry(name: string, condition: () => boolean): Promise<void> {
    this.clock.rate = RATE;
    try {
      // More than two of the longest gaps between probes of a server that is away (five minutes), at this rate.
      await until(name, condition, 150_000);
    } catch (error) {
      throw new Error(`${(error as Error).message}; ${this.#standing()}`, { cause: error });
    } finally {
      this.clock.rate = 1;
    }
  }

  /** How everything stands: what a wait in vain has to tell. */
  #standing(): string {
    const sides = this.engine.syncStates().map(({ side, phase, error }) => ({ side, phase, error }));
    const [run] = this.engine.features.reconciler.list();
    return JSON.stringify({ now: this.clock.now(), ...this.state(), sides, run });
  }

  item(id: OutboxId) {
    return this.engine.features.outbox.item(id);
  }

  async leaves(id: OutboxId, ...states: string[]): Promise<void> {
    await this.#hurry(`mail ${id} is ${states.join(' or ')}`, () => states.includes(this.item(id).state));
  }

  /** Subjects of a list, newest first. */
  list(path: string): string[] {
    return this.rig.rows(path).map((row) => row.subject);
  }

  entry(subject: string): EntryId {
    const find = this.engine.store.handle.db.prepare('SELECT id FROM entries WHERE subject = ? ORDER BY id LIMIT 1').pluck();
    const id = find.get(subject) as EntryId | undefined;
    if (id === undefined) throw new Error(`no entry ${subject}`);
    return id;
  }

  mailbox(path: string): MailboxId {
    const found = this.engine.store.mailboxes.list(this.id, 'primary').find((one) => one.path === path);
    if (!found) throw new Error(`no mailbox ${path}`);
    return asMailboxId(found.id);
  }

  /** Waits until a list holds a mail. */
  shows(path: string, subject: string): Promise<void> {
    return until(`${subject} in ${path}`, () => this.list(path).includes(subject), 40_000);
  }

  /** Waits until the app has a mail from the primary, whole: the relay's copy, which may come first, shows nothing of delivery. */
  async fromPrimary(subject: string): Promise<void> {
    await this.shows('INBOX', subject);
    await until(`${subject} is known at the primary`, () =>
      this.engine.store.placements
        .ofEntry(this.entry(subject))
        .some(({ side, bodyState }) => side === 'primary' && bodyState === 'complete'),
    );
  }

  /** Every place where a server really holds mails of this subject, with their flags: `INBOX \Seen`. */
  async places(subject: string, side: 'primary' | 'relay' = 'primary'): Promise<string[]> {
    const client = await this.company.pair[side].dovecot.connect(this.user);
    const found: string[] = [];
    for (const { path, attributes } of await client.list()) {
      if (attributes.includes('\\Noselect')) continue;
      await client.select(path, { readOnly: true });
      for (const uid of await client.uids(`HEADER Subject "${subject}"`)) {
        const flags: string[] = [];
        for (const flag of ['Seen', 'Flagged', 'Answered', 'Deleted', 'Draft']) {
          if ((await client.uids(`UID ${uid} ${flag.toUpperCase()}`)).length > 0) flags.push(`\\${flag}`);
        }
        found.push([path, ...flags].join(' '));
      }
    }
    await client.close();
    return found.sort();
  }

  run() {
    const [run] = this.engine.features.reconciler.list();
    if (!run) throw new Error('there is no run');
    return run;
  }

  /** `received confirmed <subject>` and so on. */
  balance(): string[] {
    const { items } = this.engine.features.reconciler.items(this.run().id, 0, 1000);
    return items.map((one) => [one.kind, one.state, one.subject].join(' ')).sort();
  }

  async close(): Promise<void> {
    // First: nobody has to wait for an answer then.
    await this.imap.close();
    await this.rig.close();
  }
}
