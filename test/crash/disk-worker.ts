import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineProcess } from '../../main/app/engine-process.ts';
import type { CallAnswer } from '../../shared/ipc/bridge.ts';
import type { CallArgs, EngineCall } from '../../shared/ipc/contract.ts';
import { packError, type PackedError } from '../../shared/errors.ts';
import { accountConfigSchema } from '../../shared/model/account.ts';
import type { AccountId, EntryId, MailboxId } from '../../shared/model/ids.ts';
import { DISK_FAULTS, DiskSwitch } from '../support/disk/disk-switch.ts';
import { emptyContent } from '../support/draft-random.ts';
import type { Dovecot } from '../support/dovecot.ts';
import { memorySecrets } from '../support/memory-secrets.ts';
import { forkNodeEngine } from '../support/node-engine.ts';
import type { SecondClient } from '../support/second-client.ts';
import type { SmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';

export interface DiskCase {
  /** When the disk's changes begin to be counted: with the first look at the mailbox, or with what a person does when all is here. */
  readonly moment: 'first look' | 'work';
  /** 0: the disk does not fail. */
  readonly at: number;
  readonly errno: number;
  readonly name?: string;
}

export interface DiskResult {
  readonly changes: number;
  /** `lost …`, `twice …`, `stuck …` and what else is not as it has to be. */
  readonly faults: readonly string[];
  /** What the person was told. */
  readonly codes: readonly string[];
  /** Processes of the engine. */
  readonly lives: number;
}

export interface DiskWorkerOptions {
  readonly dovecot: Dovecot;
  readonly smtp: SmtpScript;
  readonly user: string;
  /** Folder whose files can be made to fail. */
  readonly disk: string;
  readonly control: string;
  readonly library: string;
}

const MAILS = 8;
/** Rounds of work: so many with a disk that does not fail, and so many more with one that does. */
const ROUNDS = 4;
const MOST_ROUNDS = 16;
const CALL_MS = 20_000;
const TOLD_MS = 20_000;
const WELL_MS = 60_000;
/** Engines one failing disk may cost: one that finds the disk full while it begins, and one for good measure. */
const MOST_LIVES = 4;
const KNOWN: ReadonlySet<string> = new Set(Object.values(DISK_FAULTS));

/** How a request came out: done, refused for certain, or not known since its answer was lost. */
type Outcome = 'done' | 'refused' | 'unknown';

/** One person at work while the disk under the app fails. */
export class DiskWorker {
  readonly #options: DiskWorkerOptions;
  readonly #faults: string[] = [];
  readonly #codes = new Set<string>();
  readonly #sends = new Map<string, Outcome>();
  readonly #flags = new Map<string, Outcome>();
  readonly #moves = new Map<string, Outcome>();
  readonly #drafts = new Map<string, Outcome>();
  readonly #arrived: string[] = [];
  /** In the subjects of this case, and of no other. */
  readonly #tag = randomBytes(4).toString('hex');
  readonly #switch: DiskSwitch;
  #lives = 0;
  /** What the lists held when they were last looked at. */
  #seen = '';
  #engine!: EngineProcess;
  #client!: SecondClient;
  #accountId!: AccountId;

  constructor(options: DiskWorkerOptions) {
    this.#options = options;
    this.#switch = DiskSwitch.make(options.control);
  }

  async play(of: DiskCase): Promise<DiskResult> {
    try {
      await this.#play(of);
    } catch (error) {
      this.#faults.push(`stuck: ${String(error)}`);
    }
    this.#switch.heal();
    const { changes } = this.#switch;
    await this.#engine.stop(10_000);
    await this.#client.close();
    this.#switch.close();
    const traces = readdirSync(this.#profile).filter((name) => /damaged|mended|mending|suspect/u.test(name));
    if (traces.length > 0) this.#faults.push(`taken for damaged: ${traces.join()}`);
    if (this.#lives > MOST_LIVES) this.#faults.push(`${this.#lives} engines`);
    return { changes, faults: this.#faults, codes: [...this.#codes], lives: this.#lives };
  }

  async #play({ moment, at, errno }: DiskCase): Promise<void> {
    await this.#prepare();
    this.#startEngine();
    await this.#enrol(moment === 'first look' ? () => this.#switch.failFrom(at, errno) : () => undefined);
    if (moment === 'work') {
      await this.#reachesComplete(MAILS);
      this.#switch.failFrom(at, errno);
    }
    const isFailing = () => at > 0 && this.#switch.changes >= at;
    for (let round = 0, after = 0; round < MOST_ROUNDS && after < ROUNDS; round += 1) {
      await this.#work(round);
      if (isFailing() || at === 0) after += 1;
      if (isFailing()) await this.#readsAll();
    }
    if (at > 0 && !isFailing()) this.#faults.push('the disk did not fail');
    if (isFailing()) await until('the person is told', () => this.#codes.size > 0, TOLD_MS);
    this.#switch.heal();
    await until('nothing is wrong any more', () => this.#engine.phase === 'running' && this.#engine.error === null, WELL_MS);
    await this.#reachesComplete(MAILS + this.#arrived.length);
    await this.#compare();
  }

  get #profile(): string {
    return join(this.#options.disk, 'profile');
  }

  /** An account with some mail and nothing of earlier cases. */
  async #prepare(): Promise<void> {
    const { dovecot, user } = this.#options;
    this.#client = await dovecot.connect(user);
    for (const path of ['INBOX', 'Archive', 'Sent', 'Drafts', 'Trash']) {
      await this.#client.select(path);
      const old = await this.#client.uids();
      if (old.length > 0) await this.#client.expunge(old);
    }
    for (let n = 0; n < MAILS; n += 1) await this.#arrive(`${this.#tag} mail ${n}.`);
    this.#arrived.length = 0;
  }

  async #arrive(subject: string): Promise<void> {
    const text = `text of ${subject} `.repeat(subject.endsWith('3.') ? 3_000 : 10);
    const head = `From: Bernd <bernd@example.org>\r\nTo: ${this.#address}\r\nSubject: ${subject}\r\n`;
    const id = `Message-ID: <${randomBytes(9).toString('hex')}@example.org>\r\n`;
    await this.#client.append('INBOX', Buffer.from(`${head}${id}Date: ${new Date().toUTCString()}\r\n\r\n${text}\r\n`));
    this.#arrived.push(subject);
  }

  get #address(): string {
    return `${this.#options.user}@example.com`;
  }

  #startEngine(): void {
    const { disk, control, library } = this.#options;
    const note = (error: PackedError | null) => {
      if (error === null) return;
      this.#codes.add(error.code);
      if (!KNOWN.has(error.code)) this.#faults.push(`told of ${error.code}`);
    };
    this.#engine = new EngineProcess({
      fork: () => {
        this.#lives += 1;
        return forkNodeEngine({ LD_PRELOAD: library, DISK_ROOT: disk, DISK_CONTROL: control });
      },
      log: { write: () => undefined },
      onPhase: (_phase, error) => note(error),
      onEvent: () => undefined,
    });
    this.#engine.start({ profileDir: this.#profile, storeKey: randomBytes(32), locale: 'en', secrets: memorySecrets() });
  }

  async #enrol(ready: () => void): Promise<void> {
    const { dovecot, smtp, user } = this.#options;
    const at = { host: '127.0.0.1', security: 'plain' as const, user, auth: { type: 'password' as const } };
    const config = accountConfigSchema.parse({
      email: this.#address,
      primary: { imap: { ...at, port: dovecot.imapPort }, smtp: { ...at, port: smtp.port } },
      pollSeconds: 10,
      continuity: { undoSendSeconds: 0 },
    });
    const imap = { type: 'password' as const, password: `pw-${user}` };
    const account = await this.#must('accounts.enrol', { config, secrets: { primary: { imap }, relay: null } });
    this.#accountId = account.id;
    ready();
    await this.#call('overview.get', { rows: 10 });
  }

  async #call<N extends EngineCall>(name: N, ...args: CallArgs<N>): Promise<CallAnswer<N>> {
    try {
      const link = await this.#engine.whenRunning(CALL_MS);
      return { ok: true, value: await link.call(name, args, CALL_MS) } as CallAnswer<N>;
    } catch (error) {
      return { ok: false, error: packError(error) } as CallAnswer<N>;
    }
  }

  async #must<N extends EngineCall>(name: N, ...args: CallArgs<N>) {
    const answer = await this.#call(name, ...args);
    if (!answer.ok) throw new Error(`${name}: ${answer.error.code} ${answer.error.detail ?? ''}`);
    return answer.value;
  }

  /** An answer of the engine that says no is a no; where it ended before it answered, nobody knows. */
  #outcome(what: string, answer: { readonly ok: true } | { readonly ok: false; readonly error: PackedError }): Outcome {
    if (answer.ok) return 'done';
    const { code, detail } = answer.error;
    if (code === 'internal' && (detail === 'engine-ended' || detail === 'engine-timeout')) return 'unknown';
    if (!KNOWN.has(code) && code !== 'internal') this.#faults.push(`${what} answered ${code}`);
    return 'refused';
  }

  async #mailbox(path: string) {
    const list = await this.#must('mailboxes.list');
    const found = list.find((one) => one.path === path);
    if (!found) throw new Error(`no mailbox ${path}`);
    return found;
  }

  async #rows(path: string) {
    const { key } = await this.#mailbox(path);
    return (await this.#must('messages.list', { mailboxKey: key, filter: 'all', offset: 0, limit: 100, isGrouped: false })).rows;
  }

  /** Whether all mail of the server is in the lists, whole; what is moved counts where it went. */
  async #isComplete(mails: number): Promise<boolean> {
    const list = await this.#call('mailboxes.list');
    const found = list.ok ? list.value.filter((one) => one.path === 'INBOX' || one.path === 'Archive') : [];
    this.#seen = found.map((one) => `${one.path} ${one.total}, ${one.missingBodies} without text`).join('; ');
    const total = found.reduce((sum, one) => sum + one.total, 0);
    return total === mails && found.every((one) => one.missingBodies === 0);
  }

  async #reachesComplete(mails: number): Promise<void> {
    const whole = until('complete', () => this.#isComplete(mails), WELL_MS);
    await whole.catch(() => void this.#faults.push(`stuck: ${mails} mails on the server, here ${this.#seen}`));
  }

  /** What a person does in a minute, and what comes in meanwhile. */
  async #work(round: number): Promise<void> {
    await this.#arrive(`${this.#tag} came ${round}.`);
    const rows = await this.#rows('INBOX').catch(() => []);
    const flagged = rows.find((row) => !this.#flags.has(row.subject) && !this.#moves.has(row.subject));
    if (flagged) await this.#flag(flagged.id, flagged.subject);
    const moved = rows.findLast((row) => !this.#moves.has(row.subject) && !this.#flags.has(row.subject));
    if (moved) await this.#move(moved.id, moved.subject);
    await this.#write(`${this.#tag} draft ${round}.`, false);
    await this.#write(`${this.#tag} sent ${round}.`, true);
    await sleep(100);
  }

  async #flag(id: EntryId, subject: string): Promise<void> {
    const answer = await this.#call('messages.setFlag', { entryIds: [id], areConversations: false, flag: 'flagged', isSet: true });
    this.#flags.set(subject, this.#outcome('flag', answer));
  }

  async #move(id: EntryId, subject: string): Promise<void> {
    const archive = await this.#mailbox('Archive').catch(() => null);
    if (!archive) return;
    const mailboxId = archive.mailboxId as MailboxId;
    const answer = await this.#call('messages.move', { entryIds: [id], areConversations: false, mailboxId });
    this.#moves.set(subject, this.#outcome('move', answer));
  }

  /** Writes a mail, in two sittings; sends it where `isSent`. */
  async #write(subject: string, isSent: boolean): Promise<void> {
    const started = await this.#call('compose.start', { kind: 'new', accountId: this.#accountId, mailto: null });
    if (this.#outcome('new mail', started) !== 'done' || !started.ok) return;
    const { id: draftId, version } = started.value;
    const to = [{ name: '', address: 'carla@example.org' }];
    const content = emptyContent({ accountId: this.#accountId, to, subject, text: `text of ${subject}` });
    const saved = await this.#call('drafts.save', { draftId, version, content });
    const outcome = this.#outcome('draft', saved);
    if (!isSent) return void this.#drafts.set(subject, outcome);
    if (!saved.ok) return;
    const sent = await this.#call('drafts.send', { draftId, version: saved.value.version });
    this.#sends.set(subject, this.#outcome('send', sent));
  }

  /** All that was taken is still shown while the disk fails. */
  async #readsAll(): Promise<void> {
    if (this.#engine.phase !== 'running') return;
    const items = await this.#call('outbox.list');
    if (!items.ok) return;
    for (const [subject, outcome] of this.#sends) {
      if (outcome === 'done' && !items.value.some((one) => one.subject === subject)) this.#faults.push(`lost from view: ${subject}`);
    }
    const drafts = await this.#call('drafts.list');
    if (!drafts.ok) return;
    for (const [subject, outcome] of this.#drafts) {
      if (outcome === 'done' && !drafts.value.some((one) => one.content.subject === subject))
        this.#faults.push(`lost from view: ${subject}`);
    }
  }

  /** How often a subject stands in a mailbox of the server. */
  async #count(path: string, subject: string, search = ''): Promise<number> {
    await this.#client.select(path, { readOnly: true });
    return (await this.#client.uids(`${search} HEADER Subject "${subject}"`.trim())).length;
  }

  /** Waits until both the servers and the app hold exactly what was acknowledged, and says what is not so. */
  async #compare(): Promise<void> {
    const { smtp, user } = this.#options;
    const mailed = (subject: string) => smtp.mails.filter((one) => one.user === user && one.raw.includes(`Subject: ${subject}\r\n`)).length;
    for (const [subject, outcome] of this.#sends) {
      await this.#expectOne(`mail ${subject}`, outcome, async () => mailed(subject));
      // Whether this server files copies by itself is waited for, for longer than this case.
      if ((await this.#count('Sent', subject)) > 1) this.#faults.push(`twice: copy in Sent of ${subject}`);
    }
    for (const [subject, outcome] of this.#flags) {
      await this.#expectOne(`flag of ${subject}`, outcome, () => this.#count('INBOX', subject, 'FLAGGED'));
    }
    for (const [subject, outcome] of this.#moves) {
      await this.#expectOne(`move of ${subject}`, outcome, () => this.#count('Archive', subject));
      const total = (await this.#count('Archive', subject)) + (await this.#count('INBOX', subject));
      if (total !== 1) this.#faults.push(`${total === 0 ? 'lost' : 'twice'}: ${subject} stands ${total} times`);
    }
    const drafts = await this.#must('drafts.list');
    for (const [subject, outcome] of this.#drafts) {
      await this.#expectOne(`draft ${subject}`, outcome, async () => drafts.filter((one) => one.content.subject === subject).length);
    }
  }

  async #expectOne(what: string, outcome: Outcome, count: () => Promise<number>): Promise<void> {
    if (outcome === 'done') await until(what, async () => (await count()) === 1, WELL_MS).catch(() => undefined);
    const found = await count();
    if (outcome === 'done' && found === 0) this.#faults.push(`lost: ${what}`);
    if (outcome === 'refused' && found > 0) this.#faults.push(`refused and done all the same: ${what}`);
    if (found > 1) this.#faults.push(`twice: ${what}`);
  }
}
