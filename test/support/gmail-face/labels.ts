import { createHash } from 'node:crypto';
import { isAtom, tokenItems, tokenText } from '../imap-tokens.ts';
import { uidSet, type Reply, type SecondClient } from '../second-client.ts';

/** Gmail's own mailboxes, as an account in some language names them. */
export interface GmailNames {
  readonly all: string;
  readonly drafts: string;
  readonly important: string;
  readonly sent: string;
  readonly spam: string;
  readonly starred: string;
  readonly trash: string;
}

/** What a person or an admin may have set, and what nobody outside Google knows for certain. */
export interface GmailSettings {
  /** A message marked as deleted is expunged at once. */
  readonly autoExpunge: boolean;
  /** What becomes of a message expunged from the last mailbox in which it is seen, but for All Mail. */
  readonly lastExpunge: 'archive' | 'trash' | 'delete';
  /** What APPEND takes for a message that is there: equal bytes, an equal Message-ID, or nothing. */
  readonly same: 'bytes' | 'message-id' | 'none';
  /** Keywords are kept; else STORE takes them, and nothing comes of it. */
  readonly keepsKeywords: boolean;
}

export interface Held {
  readonly uid: number;
  /** Equal for all copies. */
  readonly guid: string;
  readonly flags: readonly string[];
}

/** Gmail's number of a message. */
export const messageNumber = (guid: string): string =>
  BigInt(`0x1${createHash('sha1').update(guid).digest('hex').slice(0, 14)}`).toString();

const quoted = (path: string): string => `"${path.replace(/(["\\])/g, '\\$1')}"`;
/** What another mailbox shows of a message, too. */
const shared = (flags: readonly string[]): string[] => flags.filter((flag) => !/^\\(?:Deleted|Recent)$/i.test(flag)).sort();

/** The messages of one person, kept by a Dovecot as copies in mailboxes: whatever is done to one copy, the others follow. Paths as on the wire. */
export class Labels {
  readonly names: GmailNames;
  readonly settings: GmailSettings;
  readonly #client: SecondClient;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(client: SecondClient, names: GmailNames, settings: GmailSettings) {
    this.#client = client;
    this.names = names;
    this.settings = settings;
  }

  /** One after the other, whichever connection asks. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** Messages of a mailbox. */
  async held(path: string, set = '1:*'): Promise<Held[]> {
    await this.#client.run(`SELECT ${quoted(path)}`);
    const { untagged } = await this.#client.run(`UID FETCH ${set} (UID X-GUID FLAGS)`);
    return untagged.flatMap((one): Held[] => {
      if (!isAtom(one[1], 'FETCH')) return [];
      const items = tokenItems(one[2]);
      const at = (name: string) => items[items.findIndex((item) => isAtom(item, name)) + 1];
      return [{ uid: Number(tokenText(at('UID'))), guid: tokenText(at('X-GUID')), flags: tokenItems(at('FLAGS')).map(tokenText) }];
    });
  }

  async uidOf(path: string, guid: string): Promise<number | null> {
    return (await this.held(path)).find((one) => one.guid === guid)?.uid ?? null;
  }

  async uidValidity(path: string): Promise<string> {
    const { untagged } = await this.#client.run(`STATUS ${quoted(path)} (UIDVALIDITY)`);
    return tokenText(tokenItems(untagged.find((one) => isAtom(one[0], 'STATUS'))?.[2])[1]);
  }

  /** Puts a message where it is not yet; gives its UID there. */
  async ensure(guid: string, from: { path: string; uid: number }, to: string): Promise<number> {
    const there = await this.uidOf(to, guid);
    if (there !== null) return there;
    await this.#client.run(`SELECT ${quoted(from.path)}`);
    const { text } = await this.#client.run(`UID COPY ${from.uid} ${quoted(to)}`);
    const uid = Number(/\[COPYUID \d+ \S+ (\d+)\]/i.exec(text)?.[1]);
    await this.#client.run(`SELECT ${quoted(to)}`);
    await this.#client.store([uid], '-', ['\\Deleted']);
    return uid;
  }

  async drop(guid: string, path: string): Promise<void> {
    const uid = await this.uidOf(path, guid);
    if (uid !== null) await this.#client.expunge([uid]);
  }

  async paths(): Promise<string[]> {
    const { untagged } = await this.#client.run('LIST "" "*"');
    const isThere = (attributes: string[]): boolean => !attributes.some((one) => /^\\(?:Noselect|NonExistent)$/i.test(one));
    return untagged.filter((one) => isAtom(one[0], 'LIST') && isThere(tokenItems(one[1]).map(tokenText))).map((one) => tokenText(one[3]));
  }

  /** Trash and Spam hold a message alone. */
  isBin(path: string): boolean {
    return path === this.names.trash || path === this.names.spam;
  }

  /** Adds a label; UID in the target. Into Trash or Spam: out of all others. */
  async add(one: Held, from: string, to: string): Promise<number> {
    const { all } = this.names;
    const uid = await this.ensure(one.guid, { path: from, uid: one.uid }, to);
    if (this.isBin(to)) {
      for (const path of await this.paths()) if (path !== to) await this.drop(one.guid, path);
    } else if (this.isBin(from)) {
      await this.ensure(one.guid, { path: to, uid }, all);
      await this.drop(one.guid, from);
    }
    return uid;
  }

  /** Moves: the label goes, but nothing leaves All Mail or Sent by that. */
  async move(one: Held, from: string, to: string): Promise<number> {
    const uid = await this.add(one, from, to);
    if (from !== to && from !== this.names.all && from !== this.names.sent) await this.drop(one.guid, from);
    return uid;
  }

  /** What an expunge in a mailbox does to a message. */
  async expunge(one: Held, path: string): Promise<void> {
    const { all, trash } = this.names;
    if (this.isBin(path)) return this.drop(one.guid, path);
    if (path === all) return void (await this.add(one, all, trash));
    await this.drop(one.guid, path);
    if (this.settings.lastExpunge === 'archive' || (await this.isSeen(one.guid))) return;
    const uid = await this.uidOf(all, one.guid);
    if (uid === null) return;
    if (this.settings.lastExpunge === 'trash') await this.add({ ...one, uid }, all, trash);
    else for (const other of await this.paths()) await this.drop(one.guid, other);
  }

  /** Stands in a mailbox that is no view. */
  private async isSeen(guid: string): Promise<boolean> {
    const { all, important, starred } = this.names;
    for (const path of await this.paths()) {
      if (path !== all && path !== important && path !== starred && (await this.uidOf(path, guid)) !== null) return true;
    }
    return false;
  }

  /** Flags of one copy are those of all. */
  async shareFlags(one: Held, path: string): Promise<void> {
    const { starred } = this.names;
    const wanted = shared(one.flags);
    for (const other of await this.paths()) {
      if (other === path) continue;
      const copy = (await this.held(other)).find(({ guid }) => guid === one.guid);
      if (copy && shared(copy.flags).join(' ') !== wanted.join(' ')) {
        await this.#client.run(`UID STORE ${uidSet([copy.uid])} FLAGS.SILENT (${wanted.join(' ')})`);
      }
    }
    if (wanted.includes('\\Flagged') && !this.isBin(path)) await this.ensure(one.guid, { path, uid: one.uid }, starred);
    else if (path !== starred) await this.drop(one.guid, starred);
  }

  /**
   * Files a message as APPEND does: one that is there already gets the label.
   * @param rest what stands between the mailbox and the message: flags and date
   */
  async append(path: string, rest: string, raw: Buffer): Promise<Reply & { readonly uid: number }> {
    const known = await this.#find(raw);
    if (known !== null) {
      const uid = await this.add(known.held, known.path, path);
      return { status: 'OK', text: `[APPENDUID ${await this.uidValidity(path)} ${uid}] (Success)`, untagged: [], uid };
    }
    const reply = await this.#client.attempt([`APPEND ${quoted(path)} ${rest}`, raw]);
    const uid = Number(/\[APPENDUID \d+ (\d+)\]/i.exec(reply.text)?.[1] ?? 0);
    const [one] = uid === 0 ? [] : await this.held(path, String(uid));
    if (one && !this.isBin(path)) await this.ensure(one.guid, { path, uid }, this.names.all);
    if (one) await this.shareFlags(one, path);
    return { ...reply, uid };
  }

  async #find(raw: Buffer): Promise<{ held: Held; path: string } | null> {
    const id = /^message-id:\s*(<[^>]+>)/im.exec(raw.toString('latin1'))?.[1];
    if (id === undefined || this.settings.same === 'none') return null;
    for (const path of [this.names.all, this.names.trash]) {
      await this.#client.run(`SELECT ${quoted(path)}`);
      for (const uid of await this.#client.uids(`HEADER Message-ID "${id}"`)) {
        if (this.settings.same === 'message-id' || (await this.#source(uid)).equals(raw)) {
          const [held] = await this.held(path, String(uid));
          if (held) return { held, path };
        }
      }
    }
    return null;
  }

  async #source(uid: number): Promise<Buffer> {
    const { untagged } = await this.#client.run(`UID FETCH ${uid} BODY.PEEK[]`);
    const items = tokenItems(untagged.find((one) => isAtom(one[1], 'FETCH'))?.[2]);
    return Buffer.from(tokenText(items[items.findIndex((one) => isAtom(one, 'BODY[]')) + 1]), 'latin1');
  }
}
