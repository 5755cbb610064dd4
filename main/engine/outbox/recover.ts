import type { OutboxId } from '../../../shared/model/ids.ts';
import type { OutboxRow } from '../store/outbox-item.ts';
import type { OutboxContext } from './context.ts';
import { nextOutboxState } from './state.ts';

/**
 * What a process that is gone left in `submitting`: nothing of the body had left: queued again; else its fate is unknown, and only proof or
 * a person changes that (bars O1, O2). A claim of another machine is respected until its lease is over.
 * @returns milliseconds until the next lease ends, null when there is none.
 */
export function recoverSubmitting(context: OutboxContext): number | null {
  const { store, clock, machine } = context;
  let nextMs: number | null = null;
  for (const { id } of context.accounts()) {
    for (const row of store.inStates(id, ['submitting'])) {
      const isForeign = row.claimedBy !== null && !row.claimedBy.startsWith(`${machine}/`);
      const leftMs = isForeign ? (row.leaseUntil ?? 0) - clock.now() : 0;
      if (leftMs > 0) nextMs = Math.min(nextMs ?? Infinity, leftMs);
      else recoverOne(context, row);
    }
  }
  return nextMs;
}

/** The same for one submission that has ended in this process without its outcome being noted. */
export function recoverClaim(context: OutboxContext, id: OutboxId, claim: string): void {
  const row = context.store.get(id);
  if (row.state === 'submitting' && row.claimedBy === claim) recoverOne(context, row);
}

function recoverOne(context: OutboxContext, row: OutboxRow): void {
  const { handle, store, clock, log } = context;
  const now = clock.now();
  handle.tx('outbox.recover', () => {
    const current = store.get(row.id);
    if (current.state !== 'submitting' || current.claimedBy !== row.claimedBy) return;
    const freed = { claimedBy: null, leaseUntil: null, lastTryAt: now };
    store.evidence.endOpenAttempts(row.id, now, current.bodyStarted ? 'unknown' : 'transient');
    if (!current.bodyStarted) {
      store.change(row.id, { ...freed, state: nextOutboxState('submitting', 'retry'), route: null, hold: 'retry', nextAttemptAt: null });
      return;
    }
    // Whoever the server had refused or put off before the body is known; the others may have it.
    store.setRecipients(row.id, ['pending'], 'unknown');
    store.change(row.id, {
      ...{ ...freed, state: nextOutboxState('submitting', 'lose'), uncertainSince: now, hold: null },
      error: { code: 'delivery-unconfirmed', scope: 'message', retry: 'ask', side: current.route, detail: '' },
    });
  });
  log.warn({ ev: 'outbox.recovered', item: row.id, isUncertain: row.bodyStarted });
  context.step('outbox.recovered');
}
