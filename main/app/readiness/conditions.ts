import { isStoreFault } from '../../../shared/errors.ts';
import type { ContinuityState } from '../../../shared/model/continuity.ts';
import type { EngineState } from '../../../shared/model/sync.ts';
import type { AlertKind } from '../../../shared/readiness/alert.ts';
import type { AccountReport } from '../../../shared/readiness/report.ts';
import type { ReadinessFacts } from './facts.ts';

/** Something that is so now and that IT wants to know of. */
export interface Condition {
  readonly kind: AlertKind;
  readonly account: string | null;
  readonly code: string | null;
  readonly count: number | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STORE_LOST: ReadonlySet<string> = new Set(['store-corrupt', 'store-key-wrong', 'store-key-missing', 'store-newer-schema']);

/** Tells conditions apart over the time. */
export const keyOf = ({ kind, account }: Pick<Condition, 'kind' | 'account'>): string => `${kind} ${account ?? ''}`;

/** Confirmed by the engine, and no work of this company's own people. */
function primaryDown({ mode, cause, isDrill, confirmedAt }: ContinuityState): string | null {
  if (isDrill || cause === null || cause === 'forced' || cause === 'drill') return null;
  const isConfirmed = mode === 'continuity' || (mode === 'degraded' && confirmedAt !== null);
  return isConfirmed && cause.startsWith('primary-') ? cause : null;
}

/** Days of both kinds are here; a day's slack, since the window moves on while nothing is fetched. Pure. */
export function isComplete({ keepsDays, primary }: Pick<AccountReport, 'keepsDays' | 'primary'>, now: number): boolean {
  const days = Math.min(keepsDays.incoming, keepsDays.outgoing) - 1;
  return primary.completeSince !== null && Date.parse(primary.completeSince) <= now - days * DAY_MS;
}

function ofAccount(facts: ReadinessFacts, report: AccountReport, now: number): Condition[] {
  const account = report.address;
  const id = facts.accounts.find(({ config }) => config.email.toLowerCase() === account)?.id;
  const state = facts.continuity.find((one) => one.accountId === id);
  const found: Condition[] = [];
  const add = (kind: AlertKind, code: string | null, count: number | null = null): void => void found.push({ kind, account, code, count });
  const cause = state ? primaryDown(state) : null;
  if (cause !== null) add('primary-down', cause);
  // With its own network gone, a machine can say nothing of servers, and cannot tell it either.
  const isOnline = state?.mode !== 'offline';
  const relay = [report.relay?.imap, report.relay?.smtp].find((one) => one?.result === 'failed');
  if (relay && isOnline) add('relay-fails', relay.code);
  const isLate = report.primary.syncedAt === null || now - Date.parse(report.primary.syncedAt) > DAY_MS;
  if (cause === null && isOnline && (!isComplete(report, now) || isLate)) add('coverage-behind', report.primary.code);
  if (report.outbox.uncertain > 0) add('send-uncertain', null, report.outbox.uncertain);
  const run = facts.runs.find((one) => one.accountId === id);
  const exceptions = run?.state === 'finished' ? Object.values(run.balance).reduce((sum, one) => sum + one.exceptions, 0) : 0;
  if (exceptions > 0 && run?.isAcknowledged === false) add('reconcile-exceptions', null, exceptions);
  return found;
}

/** What is wrong with the accounts now. Pure. */
export const accountConditions = (facts: ReadinessFacts, reports: readonly AccountReport[], now: number): Condition[] =>
  reports.flatMap((one) => ofAccount(facts, one, now));

/** What is wrong with the store; null where that cannot be said now. Pure. */
export function storeConditions({ phase, error }: EngineState): Condition[] | null {
  if (error !== null && (STORE_LOST.has(error.code) || isStoreFault(error.code)))
    return [{ kind: 'store-damaged', account: null, code: error.code, count: null }];
  return phase === 'running' ? [] : null;
}
