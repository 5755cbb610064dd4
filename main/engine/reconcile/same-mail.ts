import type { Address } from '../../../shared/model/message.ts';

/** What is compared of a mail: all that a delivery hands on. */
export interface MailEvidence {
  readonly messageId: string | null;
  /** Milliseconds since 1970, by the Date header. */
  readonly sentDate: number | null;
  readonly subject: string;
  readonly from: readonly Pick<Address, 'address'>[];
}

const plain = (text: string): string => text.replace(/\s+/gu, ' ').trim().toLowerCase();
const people = (list: MailEvidence['from']): string =>
  list
    .map((one) => one.address.toLowerCase())
    .sort()
    .join(' ');

/**
 * Whether what was found at the primary is the mail that the relay holds. A Message-ID alone proves nothing, for anybody may use
 * it again: sender and date have to be equal, too. The subject may carry a mark that the primary's filter put before it.
 * Without a Message-ID everything has to be equal.
 */
export function isSameMail(known: MailEvidence, found: MailEvidence): boolean {
  if (known.messageId !== found.messageId) return false;
  if (known.sentDate !== found.sentDate || people(known.from) !== people(found.from)) return false;
  const [left, right] = [plain(known.subject), plain(found.subject)];
  return known.messageId === null ? left === right && known.sentDate !== null : left === right || right.endsWith(left);
}
