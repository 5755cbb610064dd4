import { packedErrorSchema, type PackedError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { OutboxId } from '../../../shared/model/ids.ts';
import {
  attemptSchema,
  deliveryNoticeSchema,
  lookUpSchema,
  type Attempt,
  type DeliveryNotice,
  type LookUp,
} from '../../../shared/model/outbox.ts';
import type { DatabaseHandle } from './contract.ts';

/** Tries and look-ups shown of one mail; all are kept. */
const SHOWN_ATTEMPTS = 200;
const SHOWN_LOOK_UPS = 50;
const SHOWN_NOTICES = 100;

export type AttemptEnd = Pick<Attempt, 'endedAt' | 'phase' | 'verdict' | 'replyCode' | 'reply' | 'enhancedCode' | 'queueId' | 'error'>;

/** What was tried and found out about each mail: every submission with the server's answers, every search for its Message-ID. */
export interface OutboxEvidence {
  /** Call inside the transaction that claims the mail. */
  beginAttempt(id: OutboxId, startedAt: number, route: Side): number;
  /** How far an attempt has come. */
  notePhase(attemptId: number, phase: Attempt['phase']): void;
  endAttempt(attemptId: number, end: AttemptEnd): void;
  /** Ends what a process that is gone left open. */
  endOpenAttempts(id: OutboxId, endedAt: number, verdict: Attempt['verdict']): void;
  attempts(id: OutboxId): Attempt[];
  addLookUp(id: OutboxId, lookUp: LookUp): void;
  lookUps(id: OutboxId): LookUp[];
  /** @returns false where it is known already: both sides may hold a copy of one report. */
  addNotice(id: OutboxId, notice: DeliveryNotice): boolean;
  /** Oldest first. */
  notices(id: OutboxId): DeliveryNotice[];
  /** How often a side was searched, and when last, since an instant. */
  searched(id: OutboxId, side: Side, since: number): { readonly count: number; readonly lastAt: number | null };
}

type Row = Readonly<Record<string, unknown>>;

const text = (error: PackedError | null): string | null => (error === null ? null : JSON.stringify(error));

function errorOf(value: unknown): PackedError | null {
  if (typeof value !== 'string') return null;
  try {
    return packedErrorSchema.parse(JSON.parse(value));
  } catch {
    return { code: 'internal', scope: 'message', retry: 'never', side: null, detail: 'the noted error cannot be read' };
  }
}

function attemptOf(row: Row): Attempt[] {
  const parsed = attemptSchema.safeParse({
    ...{ startedAt: row['started_at'], endedAt: row['ended_at'], route: row['route'], phase: row['phase'], verdict: row['verdict'] },
    ...{ replyCode: row['reply_code'], reply: row['reply'], enhancedCode: row['enhanced_code'], queueId: row['queue_id'] },
    error: errorOf(row['error']),
  });
  return parsed.success ? [parsed.data] : [];
}

function lookUpOf(row: Row): LookUp[] {
  let searched: unknown = [];
  try {
    searched = JSON.parse(String(row['searched']));
  } catch {
    // the list of places is for the eye only: without it the finding still counts
  }
  const parsed = lookUpSchema.safeParse({
    ...{ at: row['at'], side: row['side'], searched, foundIn: row['found_in'], error: errorOf(row['error']) },
  });
  return parsed.success ? [parsed.data] : [];
}

export function createOutboxEvidence({ db }: DatabaseHandle): OutboxEvidence {
  const begin = db.prepare('INSERT INTO outbox_attempts (outbox_id, started_at, route) VALUES (?, ?, ?)');
  const phase = db.prepare('UPDATE outbox_attempts SET phase = ? WHERE id = ?');
  const end = db.prepare(
    `UPDATE outbox_attempts SET ended_at = @endedAt, phase = @phase, verdict = @verdict, reply_code = @replyCode, reply = @reply,
     enhanced_code = @enhancedCode, queue_id = @queueId, error = @error WHERE id = @id`,
  );
  const endOpen = db.prepare('UPDATE outbox_attempts SET ended_at = ?, verdict = ? WHERE outbox_id = ? AND ended_at IS NULL');
  const attempts = db.prepare('SELECT * FROM outbox_attempts WHERE outbox_id = ? ORDER BY id DESC LIMIT ?');
  const add = db.prepare('INSERT INTO outbox_lookups (outbox_id, at, side, searched, found_in, error) VALUES (?, ?, ?, ?, ?, ?)');
  const lookUps = db.prepare('SELECT * FROM outbox_lookups WHERE outbox_id = ? ORDER BY id DESC LIMIT ?');
  const addNotice = db.prepare(
    `INSERT OR IGNORE INTO outbox_notices (outbox_id, at, address, action, status, reply, retry_until)
     VALUES (@id, @at, @address, @action, @status, @text, @retryUntil)`,
  );
  const notices = db.prepare(
    `SELECT at, address, action, status, reply AS text, retry_until AS retryUntil FROM outbox_notices
     WHERE outbox_id = ? ORDER BY at DESC, id DESC LIMIT ?`,
  );
  const searched = db.prepare(
    'SELECT count(*) AS count, max(at) AS lastAt FROM outbox_lookups WHERE outbox_id = ? AND side = ? AND at >= ? AND error IS NULL',
  );
  return {
    beginAttempt: (id, startedAt, route) => Number(begin.run(id, startedAt, route).lastInsertRowid),
    notePhase: (attemptId, value) => void phase.run(value, attemptId),
    endAttempt: (attemptId, { error, ...rest }) => void end.run({ ...rest, error: text(error), id: attemptId }),
    endOpenAttempts: (id, endedAt, verdict) => void endOpen.run(endedAt, verdict, id),
    attempts: (id) => (attempts.all(id, SHOWN_ATTEMPTS) as Row[]).reverse().flatMap(attemptOf),
    addLookUp: (id, one) => void add.run(id, one.at, one.side, JSON.stringify(one.searched), one.foundIn, text(one.error)),
    lookUps: (id) => (lookUps.all(id, SHOWN_LOOK_UPS) as Row[]).reverse().flatMap(lookUpOf),
    addNotice: (id, notice) => addNotice.run({ ...notice, id }).changes === 1,
    notices: (id) => (notices.all(id, SHOWN_NOTICES) as Row[]).reverse().map((row) => deliveryNoticeSchema.parse(row)),
    searched: (id, side, since) => searched.get(id, side, since) as { count: number; lastAt: number | null },
  };
}
