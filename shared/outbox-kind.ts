import { undeliverable, type OutboxItem } from './model/outbox.ts';

/** Something is still to happen: by itself or by a person. */
export function isOpen(item: OutboxItem): boolean {
  return item.state !== 'cancelled' && (item.state !== 'filed' || hasRefused(item) || hasBounced(item));
}

/** Nothing goes on before a person has looked at it. */
export function needsPerson(item: OutboxItem): boolean {
  return item.state === 'rejected' || item.state === 'unknown' || item.state === 'quarantined' || hasRefused(item) || hasBounced(item);
}

/** Recipients from whom the person took it back while others had it: no server had turned them away for good. */
export function takenBack(item: OutboxItem): OutboxItem['recipients'] {
  if (item.error?.code !== 'cancelled') return [];
  return item.recipients.filter((one) => one.state === 'rejected' && !one.reply?.startsWith('5'));
}

/** Recipients that a server has turned away for good, though others may have been taken. */
export function refused(item: OutboxItem): OutboxItem['recipients'] {
  const others = new Set(takenBack(item));
  return item.recipients.filter((one) => one.state === 'rejected' && !others.has(one));
}

/** Some were refused, and nobody has written to them again since. */
export const hasRefused = (item: OutboxItem): boolean => !item.isReplaced && refused(item).length > 0;

/** Some could not be reached, and nobody has written to them again since. */
export const hasBounced = (item: OutboxItem): boolean => !item.isReplaced && undeliverable(item.notices).size > 0;
