import { lastNotices, type OutboxItem } from '../../shared/model/outbox.ts';
import { hasBounced, hasRefused, isOpen, needsPerson } from '../../shared/outbox-kind.ts';

/**
 * Of what was last reported of each recipient, what is not that it arrived. A delay is over when the server has ended its tries: it would have told of a failure. `now` in
 * milliseconds since 1970.
 */
export function troubles(item: OutboxItem, now: number): OutboxItem['notices'] {
  const isLate = ({ action, retryUntil }: OutboxItem['notices'][number]) =>
    action === 'delayed' && (retryUntil === null || retryUntil > now);
  return lastNotices(item.notices).filter((one) => (one.action === 'failed' ? !item.isReplaced : isLate(one)));
}

/** It was sent, and its copy gets into Sent only when a person does something. */
export function lacksCopy({ state, sentCopy, copyError }: OutboxItem): boolean {
  const isPersons = copyError?.retry === 'ask' || copyError?.retry === 'never';
  return state === 'accepted' && (sentCopy === 'failed' || (sentCopy === 'waiting' && isPersons));
}

export type ItemTone = 'ok' | 'calm' | 'warn' | 'bad';

/** How it looks at a glance; the words say the same. */
export function toneOf(item: OutboxItem): ItemTone {
  if (item.state === 'rejected' || item.state === 'quarantined' || hasRefused(item)) return 'bad';
  if (item.state === 'unknown') return 'warn';
  if (hasBounced(item)) return 'bad';
  if (lacksCopy(item)) return 'warn';
  if (item.state === 'filed' || item.state === 'accepted') return 'ok';
  if (item.state === 'queued' && (item.hold === 'retry' || item.hold === 'login-refused' || item.hold === 'waiting-for-person'))
    return 'warn';
  return 'calm';
}

/** Order of the view: what needs a person, what is under way, what is over. */
export type ItemGroup = 'attention' | 'underway' | 'over';
export function groupOf(item: OutboxItem): ItemGroup {
  if (needsPerson(item) || lacksCopy(item)) return 'attention';
  return isOpen(item) ? 'underway' : 'over';
}
