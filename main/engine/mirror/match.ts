import { isHeldByOther } from '../ingest/content-digest.ts';
import type { ContentMarks } from '../store/contract.ts';
import type { Placement } from '../store/placements.ts';

/** Evidence about one placement, compared when a new one turns up. */
export interface Evidence {
  readonly messageId: string | null;
  /** Hex digest of the summary (ids, dates, people, subject). */
  readonly summaryDigest: string;
  readonly structureDigest: string;
  readonly sizeBytes: number;
  readonly internalDate: number;
  readonly emailId: string | null;
}

export type MatchStrength = 'same' | 'likely' | 'none';

/**
 * Whether a message seen in one mailbox of a server is a message seen before in another mailbox (or epoch) of the same
 * server. `same` where the server says so by EMAILID (RFC 8474); `likely` where everything a move keeps is equal, which
 * suffices to keep the entry but needs the header's digest before a stored body is used again.
 */
export function matchOnSameServer(left: Evidence, right: Evidence): MatchStrength {
  if (left.emailId !== null && right.emailId !== null) return left.emailId === right.emailId ? 'same' : 'none';
  const isEqual =
    left.messageId === right.messageId &&
    left.summaryDigest === right.summaryDigest &&
    // A size may be an estimate that changes (see same-message.ts); where a Message-ID is missing it is needed all the same.
    (left.sizeBytes === right.sizeBytes || left.messageId !== null) &&
    left.internalDate === right.internalDate;
  return isEqual ? 'likely' : 'none';
}

/**
 * Whether a message may be one that this server had lost, under another internal date: put back by another program, read in again from a
 * backup, or moved by a server that dates anew what it moves. Only where nothing equal in all is found; the stored body still has to be proved.
 */
export function isDatedAnew(left: Evidence, right: Evidence): boolean {
  if (left.emailId !== null && right.emailId !== null) return false;
  return (
    left.messageId !== null &&
    left.messageId === right.messageId &&
    left.summaryDigest === right.summaryDigest &&
    left.sizeBytes === right.sizeBytes
  );
}

type Ranked = Pick<Placement, 'id' | 'sizeBytes' | 'stateSince'>;

/** Order of placements that may be one message of this size: equal in size first, then the newest. */
export function likeliestFirst({ sizeBytes }: Pick<Evidence, 'sizeBytes'>): (a: Ranked, b: Ranked) => number {
  const isEqual = (one: Ranked): number => Number(one.sizeBytes === sizeBytes);
  return (a, b) => isEqual(b) - isEqual(a) || b.stateSince - a.stateSince || b.id - a.id;
}

/**
 * Whether the primary's and the relay's copy may be one mail. `likely` is provisional until both bodies are here; a half
 * match is `none`: a double is visible, a wrong merge hides mail.
 */
export function matchAcrossSides(left: Evidence, right: Evidence): MatchStrength {
  if (left.messageId === null || left.messageId !== right.messageId) return 'none';
  return left.summaryDigest === right.summaryDigest ? 'likely' : 'none';
}

/** What filters put in front of a subject: `[EXTERN]`, `{Spam?}`, `***SPAM***`, `EXTERNAL:`. */
const TAGS =
  /\[[^[\]]{1,40}\]|\{[^{}]{1,40}\}|\*{2,3}[^*]{1,40}\*{2,3}|^\s*(?:re:\s*|aw:\s*|fwd?:\s*|wg:\s*)*(?:external|extern|ext)\s*:/giu;
const ANSWERS = /^(?:(?:re|aw|fwd?|wg):)+/iu;

function withoutTags(subject: string): string {
  const answered = ANSWERS.exec(subject.replace(/\s+/gu, ''))?.[0] ?? '';
  return `${answered} ${subject.replace(TAGS, ' ').replace(/^\s*(?:(?:re|aw|fwd?|wg):\s*)+/iu, '')}`
    .replace(/\s+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** Whether two subjects are equal but for what filters put in front of one of them. */
export const isSameSubject = (left: string, right: string): boolean => withoutTags(left) === withoutTags(right);

/** Whether two bodies are equal byte for byte, below whatever header blocks. */
export function isSameBody(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/**
 * The final word once both sources are here: equal bodies, or all that a person sees of one is seen in the other. A server that makes the
 * MIME structure anew (Exchange) gives no mail the bytes that the relay has of it, and filters put banners and footers into one of them.
 */
export function isSameContent(left: ContentMarks, right: ContentMarks): boolean {
  if (isSameBody(left.body, right.body)) return true;
  if (left.content !== null && right.content !== null && isSameBody(left.content, right.content)) return true;
  return left.blocks !== null && right.blocks !== null && isHeldByOther(left.blocks, right.blocks);
}
