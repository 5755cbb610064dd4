import type { AccountId, MailboxId } from '../../../shared/model/ids.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { StoreHandle } from './contract.ts';

/** How far back the copy reaches. */
export interface CoverageStore {
  /** Messages whose body is still missing, by mailbox. */
  missingByMailbox(accountId: AccountId): Map<MailboxId, number>;
  /** Internal date of the newest message without its body; null when none is missing. */
  newestMissing(accountId: AccountId, side: Side): number | null;
}

const MISSING = "p.state = 'present' AND p.body_state IN ('missing','partial')";
const OF_ACCOUNT = 'p.mailbox_id IN (SELECT id FROM mailboxes WHERE account_id = ?)';

export function createCoverageStore(handle: StoreHandle): CoverageStore {
  const byMailbox = handle.db.prepare(
    `SELECT p.mailbox_id AS id, count(*) AS missing FROM placements p WHERE ${MISSING} AND ${OF_ACCOUNT} GROUP BY p.mailbox_id`,
  );
  const newest = handle.db.prepare(
    `SELECT p.internal_date AS date FROM placements p WHERE ${MISSING} AND p.side = ? AND ${OF_ACCOUNT}
     ORDER BY p.internal_date DESC LIMIT 1`,
  );
  return {
    missingByMailbox: (accountId) => {
      const rows = byMailbox.all(accountId) as { id: number; missing: number }[];
      return new Map(rows.map((row) => [row.id as MailboxId, row.missing]));
    },
    newestMissing: (accountId, side) => (newest.get(side, accountId) as { date: number } | undefined)?.date ?? null,
  };
}
