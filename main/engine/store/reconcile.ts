import { z } from 'zod';
import { packedErrorSchema, type PackedError } from '../../../shared/errors.ts';
import {
  asAccountId,
  asDraftId,
  asEntryId,
  asOpId,
  asOutageId,
  asOutboxId,
  asReconcileRunId,
  type AccountId,
  type DraftId,
  type EntryId,
  type OpId,
  type OutageId,
  type OutboxId,
  type ReconcileRunId,
} from '../../../shared/model/ids.ts';
import type { ReconcileItem, ReconcileItemState, ReconcileState } from '../../../shared/model/reconcile.ts';
import type { StoreHandle } from './contract.ts';

/** One run as it is kept; its balance follows from its items. */
export interface RunRow {
  readonly id: ReconcileRunId;
  readonly accountId: AccountId;
  readonly outageId: OutageId;
  readonly state: ReconcileState;
  readonly outageStartedAt: number;
  readonly outageEndedAt: number | null;
  /** The return of the primary for which it was planned last. */
  readonly primaryBackAt: number;
  readonly createdAt: number;
  readonly begunAt: number | null;
  readonly continuesAt: number | null;
  readonly finishedAt: number | null;
  readonly acknowledgedAt: number | null;
  /** How far the relay's clock was ahead of ours when it was planned last; 0 where it was right or not known. */
  readonly relayClockMs: number;
}

/** What an earlier step noted or proved about an item. */
export type StepResult = Readonly<Record<string, string | number | null>>;

/** One thing that has to agree, as it is kept. */
export interface ItemRow extends ReconcileItem {
  readonly runId: ReconcileRunId;
  readonly key: string;
  readonly opId: OpId | null;
  readonly outboxId: OutboxId | null;
  readonly draftId: DraftId | null;
  readonly messageId: string | null;
  readonly stepResult: StepResult;
  readonly attempts: number;
  readonly dueAt: number | null;
}

export type NewItem = Pick<
  ItemRow,
  | 'key'
  | 'kind'
  | 'operation'
  | 'reason'
  | 'state'
  | 'entryId'
  | 'opId'
  | 'outboxId'
  | 'draftId'
  | 'messageId'
  | 'subject'
  | 'detail'
  | 'dueAt'
> & { readonly stepResult?: StepResult };

export type ItemChange = Partial<
  Pick<ItemRow, 'operation' | 'reason' | 'state' | 'detail' | 'error' | 'stepResult' | 'attempts' | 'dueAt' | 'entryId'>
>;
export type RunChange = Partial<
  Pick<RunRow, 'state' | 'outageEndedAt' | 'primaryBackAt' | 'begunAt' | 'continuesAt' | 'finishedAt' | 'acknowledgedAt' | 'relayClockMs'>
>;

export type NewRun = Pick<RunRow, 'accountId' | 'outageId' | 'state' | 'outageStartedAt' | 'primaryBackAt' | 'createdAt' | 'continuesAt'> &
  Partial<Pick<RunRow, 'relayClockMs'>>;

/** Runs and items of the reconciliation. Changes are made inside the caller's named transaction. */
export interface ReconcileStore {
  addRun(run: NewRun): RunRow;
  run(id: ReconcileRunId): RunRow | null;
  runOfOutage(id: OutageId): RunRow | null;
  /** Newest first. */
  runs(accountId?: AccountId): RunRow[];
  changeRun(id: ReconcileRunId, change: RunChange): void;
  /** Adds what is not there yet by its key; returns how many were added. */
  addItems(runId: ReconcileRunId, items: readonly NewItem[], now: number): number;
  item(id: number): ItemRow | null;
  itemByKey(runId: ReconcileRunId, key: string): ItemRow | null;
  /** In the order they were planned. */
  items(runId: ReconcileRunId, states?: readonly ItemRow['state'][]): ItemRow[];
  page(runId: ReconcileRunId, offset: number, limit: number): { total: number; items: ItemRow[] };
  /** Number of items by kind and state. */
  counts(runId: ReconcileRunId): { kind: ItemRow['kind']; state: ItemRow['state']; n: number }[];
  changeItem(id: number, change: ItemChange, now: number): void;
  /** The newest item about mail received only by the relay. */
  receivedItemOf(entryId: EntryId): ItemRow | null;
  /** Whether something about this entry is still to be carried over. */
  hasOpen(entryId: EntryId): boolean;
  /** Subjects of finished runs are mail content and leave with the retention window; the figures stay. */
  forgetSubjects(accountId: AccountId, finishedBefore: number): number;
}

const stepResultSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
const OPEN = "state IN ('planned','running')";

interface RunSql {
  id: number;
  account_id: number;
  outage_id: number;
  state: ReconcileState;
  outage_started_at: number;
  outage_ended_at: number | null;
  primary_back_at: number;
  created_at: number;
  begun_at: number | null;
  continues_at: number | null;
  finished_at: number | null;
  acknowledged_at: number | null;
  relay_clock_ms: number;
}

interface ItemSql extends Pick<ItemRow, 'id' | 'key' | 'kind' | 'operation' | 'reason' | 'state' | 'subject' | 'detail' | 'attempts'> {
  run_id: number;
  entry_id: number | null;
  op_id: number | null;
  outbox_id: number | null;
  draft_id: number | null;
  message_id: string | null;
  step_result: string;
  error: string | null;
  due_at: number | null;
  done_at: number | null;
}

const runFrom = (row: RunSql): RunRow => ({
  id: asReconcileRunId(row.id),
  accountId: asAccountId(row.account_id),
  outageId: asOutageId(row.outage_id),
  state: row.state,
  outageStartedAt: row.outage_started_at,
  outageEndedAt: row.outage_ended_at,
  primaryBackAt: row.primary_back_at,
  createdAt: row.created_at,
  begunAt: row.begun_at,
  continuesAt: row.continues_at,
  finishedAt: row.finished_at,
  acknowledgedAt: row.acknowledged_at,
  relayClockMs: row.relay_clock_ms,
});

function errorFrom(text: string | null): PackedError | null {
  if (text === null) return null;
  const parsed = packedErrorSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

function itemFrom(row: ItemSql): ItemRow {
  const { id, key, kind, operation, reason, state, subject, detail, attempts } = row;
  return {
    ...{ id, key, kind, operation, reason, state, subject, detail, attempts },
    runId: asReconcileRunId(row.run_id),
    entryId: row.entry_id === null ? null : asEntryId(row.entry_id),
    opId: row.op_id === null ? null : asOpId(row.op_id),
    outboxId: row.outbox_id === null ? null : asOutboxId(row.outbox_id),
    draftId: row.draft_id === null ? null : asDraftId(row.draft_id),
    messageId: row.message_id,
    stepResult: stepResultSchema.parse(JSON.parse(row.step_result)),
    error: errorFrom(row.error),
    dueAt: row.due_at,
    doneAt: row.done_at,
  };
}

function prepare({ db }: StoreHandle) {
  return {
    addRun: db.prepare(
      `INSERT INTO reconcile_runs (account_id, outage_id, state, outage_started_at, primary_back_at, created_at, continues_at, relay_clock_ms)
       VALUES (@accountId, @outageId, @state, @outageStartedAt, @primaryBackAt, @createdAt, @continuesAt, @relayClockMs) RETURNING *`,
    ),
    run: db.prepare('SELECT * FROM reconcile_runs WHERE id = ?'),
    byOutage: db.prepare('SELECT * FROM reconcile_runs WHERE outage_id = ?'),
    runs: db.prepare('SELECT * FROM reconcile_runs WHERE (@account IS NULL OR account_id = @account) ORDER BY id DESC'),
    changeRun: db.prepare(
      `UPDATE reconcile_runs SET state = @state, outage_ended_at = @outageEndedAt, primary_back_at = @primaryBackAt,
       begun_at = @begunAt, continues_at = @continuesAt, finished_at = @finishedAt,
       acknowledged_at = @acknowledgedAt, relay_clock_ms = @relayClockMs WHERE id = @id`,
    ),
    addItem: db.prepare(
      `INSERT INTO reconcile_items (run_id, key, kind, operation, reason, state, entry_id, op_id, outbox_id, draft_id, message_id,
       subject, detail, step_result, attempts, due_at, created_at, updated_at, done_at)
       VALUES (@runId, @key, @kind, @operation, @reason, @state, @entryId, @opId, @outboxId, @draftId, @messageId,
       @subject, @detail, @step, 0, @dueAt, @now, @now, @doneAt) ON CONFLICT (run_id, key) DO NOTHING`,
    ),
    item: db.prepare('SELECT * FROM reconcile_items WHERE id = ?'),
    byKey: db.prepare('SELECT * FROM reconcile_items WHERE run_id = ? AND key = ?'),
    items: db.prepare(`SELECT * FROM reconcile_items WHERE run_id = ? AND state IN (SELECT value FROM json_each(?)) ORDER BY id`),
    page: db.prepare('SELECT * FROM reconcile_items WHERE run_id = ? ORDER BY id LIMIT ? OFFSET ?'),
    counts: db.prepare('SELECT kind, state, count(*) AS n FROM reconcile_items WHERE run_id = ? GROUP BY kind, state'),
    changeItem: db.prepare(
      `UPDATE reconcile_items SET operation = @operation, reason = @reason, state = @state, entry_id = @entryId, detail = @detail,
       step_result = @step, attempts = @attempts, error = @error, due_at = @dueAt, updated_at = @now, done_at = @doneAt WHERE id = @id`,
    ),
    received: db.prepare(
      `SELECT * FROM reconcile_items WHERE entry_id = ? AND kind = 'received' AND operation <> 'note-double' ORDER BY id DESC LIMIT 1`,
    ),
    hasOpen: db.prepare(`SELECT 1 FROM reconcile_items WHERE entry_id = ? AND ${OPEN} LIMIT 1`),
    forget: db.prepare(
      `UPDATE reconcile_items SET subject = '' WHERE subject <> '' AND run_id IN
       (SELECT id FROM reconcile_runs WHERE account_id = ? AND state = 'finished' AND finished_at < ?)`,
    ),
  };
}

const ALL: readonly ReconcileItemState[] = ['planned', 'running', 'confirmed', 'exception'];
const isEnd = (state: ReconcileItemState): boolean => state === 'confirmed' || state === 'exception';

export function createReconcileStore(handle: StoreHandle): ReconcileStore {
  const sql = prepare(handle);
  const oneRun = (row: unknown): RunRow | null => (row === undefined ? null : runFrom(row as RunSql));
  const oneItem = (row: unknown): ItemRow | null => (row === undefined ? null : itemFrom(row as ItemSql));
  const items = (rows: unknown[]): ItemRow[] => (rows as ItemSql[]).map(itemFrom);
  const run = (id: ReconcileRunId): RunRow | null => oneRun(sql.run.get(id));
  const item = (id: number): ItemRow | null => oneItem(sql.item.get(id));
  return {
    addRun: (of) => runFrom(sql.addRun.get({ relayClockMs: 0, ...of }) as RunSql),
    run,
    runOfOutage: (id) => oneRun(sql.byOutage.get(id)),
    runs: (accountId) => (sql.runs.all({ account: accountId ?? null }) as RunSql[]).map(runFrom),
    changeRun: (id, change) => {
      const before = run(id);
      if (!before) return;
      const { state, outageEndedAt, primaryBackAt, begunAt, continuesAt, finishedAt, acknowledgedAt, relayClockMs } = {
        ...before,
        ...change,
      };
      const times = { outageEndedAt, primaryBackAt, begunAt, continuesAt, finishedAt, acknowledgedAt, relayClockMs };
      sql.changeRun.run({ id, state, ...times });
    },
    addItems: (runId, list, now) =>
      list.reduce((added, { stepResult, ...of }) => {
        const doneAt = isEnd(of.state) ? now : null;
        return added + sql.addItem.run({ ...of, step: JSON.stringify(stepResult ?? {}), runId, now, doneAt }).changes;
      }, 0),
    item,
    itemByKey: (runId, key) => oneItem(sql.byKey.get(runId, key)),
    items: (runId, states = ALL) => items(sql.items.all(runId, JSON.stringify(states))),
    page: (runId, offset, limit) => {
      const total = (sql.counts.all(runId) as { n: number }[]).reduce((sum, { n }) => sum + n, 0);
      return { total, items: items(sql.page.all(runId, limit, offset)) };
    },
    counts: (runId) => sql.counts.all(runId) as { kind: ItemRow['kind']; state: ReconcileItemState; n: number }[],
    changeItem: (id, change, now) => {
      const before = item(id);
      if (!before) return;
      const { operation, reason, state, entryId, detail, attempts, stepResult, error, dueAt } = { ...before, ...change };
      // The moment of the first end is kept while the state stays; an exception that came right after all has a new one.
      const doneAt = !isEnd(state) ? null : state === before.state ? before.doneAt : now;
      const packed = error === null ? null : JSON.stringify(error);
      const step = JSON.stringify(stepResult);
      sql.changeItem.run({ id, operation, reason, state, entryId, detail, attempts, step, error: packed, dueAt, now, doneAt });
    },
    receivedItemOf: (entryId) => oneItem(sql.received.get(entryId)),
    hasOpen: (entryId) => sql.hasOpen.get(entryId) !== undefined,
    forgetSubjects: (accountId, before) => sql.forget.run(accountId, before).changes,
  };
}
