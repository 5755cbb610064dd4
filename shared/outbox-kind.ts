import { undeliverable, type OutboxItem } from './model/outbox.ts';

/** Something is still to happen: by itself or by a person. */
export function isOpen(item: OutboxItem): boolean {
  return item.state !== 'cancelled' && (item.state !== 'filed' || hasRefused(item) || hasBounced(item));
}

/** Nothing goes on before a person has looked at it. */
export function needsPerson(item: OutboxItem): boolean {
  const isStuck = item.state === 'rejected' || item.state === 'unknown' || item.state === 'quarantined';
  return isStuck || hasRefused(item) || hasBounced(item) || lacksCopy(item);
}

/** It was sent, and its copy does not get into Sent without a person: given up, or refused for something only a person changes. */
export function lacksCopy({ state, sentCopy, copyError }: OutboxItem): boolean {
  if (state !== 'accepted') return false;
  const isPersons = copyError?.retry === 'ask' || copyError?.retry === 'never';
  return sentCopy === 'failed' || (sentCopy === 'waiting' && isPersons);
}

/** Recipients that a server has turned away for good, though others may have been taken. */
export function refused(item: OutboxItem): OutboxItem['recipients'] {
  return item.recipients.filter((one) => one.state === 'rejected');
}

/** Some were refused, and nobody has written to them again since. */
export const hasRefused = (item: OutboxItem): boolean => !item.isReplaced && refused(item).length > 0;

/** Some could not be reached, and nobody has written to them again since. */
export const hasBounced = (item: OutboxItem): boolean => !item.isReplaced && undeliverable(item.notices).size > 0;
