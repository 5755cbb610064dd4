import type { MailError } from '../../../shared/errors.ts';
import { toldRefusal } from '../imap/told-refusal.ts';
import { RefusedError } from '../imap/wire/completion.ts';
import type { DraftRow, FilingRefusal, Refusal } from '../store/draft-row.ts';

/** Pause after the first refusal, doubled each time. It is also that of another version: who goes on writing must not make us send again at each pause. */
const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 6 * 3_600_000;
/** Tries of one version of a draft, over about twenty hours; then it waits until somebody changes it. */
const MAX_TRIES = 12;
/** Response codes after which the same change is refused again (RFC 5530, RFC 7889); for what they mean elsewhere see wire/completion.ts. */
const FINAL_CODES: ReadonlySet<string> = new Set(['LIMIT', 'NOPERM', 'CANNOT', 'TOOBIG']);
/** Commands that put a copy there or take it away; the others only ask. */
const CHANGES: ReadonlySet<string> = new Set(['APPEND', 'UID STORE', 'UID MOVE', 'UID EXPUNGE']);

/** What is noted when the copy of a draft was not taken. Pure. */
export function refusalAfter({ revision, filingRefusal: last }: DraftRow, path: string, error: MailError, now: number): FilingRefusal {
  const isSame = last !== null && last.revision === revision && last.path === path;
  return { revision, path, ...nextRefusal(isSame ? last : null, error, now) };
}

/** What is noted when the primary refused the same thing once more. `now` in milliseconds since 1970. Pure. */
export function nextRefusal(last: Refusal | null, error: MailError, now: number): Refusal {
  const tries = (last?.tries ?? 0) + 1;
  const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries - 1, 20));
  return { tries, refusedAt: now, nextAt: now + pauseMs, isFinal: isFinal(error) || tries >= MAX_TRIES, error: toldRefusal(error) };
}

/** Whether a draft is not to be filed now because of what was refused before. Pure. */
export function isHeldBack(row: DraftRow, path: string, now: number): boolean {
  return row.filingRefusal?.path === path && msUntilTry(row, now) > 0;
}

/** Until a draft that was refused may be filed where it was; Infinity where only a change helps. Pure. */
export function msUntilTry({ revision, filingRefusal: last }: DraftRow, now: number): number {
  if (last === null) return 0;
  return last.revision === revision ? msUntilRetry(last, now) : msUntil(last.refusedAt + FIRST_PAUSE_MS, now);
}

/** Until the same thing may be tried again, in milliseconds; Infinity where it is not. Pure. */
export function msUntilRetry(last: Refusal | null, now: number): number {
  if (last === null) return 0;
  return last.isFinal ? Infinity : msUntil(last.nextAt, now);
}

function msUntil(at: number, now: number): number {
  // The clock was put back: further away than any pause of ours.
  return at - now > MAX_PAUSE_MS ? 0 : Math.max(0, at - now);
}

/** A full mailbox is cleared out one day, although only by a person; what is refused to be looked at now may be shown later. */
function isFinal(error: MailError): boolean {
  if (error.code === 'over-quota') return false;
  const isForGood = error.retry === 'never' || error.retry === 'ask';
  if (!(error instanceof RefusedError)) return isForGood;
  return CHANGES.has(error.command) && (isForGood || FINAL_CODES.has(error.completion.code));
}
