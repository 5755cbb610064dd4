import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asEntryId, asMailboxId, type EntryId, type MailboxId } from '../../shared/model/ids.ts';
import type { AccountConfig } from '../../shared/model/account.ts';
import type { MailboxState } from './dovecot-snapshot.ts';
import { EngineRig } from './engine-rig.ts';
import { startImapProxy, type ImapProxy } from './imap-proxy.ts';
import { startImapScript, type ImapScript, type NewMailbox, type ScriptMessage } from './imap-script.ts';

const DAY_MS = 86_400_000;

/** A message of these tests: the n-th of its server. */
export const profileMail = (id: string): string =>
  `From: Anna <a@example.com>\r\nTo: b@example.com\r\nSubject: subject ${id}\r\nMessage-ID: <${id}@example.com>\r\n` +
  `Date: Wed, 01 Jan 2025 10:00:00 +0000\r\n\r\n${`text of ${id} with some words in a line of usual length\r\n`.repeat(8)}`;

interface SavedMailbox {
  readonly path: string;
  readonly options: NewMailbox & { readonly uidValidity: number };
  readonly messages: readonly ScriptMessage[];
  readonly uidNext: number;
  readonly highestModSeq: bigint;
}

export interface ScriptProfileOptions {
  readonly capabilities: readonly string[];
  readonly mailboxes?: Readonly<Record<string, NewMailbox>>;
  readonly config?: Partial<AccountConfig>;
  /** Ids of messages in INBOX. */
  readonly messages?: readonly string[];
  /** Brings profile and server into the state from which every case starts. */
  readonly prepare?: (one: ScriptCase) => Promise<void>;
}

/** One scripted server and a profile that has mirrored it, from which any number of cases start alike. */
export class ScriptProfile {
  readonly server: ImapScript;
  /** Between the engine and the server. */
  readonly proxy: ImapProxy;
  readonly #rig: EngineRig;
  readonly #known = { entries: new Map<string, number>(), mailbox: new Map<string, number>() };
  #saved: readonly SavedMailbox[] = [];

  private constructor(server: ImapScript, proxy: ImapProxy, rig: EngineRig) {
    this.server = server;
    this.proxy = proxy;
    this.#rig = rig;
  }

  static async start(options: ScriptProfileOptions, onCommand?: Parameters<typeof startImapScript>[0]): Promise<ScriptProfile> {
    const { capabilities, messages = ['a', 'b'], config } = options;
    const server = await startImapScript({ ...onCommand, capabilities });
    const proxy = await startImapProxy({ upstreamPort: server.port });
    const usual = { Trash: { specialUse: '\\Trash' }, Archive: { specialUse: '\\Archive' }, Projects: {} };
    for (const [path, one] of Object.entries(options.mailboxes ?? usual)) server.store.create(path, one);
    const inbox = server.store.get('INBOX');
    for (const id of messages) inbox.add({ raw: profileMail(id), internalDate: Math.floor(Date.now() / 1000) * 1000 - DAY_MS });
    const rig = await EngineRig.open({
      primary: { port: proxy.port, user: 'alice', password: 'pw-alice' },
      ...(config ? { config } : {}),
    });
    await rig.mirror();
    const profile = new ScriptProfile(server, proxy, rig);
    await options.prepare?.(new ScriptCase(profile, rig));
    profile.#noteIds(new ScriptCase(profile, rig), messages);
    await rig.engine.stop();
    profile.#save();
    return profile;
  }

  /** Ids of mails and of a mailbox in the profile, for another process. */
  ids({ flagged, moved, target }: { flagged: readonly string[]; moved: readonly string[]; target: string }) {
    const { entries, mailbox } = this.#known;
    const of = (names: readonly string[]): number[] => names.map((name) => entries.get(name)!);
    return { flagged: of(flagged), moved: of(moved), target: mailbox.get(target)! };
  }

  #noteIds(one: ScriptCase, messages: readonly string[]): void {
    for (const name of messages) this.#known.entries.set(name, one.entry(name));
    for (const { id, path } of one.rig.engine.store.mailboxes.list(one.rig.accountId, 'primary')) this.#known.mailbox.set(path, id);
  }

  #save(): void {
    this.#saved = this.server.store.mailboxes.map(({ path, messages, uidNext, highestModSeq, uidValidity, specialUse, isSubscribed }) => ({
      ...{ path, uidNext, highestModSeq },
      options: { uidValidity, isSubscribed, ...(specialUse === null ? {} : { specialUse }) },
      messages: messages.map((one) => ({ ...one, flags: new Set(one.flags) })),
    }));
  }

  /** The server as it was when the profile was made. */
  #reset(): void {
    const { store } = this.server;
    for (const { path } of store.mailboxes) if (path !== 'INBOX') store.delete(path);
    for (const saved of this.#saved) {
      const mailbox = store.find(saved.path) ?? store.create(saved.path, saved.options);
      mailbox.messages = saved.messages.map((one) => ({ ...one, flags: new Set(one.flags) }));
      mailbox.expunged = [];
      mailbox.uidValidity = saved.options.uidValidity;
      mailbox.uidNext = saved.uidNext;
      mailbox.highestModSeq = saved.highestModSeq;
    }
  }

  /**
   * Runs a case on the server as it was, and on a copy of the profile.
   *
   * @param before what happens to the copy before it is opened, e.g. in another process
   */
  async run(
    work: (one: ScriptCase) => Promise<void>,
    before: (place: { dir: string; key: Uint8Array }) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    this.#reset();
    const dir = mkdtempSync(join(tmpdir(), 'holdover-case-'));
    cpSync(this.#rig.dir, dir, { recursive: true });
    await before({ dir, key: this.#rig.key });
    const rig = await EngineRig.attach(this.#rig.options, { dir, key: this.#rig.key });
    try {
      await work(new ScriptCase(this, rig));
    } finally {
      await rig.close();
    }
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.server.close();
    rmSync(this.#rig.dir, { recursive: true, force: true });
  }
}

export class ScriptCase {
  readonly profile: ScriptProfile;
  readonly rig: EngineRig;

  constructor(profile: ScriptProfile, rig: EngineRig) {
    this.profile = profile;
    this.rig = rig;
  }

  get actions() {
    return this.rig.engine.actions;
  }

  entry(id: string): EntryId {
    const row = this.rig.engine.store.handle.db
      .prepare('SELECT id FROM entries WHERE message_id = ? ORDER BY id LIMIT 1')
      .get(`<${id}@example.com>`) as { id: number };
    return asEntryId(row.id);
  }

  mailbox(path: string): MailboxId {
    return asMailboxId(this.rig.engine.store.mailboxes.list(this.rig.accountId, 'primary').find((one) => one.path === path)!.id);
  }

  /** One look; gives the code of what went wrong. */
  async look(): Promise<string | null> {
    const [run] = await this.rig.engine.mirrorOnce();
    return run === undefined || run.error === null ? null : String((run.error as { code?: unknown }).code);
  }

  /** Looks until nothing is open, at most this often. */
  async settle(max = 5): Promise<void> {
    for (let n = 0; n < max; n += 1) {
      await this.look();
      if (n > 0 && this.openCount() === 0) return;
    }
  }

  /** What the server holds, as a client that reads everything finds it. */
  remote(): Map<string, MailboxState> {
    return new Map(
      this.profile.server.store.mailboxes.map(({ path, uidValidity, messages }) => [
        path,
        {
          uidValidity: BigInt(uidValidity),
          messages: messages.map(({ uid, flags, internalDate, raw }) => ({
            ...{ uid, flags: [...flags].sort(), internalDate, size: raw.length },
            sha256: createHash('sha256').update(raw).digest('hex'),
          })),
        },
      ]),
    );
  }

  openCount(): number {
    return this.rig.engine.store.ops.countOpen(this.rig.accountId);
  }

  /** Paths of the copies of a message on the server that are not marked as deleted. */
  copies(id: string): string[] {
    const raw = Buffer.from(profileMail(id));
    return this.profile.server.store.mailboxes.flatMap((mailbox) =>
      mailbox.messages
        .filter((one) => one.raw.equals(raw) && ![...one.flags].some((flag) => flag.toLowerCase() === '\\deleted'))
        .map(() => mailbox.path),
    );
  }
}
