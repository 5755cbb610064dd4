import { createHash } from 'node:crypto';

/** What never changes about a mail, wherever it stands. */
export interface ModelMail {
  readonly messageId: string;
  readonly sizeBytes: number;
  /** SHA-256 (hex) of its source. */
  readonly sha256: string;
  readonly internalDate: number;
}

/** A mail that was given to a server as these bytes. */
export function modelMail(messageId: string, raw: Buffer, internalDate: number): ModelMail {
  return { messageId, sizeBytes: raw.length, sha256: createHash('sha256').update(raw).digest('hex'), internalDate };
}

/** One message in one mailbox; moved it goes on being this one, copied there is another. */
export interface Standing {
  /** Null where its bytes are made by the product: then they are what the server has, and the copy here has to be equal. */
  mail: ModelMail | null;
  flags: Set<string>;
  /** Null when it is gone. */
  mailbox: ModelMailbox | null;
  /** Null until the server was asked: the product put it there, at a moment of its own choice. */
  uid: number | null;
  /** Part of the subject of a mail whose bytes are not known. */
  readonly subject?: string;
}

export interface ModelMailbox {
  path: string;
  uidNext: number;
  /** From here on what we have put there may stand, where that is before uidNext: a look was cut off before others went on. */
  ownFrom?: number;
  /** Whether the product keeps a copy of it. */
  readonly isMirrored: boolean;
  readonly standings: Set<Standing>;
}

const byUid = (a: Standing, b: Standing): number => (a.uid ?? 0) - (b.uid ?? 0);

/**
 * What an IMAP server has to hold after these changes, by RFC 9051 alone: UIDs grow by one in the order of arrival, MOVE and COPY keep flags
 * and internal date. Nothing of the product and nothing of a real server is in it.
 */
export class ServerModel {
  readonly mailboxes: ModelMailbox[] = [];

  constructor(mirrored: readonly string[], others: readonly string[] = []) {
    for (const path of mirrored) this.create(path);
    for (const path of others) this.create(path, false);
  }

  at(path: string): ModelMailbox {
    const found = this.mailboxes.find((one) => one.path === path);
    if (!found) throw new Error(`the model has no mailbox ${path}`);
    return found;
  }

  has(path: string): boolean {
    return this.mailboxes.some((one) => one.path === path);
  }

  create(path: string, isMirrored = true): ModelMailbox {
    const mailbox: ModelMailbox = { path, uidNext: 1, isMirrored, standings: new Set() };
    this.mailboxes.push(mailbox);
    return mailbox;
  }

  /** The mail in it is gone with it. */
  remove(mailbox: ModelMailbox): void {
    for (const one of [...mailbox.standings]) this.expunge(one);
    this.mailboxes.splice(this.mailboxes.indexOf(mailbox), 1);
  }

  stands(mailbox: ModelMailbox): boolean {
    return this.mailboxes.includes(mailbox);
  }

  append(mailbox: ModelMailbox, mail: ModelMail, flags: Iterable<string>): Standing {
    return this.#arrive({ mail, flags: new Set(flags), mailbox, uid: null }, mailbox);
  }

  expunge(standing: Standing): void {
    standing.mailbox?.standings.delete(standing);
    standing.mailbox = null;
  }

  /** Another client moves these; the server takes them in the order of their UIDs. */
  move(standings: readonly Standing[], target: ModelMailbox): void {
    for (const one of [...standings].sort(byUid)) {
      one.mailbox?.standings.delete(one);
      this.#arrive(one, target);
    }
  }

  copy(standings: readonly Standing[], target: ModelMailbox): void {
    for (const { mail, flags, subject } of [...standings].sort(byUid)) {
      const twin = { mail, flags: new Set(flags), mailbox: target, uid: null, ...(subject === undefined ? {} : { subject }) };
      this.#arrive(twin, target);
    }
  }

  /** The product puts it there: its UID is a new one, which one is asked for later. */
  arriveByUs(standing: Standing, target: ModelMailbox): Standing {
    standing.mailbox?.standings.delete(standing);
    standing.mailbox = target;
    standing.uid = null;
    target.standings.add(standing);
    return standing;
  }

  /** All messages that stand somewhere and hold this mail. */
  group(standing: Standing): Standing[] {
    const id = standing.mail?.messageId;
    return this.all().filter((one) => one === standing || (id !== undefined && one.mail?.messageId === id));
  }

  all(): Standing[] {
    return this.mailboxes.flatMap((one) => [...one.standings]);
  }

  #arrive(standing: Standing, target: ModelMailbox): Standing {
    standing.mailbox = target;
    standing.uid = target.uidNext;
    target.uidNext += 1;
    target.standings.add(standing);
    return standing;
  }
}
