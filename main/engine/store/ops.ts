import { asAccountId, asEntryId, asOpId, type AccountId, type EntryId, type OpId } from '../../../shared/model/ids.ts';
import { packedErrorSchema, type PackedError } from '../../../shared/errors.ts';
import type { StoreHandle } from './contract.ts';
import { baselineSchema, opChangeSchema, type Baseline, type OpChange } from './op-change.ts';
import { NOTHING_PENDING, pendingOf, type PendingOfEntry } from './op-pending.ts';

export { opChangeSchema, type Baseline, type OpChange } from './op-change.ts';
export type { PendingOfEntry, PendingPlace } from './op-pending.ts';

/**
 * `copied` lies between a proved COPY and the removal of its source, where the server has no MOVE. `undone`: taken back
 * here before it was ever claimed; no server has heard of it.
 */
export type OpState = 'queued' | 'claimed' | 'copied' | 'done' | 'refused' | 'conflict' | 'undone';

const OPEN_STATES: ReadonlySet<OpState> = new Set(['queued', 'claimed', 'copied']);
export const isOpen = (op: Pick<Op, 'state'>): boolean => OPEN_STATES.has(op.state);

export interface Op {
  readonly id: OpId;
  readonly accountId: AccountId;
  readonly entryId: EntryId | null;
  readonly change: OpChange;
  readonly state: OpState;
  /** What an earlier step proved (UIDs, counters), as JSON-able values. */
  readonly stepResult: Readonly<Record<string, string | number | null>>;
  readonly attempts: number;
  /** Attempts at which the connection ended; and those of them at which nothing else was wrong with it. */
  readonly cuts: number;
  readonly loneCuts: number;
  readonly lastError: PackedError | null;
  readonly createdAt: number;
  /** One action of the person. */
  readonly groupId: number | null;
  readonly baseline: Baseline | null;
  readonly undoOf: OpId | null;
  /** Milliseconds since 1970: not tried again before. */
  readonly notBefore: number;
  readonly dismissedAt: number | null;
}

/** What else is known of an operation when it is recorded. */
export interface OpOrigin {
  readonly groupId?: number;
  readonly baseline?: Baseline | null;
  readonly undoOf?: OpId;
  readonly uniqueKey?: string;
}

export interface AdvanceResult {
  readonly stepResult?: Op['stepResult'];
  readonly error?: PackedError | null;
  readonly notBefore?: number;
}

export interface OpStore {
  /** Begins a group: what one action does, to be undone as one. */
  beginGroup(now: number): number;
  /** Call inside the transaction that applies the change locally. */
  record(accountId: AccountId, entryId: EntryId | null, change: OpChange, now: number, origin?: OpOrigin): OpId;
  get(id: OpId): Op | null;
  /** Open ones in the order they were made. */
  open(accountId: AccountId): Op[];
  /** Open ones of an entry, in the order they were made. */
  ofEntry(entryId: EntryId): Op[];
  /** Whether it was to be put back since then, whatever came of it; milliseconds since 1970. */
  isRestoredSince(entryId: EntryId, at: number): boolean;
  /** All of a group, in the order they were made. */
  ofGroup(groupId: number): Op[];
  /** The one recorded under this key, in whatever state. */
  withKey(uniqueKey: string): Op | null;
  /** The last move, deletion or restore of an entry that was recorded before this operation, in whatever state. */
  lastMove(entryId: EntryId, before: OpId): Op | null;
  /** Whether an operation that takes this one back was recorded and has not failed. */
  isUndone(id: OpId): boolean;
  /** Refused ones and conflicts that the person has not seen yet, newest first. */
  failed(accountId: AccountId): Op[];
  dismiss(id: OpId, now: number): void;
  advance(id: OpId, state: OpState, now: number, result?: AdvanceResult): void;
  /** The connection ended during it; returns how often it did so alone. */
  noteCut(id: OpId, isAlone: boolean): number;
  setBaseline(id: OpId, baseline: Baseline): void;
  /**
   * Hands the operations of an entry to the one that its message has become, which was first seen at `seenAt`. Refused where an
   * open one is younger than that: then the other entry is a copy that stood there before.
   */
  follow(from: EntryId, to: EntryId, seenAt: number): boolean;
  hasOpen(entryId: EntryId): boolean;
  /** Whether one of an entry was refused or is in conflict, and the person has not seen it yet. */
  hasUnseenFailure(entryId: EntryId): boolean;
  /** Whether a mailbox of this path is still to be created. */
  isToBeCreated(accountId: AccountId, path: string): boolean;
  /** What open operations change about an entry before the server has done so. */
  pendingOf(entryId: EntryId): PendingOfEntry;
  countOpen(accountId: AccountId): number;
  /** Those that ended, or whose failure was seen, before this are forgotten. */
  forgetDone(before: number): number;
}

interface Row {
  id: number;
  account_id: number;
  entry_id: number | null;
  kind: string;
  args: string;
  state: OpState;
  step_result: string | null;
  attempts: number;
  cuts: number;
  lone_cuts: number;
  last_error: string | null;
  created_at: number;
  group_id: number | null;
  baseline: string | null;
  undo_of: number | null;
  not_before: number;
  dismissed_at: number | null;
}

function fromRow(row: Row): Op {
  return {
    id: asOpId(row.id),
    accountId: asAccountId(row.account_id),
    entryId: row.entry_id === null ? null : asEntryId(row.entry_id),
    change: opChangeSchema.parse(JSON.parse(row.args)),
    state: row.state,
    stepResult: row.step_result === null ? {} : (JSON.parse(row.step_result) as Op['stepResult']),
    attempts: row.attempts,
    cuts: row.cuts,
    loneCuts: row.lone_cuts,
    lastError: row.last_error === null ? null : packedErrorSchema.parse(JSON.parse(row.last_error)),
    createdAt: row.created_at,
    groupId: row.group_id,
    baseline: row.baseline === null ? null : baselineSchema.parse(JSON.parse(row.baseline)),
    undoOf: row.undo_of === null ? null : asOpId(row.undo_of),
    notBefore: row.not_before,
    dismissedAt: row.dismissed_at,
  };
}

const OPEN = "state IN ('queued','claimed','copied')";

function prepare(db: StoreHandle['db']) {
  return {
    group: db.prepare('INSERT INTO op_groups (created_at) VALUES (?)'),
    insert: db.prepare(
      `INSERT INTO ops (account_id, entry_id, kind, args, state, attempts, created_at, updated_at, group_id, baseline, undo_of, unique_key)
       VALUES (?, ?, ?, ?, 'queued', 0, ?, ?, ?, ?, ?, ?)`,
    ),
    one: db.prepare('SELECT * FROM ops WHERE id = ?'),
    open: db.prepare(`SELECT * FROM ops WHERE account_id = ? AND ${OPEN} ORDER BY id`),
    openOfEntry: db.prepare(`SELECT * FROM ops WHERE entry_id = ? AND ${OPEN} ORDER BY id`),
    ofGroup: db.prepare('SELECT * FROM ops WHERE group_id = ? ORDER BY id'),
    withKey: db.prepare('SELECT * FROM ops WHERE unique_key = ?'),
    lastMove: db.prepare(
      `SELECT * FROM ops WHERE entry_id = ? AND id < ? AND kind IN ('move','delete','restore') AND state <> 'undone' ORDER BY id DESC LIMIT 1`,
    ),
    isUndone: db.prepare(`SELECT 1 FROM ops WHERE undo_of = ? AND state NOT IN ('refused','conflict') LIMIT 1`),
    failed: db.prepare(
      `SELECT * FROM ops WHERE account_id = ? AND state IN ('refused','conflict') AND dismissed_at IS NULL ORDER BY id DESC`,
    ),
    dismiss: db.prepare(`UPDATE ops SET dismissed_at = ? WHERE id = ? AND state IN ('refused','conflict')`),
    advance: db.prepare(
      `UPDATE ops SET state = @state, updated_at = @now, step_result = coalesce(@step, step_result), last_error = @error,
       not_before = @notBefore, attempts = attempts + (@state = 'claimed') WHERE id = @id`,
    ),
    cut: db.prepare('UPDATE ops SET cuts = cuts + 1, lone_cuts = lone_cuts + ? WHERE id = ? RETURNING lone_cuts').pluck(),
    baseline: db.prepare('UPDATE ops SET baseline = ? WHERE id = ?'),
    follow: db.prepare(
      `UPDATE ops SET entry_id = @to WHERE entry_id = @from
       AND NOT EXISTS (SELECT 1 FROM ops WHERE entry_id = @from AND ${OPEN} AND created_at > @seenAt)`,
    ),
    hasFailed: db.prepare(`SELECT 1 FROM ops WHERE entry_id = ? AND state IN ('refused','conflict') AND dismissed_at IS NULL LIMIT 1`),
    hasOpen: db.prepare(`SELECT 1 FROM ops WHERE entry_id = ? AND ${OPEN} LIMIT 1`),
    restored: db.prepare("SELECT 1 FROM ops WHERE entry_id = ? AND kind = 'restore' AND created_at >= ? LIMIT 1"),
    created: db.prepare(`SELECT 1 FROM ops WHERE account_id = ? AND kind = 'create-mailbox' AND ${OPEN} AND args ->> 'path' = ? LIMIT 1`),
    mirrored: db.prepare('SELECT is_mirrored AS is1 FROM mailboxes WHERE id = ?'),
    count: db.prepare(`SELECT count(*) AS n FROM ops WHERE account_id = ? AND ${OPEN}`),
    forget: db.prepare(`DELETE FROM ops WHERE (state IN ('done','undone') AND updated_at < @before) OR dismissed_at < @before`),
    forgetGroups: db.prepare(
      'DELETE FROM op_groups WHERE created_at < ? AND NOT EXISTS (SELECT 1 FROM ops WHERE ops.group_id = op_groups.id)',
    ),
  };
}

const jsonOr = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value));

export function createOpStore(handle: StoreHandle): OpStore {
  const sql = prepare(handle.db);
  const rows = (list: unknown[]) => (list as Row[]).map(fromRow);
  const first = (row: unknown): Op | null => rows([row].filter(Boolean))[0] ?? null;
  const isMirrored = (mailboxId: number): boolean => (sql.mirrored.get(mailboxId) as { is1: number } | undefined)?.is1 === 1;
  return {
    beginGroup: (now) => Number(sql.group.run(now).lastInsertRowid),
    record: (accountId, entryId, change, now, { groupId, baseline, undoOf, uniqueKey } = {}) => {
      const args = JSON.stringify(opChangeSchema.parse(change));
      const origin = [groupId ?? null, jsonOr(baseline), undoOf ?? null, uniqueKey ?? null];
      return asOpId(Number(sql.insert.run(accountId, entryId, change.kind, args, now, now, ...origin).lastInsertRowid));
    },
    get: (opId) => first(sql.one.get(opId)),
    open: (accountId) => rows(sql.open.all(accountId)),
    ofEntry: (entryId) => rows(sql.openOfEntry.all(entryId)),
    isRestoredSince: (entryId, at) => sql.restored.get(entryId, at) !== undefined,
    ofGroup: (groupId) => rows(sql.ofGroup.all(groupId)),
    withKey: (uniqueKey) => first(sql.withKey.get(uniqueKey)),
    lastMove: (entryId, before) => first(sql.lastMove.get(entryId, before)),
    isUndone: (opId) => sql.isUndone.get(opId) !== undefined,
    failed: (accountId) => rows(sql.failed.all(accountId)),
    dismiss: (opId, now) => void sql.dismiss.run(now, opId),
    advance: (opId, state, now, { stepResult, error, notBefore = 0 } = {}) =>
      void sql.advance.run({ state, now, step: jsonOr(stepResult), error: jsonOr(error), notBefore, id: opId }),
    noteCut: (opId, isAlone) => (sql.cut.get(Number(isAlone), opId) as number | undefined) ?? 0,
    setBaseline: (opId, baseline) => void sql.baseline.run(JSON.stringify(baselineSchema.parse(baseline)), opId),
    follow: (from, to, seenAt) => sql.follow.run({ from, to, seenAt }).changes > 0,
    hasUnseenFailure: (entryId) => sql.hasFailed.get(entryId) !== undefined,
    hasOpen: (entryId) => sql.hasOpen.get(entryId) !== undefined,
    isToBeCreated: (accountId, path) => sql.created.get(accountId, path) !== undefined,
    pendingOf: (entryId) => {
      const list = sql.openOfEntry.all(entryId);
      return list.length === 0 ? NOTHING_PENDING : pendingOf(rows(list), isMirrored);
    },
    countOpen: (accountId) => (sql.count.get(accountId) as { n: number }).n,
    forgetDone: (before) => {
      const { changes } = sql.forget.run({ before });
      sql.forgetGroups.run(before);
      return changes;
    },
  };
}
