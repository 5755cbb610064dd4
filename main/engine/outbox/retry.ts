import type { ErrorCode, PackedError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import type { SubmissionPhase } from '../../../shared/model/outbox.ts';

/** The longest that the time between two tries counts for: a clock that jumps, or a machine that slept for weeks, ends no mail's life. */
const LONGEST_GAP_MS = 12 * 3_600_000;
/** One such jump must not make a life shorter than promised. */
const LIFE_MS = limits.submitLifeMs + LONGEST_GAP_MS;

/** Chance moves a delay by this share up or down: many clients must not come back in step. */
const JITTER = 0.25;

const LOG_IN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'auth-rejected',
  'auth-mechanism-missing',
  'token-refresh-failed',
  'sign-in-needed',
  'secret-missing',
  'keyring-unavailable',
  'keyring-locked',
]);

/** Not the mail's doing: the way to the server, its certificate, our log-in, this machine. None uses up attempts (bar O5). */
const NOT_COUNTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...LOG_IN,
  'dns-failed',
  'connect-refused',
  'connect-timeout',
  'network-unreachable',
  'proxy-unreachable',
  'proxy-refused',
  'proxy-cannot-reach',
  'too-many-connections',
  'tls-failed',
  'tls-certificate-expired',
  'tls-certificate-wrong-host',
  'tls-certificate-untrusted',
  'tls-not-offered',
  'ca-file-unreadable',
  'plain-refused',
  'config-invalid',
  'cancelled',
  'no-route',
]);
const EARLY: ReadonlySet<SubmissionPhase> = new Set<SubmissionPhase>(['connect', 'tls', 'login']);

/**
 * Whether a try that failed counts. Without a server's reply, whatever ended it before the transaction was not the mail; nor is what a
 * server says of the account, with whatever code.
 */
export function countsAsTry(error: Pick<PackedError, 'code' | 'scope'> | null, phase: SubmissionPhase, replyCode: number | null): boolean {
  if (error !== null && (NOT_COUNTED.has(error.code) || error.scope === 'account')) return false;
  return !EARLY.has(phase) || replyCode !== null;
}

export const isLogInError = (code: ErrorCode): boolean => LOG_IN.has(code);

/**
 * Time before the next try after this many that counted: doubling from limits.submitFirstRetryMs to limits.submitMaxRetryMs.
 * @param chance uniform in [0, 1)
 */
export function retryDelayMs(retries: number, chance: number): number {
  // Past the maximum the exponent need not grow: 2 ** n stays a finite number however long a mail waits.
  const full = Math.min(limits.submitMaxRetryMs, limits.submitFirstRetryMs * 2 ** Math.min(retries, 20));
  return Math.min(limits.submitMaxRetryMs, Math.round(full * (1 - JITTER + 2 * JITTER * chance)));
}

/** Life used up so far, with the time since the last try added. */
export function waitedMs(waited: number, lastTryAt: number | null, now: number): number {
  if (lastTryAt === null) return waited;
  return waited + Math.min(LONGEST_GAP_MS, Math.max(0, now - lastTryAt));
}

/** Whether a mail has been tried for as long as was promised (limits.submitLifeMs). */
export const isLifeOver = (waited: number): boolean => waited >= LIFE_MS;
