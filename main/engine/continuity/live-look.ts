import type { ErrorCode } from '../../../shared/errors.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';

export type LiveLook = { readonly isGood: true } | { readonly isGood: false; readonly code: ErrorCode };

/**
 * What a change of a mirror's state says about its server, or null. A connection that ends is told twice, when it ends and when
 * the mirror begins to wait: only the first is a look. Pure.
 */
export function liveLook(before: SideSyncState | null, after: SideSyncState): LiveLook | null {
  if (after.phase === 'stopped') return null;
  const wasConnected = before?.isConnected ?? false;
  if (after.isConnected) return wasConnected ? null : { isGood: true };
  const isAttemptOver = after.phase === 'waiting-to-retry' && before?.phase === 'connecting';
  if (wasConnected) {
    // A server that leaves a question unanswered: the connection is still there, and so is the error of before.
    const isSilent = after.error === before?.error;
    return { isGood: false, code: isSilent ? 'server-timeout' : (after.error?.code ?? 'connection-lost') };
  }
  return isAttemptOver && after.error !== null ? { isGood: false, code: after.error.code } : null;
}
