import type { PackedError } from '../../../shared/errors.ts';
import type { Account, Side } from '../../../shared/model/account.ts';
import type { EndpointRef } from '../../../shared/model/continuity.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { AccountSenses, type SensesStore } from './account-senses.ts';
import { decide } from './decide.ts';
import type { ProbeOutcome } from './probe.ts';

export interface RehearsalOptions {
  readonly account: Account;
  readonly clock: Clock;
  readonly random: Random;
  readonly stableMs: number;
  readonly isWitnessed: () => boolean;
  /** Asks a service of the relay whether it answers; nobody logs in. */
  readonly probeRelay: (endpoint: EndpointRef) => Promise<ProbeOutcome>;
}

/** The bar of a server that falls silent; no outage takes longer to be noticed. */
const NOTICE_MS = 60_000;
const LOOK_MS = 100;

function stateOf({ id: accountId }: Account, side: Side, error: PackedError | null): SideSyncState {
  const counts = { headersDone: 0, headersTotal: 0, bodiesDone: 0, bodiesTotal: 0 };
  const times = { lastCompleteAt: null, completeSince: null, retryAt: null };
  const phase = error === null ? 'watching' : 'waiting-to-retry';
  return { accountId, side, phase, isConnected: error === null, error, failedMailboxes: [], ...counts, ...times };
}

/** What worked until now, and nothing that is kept of it. */
const storeOf = (account: Account): SensesStore => ({
  accounts: { get: () => account },
  outages: { hasLoggedIn: () => true, recordLogin: () => undefined },
  handle: { tx: (_name, work) => work() },
});

/**
 * How long this account would take to notice that its primary is gone, in milliseconds; null: longer than a minute. Played beside the real
 * watch, with the same looks, waits and rules, and a primary that ends its connection and refuses every other: the primary is not touched,
 * the relay is really asked.
 */
export async function rehearseOutage(options: RehearsalOptions, signal: AbortSignal): Promise<number | null> {
  const { account, clock, random, stableMs, isWitnessed, probeRelay } = options;
  const senses = new AccountSenses(
    {
      ...{ store: storeOf(account), clock, random, accountId: account.id, isWitnessed, stableMs: () => stableMs },
      probe: (_account, endpoint) =>
        endpoint.side === 'relay' ? probeRelay(endpoint) : Promise.resolve({ isGood: false, code: 'connect-refused' }),
      look: () => undefined,
      safely: (work) => work(),
      onNews: () => undefined,
    },
    false,
  );
  try {
    senses.start();
    for (const side of ['primary', 'relay'] as const) if (account.config[side]) senses.sideChanged(stateOf(account, side, null));
    const lost: PackedError = { code: 'connection-lost', scope: 'connection', retry: 'later', side: 'primary', detail: '' };
    senses.sideChanged(stateOf(account, 'primary', lost));
    const start = clock.monotonic();
    while (decide({ ...senses.weather(), isStalled: false }).kind !== 'down') {
      if (clock.monotonic() - start > NOTICE_MS) return null;
      await clock.sleep(LOOK_MS, signal);
    }
    return clock.monotonic() - start;
  } finally {
    senses.stop();
  }
}
