import { asEntryId, type EntryId, type MailboxId } from '../../../shared/model/ids.ts';
import type { StoreHandle } from './contract.ts';
import { relayHolds } from './reconcile-facts.ts';

/** A mail as it stands in one mailbox of the relay. */
export interface RelayArrival {
  readonly entryId: EntryId;
  readonly messageId: string | null;
  /** When the relay took it, milliseconds since 1970: by the relay's clock as it is read here. */
  readonly internalDate: number;
  /** When it was first seen here, or its place there last changed, by our own clock. */
  readonly seenAt: number;
}

/** What of it is asked when it is judged whether the primary still delivers. */
export interface Delivery extends RelayArrival {
  /** Lower case. */
  readonly sender: string;
  /** It stands or stood in a mailbox of the primary. */
  readonly isDelivered: boolean;
}

export interface RelayArrivals {
  /** `since`: by the relay's clock. Newest first: read by the index on mailbox and date from its end, so that a large mailbox costs no more than a small one. */
  newest(mailboxId: MailboxId, since: number, limit: number): RelayArrival[];
}

interface Row {
  entryId: number;
  messageId: string | null;
  internalDate: number;
  seenAt: number;
}

export const NEWEST_ARRIVALS_SQL = `
SELECT entry_id AS entryId, message_id AS messageId, internal_date AS internalDate, state_since AS seenAt FROM placements
WHERE mailbox_id = ? AND internal_date >= ? AND ${relayHolds('placements')}
ORDER BY internal_date DESC LIMIT ?`;

export function createRelayArrivals({ db }: StoreHandle): RelayArrivals {
  const newest = db.prepare(NEWEST_ARRIVALS_SQL);
  return {
    newest: (mailboxId, since, limit) =>
      (newest.all(mailboxId, since, limit) as Row[]).map((row) => ({ ...row, entryId: asEntryId(row.entryId) })),
  };
}
