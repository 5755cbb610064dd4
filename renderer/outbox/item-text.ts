import { undeliverable, type OutboxItem } from '../../shared/model/outbox.ts';
import type { Words } from '../text/en.ts';
import { refused, takenBack } from '../../shared/outbox-kind.ts';

const MINUTE = 60_000;

/** What the words need of the local forms. */
export interface TimeForms {
  time(at: number): string;
}

/** One line that says how it stands with a mail, as a person would say it. `now` in milliseconds since 1970. */
export function statusText(item: OutboxItem, words: Words['outbox'], forms: TimeForms, now: number): string {
  const turnedAway = refused(item).length;
  const isSent = item.state === 'accepted' || item.state === 'filed';
  if (isSent && item.isReplaced && undeliverable(item.notices).size > 0) return words.replaced;
  if (turnedAway > 0 && turnedAway < item.recipients.length && isSent)
    return item.isReplaced ? words.replaced : words.refusedCount(turnedAway, item.recipients.length);
  const stopped = takenBack(item).length;
  if (isSent && stopped > 0 && !item.isReplaced) return words.takenBackCount(stopped, item.recipients.length);
  if (item.state === 'queued') return queuedText(item, words, forms, now);
  if (item.state === 'accepted' && item.route) return words.acceptedBy[item.route];
  if (item.state === 'filed' && item.route) return words.filedBy[item.route];
  return words.states[item.state];
}

/** Why the copy of a sent mail is not in Sent, and what becomes of that; null where nothing stood in its way. */
export function copyText({ state, sentCopy, copyError }: OutboxItem, { outbox: words, errors }: Words): string | null {
  if (state !== 'accepted' || (copyError === null && sentCopy !== 'failed')) return null;
  const why = copyError === null ? '' : ` ${errors[copyError.code].what}`;
  // What a person can do about it; of everything else the mail itself decides.
  const help = copyError?.code === 'over-quota' ? ` ${errors['over-quota'].remedy}` : '';
  return `${words.copyFailed}${why}${help} ${sentCopy === 'failed' ? words.copyOnAsk : words.copyBySelf}`;
}

function queuedText(item: OutboxItem, words: Words['outbox'], forms: TimeForms, now: number): string {
  const next = item.nextAttemptAt;
  if (item.hold === 'undo-window' && next !== null && next > now) return words.inSeconds(Math.ceil((next - now) / 1000));
  if (item.hold === null) return words.states.queued;
  const reason = words.holds[item.hold];
  if (item.hold !== 'retry' || next === null || next <= now) return reason;
  const isSoon = next - now < MINUTE;
  return `${reason}. ${isSoon ? words.nextTryIn(Math.ceil((next - now) / 1000)) : words.nextTry(forms.time(next))}`;
}
