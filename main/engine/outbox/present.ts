import type { PackedError } from '../../../shared/errors.ts';
import { undeliverable, type OutboxItem } from '../../../shared/model/outbox.ts';
import type { OutboxRow } from '../store/outbox-item.ts';
import type { OutboxStore } from '../store/outbox.ts';

const PREVIEW_CHARS = 300;
const REPLY_CHARS = 1000;
const CODE_CHARS = 20;

/**
 * Taken back while no byte of its body has left; from those who are still without it where others have it. A second sending of an uncertain
 * one can be taken back too: it is uncertain again.
 */
export const canCancel = (row: OutboxRow): boolean => row.state === 'queued' || (row.state === 'submitting' && !row.bodyStarted);

/** Recipients who do not have it: not taken by a server, or reported undeliverable by one that had taken it. */
export function withoutIt(store: OutboxStore, row: OutboxRow): OutboxRow['recipients'] {
  const failed = undeliverable(store.evidence.notices(row.id));
  return row.recipients.filter(({ state, address }) => state !== 'accepted' || failed.has(address));
}

/** Refused, undeliverable, given up or taken back, by some or all: it may be changed and sent again as another mail, to those without it. */
export function canEdit(store: OutboxStore, row: OutboxRow): boolean {
  if (row.draftId === null) return false;
  if (row.state === 'quarantined') return !row.bodyStarted;
  if (row.state !== 'accepted' && row.state !== 'filed') return row.state === 'rejected' || row.state === 'cancelled';
  if (row.recipients.some((one) => one.state === 'rejected')) return true;
  // A report may come after days; what was written is not kept forever.
  return withoutIt(store, row).length > 0 && store.hasDraft(row.draftId);
}

/** A mail as the window shows it, with everything that was tried and found. */
export function presentItem(store: OutboxStore, row: OutboxRow): OutboxItem {
  const isReplaced = store.isReplaced(row);
  const noCopy = copyError(row);
  return {
    ...{ id: row.id, accountId: row.accountId, state: row.state, subject: row.subject, to: [...row.to] },
    ...{ preview: row.preview.slice(0, PREVIEW_CHARS), messageId: row.messageId, sizeBytes: row.sizeBytes, createdAt: row.createdAt },
    nextAttemptAt: nextAttemptAt(row),
    ...{ hold: row.state === 'queued' ? row.hold : null, route: row.route, acceptedAt: row.acceptedAt },
    recipients: row.recipients.map(({ address, state, reply, enhancedCode }) => ({
      ...{ address, state, reply: reply?.slice(0, REPLY_CHARS) ?? null, enhancedCode: enhancedCode?.slice(0, CODE_CHARS) ?? null },
    })),
    ...{ attempts: store.evidence.attempts(row.id), lookUps: store.evidence.lookUps(row.id) },
    ...{ notices: store.evidence.notices(row.id), sentCopy: row.sentCopy },
    ...{ error: row.error ?? noCopy, copyError: noCopy },
    ...{ draftId: row.draftId, isReplaced, canCancel: canCancel(row), canEdit: canEdit(store, row) && !isReplaced },
  };
}

function nextAttemptAt(row: OutboxRow): number | null {
  if (row.state !== 'queued' || row.hold === 'no-route' || row.hold === 'offline' || row.hold === 'waiting-for-person') return null;
  return row.hold === 'undo-window' ? row.sendAfter : row.nextAttemptAt;
}

const copyError = ({ sentCopy, sentStep }: OutboxRow): PackedError | null =>
  sentCopy === 'waiting' || sentCopy === 'failed' ? (sentStep?.error ?? null) : null;
