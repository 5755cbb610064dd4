import { undeliverable, type OutboxItem } from './model/outbox.ts';

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
export const hasRefused = (item: OutboxItem): boolean => !item.isReplaced && refused(item).length > 0;

/** Some could not be reached, and nobody has written to them again since. */
export const hasBounced = (item: OutboxItem): boolean => !item.isReplaced && undeliverable(item.notices).size > 0;
