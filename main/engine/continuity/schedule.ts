import { limits } from '../../../shared/limits.ts';
import { CONFIRM_SPAN_MS, stableAt, type Health } from './health.ts';

/** A log-in of a whole fleet at once would finish off a weak server; what can wait is spread over this time (docs/herd.md). */
export const HERD_SPREAD_MS = 100_000;

/** Milliseconds over which clients spread what they do when a server returns: a share of the time it was away, which is not felt. */
export const returnSpreadMs = (downMs: number): number => Math.min(HERD_SPREAD_MS, Math.max(0, downMs) / 4);

/** What is known when the next probe of an endpoint is planned. */
export interface ProbePlanInput {
  readonly health: Health;
  readonly t: number;
  readonly stableMs: number;
  /** Probes since the endpoint was last up. */
  readonly attempts: number;
  /** Running time until which failures may be our own network's. */
  readonly settlesAt: number;
  /** Uniform number in [0, 1). */
  readonly chance: number;
}

/** In calm weather no endpoint is looked at more often, whatever asks for it. */
export const CALM_GAP_MS = 60_000;
/** A wrong password knocking often gets an account locked. */
const LOGIN_GAP_MS = limits.outageProbeMaxMs;

/** The time, more or less by a fifth: many clients must not come in step. */
const around = (ms: number, chance: number): number => Math.round(ms * (0.8 + 0.4 * chance));

/** The same for long waits, which end together where they began together. */
const wellBelow = (ms: number, chance: number): number => Math.round(ms * (0.4 + 0.6 * chance));

/**
 * Milliseconds until the next probe, or null for none. IMAP is watched by its live connection, whose own attempts to come back
 * are looks; it is probed only where a first failure has to be borne out quickly. Submission is asked now and then. Pure.
 */
export function nextProbeMs({ health, t, stableMs, attempts, settlesAt, chance }: ProbePlanInput): number | null {
  const { service } = health.endpoint;
  if (health.health === 'suspect') {
    if (health.kind === 'refusal') return Math.max(CALM_GAP_MS, health.refusedUntil - t);
    if (health.kind === 'limit') return service === 'imap' ? null : around(CALM_GAP_MS * 1.5, chance);
    const spanMs = (health.failingSince ?? t) + CONFIRM_SPAN_MS - t;
    return Math.max(around(limits.confirmProbeMs, chance), spanMs, settlesAt - t);
  }
  if (service === 'imap') return null;
  if (health.health === 'down') {
    if (health.confirmed === 'login') return around(LOGIN_GAP_MS, chance);
    const backoffMs = Math.min(limits.outageProbeMaxMs, limits.outageProbeFirstMs * 2 ** Math.min(attempts, 20));
    const waitMs = backoffMs < CALM_GAP_MS ? around(backoffMs, chance) : wellBelow(backoffMs, chance);
    return Math.max(waitMs, health.confirmed === 'refusal' ? health.refusedUntil - t : 0);
  }
  if (health.health === 'unknown') return health.hasFailed ? around(limits.confirmProbeMs, chance) : around(CALM_GAP_MS / 2, chance);
  const due = stableAt(health, stableMs);
  if (health.hasFailed && due !== null && (health.lastGood ?? -Infinity) < due) return Math.max(1, Math.ceil(due - t));
  return around(limits.calmProbeMs, chance);
}
