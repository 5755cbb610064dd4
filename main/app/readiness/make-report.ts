import type { Account, Service, Side } from '../../../shared/model/account.ts';
import type { OutboxItem } from '../../../shared/model/outbox.ts';
import {
  REPORT_FORMAT,
  type AccountReport,
  type LoginCheck,
  type ReadinessReport,
  type SideReport,
} from '../../../shared/readiness/report.ts';
import type { ReadinessFacts } from './facts.ts';

const WAITING: ReadonlySet<OutboxItem['state']> = new Set(['queued', 'submitting', 'unknown', 'rejected', 'quarantined']);

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const latest = (...times: readonly (number | null | undefined)[]): number | null => {
  const known = times.filter((one): one is number => typeof one === 'number');
  return known.length === 0 ? null : Math.max(...known);
};

interface Place {
  readonly account: Account;
  readonly side: Side;
}

function syncOf({ sync }: ReadinessFacts, { account, side }: Place) {
  return sync.find((one) => one.accountId === account.id && one.side === side) ?? null;
}

/** How the log-in at one service went last; what mirrors has logged in. */
function loginCheck(facts: ReadinessFacts, place: Place, service: Service): LoginCheck {
  const state = facts.continuity.find((one) => one.accountId === place.account.id);
  const seen = state?.endpoints.find(({ endpoint }) => endpoint.side === place.side && endpoint.service === service);
  const sync = service === 'imap' ? syncOf(facts, place) : null;
  const goodAt = latest(seen?.lastGoodAt, sync?.lastCompleteAt);
  const code = seen?.lastError ?? sync?.error?.code ?? null;
  const isFailed = seen?.health === 'down' || (goodAt === null && code !== null);
  return { result: isFailed ? 'failed' : goodAt === null ? 'unchecked' : 'ok', goodAt: iso(goodAt), code: isFailed ? code : null };
}

function sideReport(facts: ReadinessFacts, place: Place): SideReport {
  const sync = syncOf(facts, place);
  const config = place.account.config[place.side];
  return {
    syncedAt: iso(sync?.lastCompleteAt ?? null),
    completeSince: iso(sync?.completeSince ?? null),
    code: sync?.error?.code ?? null,
    imap: loginCheck(facts, place, 'imap'),
    smtp: config?.smtp ? loginCheck(facts, place, 'smtp') : null,
  };
}

function accountReport(facts: ReadinessFacts, account: Account): AccountReport {
  const state = facts.continuity.find((one) => one.accountId === account.id);
  const drill = facts.drills.get(account.id);
  const { email, retention, managed, relay } = account.config;
  const outbox = facts.outbox.filter((one) => one.accountId === account.id);
  return {
    address: email.toLowerCase(),
    mode: state?.mode ?? 'normal',
    modeSince: iso(state?.since ?? null),
    isDrill: state?.isDrill ?? false,
    keepsDays: {
      incoming: managed.incomingDays ?? retention.incomingDays,
      outgoing: managed.outgoingDays ?? retention.outgoingDays,
    },
    primary: sideReport(facts, { account, side: 'primary' }),
    relay: relay === null ? null : sideReport(facts, { account, side: 'relay' }),
    drill:
      drill && drill.endedAt !== null && drill.score !== null ? { at: new Date(drill.endedAt).toISOString(), score: drill.score } : null,
    outbox: {
      waiting: outbox.filter(({ state: one }) => WAITING.has(one)).length,
      uncertain: outbox.filter(({ state: one }) => one === 'unknown').length,
    },
  };
}

/** The accounts' part of a report. Pure. */
export const accountReports = (facts: ReadinessFacts): AccountReport[] => facts.accounts.map((one) => accountReport(facts, one));

/** Whether every server of an outage was looked at since the start, so that a report says more than that nothing is known. Pure. */
export const isLookedAt = (reports: readonly AccountReport[]): boolean =>
  reports.every(
    ({ primary, relay }) =>
      primary.imap.result !== 'unchecked' && relay?.imap.result !== 'unchecked' && relay?.smtp?.result !== 'unchecked',
  );

const PLATFORMS = ['win32', 'darwin', 'linux'] as const;

export interface DeviceFacts extends Omit<ReadinessReport, 'format' | 'sentAt' | 'platform'> {
  readonly platform: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A report of this device. Pure. */
export function makeReport({ now, platform, ...rest }: DeviceFacts): ReadinessReport {
  const known = PLATFORMS.find((one) => one === platform) ?? 'other';
  return { format: REPORT_FORMAT, sentAt: new Date(now).toISOString(), platform: known, ...rest };
}
