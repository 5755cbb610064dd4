import type { AccountId } from '../../../shared/model/ids.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { EngineStore } from '../store/engine-store.ts';

/**
 * Instant back to which every mirrored mailbox of a side is here with all bodies, in milliseconds since 1970; null before
 * the first complete pass. Bodies come newest first, so the newest missing one is where completeness ends.
 */
export function completeSince(store: EngineStore, accountId: AccountId, side: Side): number | null {
  const mailboxes = store.mailboxes.list(accountId, side).filter((one) => one.isMirrored);
  if (mailboxes.length === 0 || mailboxes.some((one) => one.coveredSince === null)) return null;
  const covered = Math.max(...mailboxes.map((one) => one.coveredSince ?? 0));
  const missing = store.coverage.newestMissing(accountId, side);
  return missing === null ? covered : Math.max(covered, missing + 1);
}
