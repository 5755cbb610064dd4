import type { Side } from '../../../shared/model/account.ts';
import type { BodyState } from '../../../shared/model/message.ts';
import {
  asEntryId,
  asMailboxId,
  asModSeq,
  asPlacementId,
  asSourceId,
  asUid,
  asUidValidity,
  type AccountId,
  type EntryId,
  type MailboxId,
  type ModSeq,
  type PlacementId,
  type SourceId,
  type Uid,
  type UidValidity,
} from '../../../shared/model/ids.ts';
import type { StoreHandle } from './contract.ts';

export type PlacementState = 'present' | 'unlinked' | 'vanished' | 'superseded' | 'held';

/** One (side, mailbox, UIDVALIDITY, UID) seen, with the evidence of what it is. */
export interface Placement {
  readonly id: PlacementId;
  readonly entryId: EntryId;
  readonly mailboxId: MailboxId;
  readonly side: Side;
  readonly uidValidity: UidValidity;
  readonly uid: Uid;
  readonly flags: string;
  readonly internalDate: number;
  readonly sizeBytes: number;
  readonly messageId: string | null;
  /** Hex. */
  readonly summaryDigest: string;
  readonly structureDigest: string;
  readonly emailId: string | null;
  readonly sourceId: SourceId | null;
  readonly bodyState: BodyState;
  readonly fetchAttempts: number;
  readonly state: PlacementState;
  readonly stateSince: number;
  /** A look at the relay at which it was not there yet, as its UID proves, our clock; null where none tells. Copies of the relay only. */
  readonly arrivedAfter: number | null;
}

export type NewPlacement = Omit<Placement, 'id' | 'state' | 'stateSince' | 'fetchAttempts' | 'arrivedAfter'> & {
  readonly modSeq: ModSeq | null;
  readonly arrivedAfter?: number | null;
  readonly at: number;
};

/** The little that a pass keeps in memory of every known message. */
export interface KnownPlacement {
  readonly id: PlacementId;
  readonly entryId: EntryId;
  readonly uid: Uid;
  readonly flags: string;
  readonly state: PlacementState;
}

export interface PlacementStore {
  insert(row: NewPlacement): PlacementId;
  get(id: PlacementId): Placement | null;
  /** All placements of a mailbox epoch that are on the server or were until now. */
  known(mailboxId: MailboxId, uidValidity: UidValidity): KnownPlacement[];
  findByUid(mailboxId: MailboxId, uidValidity: UidValidity, uid: Uid): Placement | null;
  ofEntry(entryId: EntryId): Placement[];
  /** Placements of the account's side with this Message-ID (or, without one, this summary digest), any state. */
  withMessageId(accountId: AccountId, side: Side, messageId: string | null, summaryDigest: string): Placement[];
  /** The same on both sides. */
  alike(accountId: AccountId, messageId: string | null, summaryDigest: string): Placement[];
  /** Others of withMessageId() whose body is here. */
  withBody(of: Pick<Placement, 'id' | 'side' | 'messageId' | 'summaryDigest'>, accountId: AccountId): Placement[];
  /** MODSEQ that came with the flags; null where the server gave none. */
  modSeq(id: PlacementId): ModSeq | null;
  setFlags(id: PlacementId, flags: string, modSeq: ModSeq | null): void;
  setState(id: PlacementId, state: PlacementState, at: number): void;
  setEntry(id: PlacementId, entryId: EntryId): void;
  setBody(id: PlacementId, bodyState: BodyState, sourceId: SourceId | null): void;
  countAttempt(id: PlacementId): number;
  /** Supersedes every live placement of other epochs of the mailbox; returns how many. */
  supersede(mailboxId: MailboxId, currentEpoch: UidValidity, at: number): number;
  /** Frees the UID of a placement for another message that has it by now: what stood there until then is superseded, as of an older epoch. */
  displace(id: PlacementId, at: number): void;
  inState(accountId: AccountId, side: Side, state: PlacementState, before: number): Placement[];
  inMailbox(mailboxId: MailboxId, state: PlacementState): Placement[];
  /** Present placements whose body is missing, newest first, tried fewer times than `maxAttempts`. */
  missingBodies(accountId: AccountId, side: Side, limit: number, maxAttempts: number): Placement[];
  countMissing(accountId: AccountId, side: Side, maxAttempts: number): { missing: number; present: number };
  remove(id: PlacementId): void;
  /** Candidates for expiry, oldest first, any state, never flagged: seen ones older than `seenBefore`, unseen ones older than `unseenBefore`. */
  olderThan(
    mailboxId: MailboxId,
    seenBefore: number,
    unseenBefore: number,
    page: { readonly limit: number; readonly offset: number },
  ): Placement[];
  /** Failed fetches are tried again after a start. */
  forgetAttempts(accountId: AccountId, side: Side): void;
}

interface Row {
  id: number;
  entry_id: number;
  mailbox_id: number;
  side: Side;
  uid_validity: number;
  uid: number;
  flags: string;
  internal_date: number;
  size_bytes: number;
  message_id: string | null;
  summary_digest: Buffer;
  structure_digest: string;
  email_id: string | null;
  source_id: number | null;
  body_state: BodyState;
  fetch_attempts: number;
  state: PlacementState;
  state_since: number;
  arrived_after: number | null;
}

function fromRow(row: Row): Placement {
  return {
    id: asPlacementId(row.id),
    entryId: asEntryId(row.entry_id),
    mailboxId: asMailboxId(row.mailbox_id),
    side: row.side,
    uidValidity: asUidValidity(row.uid_validity),
    uid: asUid(row.uid),
    flags: row.flags,
    internalDate: row.internal_date,
    sizeBytes: row.size_bytes,
    messageId: row.message_id,
    summaryDigest: row.summary_digest.toString('hex'),
    structureDigest: row.structure_digest,
    emailId: row.email_id,
    sourceId: row.source_id === null ? null : asSourceId(row.source_id),
    bodyState: row.body_state,
    fetchAttempts: row.fetch_attempts,
    state: row.state,
    stateSince: row.state_since,
    arrivedAfter: row.arrived_after,
  };
}

/** UIDVALIDITY of what has lost its UID to another message: servers take the time or count from 1. */
const NO_EPOCH = 2 ** 32 - 1;

const COLUMNS = `p.id, p.entry_id, p.mailbox_id, p.side, p.uid_validity, p.uid, p.flags, p.internal_date, p.size_bytes,
 p.message_id, p.summary_digest, p.structure_digest, p.email_id, p.source_id, p.body_state, p.fetch_attempts, p.state,
 p.state_since, p.arrived_after`;
const OF_ACCOUNT = 'p.mailbox_id IN (SELECT id FROM mailboxes WHERE account_id = ?)';
const OF_SIDE = `p.side = ? AND ${OF_ACCOUNT}`;

const INSERT = `
INSERT INTO placements (entry_id, mailbox_id, side, uid_validity, uid, modseq, flags, internal_date, size_bytes, message_id,
 summary_digest, structure_digest, email_id, source_id, body_state, fetch_attempts, state, state_since, arrived_after)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'present', ?, ?)`;

function prepare(db: StoreHandle['db']) {
  const select = (where: string) => db.prepare(`SELECT ${COLUMNS} FROM placements p WHERE ${where}`);
  return {
    insert: db.prepare(INSERT),
    one: select('p.id = ?'),
    known: db.prepare(
      `SELECT id, entry_id AS entryId, uid, flags, state FROM placements
       WHERE mailbox_id = ? AND uid_validity = ? ORDER BY uid`,
    ),
    byUid: select('p.mailbox_id = ? AND p.uid_validity = ? AND p.uid = ?'),
    ofEntry: select('p.entry_id = ? ORDER BY p.id'),
    byId: select(`p.message_id = ? AND ${OF_SIDE} ORDER BY p.id`),
    bySummary: select(`p.message_id IS NULL AND p.summary_digest = ? AND ${OF_SIDE} ORDER BY p.id`),
    alikeById: select(`p.message_id = ? AND p.side IN ('primary','relay') AND ${OF_ACCOUNT} ORDER BY p.id`),
    alikeBySummary: select(
      `p.message_id IS NULL AND p.summary_digest = ? AND p.side IN ('primary','relay') AND ${OF_ACCOUNT} ORDER BY p.id`,
    ),
    withBodyById: select(`p.message_id = ? AND p.body_state = 'complete' AND p.id <> ? AND ${OF_SIDE} ORDER BY p.id`),
    withBodyBySummary: select(
      `p.message_id IS NULL AND p.summary_digest = ? AND p.body_state = 'complete' AND p.id <> ? AND ${OF_SIDE} ORDER BY p.id`,
    ),
    modSeq: db.prepare('SELECT modseq FROM placements WHERE id = ?').safeIntegers(),
    flags: db.prepare('UPDATE placements SET flags = ?, modseq = coalesce(?, modseq) WHERE id = ?'),
    state: db.prepare('UPDATE placements SET state = ?, state_since = ? WHERE id = ?'),
    entry: db.prepare('UPDATE placements SET entry_id = ? WHERE id = ?'),
    body: db.prepare('UPDATE placements SET body_state = ?, source_id = ? WHERE id = ?'),
    attempt: db.prepare('UPDATE placements SET fetch_attempts = fetch_attempts + 1 WHERE id = ? RETURNING fetch_attempts'),
    supersede: db.prepare(
      `UPDATE placements SET state = 'superseded', state_since = ? WHERE mailbox_id = ? AND uid_validity <> ?
       AND state IN ('present','held','unlinked')`,
    ),
    displace: db.prepare(
      `UPDATE placements SET uid = id, uid_validity = CASE uid_validity WHEN ${NO_EPOCH} THEN ${NO_EPOCH - 1} ELSE ${NO_EPOCH} END,
       state_since = CASE WHEN state IN ('present','held') THEN ? ELSE state_since END,
       state = CASE WHEN state IN ('present','held') THEN 'superseded' ELSE state END WHERE id = ?`,
    ),
    inState: select(`p.state = ? AND p.state_since < ? AND ${OF_SIDE}`),
    inMailbox: select('p.mailbox_id = ? AND p.state = ?'),
    missing: select(
      `p.state = 'present' AND p.body_state IN ('missing','partial') AND p.fetch_attempts < ? AND ${OF_SIDE}
       ORDER BY p.internal_date DESC, p.id DESC LIMIT ?`,
    ),
    counts: db.prepare(
      `SELECT count(*) AS present, coalesce(sum(p.body_state IN ('missing','partial') AND p.fetch_attempts < ?), 0) AS missing
       FROM placements p WHERE p.state = 'present' AND ${OF_SIDE}`,
    ),
    remove: db.prepare('DELETE FROM placements WHERE id = ?'),
    older: select(
      `p.mailbox_id = ? AND p.internal_date < ? AND instr(p.flags, '\\flagged') = 0
       AND (instr(p.flags, '\\seen') > 0 OR p.internal_date < ?) ORDER BY p.internal_date, p.id LIMIT ? OFFSET ?`,
    ),
    forget: db.prepare(
      `UPDATE placements AS p SET fetch_attempts = 0 WHERE p.fetch_attempts > 0 AND p.body_state IN ('missing','partial')
       AND p.state = 'present' AND ${OF_SIDE}`,
    ),
  };
}

type Sql = ReturnType<typeof prepare>['byId'];

export function createPlacementStore(handle: StoreHandle): PlacementStore {
  const sql = prepare(handle.db);
  const rows = (list: unknown[]) => (list as Row[]).map(fromRow);
  /** By Message-ID, or by the digest of the summary where there is none; `rest` follows it in both statements. */
  const byEvidence = (of: Pick<Placement, 'messageId' | 'summaryDigest'>, byId: Sql, bySummary: Sql, ...rest: (string | number)[]) =>
    rows(of.messageId === null ? bySummary.all(Buffer.from(of.summaryDigest, 'hex'), ...rest) : byId.all(of.messageId, ...rest));
  return {
    insert: (row) => {
      const digest = Buffer.from(row.summaryDigest, 'hex');
      const { lastInsertRowid } = sql.insert.run(
        ...[row.entryId, row.mailboxId, row.side, row.uidValidity, row.uid, row.modSeq, row.flags, row.internalDate],
        ...[row.sizeBytes, row.messageId, digest, row.structureDigest, row.emailId, row.sourceId, row.bodyState, row.at],
        row.arrivedAfter ?? null,
      );
      return asPlacementId(Number(lastInsertRowid));
    },
    get: (id) => rows([sql.one.get(id)].filter(Boolean))[0] ?? null,
    known: (mailboxId, uidValidity) => sql.known.all(mailboxId, uidValidity) as KnownPlacement[],
    findByUid: (mailboxId, uidValidity, uid) => rows([sql.byUid.get(mailboxId, uidValidity, uid)].filter(Boolean))[0] ?? null,
    ofEntry: (entryId) => rows(sql.ofEntry.all(entryId)),
    withMessageId: (accountId, side, messageId, summaryDigest) =>
      byEvidence({ messageId, summaryDigest }, sql.byId, sql.bySummary, side, accountId),
    alike: (accountId, messageId, summaryDigest) => byEvidence({ messageId, summaryDigest }, sql.alikeById, sql.alikeBySummary, accountId),
    withBody: (of, accountId) => byEvidence(of, sql.withBodyById, sql.withBodyBySummary, of.id, of.side, accountId),
    modSeq: (id) => {
      const value = (sql.modSeq.get(id) as { modseq: bigint | null } | undefined)?.modseq ?? null;
      return value === null ? null : asModSeq(value);
    },
    setFlags: (id, flags, modSeq) => void sql.flags.run(flags, modSeq, id),
    setState: (id, state, at) => void sql.state.run(state, at, id),
    setEntry: (id, entryId) => void sql.entry.run(entryId, id),
    setBody: (id, bodyState, sourceId) => void sql.body.run(bodyState, sourceId, id),
    countAttempt: (id) => (sql.attempt.get(id) as { fetch_attempts: number } | undefined)?.fetch_attempts ?? 0,
    supersede: (mailboxId, epoch, at) => sql.supersede.run(at, mailboxId, epoch).changes,
    displace: (id, at) => void sql.displace.run(at, id),
    inState: (accountId, side, state, before) => rows(sql.inState.all(state, before, side, accountId)),
    inMailbox: (mailboxId, state) => rows(sql.inMailbox.all(mailboxId, state)),
    missingBodies: (accountId, side, limit, maxAttempts) => rows(sql.missing.all(maxAttempts, side, accountId, limit)),
    countMissing: (accountId, side, maxAttempts) => {
      const row = sql.counts.get(maxAttempts, side, accountId) as { missing: number; present: number };
      return row;
    },
    remove: (id) => void sql.remove.run(id),
    olderThan: (mailboxId, seen, unseen, { limit, offset }) => rows(sql.older.all(mailboxId, seen, unseen, limit, offset)),
    forgetAttempts: (accountId, side) => void sql.forget.run(side, accountId),
  };
}
