// @ts-check
import { EventEmitter } from 'node:events';

/**
 * @typedef {object} StoredMessage
 * @property {number} uid
 * @property {Buffer} raw
 * @property {number} internalDate Milliseconds since 1970, whole seconds.
 * @property {Set<string>} flags
 * @property {number} modSeq
 * @property {string | null} structure BODYSTRUCTURE, once it was asked for.
 * @property {string | null} envelope
 */

/** @param {string} flag */
const normal = (flag) => {
  const system = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'];
  return system.find((one) => one.toLowerCase() === flag.toLowerCase()) ?? flag;
};

/** One mailbox. Emits `change` after every change. */
export class StoredMailbox extends EventEmitter {
  /** @type {StoredMessage[]} In order of UID. */
  messages = [];
  /** @type {{uid: number, modSeq: number}[]} */
  expunged = [];
  uidNext = 1;
  highestModSeq = 1;
  isSubscribed = true;

  /**
   * @param {string} path In Unicode.
   * @param {string | null} specialUse
   * @param {number} uidValidity
   */
  constructor(path, specialUse, uidValidity) {
    super();
    this.setMaxListeners(0);
    this.path = path;
    this.specialUse = specialUse;
    this.uidValidity = uidValidity;
  }

  /**
   * @param {Buffer} raw
   * @param {number} internalDate
   * @param {Iterable<string>} flags
   * @returns {StoredMessage}
   */
  append(raw, internalDate, flags) {
    const message = {
      uid: this.uidNext,
      raw,
      internalDate: Math.floor(internalDate / 1000) * 1000,
      flags: new Set([...flags].map(normal).filter((flag) => flag !== '\\Recent')),
      modSeq: this.#nextModSeq(),
      structure: null,
      envelope: null,
    };
    this.uidNext += 1;
    this.messages.push(message);
    this.emit('change');
    return message;
  }

  /** @param {number} uid */
  find(uid) {
    let low = 0;
    let high = this.messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.messages[middle]?.uid ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    const found = this.messages[low];
    return found?.uid === uid ? found : undefined;
  }

  /**
   * @param {StoredMessage} message
   * @param {'+' | '-' | ''} mode
   * @param {readonly string[]} flags
   */
  setFlags(message, mode, flags) {
    const wanted = flags.map(normal).filter((flag) => flag !== '\\Recent');
    const next = new Set(mode === '' ? wanted : message.flags);
    for (const flag of wanted) {
      if (mode === '-') next.delete(flag);
      else next.add(flag);
    }
    if (next.size === message.flags.size && [...next].every((flag) => message.flags.has(flag))) return;
    message.flags = next;
    message.modSeq = this.#nextModSeq();
    this.emit('change');
  }

  /** @param {ReadonlySet<number>} uids */
  expunge(uids) {
    const gone = this.messages.filter((message) => uids.has(message.uid));
    if (gone.length === 0) return;
    this.messages = this.messages.filter((message) => !uids.has(message.uid));
    for (const { uid } of gone) this.expunged.push({ uid, modSeq: this.#nextModSeq() });
    this.emit('change');
  }

  get unseen() {
    return this.messages.filter((message) => !message.flags.has('\\Seen')).length;
  }

  #nextModSeq() {
    this.highestModSeq += 1;
    return this.highestModSeq;
  }
}

/** All mailboxes of one account. */
export class MailStore {
  /** @type {Map<string, StoredMailbox>} */
  #mailboxes = new Map();

  /** @param {number} uidValidity Of the first mailbox; later ones get higher numbers. */
  constructor(uidValidity) {
    this.nextUidValidity = uidValidity;
  }

  /**
   * @param {string} path
   * @param {string | null} [specialUse]
   * @returns {StoredMailbox}
   * @throws {RangeError} when it exists
   */
  create(path, specialUse = null) {
    if (this.#mailboxes.has(path)) throw new RangeError('Mailbox already exists');
    const mailbox = new StoredMailbox(path, specialUse, this.nextUidValidity);
    this.nextUidValidity += 1;
    this.#mailboxes.set(path, mailbox);
    return mailbox;
  }

  /** @param {string} path */
  get(path) {
    return this.#mailboxes.get(path.toUpperCase() === 'INBOX' ? 'INBOX' : path);
  }

  /** In order of path, INBOX first. */
  all() {
    return [...this.#mailboxes.values()].sort((left, right) => {
      if (left.path === 'INBOX' || right.path === 'INBOX') return left.path === 'INBOX' ? -1 : 1;
      return left.path < right.path ? -1 : 1;
    });
  }

  /** Paths that exist only as parents of others. */
  parents() {
    const paths = new Set(
      this.all().flatMap(({ path }) =>
        path
          .split('/')
          .slice(0, -1)
          .map((_, at, parts) => parts.slice(0, at + 1).join('/')),
      ),
    );
    return [...paths].filter((path) => !this.#mailboxes.has(path)).sort();
  }

  /** @param {string} path */
  delete(path) {
    const mailbox = this.#mailboxes.get(path);
    this.#mailboxes.delete(path);
    mailbox?.emit('removed');
  }

  /**
   * Renames a mailbox and everything below it.
   * @param {string} from
   * @param {string} to
   */
  rename(from, to) {
    for (const mailbox of this.all()) {
      if (mailbox.path !== from && !mailbox.path.startsWith(`${from}/`)) continue;
      this.#mailboxes.delete(mailbox.path);
      mailbox.path = `${to}${mailbox.path.slice(from.length)}`;
      this.#mailboxes.set(mailbox.path, mailbox);
    }
  }
}
