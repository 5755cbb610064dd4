import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import {
  asEntryId,
  asMailboxId,
  asPlacementId,
  asUid,
  type AccountId,
  type EntryId,
  type MailboxId,
  type PlacementId,
  type Uid,
} from '../../../shared/model/ids.ts';
import type { StoreHandle } from './contract.ts';
import type { ItemRow } from './reconcile.ts';

/** Mail of which the relay holds a copy now. */
export interface RelayMail {
  readonly entryId: EntryId;
  readonly messageId: string | null;
  readonly subject: string;
  /** Earliest internal date among the relay's copies, by the relay's clock. */
  readonly internalDate: number;
  readonly roles: readonly MailboxRole[];
  /** Our clock at the last look at which it was not there yet; null where none tells. */
  readonly arrivedAfter: number | null;
  /** Our clock when it was first seen, or its place there last changed. */
  readonly seenAt: number;
  /** First seen after the mark. */
  readonly isNew: boolean;
  /** It is new, and the relay was being looked at when it came: it came within `WATCHED_MS` before it was seen. */
  readonly isWatched: boolean;
}

/** What of the relay's mail is asked for. */
export interface RelayMailWanted {
  /** Dated so or later, by the relay's clock, ... */
  readonly datedFrom: number;
  /** ... or not there yet at a look then or later, by ours, ... */
  readonly arrivedFrom: number;
  /** ... or first seen after this placement. */
  readonly mark: number;
}

/** Looks at everything are an hour apart at most, and take a while: mail that came between two of them was watched. */
export const WATCHED_MS = 90 * 60_000;

/** A place at the primary, past or present, where a mail stands or stood: never in Sent or Drafts. */
export interface PrimaryPlace {
  readonly placementId: PlacementId;
  readonly entryId: EntryId;
  readonly mailboxId: MailboxId;
  readonly path: string;
  readonly epoch: number;
  readonly uid: Uid;
  readonly internalDate: number;
  readonly sizeBytes: number;
  readonly isPresent: boolean;
  /** Not found there any more, and looked for at other places still. */
  readonly isSought: boolean;
  readonly sourceId: number | null;
  /** As a placement has it. */
  readonly emailId: string | null;
}

/** Questions of the reconciliation about mirrored mail. Read-only. */
export interface ReconcileFacts {
  /** Oldest first. */
  relayMail(accountId: AccountId, wanted: RelayMailWanted): RelayMail[];
  /** The same of one entry; null when the relay holds no copy of it now. */
  relayMailOf(entryId: EntryId, mark: number): RelayMail | null;
  /** Places at the primary of the entry, or of any entry with this Message-ID. */
  primaryPlaces(accountId: AccountId, entryId: EntryId, messageId: string | null): PrimaryPlace[];
  /** Mail that a run has filed at the primary and of which no double was noted. */
  appendedBy(runId: ItemRow['runId']): number[];
}

/** SQL: whether the relay holds a copy now. `row`: name of its placement in the query. */
export const relayHolds = (row: string): string =>
  `${row}.state IN ('present','superseded','held') AND instr(${row}.flags, '\\deleted') = 0`;
const RELAY = `
SELECT e.id AS entryId, e.message_id AS messageId, e.subject, min(r.internal_date) AS internalDate, json_group_array(DISTINCT m.role) AS roles,
 max(r.arrived_after) AS arrivedAfter, min(r.state_since) AS seenAt, max(r.id > @mark) AS isNew,
 max(r.id > @mark AND r.arrived_after IS NOT NULL AND r.state_since - r.arrived_after BETWEEN 0 AND ${WATCHED_MS}) AS isWatched
FROM placements r JOIN mailboxes m ON m.id = r.mailbox_id JOIN entries e ON e.id = r.entry_id
WHERE r.side = 'relay' AND ${relayHolds('r')}`;
/** What the person wrote is in the archive, too, where that holds all mail: no sign of delivery. */
const IS_WRITTEN = `EXISTS (SELECT 1 FROM placements w JOIN mailboxes n ON n.id = w.mailbox_id
 WHERE w.entry_id = p.entry_id AND w.side = 'primary' AND w.email_id = p.email_id AND n.role IN ('sent','drafts'))`;
const PLACES = `
SELECT p.id AS placementId, p.entry_id AS entryId, p.mailbox_id AS mailboxId, m.path, p.uid_validity AS epoch, p.uid,
 p.internal_date AS internalDate, p.size_bytes AS sizeBytes, p.state = 'present' AS isPresent,
 p.state IN ('unlinked','superseded','held') AS isSought, p.source_id AS sourceId, p.email_id AS emailId
FROM placements p JOIN mailboxes m ON m.id = p.mailbox_id
WHERE p.side = 'primary' AND m.role NOT IN ('sent','drafts') AND m.account_id = ? AND NOT (m.role = 'archive' AND ${IS_WRITTEN})`;

interface RelayRow {
  entryId: number;
  messageId: string | null;
  subject: string;
  internalDate: number;
  roles: string;
  arrivedAfter: number | null;
  seenAt: number;
  isNew: number;
  isWatched: number;
}

interface PlaceRow {
  placementId: number;
  entryId: number;
  mailboxId: number;
  path: string;
  epoch: number;
  uid: number;
  internalDate: number;
  sizeBytes: number;
  isPresent: number;
  isSought: number;
  sourceId: number | null;
  emailId: string | null;
}

const relayFrom = ({ entryId, roles, isNew, isWatched, ...row }: RelayRow): RelayMail => ({
  ...row,
  entryId: asEntryId(entryId),
  roles: JSON.parse(roles) as MailboxRole[],
  isNew: isNew === 1,
  isWatched: isWatched === 1,
});

const placeFrom = (row: PlaceRow): PrimaryPlace => ({
  ...row,
  placementId: asPlacementId(row.placementId),
  entryId: asEntryId(row.entryId),
  mailboxId: asMailboxId(row.mailboxId),
  uid: asUid(row.uid),
  isPresent: row.isPresent === 1,
  isSought: row.isSought === 1,
});

export function createReconcileFacts({ db }: StoreHandle): ReconcileFacts {
  const since = db.prepare(
    `${RELAY} AND m.account_id = @accountId AND (r.internal_date >= @datedFrom OR r.arrived_after >= @arrivedFrom OR r.id > @mark)
     GROUP BY e.id ORDER BY e.id`,
  );
  const one = db.prepare(`${RELAY} AND e.id = @entryId GROUP BY e.id`);
  const byEntry = db.prepare(`${PLACES} AND p.entry_id = ? ORDER BY p.id`);
  const byMessageId = db.prepare(`${PLACES} AND p.message_id = ? ORDER BY p.id`);
  const appended = db.prepare(
    `SELECT i.id FROM reconcile_items i WHERE i.run_id = ? AND i.operation = 'append-received' AND i.state = 'confirmed'
     AND json_extract(i.step_result, '$.uid') IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM reconcile_items d WHERE d.run_id = i.run_id AND d.key = 'double:' || i.id)`,
  );
  return {
    relayMail: (accountId, wanted) => (since.all({ accountId, ...wanted }) as RelayRow[]).map(relayFrom),
    relayMailOf: (entryId, mark) => {
      const row = one.get({ entryId, mark }) as RelayRow | undefined;
      return row === undefined ? null : relayFrom(row);
    },
    primaryPlaces: (accountId, entryId, messageId) => {
      const own = byEntry.all(accountId, entryId) as PlaceRow[];
      const alike = messageId === null ? [] : (byMessageId.all(accountId, messageId) as PlaceRow[]);
      const seen = new Set(own.map((row) => row.placementId));
      return [...own, ...alike.filter((row) => !seen.has(row.placementId))].map(placeFrom);
    },
    appendedBy: (runId) => (appended.all(runId) as { id: number }[]).map((row) => row.id),
  };
}
