import { z } from 'zod';
import { asAccountId, asEntryId, asOpId, type AccountId, type EntryId, type OpId } from '../../../shared/model/ids.ts';
import { packedErrorSchema, type PackedError } from '../../../shared/errors.ts';
import type { StoreHandle } from './contract.ts';
import { flagBits, flagsToText } from './flags.ts';

const id = z.number().int().positive();
const flagList = z.array(z.string().min(1).max(100)).max(50);

/** A change a person made here, to be carried to the server. Recorded before it takes effect anywhere. */
export const opChangeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('set-flags'), add: flagList, remove: flagList }),
  z.strictObject({ kind: z.literal('move'), targetMailboxId: id }),
  z.strictObject({ kind: z.literal('copy'), targetMailboxId: id }),
  /** Permanent; deleting to the Trash is a move. */
  z.strictObject({ kind: z.literal('delete') }),
  z.strictObject({ kind: z.literal('append'), mailboxId: id, sourceId: id, flags: flagList, internalDate: z.number() }),
  z.strictObject({ kind: z.literal('create-mailbox'), path: z.string().min(1).max(1000) }),
  z.strictObject({ kind: z.literal('rename-mailbox'), mailboxId: id, path: z.string().min(1).max(1000) }),
  z.strictObject({ kind: z.literal('delete-mailbox'), mailboxId: id }),
]);
export type OpChange = z.infer<typeof opChangeSchema>;

/** `copied` lies between a proved COPY and the removal of its source, where the server has no MOVE. */
export type OpState = 'queued' | 'claimed' | 'copied' | 'done' | 'refused' | 'conflict';

export interface Op {
  readonly id: OpId;
  readonly accountId: AccountId;
  readonly entryId: EntryId | null;
  readonly change: OpChange;
  readonly state: OpState;
  /** What an earlier step proved (UIDs, counters), as JSON-able values. */
  readonly stepResult: Readonly<Record<string, string | number | null>>;
  readonly attempts: number;
  readonly lastError: PackedError | null;
  readonly createdAt: number;
}

export interface OpStore {
  /** Call inside the transaction that applies the change locally. */
  record(accountId: AccountId, entryId: EntryId | null, change: OpChange, now: number): OpId;
  get(id: OpId): Op | null;
  /** Open ones in the order they were made. */
  open(accountId: AccountId): Op[];
  ofEntry(entryId: EntryId): Op[];
  /** Refused ones and conflicts, newest first: shown to the person, never dropped. */
  failed(accountId: AccountId): Op[];
  advance(id: OpId, state: OpState, now: number, result?: { stepResult?: Op['stepResult']; error?: PackedError | null }): void;
  hasOpen(entryId: EntryId): boolean;
  /**
   * What open operations change about an entry before the server has done so: bits set and cleared, and where moves and
   * deletions put it, if there are any.
   */
  pendingOf(entryId: EntryId): PendingOfEntry;
  countOpen(accountId: AccountId): number;
  /** Finished ones older than this are forgotten. */
  forgetDone(before: number): number;
}

export interface PendingOfEntry {
  readonly flags: readonly [number, number];
  readonly place: PendingPlace | null;
}
export type PendingPlace = { readonly movedTo: number } | { readonly deletedAt: number };

interface Row {
  id: number;
  account_id: number;
  entry_id: number | null;
  kind: string;
  args: string;
  state: OpState;
  step_result: string | null;
  attempts: number;
  last_error: string | null;
  created_at: number;
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
    lastError: row.last_error === null ? null : packedErrorSchema.parse(JSON.parse(row.last_error)),
    createdAt: row.created_at,
  };
}

const NOTHING_PENDING: PendingOfEntry = { flags: [0, 0], place: null };
const OPEN = "state IN ('queued','claimed','copied')";

function pendingBits(ops: readonly Op[]): readonly [number, number] {
  let set = 0;
  let cleared = 0;
  for (const { change } of ops) {
    if (change.kind !== 'set-flags') continue;
    const add = flagBits(flagsToText(change.add));
    const remove = flagBits(flagsToText(change.remove));
    set = (set | add) & ~remove;
    cleared = (cleared | remove) & ~add;
  }
  return [set, cleared];
}

function pendingPlaceOf(ops: readonly Op[]): PendingPlace | null {
  let place: PendingPlace | null = null;
  for (const { change, createdAt } of ops) {
    if (change.kind === 'move') place = { movedTo: change.targetMailboxId };
    else if (change.kind === 'delete') place = { deletedAt: createdAt };
  }
  return place;
}

export function createOpStore(handle: StoreHandle): OpStore {
  const { db } = handle;
  const insert = db.prepare(
    `INSERT INTO ops (account_id, entry_id, kind, args, state, attempts, created_at, updated_at)
     VALUES (?, ?, ?, ?, 'queued', 0, ?, ?)`,
  );
  const one = db.prepare('SELECT * FROM ops WHERE id = ?');
  const open = db.prepare(`SELECT * FROM ops WHERE account_id = ? AND ${OPEN} ORDER BY id`);
  const openOfEntry = db.prepare(`SELECT * FROM ops WHERE entry_id = ? AND ${OPEN} ORDER BY id`);
  const failed = db.prepare(`SELECT * FROM ops WHERE account_id = ? AND state IN ('refused','conflict') ORDER BY id DESC`);
  const advance = db.prepare(
    `UPDATE ops SET state = @state, updated_at = @now, step_result = coalesce(@step, step_result), last_error = @error,
     attempts = attempts + (@state = 'claimed') WHERE id = @id`,
  );
  const hasOpen = db.prepare(`SELECT 1 FROM ops WHERE entry_id = ? AND ${OPEN} LIMIT 1`);
  const count = db.prepare(`SELECT count(*) AS n FROM ops WHERE account_id = ? AND ${OPEN}`);
  const forget = db.prepare(`DELETE FROM ops WHERE state = 'done' AND updated_at < ?`);
  const rows = (list: unknown[]) => (list as Row[]).map(fromRow);
  return {
    record: (accountId, entryId, change, now) => {
      const args = JSON.stringify(opChangeSchema.parse(change));
      return asOpId(Number(insert.run(accountId, entryId, change.kind, args, now, now).lastInsertRowid));
    },
    get: (opId) => rows([one.get(opId)].filter(Boolean))[0] ?? null,
    open: (accountId) => rows(open.all(accountId)),
    ofEntry: (entryId) => rows(openOfEntry.all(entryId)),
    failed: (accountId) => rows(failed.all(accountId)),
    advance: (opId, state, now, result) => {
      const step = result?.stepResult ? JSON.stringify(result.stepResult) : null;
      const error = result?.error ? JSON.stringify(result.error) : null;
      advance.run({ state, now, step, error, id: opId });
    },
    hasOpen: (entryId) => hasOpen.get(entryId) !== undefined,
    pendingOf: (entryId) => {
      const list = openOfEntry.all(entryId);
      if (list.length === 0) return NOTHING_PENDING;
      const ops = rows(list);
      return { flags: pendingBits(ops), place: pendingPlaceOf(ops) };
    },
    countOpen: (accountId) => (count.get(accountId) as { n: number }).n,
    forgetDone: (before) => forget.run(before).changes,
  };
}
