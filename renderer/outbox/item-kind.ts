import { lastNotices, undeliverable, type OutboxItem } from '../../shared/model/outbox.ts';

/** Something is still to happen: by itself or by a person. */
export function isOpen(item: OutboxItem): boolean {
  return item.state !== 'cancelled' && (item.state !== 'filed' || hasRefused(item) || hasBounced(item));
}

/** Nothing goes on before a person has looked at it. */
export function needsPerson(item: OutboxItem): boolean {
  return item.state === 'rejected' || item.state === 'unknown' || item.state === 'quarantined' || hasRefused(item) || hasBounced(item);
}

/** Recipients that a server has turned away for good, though others may have been taken. */
export function refused(item: OutboxItem): OutboxItem['recipients'] {
  return item.recipients.filter((one) => one.state === 'rejected');
}

/** Some were refused, and nobody has written to them again since. */
function hasRefused(item: OutboxItem): boolean {
  return !item.isReplaced && refused(item).length > 0;
}

/**
 * Of what was last reported of each recipient, what is not that it arrived. A delay is over when the server has ended its tries: it would have told of a failure. `now` in
 * milliseconds since 1970.
 */
export function troubles(item: OutboxItem, now: number): OutboxItem['notices'] {
  const isLate = ({ action, retryUntil }: OutboxItem['notices'][number]) =>
    action === 'delayed' && (retryUntil === null || retryUntil > now);
  return lastNotices(item.notices).filter((one) => (one.action === 'failed' ? !item.isReplaced : isLate(one)));
}

/** Some could not be reached, and nobody has written to them again since. */
const hasBounced = (item: OutboxItem): boolean => !item.isReplaced && undeliverable(item.notices).size > 0;

export type ItemTone = 'ok' | 'calm' | 'warn' | 'bad';

/** How it looks at a glance; the words say the same. */
export function toneOf(item: OutboxItem): ItemTone {
  if (item.state === 'rejected' || item.state === 'quarantined' || hasRefused(item)) return 'bad';
  if (item.state === 'unknown') return 'warn';
  if (hasBounced(item)) return 'bad';
  if (item.state === 'filed' || item.state === 'accepted') return 'ok';
  if (item.state === 'queued' && (item.hold === 'retry' || item.hold === 'login-refused' || item.hold === 'waiting-for-person'))
    return 'warn';
  return 'calm';
}

/** Order of the view: what needs a person, what is under way, what is over. */
export type ItemGroup = 'attention' | 'underway' | 'over';
export function groupOf(item: OutboxItem): ItemGroup {
  if (needsPerson(item)) return 'attention';
  return isOpen(item) ? 'underway' : 'over';
}
