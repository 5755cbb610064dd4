import { MailError, type PackedError } from '../../../shared/errors.ts';
import type { DraftId, OutboxId } from '../../../shared/model/ids.ts';
import type { OutboxRow } from '../store/outbox-item.ts';
import type { OutboxContext } from './context.ts';
import { copyStepAnew } from './copy-refusal.ts';
import { resolveUncertain } from './look-up.ts';
import { canCancel, canEdit, withoutIt } from './present.ts';
import { isEnded, nextOutboxState } from './state.ts';

const TAKEN_BACK: PackedError = { code: 'cancelled', scope: 'message', retry: 'never', side: null, detail: '' };

const refuse = (code: 'too-late' | 'operation-unsafe' | 'not-found', detail: string): never => {
  throw new MailError(code, { scope: 'message', retry: 'never', detail });
};

/**
 * Takes a mail back while no byte of its body has left, and opens its draft again; one transaction decides against the mark of the body
 * (C5), so that it either is taken back or was not (bar O12). Where some have it by now, it is no longer tried for the others, and stays
 * what was sent: no draft is opened.
 * @throws MailError too-late
 */
export function cancelMail(context: OutboxContext, id: OutboxId): DraftId | null {
  const { handle, store, clock } = context;
  const draftId = handle.tx('outbox.cancel', () => {
    const row = store.get(id);
    if (!canCancel(row)) return refuse('too-late', 'it may have left');
    if (row.state === 'submitting') store.evidence.endOpenAttempts(id, clock.now(), 'transient');
    const freed = { claimedBy: null, leaseUntil: null, route: null, hold: null, nextAttemptAt: null };
    if (row.wasUncertain) {
      store.setRecipients(id, ['pending', 'transient'], 'unknown');
      store.change(id, { ...freed, ...uncertainAgain(context, row) });
      return null;
    }
    if (row.acceptedAt !== null) {
      store.setRecipients(id, ['pending', 'transient'], 'rejected');
      store.change(id, { ...freed, state: nextOutboxState(row.state, 'stop'), error: TAKEN_BACK });
      return null;
    }
    store.change(id, { ...freed, state: nextOutboxState(row.state, 'cancel'), endedAt: clock.now() });
    const opened = context.reopenDraft(row, null);
    if (opened !== row.draftId) store.change(id, { draftId: opened });
    return opened;
  });
  context.step('outbox.cancelled');
  return draftId;
}

function uncertainAgain(context: OutboxContext, row: OutboxRow) {
  const error = { code: 'delivery-unconfirmed' as const, scope: 'message' as const, retry: 'ask' as const, side: null, detail: '' };
  return { state: nextOutboxState(row.state, 'withdraw'), uncertainSince: context.clock.now(), wasUncertain: false, error };
}

/** Does not wait for the undo window or the next try. @throws MailError operation-unsafe when it is not waiting */
export function sendNow({ handle, store, clock }: OutboxContext, id: OutboxId): void {
  handle.tx('outbox.send-now', () => {
    const row = store.get(id);
    if (row.state !== 'queued') refuse('operation-unsafe', 'it is not waiting');
    store.change(id, { sendAfter: Math.min(row.sendAfter, clock.now()), nextAttemptAt: null });
  });
}

/**
 * A person who has seen the evidence sends a mail once more: same bytes, same Message-ID; to those of its recipients who are not known to
 * have it. @throws MailError operation-unsafe when it is neither uncertain nor refused
 */
export function resendMail({ handle, store, clock }: OutboxContext, id: OutboxId): void {
  handle.tx('outbox.resend', () => {
    const row = store.get(id);
    const isUncertain = row.state === 'unknown';
    store.setRecipients(id, isUncertain ? ['unknown'] : ['rejected'], 'pending');
    store.change(id, {
      ...{ state: nextOutboxState(row.state, 'resend'), bodyStarted: false, route: null, hold: null, nextAttemptAt: null },
      ...{ sendAfter: Math.min(row.sendAfter, clock.now()), wasUncertain: isUncertain || row.wasUncertain, uncertainSince: null },
      ...{ retries: 0, waitedMs: 0, lastTryAt: null, endedAt: null, dismissedAt: null },
    });
  });
}

/** A person knows that an uncertain mail arrived. @throws MailError operation-unsafe when it is not uncertain */
export function markSent(context: OutboxContext, id: OutboxId): void {
  const { handle, store } = context;
  handle.tx('outbox.mark-sent', () => resolveUncertain(context, store.get(id), 'mark-sent'));
}

/** Opens the draft of a mail that was refused, undeliverable or taken back; it will be another mail. @throws MailError too-late, not-found */
export function editMail(context: OutboxContext, id: OutboxId): DraftId {
  const { handle, store, clock } = context;
  return handle.tx('outbox.edit', () => {
    const row = store.get(id);
    if (!canEdit(store, row)) return refuse('too-late', `it is ${row.state}`);
    const left = withoutIt(store, row).map((one) => one.address);
    const only = left.length === row.recipients.length ? null : left;
    const opened = context.reopenDraft(row, only);
    if (opened === null) return refuse('not-found', 'its draft is gone');
    // What is still to be filed stays on the list.
    store.change(id, { draftId: opened, ...(isEnded(row.state) ? { dismissedAt: clock.now() } : {}) });
    return opened;
  });
}

/**
 * The copy in Sent that was refused, or given up, is tried at once; what earlier tries proved stays, so that nothing is filed twice.
 * @returns false when there is nothing to ask for
 */
export function askForCopy({ handle, store, step }: OutboxContext, { id, sentCopy, sentStep }: OutboxRow): boolean {
  const isRefused = sentCopy === 'waiting' && sentStep?.error !== undefined;
  if (sentStep === null || (sentCopy !== 'failed' && !isRefused)) return false;
  handle.tx('outbox.copy-again', () => store.change(id, { sentCopy: 'waiting', sentStep: copyStepAnew(sentStep) }));
  step('outbox.copy-again');
  return true;
}

/** Takes a mail off the list that nothing happens to any more. @throws MailError operation-unsafe while it is open */
export function dismissMail({ handle, store, clock }: OutboxContext, id: OutboxId): void {
  handle.tx('outbox.dismiss', () => {
    const row = store.get(id);
    const isDone = isEnded(row.state) || (row.state === 'accepted' && row.sentCopy === 'failed');
    if (!isDone) refuse('operation-unsafe', `it is ${row.state}`);
    store.change(id, { dismissedAt: clock.now(), endedAt: row.endedAt ?? clock.now() });
  });
}
