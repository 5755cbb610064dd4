import { MailError } from '../../shared/errors.ts';
import type { Drill } from '../../shared/model/drill.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { ContinuityEngine } from '../engine/engine.ts';
import { viewMailboxes } from '../engine/read/view-mailboxes.ts';
import { systemClock } from '../engine/core/clock.ts';
import { table } from './format.ts';
import { UsageError } from './usage-error.ts';

export interface ContinuityOptions {
  readonly account: string | undefined;
  readonly send: string;
  readonly json: boolean;
}
type Print = (text: string) => void;

const LOOK_MS = 200;
/** The servers have to be reached before an outage can be played, and a copy just begun is given time: it shows what is missing. */
const READY_MS = 60_000;

function accountOf(engine: ContinuityEngine, email: string | undefined): AccountId {
  const all = engine.store.accounts.list();
  const found = email === undefined ? all[0] : all.find((one) => one.config.email.toLowerCase() === email.toLowerCase());
  if (!found || (email === undefined && all.length > 1)) {
    const detail = all.length > 1 ? 'name one of the accounts by --account ADDRESS' : 'no such account';
    throw new MailError('account-missing', { scope: 'account', retry: 'ask', detail });
  }
  return found.id;
}

async function untilReady(engine: ContinuityEngine, id: AccountId): Promise<void> {
  const end = systemClock.monotonic() + READY_MS;
  const isReady = () =>
    engine.syncStates().every((one) => one.accountId !== id || one.lastCompleteAt !== null) &&
    viewMailboxes(engine.store).every((one) => one.accountId !== id || one.isComplete);
  while (!isReady() && systemClock.monotonic() < end) await systemClock.sleep(LOOK_MS);
}

const printDrill = (drill: Drill, print: Print): void => {
  const rows = drill.steps.map((one) => [one.name, one.status, `${Math.round(one.score * 100)} %`, `${one.durationMs} ms`, one.detail]);
  print(table([['step', 'status', 'reached', 'took', 'found'], ...rows]));
  print(`score: ${drill.score ?? '-'} of 100 (${drill.state})`);
};

/** Plays an outage on this device only. Ends with 0 where every step passed. */
export async function runDrill(engine: ContinuityEngine, options: ContinuityOptions, print: Print): Promise<number> {
  const { send } = options;
  if (send !== 'self' && send !== 'none') {
    throw new UsageError('--send is self or none');
  }
  const id = accountOf(engine, options.account);
  engine.start();
  await untilReady(engine, id);
  const { id: drillId } = engine.features.drills.begin(id, send);
  for (;;) {
    const drill = engine.features.drills.list(id).find((one) => one.id === drillId);
    if (drill && drill.state !== 'running') {
      if (options.json) print(JSON.stringify(drill, null, 2));
      else printDrill(drill, print);
      return drill.state === 'finished' && drill.score === 100 ? 0 : 1;
    }
    await systemClock.sleep(LOOK_MS);
  }
}

const time = (at: number | null): string => (at === null ? '' : new Date(at).toISOString());

/** Past outages and what became of each reconciliation. */
export function printReports(engine: ContinuityEngine, options: ContinuityOptions, print: Print): number {
  const ids = options.account === undefined ? engine.store.accounts.list().map((one) => one.id) : [accountOf(engine, options.account)];
  const runs = ids.flatMap((id) =>
    engine.store.reconcile.runs(id).map((run) => ({ ...run, counts: engine.store.reconcile.counts(run.id) })),
  );
  if (options.json) print(JSON.stringify(runs, null, 2));
  else {
    const sum = (run: (typeof runs)[number], state: string | null) =>
      run.counts.reduce((total, one) => total + (state === null || one.state === state ? one.n : 0), 0);
    const rows = runs.map((run) => [
      run.id,
      run.state,
      time(run.outageStartedAt),
      sum(run, null),
      sum(run, 'confirmed'),
      sum(run, 'exception'),
    ]);
    print(table([['run', 'state', 'outage since', 'expected', 'carried back', 'exceptions'], ...rows]));
  }
  return 0;
}
