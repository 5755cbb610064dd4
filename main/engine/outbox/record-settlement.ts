import { packError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { SubmissionResult } from '../smtp/gateway.ts';
import type { OutboxRow, RecipientRow } from '../store/outbox-item.ts';
import type { OutboxChange, OutboxStore } from '../store/outbox.ts';
import type { OutboxContext } from './context.ts';
import { isLogInError } from './retry.ts';
import type { Settlement } from './settle.ts';
import { isEnded, nextOutboxState } from './state.ts';

export interface SubmissionPlace {
  readonly claim: string;
  readonly attempt: number;
  readonly side: Side;
}

export function recordRecipients(store: OutboxStore, row: OutboxRow, recipients: readonly RecipientRow[]): void {
  for (const { address, ...rest } of recipients) store.setRecipient(row.id, address, rest);
}

/** What becomes of a mail once somebody has it: when, in which outage, and that its copy in Sent is to be proved. */
export function acceptance(context: OutboxContext, row: OutboxRow, side: Side | null): OutboxChange {
  if (row.acceptedAt !== null) return {};
  const outageId = side === 'relay' ? context.outageId(row.accountId) : null;
  return { acceptedAt: context.clock.now(), outageId, sentCopy: 'waiting', sentStep: null };
}

/**
 * Keeps a submission's outcome in one transaction: every recipient's reply, the server's name for the mail, the new state, and with the
 * first acceptance the copy in Sent as a job (C8). @returns false when the mail was taken back before its body began.
 */
export function recordSettlement(
  context: OutboxContext,
  row: OutboxRow,
  place: SubmissionPlace,
  result: SubmissionResult,
  settlement: Settlement,
): boolean {
  const { handle, store, clock } = context;
  const now = clock.now();
  return handle.tx('outbox.settle', () => {
    const { phase, verdict, replyCode, reply, enhancedCode, queueId } = result;
    const error = result.error === null ? null : packError(result.error);
    store.evidence.endAttempt(place.attempt, { endedAt: now, phase, verdict, replyCode, reply, enhancedCode, queueId, error });
    const current = store.get(row.id);
    const isOurs = current.state === 'submitting' && current.claimedBy === place.claim;
    // Another machine has taken the claim over and called it uncertain; we know better.
    const isLate = current.state === 'unknown' && settlement.event === 'accept';
    if (!isOurs && !isLate) return false;
    recordRecipients(store, row, settlement.recipients);
    const state = nextOutboxState(current.state, isLate ? 'find' : settlement.event);
    store.change(row.id, {
      ...{ state, claimedBy: null, leaseUntil: null, lastTryAt: now, error: settlement.error },
      ...{ retries: settlement.retries, waitedMs: settlement.waitedMs },
      ...(settlement.isAcceptedBySome ? acceptance(context, current, place.side) : {}),
      ...(isEnded(state) ? { endedAt: now } : {}),
      ...afterwards(settlement, now),
    });
    context.audited(store.get(row.id), place.side, result);
    if (state === 'accepted') fileWhereProved(store, store.get(row.id), now);
    return true;
  });
}

function afterwards(settlement: Settlement, now: number): OutboxChange {
  if (settlement.event === 'lose') return { uncertainSince: now, nextAttemptAt: null, hold: null };
  const rest = { bodyStarted: false, uncertainSince: null, nextAttemptAt: null, hold: null };
  if (settlement.event === 'accept') return { ...rest, wasUncertain: false };
  if (settlement.event !== 'retry') return rest;
  // The server has answered: no byte of this mail is with it, and the route is free again.
  const hold = settlement.error !== null && isLogInError(settlement.error.code) ? ('login-refused' as const) : ('retry' as const);
  const free = { bodyStarted: false, route: null, hold };
  return { ...free, nextAttemptAt: settlement.delayMs === null || settlement.delayMs === 0 ? null : now + settlement.delayMs };
}

/** A mail whose copy was proved while some recipients were still open is complete with the last of them. */
export function fileWhereProved(store: OutboxStore, row: OutboxRow, now: number): void {
  if (row.state !== 'accepted' || (row.sentCopy !== 'filed' && row.sentCopy !== 'by-server')) return;
  store.change(row.id, { state: nextOutboxState('accepted', 'file'), endedAt: now });
}
