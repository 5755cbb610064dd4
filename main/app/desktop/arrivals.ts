import type { AccountId } from '../../../shared/model/ids.ts';
import type { MessageRow } from '../../../shared/model/message.ts';

const MINUTE_MS = 60_000;
/** Older mail was caught up on, and is no news. */
const MAX_AGE_MS = 24 * 60 * MINUTE_MS;
/** Servers file what comes at once in any order. */
const ORDER_SLACK_MS = 10 * MINUTE_MS;
/** More than a person gets between two looks; older ones are told apart by their date. */
const MAX_KNOWN = 5_000;

/** One look at the newest rows of an account's inbox. */
export interface InboxLook {
  readonly accountId: AccountId;
  readonly rows: readonly MessageRow[];
  /** Every mailbox of a side has been looked at in this run: an empty inbox is empty. */
  readonly isSettled: boolean;
  /** Lower-cased addresses of the person. */
  readonly own: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface Known {
  readonly keys: Set<string>;
  newestAt: number;
}

/** The copies that two servers have of a mail may be two entries for a while. */
const sameMail = ({ people, subject, sentDate }: MessageRow): string => JSON.stringify([people[0]?.address, subject, sentDate]);

/**
 * Tells mail that has just come from mail that is only seen for the first time: of the first mirror, of an older day, moved here by
 * hand, or read elsewhere. The first look at an account tells nothing.
 */
export class Arrivals {
  readonly #known = new Map<AccountId, Known>();

  /** Rows that came since the last look, newest first as they were given. */
  look({ accountId, rows, isSettled, own, now }: InboxLook): MessageRow[] {
    const known = this.#known.get(accountId);
    if (!known && rows.length === 0 && !isSettled) return [];
    const before = known ?? { keys: new Set<string>(), newestAt: rows.length === 0 ? now : 0 };
    const isNews = (row: MessageRow): boolean => known !== undefined && isNew(row, before, now) && isForPerson(row, own);
    const news = rows.filter(isNews).filter((row, at, all) => all.findIndex((one) => sameMail(one) === sameMail(row)) === at);
    for (const row of rows) {
      before.keys.add(String(row.id)).add(sameMail(row));
      // One that is dated in the future must not hide all that comes until then.
      before.newestAt = Math.max(before.newestAt, Math.min(row.internalDate, now));
    }
    this.#known.set(accountId, bounded(before));
    return news;
  }

  /** Accounts that are there no more. */
  keepOnly(accounts: ReadonlySet<AccountId>): void {
    for (const id of this.#known.keys()) if (!accounts.has(id)) this.#known.delete(id);
  }
}

function isNew(row: MessageRow, { keys, newestAt }: Known, now: number): boolean {
  if (keys.has(String(row.id)) || keys.has(sameMail(row))) return false;
  return row.internalDate > newestAt - ORDER_SLACK_MS && row.internalDate > now - MAX_AGE_MS;
}

function isForPerson(row: MessageRow, own: ReadonlySet<string>): boolean {
  if (row.isSeen || row.isDraft || row.isQuarantined || row.isRecoverable) return false;
  return !own.has(row.people[0]?.address.toLowerCase() ?? '');
}

/** The oldest that were learnt go first. */
function bounded(known: Known): Known {
  if (known.keys.size <= MAX_KNOWN) return known;
  return { keys: new Set([...known.keys].slice(-MAX_KNOWN / 2)), newestAt: known.newestAt };
}
