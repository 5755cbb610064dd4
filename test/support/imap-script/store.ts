import { decodeMailboxName, encodeMailboxName } from '../mailbox-name.ts';

/** One message of the scripted server. Change it through its mailbox, so that UIDs and MODSEQs stay right. */
export interface ScriptMessage {
  readonly uid: number;
  raw: Buffer;
  flags: Set<string>;
  /** Milliseconds since 1970. */
  internalDate: number;
  modSeq: bigint;
  /** EMAILID (RFC 8474): kept by copies and moves. */
  readonly emailId: string;
}

export interface NewMessage {
  readonly raw: Buffer | string;
  readonly flags?: readonly string[];
  readonly internalDate?: number;
  /** At least UIDNEXT; gaps are allowed. */
  readonly uid?: number;
  readonly emailId?: string;
}

export interface NewMailbox {
  readonly uidValidity?: number;
  /** E.g. `\\Sent`. */
  readonly specialUse?: string;
  readonly isSubscribed?: boolean;
  readonly isSelectable?: boolean;
  /** Name as sent in LIST, bytes as latin1, in place of modified UTF-7: for names that no sane server has. */
  readonly wireName?: string;
  /** False answers NOMODSEQ even where CONDSTORE is offered. */
  readonly hasModSeq?: boolean;
}

type ChangeListener = (mailbox: ScriptMailbox | null) => void;

let nextEmailId = 1;

/** A mailbox with the UID, UIDVALIDITY and MODSEQ rules of RFC 9051 and RFC 7162. */
export class ScriptMailbox {
  path: string;
  uidValidity: number;
  uidNext = 1;
  highestModSeq = 1n;
  readonly mailboxId: string;
  readonly #wireName: string | null;
  specialUse: string | null;
  isSubscribed: boolean;
  isSelectable: boolean;
  hasModSeq: boolean;
  /** Ascending by UID. */
  messages: ScriptMessage[] = [];
  /** What was expunged when, for VANISHED. */
  expunged: { uid: number; modSeq: bigint }[] = [];
  readonly #changed: (mailbox: ScriptMailbox) => void;

  constructor(path: string, options: NewMailbox & { uidValidity: number }, changed: (mailbox: ScriptMailbox) => void) {
    this.path = path;
    this.uidValidity = options.uidValidity;
    this.mailboxId = `M${options.uidValidity}`;
    this.#wireName = options.wireName ?? null;
    this.specialUse = options.specialUse ?? null;
    this.isSubscribed = options.isSubscribed ?? true;
    this.isSelectable = options.isSelectable ?? true;
    this.hasModSeq = options.hasModSeq ?? true;
    this.#changed = changed;
  }

  get wireName(): string {
    return this.#wireName ?? encodeMailboxName(this.path);
  }

  /** Position in `messages` of a UID, or -1. */
  indexOf(uid: number): number {
    let [low, high] = [0, this.messages.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = (this.messages[middle] as ScriptMessage).uid;
      if (at === uid) return middle;
      if (at < uid) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  find(uid: number): ScriptMessage | null {
    return this.messages[this.indexOf(uid)] ?? null;
  }

  add(message: NewMessage): ScriptMessage {
    const uid = Math.max(message.uid ?? 0, this.uidNext);
    this.uidNext = uid + 1;
    const added: ScriptMessage = {
      uid,
      raw: typeof message.raw === 'string' ? Buffer.from(message.raw) : message.raw,
      flags: new Set(message.flags),
      internalDate: message.internalDate ?? Date.now(),
      modSeq: this.#nextModSeq(),
      emailId: message.emailId ?? `E${(nextEmailId += 1)}`,
    };
    this.messages.push(added);
    this.#changed(this);
    return added;
  }

  /** Replaces the flags; gives the message its new MODSEQ. Throws for an unknown UID. */
  setFlags(uid: number, flags: Iterable<string>): ScriptMessage {
    const message = this.find(uid);
    if (!message) throw new RangeError(`no UID ${uid} in ${this.path}`);
    message.flags = new Set(flags);
    message.modSeq = this.#nextModSeq();
    this.#changed(this);
    return message;
  }

  /** Removes a message; false when it is not there. */
  expunge(uid: number): boolean {
    const at = this.indexOf(uid);
    if (at < 0) return false;
    this.messages.splice(at, 1);
    this.expunged.push({ uid, modSeq: this.#nextModSeq() });
    this.#changed(this);
    return true;
  }

  /** A new epoch: another UIDVALIDITY, messages numbered from 1 (or `firstUid`) in their order, no memory of MODSEQs. */
  resetUidValidity(uidValidity = this.uidValidity + 1, firstUid = 1): void {
    this.uidValidity = uidValidity;
    this.highestModSeq = 1n;
    this.expunged = [];
    this.messages = this.messages.map((message, i) => ({ ...message, uid: firstUid + i, modSeq: this.#nextModSeq() }));
    this.uidNext = firstUid + this.messages.length;
    this.#changed(this);
  }

  #nextModSeq(): bigint {
    this.highestModSeq += 1n;
    return this.highestModSeq;
  }
}

/** All mailboxes of the scripted server's one account; every change reaches the sessions that watch. */
export class ScriptStore {
  readonly delimiter: string;
  readonly #mailboxes = new Map<string, ScriptMailbox>();
  readonly #listeners = new Set<ChangeListener>();
  #nextUidValidity = 1_700_000_001;

  constructor(delimiter = '/') {
    this.delimiter = delimiter;
    this.create('INBOX');
  }

  get mailboxes(): readonly ScriptMailbox[] {
    return [...this.#mailboxes.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  find(path: string): ScriptMailbox | null {
    return this.#mailboxes.get(path.toUpperCase() === 'INBOX' ? 'INBOX' : path) ?? null;
  }

  /** The mailbox that a client means by this name. */
  findWire(wireName: string): ScriptMailbox | null {
    return this.mailboxes.find((mailbox) => mailbox.wireName === wireName) ?? this.find(decodeMailboxName(wireName));
  }

  /** The mailbox; throws where there is none. */
  get(path: string): ScriptMailbox {
    const mailbox = this.find(path);
    if (!mailbox) throw new RangeError(`no mailbox ${path}`);
    return mailbox;
  }

  /** Makes a mailbox; throws where the name is taken. */
  create(path: string, options: NewMailbox = {}): ScriptMailbox {
    if (this.find(path)) throw new RangeError(`mailbox ${path} exists`);
    const uidValidity = options.uidValidity ?? (this.#nextUidValidity += 1);
    const mailbox = new ScriptMailbox(path, { ...options, uidValidity }, (changed) => this.#tell(changed));
    this.#mailboxes.set(path, mailbox);
    this.#tell(null);
    return mailbox;
  }

  delete(path: string): void {
    this.#mailboxes.delete(this.get(path).path);
    this.#tell(null);
  }

  /** Renames a mailbox with all below it; UIDs and UIDVALIDITY stay. */
  rename(path: string, newPath: string): void {
    this.get(path);
    const below = `${path}${this.delimiter}`;
    for (const mailbox of this.mailboxes.filter((m) => m.path === path || m.path.startsWith(below))) {
      this.#mailboxes.delete(mailbox.path);
      mailbox.path = newPath + mailbox.path.slice(path.length);
      this.#mailboxes.set(mailbox.path, mailbox);
    }
    this.#tell(null);
  }

  /** Calls back on each change: with the mailbox, or null for a change of the list. Returns the way to stop. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(mailbox: ScriptMailbox | null): void {
    for (const listener of this.#listeners) listener(mailbox);
  }
}
