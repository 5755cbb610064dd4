import type { ErrorCode } from '../../../shared/errors.ts';
import type { EndpointHealth, EndpointRef, Evidence } from '../../../shared/model/continuity.ts';

/** One look at an endpoint, from whatever source. */
export interface Look {
  /** Milliseconds since 1970, to be shown. */
  readonly at: number;
  /** Running time, to be counted with. */
  readonly t: number;
  readonly source: Evidence['source'];
  readonly isGood: boolean;
  /** Why it was not good. */
  readonly code: ErrorCode | null;
}

/**
 * What a failure speaks of. `reach`: the way there. `login`: it answers and lets nobody in. `refusal`: it lets us in and takes
 * no mail. `limit`: it is well and has enough of us; that never counts as an outage.
 */
export type FailureKind = 'reach' | 'login' | 'refusal' | 'limit';

export interface Health {
  readonly endpoint: EndpointRef;
  readonly health: EndpointHealth;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly lastGoodAt: number | null;
  readonly lastError: ErrorCode | null;
  /** The server has accepted a log-in at some time since enrolment. */
  readonly hasWorked: boolean;
  /** A live connection stands (IMAP only). */
  readonly isLive: boolean;
  /** Kind of the failures since the last good look, and how many in a row of this kind. */
  readonly kind: FailureKind | null;
  readonly failures: number;
  /** What a second look has borne out. */
  readonly confirmed: FailureKind | null;
  /** Failed since it was last stable. */
  readonly hasFailed: boolean;
  /** Milliseconds since 1970 of the first failure since it was last stable. */
  readonly troubleAt: number | null;
  /** Running times: first failure of this kind in a row, last failure, failures not long ago, good since, last good look. */
  readonly failingSince: number | null;
  readonly lastBad: number | null;
  readonly recent: readonly number[];
  readonly goodSince: number | null;
  readonly lastGood: number | null;
  /** Running time up to which only a submission can show that submissions are taken again. */
  readonly refusedUntil: number;
}

/** Two failures closer together than this are one event: a server that restarts is away for about a second. */
export const CONFIRM_SPAN_MS = 1_500;
/** This many failures within so long count as down, good looks between them or not: nobody can work with it. */
const FLAPS = 4;
const FLAP_WINDOW_MS = 60_000;
/** A log-in says nothing about whether mail is taken. */
const REFUSAL_MEMORY_MS = 10 * 60_000;

const LOGIN: ReadonlySet<ErrorCode> = new Set([
  'auth-rejected',
  'auth-mechanism-missing',
  'token-refresh-failed',
  'sign-in-needed',
  'command-refused',
]);
const REFUSAL: ReadonlySet<ErrorCode> = new Set(['smtp-refused', 'over-quota']);
const REACH: ReadonlySet<ErrorCode> = new Set([
  'dns-failed',
  'connect-refused',
  'connect-timeout',
  'connection-lost',
  'server-timeout',
  'server-bye',
  'protocol-violation',
  'answer-too-large',
  'answer-incomplete',
  'network-unreachable',
  'proxy-unreachable',
  'proxy-refused',
  'proxy-cannot-reach',
  'tls-failed',
  'tls-certificate-expired',
  'tls-certificate-wrong-host',
  'tls-certificate-untrusted',
  'tls-not-offered',
  'delivery-unconfirmed',
]);

/** What a code says about the server; null for failures of our own (keyring, store, configuration). */
export function kindOf(code: ErrorCode): FailureKind | null {
  if (code === 'too-many-connections') return 'limit';
  if (LOGIN.has(code)) return 'login';
  if (REFUSAL.has(code)) return 'refusal';
  return REACH.has(code) ? 'reach' : null;
}

/** Health before the first look. `hasFailed`: it has to prove itself for the stable time before it counts as back. */
export function unknownHealth(endpoint: EndpointRef, at: number, past: { hasWorked: boolean; hasFailed: boolean }): Health {
  return {
    ...{ endpoint, health: 'unknown', since: at, lastGoodAt: null, lastError: null, isLive: false, ...past },
    ...{ kind: null, failures: 0, confirmed: null, troubleAt: null, failingSince: null, lastBad: null, recent: [] },
    ...{ goodSince: null, lastGood: null, refusedUntil: -Infinity },
  };
}

function good(health: Health, { at, t, source }: Look): Health {
  if (source !== 'submission' && t < health.refusedUntil) return { ...health, lastGoodAt: at, hasWorked: true };
  const isNew = health.health !== 'up';
  return {
    ...health,
    ...{ health: 'up', since: isNew ? at : health.since, lastGoodAt: at, lastError: null, hasWorked: true },
    ...{ kind: null, failures: 0, confirmed: null, failingSince: null },
    ...{ goodSince: isNew ? t : (health.goodSince ?? t), lastGood: t, refusedUntil: -Infinity },
  };
}

function bad(health: Health, { at, t, source, code }: Look & { code: ErrorCode }, kind: FailureKind, isSettling: boolean): Health {
  const isSameKind = health.kind === kind;
  const failingSince = isSameKind && health.failingSince !== null ? health.failingSince : t;
  const failures = isSettling ? 1 : isSameKind ? health.failures + 1 : 1;
  const recent = isSettling ? health.recent : [...health.recent.filter((one) => t - one < FLAP_WINDOW_MS), t].slice(-FLAPS);
  const isBorneOut = kind !== 'limit' && failures >= 2 && t - failingSince >= CONFIRM_SPAN_MS;
  const isFlapping = kind !== 'limit' && recent.length >= FLAPS;
  const confirmed = isBorneOut || isFlapping ? kind : health.confirmed;
  const next: EndpointHealth = confirmed === null ? 'suspect' : 'down';
  return {
    ...health,
    ...{ health: next, since: next === health.health ? health.since : at, lastError: code, kind, failures, confirmed },
    ...{ failingSince: isSettling ? t : failingSince, recent: kind === 'limit' ? health.recent : recent, goodSince: null },
    ...{ hasFailed: true, troubleAt: health.troubleAt ?? at, lastBad: t },
    refusedUntil: kind === 'refusal' && source === 'submission' ? t + REFUSAL_MEMORY_MS : health.refusedUntil,
  };
}

/**
 * Health after a look. Two failures of one kind in a row bear each other out; one good look makes the endpoint `up` (and no
 * more than that: whether it counts as back is a matter of time). While our own network settles (`isSettling`), failures on
 * the way raise a suspicion only.
 */
export function applyLook(health: Health, look: Look, isSettling = false): Health {
  if (look.isGood) return good(health, look);
  const kind = look.code === null ? 'reach' : kindOf(look.code);
  if (kind === null) return health;
  return bad(health, { ...look, code: look.code ?? 'connection-lost' }, kind, isSettling && kind === 'reach');
}

/** Forgets failures that may have been our own network's. */
export function forgetFailures(health: Health, at: number): Health {
  if (health.health === 'up' || health.health === 'unknown') return health;
  const past = { hasWorked: health.hasWorked, hasFailed: health.hasFailed };
  const { lastGoodAt, isLive, troubleAt } = health;
  return { ...unknownHealth(health.endpoint, at, past), lastGoodAt, isLive, troubleAt };
}

/** Running time at which an endpoint that failed counts as back, if nothing happens; null while it is not up. */
export function stableAt(health: Health, stableMs: number): number | null {
  if (health.health !== 'up' || health.goodSince === null) return null;
  return health.goodSince + stableMs;
}

/**
 * True when the endpoint is well and has been for the stable time. A live connection proves itself by standing; of what is
 * only looked at now and then, the looks have to lie that far apart.
 */
export function isStable(health: Health, t: number, stableMs: number): boolean {
  const due = stableAt(health, stableMs);
  if (!health.hasFailed) return health.health === 'up' || health.health === 'unknown';
  if (due === null) return false;
  return health.endpoint.service === 'imap' ? health.isLive && t >= due : (health.lastGood ?? -Infinity) >= due;
}

/** Closes a trouble that is over. */
export function settled(health: Health): Health {
  return health.hasFailed ? { ...health, hasFailed: false, troubleAt: null } : health;
}
