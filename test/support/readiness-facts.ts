import { accountSchema, type Account } from '../../shared/model/account.ts';
import type { ContinuityState, EndpointState } from '../../shared/model/continuity.ts';
import type { OutboxItem } from '../../shared/model/outbox.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import type { AccountReport, ReadinessReport } from '../../shared/readiness/report.ts';
import type { ReadinessFacts } from '../../main/app/readiness/facts.ts';

export const DAY = 86_400_000;
export const NOW = Date.UTC(2026, 10, 23, 9);

const endpoint = (host: string, port: number) => ({ host, port, security: 'tls', user: 'anna' });
const side = (host: string) => ({ imap: endpoint(host, 993), smtp: endpoint(host, 465) });

export const account: Account = accountSchema.parse({
  id: 1,
  config: { email: 'Anna@company.example', primary: side('imap.company.example'), relay: side('relay.provider.example') },
});

export const endpointOf = (which: EndpointState['endpoint'], change: Partial<EndpointState> = {}): EndpointState => ({
  ...{ endpoint: which, health: 'up', since: NOW, lastGoodAt: NOW - 60_000, lastError: null },
  ...change,
});

export const syncOf = (which: SideSyncState['side'], change: Partial<SideSyncState> = {}): SideSyncState => ({
  ...{ accountId: account.id, side: which, phase: 'watching', isConnected: true, lastCompleteAt: NOW - 60_000, error: null },
  ...{ completeSince: NOW - 14 * DAY, headersDone: 0, headersTotal: 0, bodiesDone: 0, bodiesTotal: 0 },
  ...{ failedMailboxes: ['Secret project'], retryAt: null },
  ...change,
});

export const continuityOf = (change: Partial<ContinuityState> = {}): ContinuityState => ({
  ...{ accountId: account.id, mode: 'normal', reason: 'all-well', cause: null, since: NOW - DAY, troubleSince: null, confirmedAt: null },
  ...{ evidence: [], control: 'automatic', isHeldByPolicy: false, asksForFailover: false, outageId: null, isDrill: false },
  endpoints: [
    endpointOf({ side: 'relay', service: 'imap' }),
    endpointOf({ side: 'relay', service: 'smtp' }),
    endpointOf({ side: 'primary', service: 'smtp' }),
  ],
  ...change,
});

/** A device on which all is well. */
export const wellFacts = (change: Partial<ReadinessFacts> = {}): ReadinessFacts => ({
  ...{
    accounts: [account],
    continuity: [continuityOf()],
    sync: [syncOf('primary'), syncOf('relay')],
    outbox: [],
    runs: [],
    drills: new Map(),
  },
  ...change,
});

/** As far as it counts here. */
export const outboxItem = (state: OutboxItem['state']): OutboxItem =>
  ({
    accountId: account.id,
    state,
    subject: 'Secret subject',
    to: [{ name: '', address: 'bob@elsewhere.example' }],
  }) as unknown as OutboxItem;

const iso = (at: number): string => new Date(at).toISOString();
const check = { result: 'ok', goodAt: iso(NOW - 60_000), code: null } as const;

export const accountReport = (change: Partial<AccountReport> = {}): AccountReport => ({
  ...{ address: 'anna@company.example', mode: 'normal', modeSince: null, isDrill: false, keepsDays: { incoming: 14, outgoing: 14 } },
  primary: { syncedAt: iso(NOW - 60_000), completeSince: iso(NOW - 14 * DAY), code: null, imap: check, smtp: check },
  relay: { syncedAt: iso(NOW - 60_000), completeSince: iso(NOW - 14 * DAY), code: null, imap: check, smtp: check },
  drill: { at: iso(NOW - DAY), score: 100 },
  outbox: { waiting: 0, uncertain: 0 },
  ...change,
});

export const report = (accounts: AccountReport[] = [accountReport()], change: Partial<ReadinessReport> = {}): ReadinessReport => ({
  ...{ format: 'holdover-readiness-1', device: 'PC-1', profile: '00000000-0000-4000-8000-000000000001', sentAt: iso(NOW) },
  ...{ version: '0.1.0', platform: 'linux', store: { isOpen: true, code: null, key: 'keyring' } },
  policy: { digest: '0123456789abcdef', since: iso(NOW), faults: 0 },
  lease: null,
  accounts,
  ...change,
});
