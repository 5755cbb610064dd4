import { contract, type CallArgs, type CallResult, type EngineCall } from '../../../shared/ipc/contract.ts';
import type { Account } from '../../../shared/model/account.ts';
import type { ContinuityState } from '../../../shared/model/continuity.ts';
import type { Drill } from '../../../shared/model/drill.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { OutboxItem } from '../../../shared/model/outbox.ts';
import type { ReconcileRun } from '../../../shared/model/reconcile.ts';
import type { EngineState, SideSyncState } from '../../../shared/model/sync.ts';

/** What is asked of the engine. */
export interface Engine {
  state(): EngineState;
  call<N extends EngineCall>(name: N, args: CallArgs<N>): Promise<unknown>;
}

/** The engine's answers from which reports and alerts are made. */
export interface ReadinessFacts {
  readonly accounts: readonly Account[];
  readonly continuity: readonly ContinuityState[];
  readonly sync: readonly SideSyncState[];
  readonly outbox: readonly OutboxItem[];
  readonly runs: readonly ReconcileRun[];
  /** The last finished drill of each account. */
  readonly drills: ReadonlyMap<AccountId, Drill>;
}

/** Asks the engine for everything. @throws MailError while it does not run */
export async function readFacts(engine: Engine): Promise<ReadinessFacts> {
  const ask = async <N extends EngineCall>(name: N, args: CallArgs<N>): Promise<CallResult<N>> =>
    contract[name].result.parse(await engine.call(name, args)) as CallResult<N>;
  const [accounts, continuity, sync, outbox, runs] = await Promise.all([
    ask('accounts.list', []),
    ask('continuity.state', []),
    ask('sync.state', []),
    ask('outbox.list', []),
    ask('reconcile.list', []),
  ]);
  const drills = new Map<AccountId, Drill>();
  for (const { id } of accounts) {
    const last = (await ask('drill.list', [{ accountId: id }])).find(({ state }) => state === 'finished');
    if (last) drills.set(id, last);
  }
  return { accounts, continuity, sync, outbox, runs, drills };
}
