import { z } from 'zod';
import { drillStepSchema, type Drill, type DrillStep } from '../../../shared/model/drill.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { StoreHandle } from './contract.ts';

/** Drills of an account: each row is written at its start and after every step. */
export interface DrillStore {
  begin(accountId: AccountId, sendTo: Drill['sendTo'], steps: readonly DrillStep[], now: number): Drill;
  save(drill: Drill): void;
  /** Newest first. */
  list(accountId: AccountId): Drill[];
  running(): Drill[];
}

interface Row {
  id: number;
  account_id: number;
  send_to: Drill['sendTo'];
  state: Drill['state'];
  started_at: number;
  ended_at: number | null;
  score: number | null;
  steps: string;
}

const stepsSchema = z.array(drillStepSchema);
const LISTED = 50;

function fromRow(row: Row): Drill {
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    sendTo: row.send_to,
    state: row.state,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    score: row.score,
    steps: stepsSchema.parse(JSON.parse(row.steps)),
  };
}

export function createDrillStore({ db }: StoreHandle): DrillStore {
  const insert = db.prepare(
    "INSERT INTO drills (account_id, send_to, state, started_at, steps) VALUES (?, ?, 'running', ?, ?) RETURNING *",
  );
  const update = db.prepare('UPDATE drills SET state = ?, ended_at = ?, score = ?, steps = ? WHERE id = ?');
  const list = db.prepare('SELECT * FROM drills WHERE account_id = ? ORDER BY id DESC LIMIT ?');
  const running = db.prepare("SELECT * FROM drills WHERE state = 'running'");
  return {
    begin: (accountId, sendTo, steps, now) => fromRow(insert.get(accountId, sendTo, now, JSON.stringify(steps)) as Row),
    save: ({ id, state, endedAt, score, steps }) => void update.run(state, endedAt, score, JSON.stringify(steps), id),
    list: (accountId) => (list.all(accountId, LISTED) as Row[]).map(fromRow),
    running: () => (running.all() as Row[]).map(fromRow),
  };
}
