import { MailError } from '../../../shared/errors.ts';
import type { OutboxState } from '../../../shared/model/outbox.ts';

/**
 * What can happen to a mail that was handed over.
 *
 * `claim`: a submission begins. `retry`: it ended and something is left for later. `accept`: at least one recipient was accepted and none
 * is left. `refuse`: every recipient was refused for good. `give-up`: its life is over. `lose`: the body had begun and no reply tells its
 * fate. `find`: a search proved an uncertain one delivered; `find-part`: proved, with recipients left that the server had put off.
 * `mark-sent`, `resend`: a person decided. `cancel`: taken back before any byte of the body. `stop`: some have it, and it is taken back from
 * the others. `withdraw`: a second sending of an uncertain
 * one is taken back: it is as uncertain as before. `file`: the copy in Sent is proved. `quarantine`: its bytes are not what was frozen.
 */
export const outboxEvents = [
  'claim',
  'retry',
  'accept',
  'refuse',
  'give-up',
  'lose',
  'find',
  'find-part',
  'mark-sent',
  'resend',
  'cancel',
  'stop',
  'withdraw',
  'file',
  'quarantine',
] as const;
export type OutboxEvent = (typeof outboxEvents)[number];

type Row = { readonly [E in OutboxEvent]?: OutboxState };

/** Everything that is allowed; what is missing is refused. */
const TABLE: { readonly [S in OutboxState]: Row } = {
  queued: {
    claim: 'submitting',
    cancel: 'cancelled',
    stop: 'accepted',
    withdraw: 'unknown',
    'give-up': 'rejected',
    quarantine: 'quarantined',
  },
  submitting: {
    ...{ retry: 'queued', accept: 'accepted', refuse: 'rejected', 'give-up': 'rejected', lose: 'unknown' },
    ...{ cancel: 'cancelled', stop: 'accepted', withdraw: 'unknown', quarantine: 'quarantined' },
  },
  accepted: { file: 'filed' },
  filed: {},
  // No `claim`, `retry` or `give-up`: nothing but proof or a person leads out of here (bars O1 to O3).
  unknown: { find: 'accepted', 'find-part': 'queued', 'mark-sent': 'accepted', resend: 'queued' },
  rejected: { resend: 'queued' },
  cancelled: {},
  quarantined: {},
};

/** Pure. @throws MailError operation-unsafe when the event is not allowed in this state. */
export function nextOutboxState(state: OutboxState, event: OutboxEvent): OutboxState {
  const next = TABLE[state][event];
  if (next !== undefined) return next;
  throw new MailError('operation-unsafe', { scope: 'message', retry: 'never', detail: `${event} in state ${state}` });
}

/** States that end: nothing happens by itself any more. */
export const isEnded = (state: OutboxState): boolean => ['filed', 'rejected', 'cancelled', 'quarantined'].includes(state);
