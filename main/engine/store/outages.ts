import type { Service, Side } from '../../../shared/model/account.ts';
import { continuityControlSchema, type ContinuityControl } from '../../../shared/model/continuity-config.ts';
import {
  modeChangeSchema,
  outageCauseSchema,
  type ModeChange,
  type ModeReason,
  type OutageCause,
} from '../../../shared/model/continuity.ts';
import { asAccountId, asOutageId, type AccountId, type OutageId } from '../../../shared/model/ids.ts';
import type { StoreHandle } from './contract.ts';

/** One outage of one account, from its confirmation to the end of its reconciliation. Times in milliseconds since 1970. */
export interface Outage {
  readonly id: OutageId;
  readonly accountId: AccountId;
  readonly cause: OutageCause;
  readonly isDrill: boolean;
  /** First sign of the trouble. */
  readonly troubleAt: number;
  /** Its confirmation: from here on mail goes through the relay. */
  readonly startedAt: number;
  /** The newest placement at its confirmation: what has a higher id was first seen since, whatever a clock says. */
  readonly relayMark: number;
  /** The primary has been back for the stable time, and what was done meanwhile is carried over; null while it is gone. */
  readonly backAt: number | null;
  /** Everything is carried over; null until then. */
  readonly endedAt: number | null;
}

/** Outages and what is kept about the mode. */
export interface OutageStore {
  /** The one that is not reconciled yet; an account has one at most. */
  current(accountId: AccountId): Outage | null;
  get(id: OutageId): Outage | null;
  /** Newest first. */
  list(accountId: AccountId, limit: number): Outage[];
  /** Call inside the transaction that records the mode change. */
  start(accountId: AccountId, outage: Pick<Outage, 'cause' | 'isDrill' | 'troubleAt' | 'startedAt'>): OutageId;
  /** Null: it is gone again. */
  setBack(id: OutageId, backAt: number | null): void;
  setCause(id: OutageId, cause: OutageCause, isDrill: boolean): void;
  end(id: OutageId, endedAt: number): void;
  recordMode(accountId: AccountId, change: ModeChange): void;
  /** Newest first. */
  modeChanges(accountId: AccountId, limit: number): ModeChange[];
  /** When the mode last changed for this reason, milliseconds since 1970; null for never. */
  lastChangeFor(accountId: AccountId, reason: ModeReason): number | null;
  control(accountId: AccountId): ContinuityControl;
  setControl(accountId: AccountId, control: ContinuityControl): void;
  /** True when the server has accepted a log-in there at any time since enrolment. */
  hasLoggedIn(accountId: AccountId, side: Side, service: Service): boolean;
  recordLogin(accountId: AccountId, side: Side, service: Service, now: number): void;
}

interface Row {
  id: number;
  account_id: number;
  cause: string;
  is_drill: number;
  trouble_at: number;
  started_at: number;
  back_at: number | null;
  ended_at: number | null;
  relay_mark: number | null;
}

function fromRow(row: Row): Outage {
  return {
    id: asOutageId(row.id),
    accountId: asAccountId(row.account_id),
    cause: outageCauseSchema.parse(row.cause),
    isDrill: row.is_drill === 1,
    troubleAt: row.trouble_at,
    startedAt: row.started_at,
    // One that was confirmed by an older version has no mark: then dates tell alone.
    relayMark: row.relay_mark ?? Number.MAX_SAFE_INTEGER,
    backAt: row.back_at,
    endedAt: row.ended_at,
  };
}

export function createOutageStore({ db }: StoreHandle): OutageStore {
  const current = db.prepare('SELECT * FROM outages WHERE account_id = ? AND ended_at IS NULL');
  const one = db.prepare('SELECT * FROM outages WHERE id = ?');
  const list = db.prepare('SELECT * FROM outages WHERE account_id = ? ORDER BY id DESC LIMIT ?');
  const start = db.prepare(
    `INSERT INTO outages (account_id, cause, is_drill, trouble_at, started_at, relay_mark)
     VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(id), 0) FROM placements))`,
  );
  const back = db.prepare('UPDATE outages SET back_at = ? WHERE id = ?');
  const cause = db.prepare('UPDATE outages SET cause = ?, is_drill = ? WHERE id = ?');
  const end = db.prepare('UPDATE outages SET ended_at = ? WHERE id = ?');
  const record = db.prepare(
    'INSERT INTO mode_changes (account_id, changed_at, from_mode, to_mode, reason, cause) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const changes = db.prepare(
    `SELECT changed_at AS "at", from_mode AS "from", to_mode AS "to", reason, cause FROM mode_changes
     WHERE account_id = ? ORDER BY id DESC LIMIT ?`,
  );
  const lastFor = db.prepare('SELECT max(changed_at) FROM mode_changes WHERE account_id = ? AND reason = ?').pluck();
  const control = db.prepare('SELECT control FROM continuity_controls WHERE account_id = ?');
  const setControl = db.prepare(
    'INSERT INTO continuity_controls (account_id, control) VALUES (?, ?) ON CONFLICT (account_id) DO UPDATE SET control = excluded.control',
  );
  const login = db.prepare('SELECT 1 FROM endpoint_logins WHERE account_id = ? AND side = ? AND service = ?');
  const setLogin = db.prepare('INSERT OR IGNORE INTO endpoint_logins (account_id, side, service, accepted_at) VALUES (?, ?, ?, ?)');
  const first = (row: unknown): Outage | null => (row === undefined ? null : fromRow(row as Row));
  return {
    current: (accountId) => first(current.get(accountId)),
    get: (id) => first(one.get(id)),
    list: (accountId, limit) => (list.all(accountId, limit) as Row[]).map(fromRow),
    start: (accountId, outage) => {
      const { lastInsertRowid } = start.run(accountId, outage.cause, Number(outage.isDrill), outage.troubleAt, outage.startedAt);
      return asOutageId(Number(lastInsertRowid));
    },
    setBack: (id, backAt) => void back.run(backAt, id),
    setCause: (id, value, isDrill) => void cause.run(value, Number(isDrill), id),
    end: (id, endedAt) => void end.run(endedAt, id),
    recordMode: (accountId, change) => void record.run(accountId, change.at, change.from, change.to, change.reason, change.cause),
    modeChanges: (accountId, limit) => changes.all(accountId, limit).map((row) => modeChangeSchema.parse(row)),
    lastChangeFor: (accountId, reason) => lastFor.get(accountId, reason) as number | null,
    control: (accountId) =>
      continuityControlSchema.parse((control.get(accountId) as { control: string } | undefined)?.control ?? 'automatic'),
    setControl: (accountId, value) => void setControl.run(accountId, value),
    hasLoggedIn: (accountId, side, service) => login.get(accountId, side, service) !== undefined,
    recordLogin: (accountId, side, service, now) => void setLogin.run(accountId, side, service, now),
  };
}
