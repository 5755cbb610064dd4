import type { ErrorCode } from '../../../shared/errors.ts';
import type { ContinuityControl } from '../../../shared/model/continuity-config.ts';
import type { ContinuityMode, OutageCause } from '../../../shared/model/continuity.ts';
import { isStable, type Health } from './health.ts';
import type { ModeEvent } from './mode.ts';

export interface SideWeather {
  readonly imap: Health;
  /** Null where the side has no submission. */
  readonly smtp: Health | null;
}

/** Everything a verdict rests on. */
export interface Weather {
  readonly primary: SideWeather;
  readonly relay: SideWeather | null;
  /** Running time since which the system says that this machine has no network; null when it says nothing of the kind. */
  readonly networkLostAt: number | null;
  /** Another account has a connection that stands: the network is there. */
  readonly isWitnessed: boolean;
  readonly t: number;
  readonly stableMs: number;
  /** Mail of the relay does not reach the primary (delivery-watch.ts). */
  readonly isStalled: boolean;
}

export type DownCause = 'primary-unreachable' | 'primary-login-refused' | 'primary-not-accepting' | 'primary-not-delivering';

/**
 * What the evidence says. `settling`: nothing fails any more, but not for long enough. `well`: nothing has failed for the stable
 * time, or ever.
 */
export type Verdict =
  | { readonly kind: 'offline'; readonly cause: 'network-down' }
  | { readonly kind: 'down'; readonly cause: DownCause }
  | { readonly kind: 'suspect'; readonly of: 'primary' | 'submission'; readonly cause: DownCause }
  | { readonly kind: 'relay'; readonly cause: 'relay-down' }
  | { readonly kind: 'settling' | 'well'; readonly cause: null };

/** Failures that this machine's own network brings about as well as a server. */
const NETWORK: ReadonlySet<ErrorCode> = new Set([
  'dns-failed',
  'network-unreachable',
  // The proxy is part of our network: what it does not let through says nothing about a server.
  'proxy-unreachable',
  'proxy-refused',
  'proxy-cannot-reach',
  'connect-timeout',
  'server-timeout',
  // A hotel's log-in page answers in everybody's name.
  'tls-certificate-untrusted',
  'tls-certificate-wrong-host',
]);

const failsByNetwork = ({ health, lastError }: Health): boolean => health === 'down' && lastError !== null && NETWORK.has(lastError);

const allOf = ({ primary, relay }: Weather): Health[] =>
  [primary.imap, primary.smtp, relay?.imap, relay?.smtp].filter((one): one is Health => one !== null && one !== undefined);

function isOffline(weather: Weather): boolean {
  const { primary, relay, networkLostAt, isWitnessed } = weather;
  const lastGood = Math.max(...allOf(weather).map((one) => one.lastGood ?? -Infinity));
  if (networkLostAt !== null) return lastGood <= networkLostAt;
  if (isWitnessed || relay === null || !failsByNetwork(primary.imap) || !failsByNetwork(relay.imap)) return false;
  // An answer from anywhere since the trouble began shows that the network is there.
  return lastGood < Math.min(primary.imap.failingSince ?? -Infinity, relay.imap.failingSince ?? -Infinity);
}

/** A look this old says nothing about our network of now. */
const PROVEN_MS = 60_000;
/** Others are waited for this long, and no longer: a silent primary has to be told within a minute. */
export const AWAIT_MS = 25_000;

/** Our own network may be what fails, and those who could tell have yet to. */
function awaitsProof(failing: Health, witnesses: readonly (Health | undefined)[], { isWitnessed, t }: Weather): boolean {
  const failingSince = failing.failingSince ?? t;
  if (isWitnessed || !failsByNetwork(failing) || t - failingSince >= AWAIT_MS) return false;
  const known = witnesses.filter((one): one is Health => one !== undefined);
  if (known.some(({ health, lastGood }) => health === 'up' && (lastGood ?? -Infinity) >= failingSince - PROVEN_MS)) return false;
  return known.some(
    ({ health, lastError }) => health !== 'down' && (health !== 'suspect' || (lastError !== null && NETWORK.has(lastError))),
  );
}

/** A log-in that was never accepted is a wrong password; an outage takes away what was there before. */
const isOutage = (health: Health): boolean => health.confirmed !== 'login' || health.hasWorked;

/** Submission failed while mailboxes did, and has not been looked at since they are back. */
const isFromBefore = (smtp: Health, imap: Health): boolean =>
  imap.hasFailed && imap.goodSince !== null && (smtp.lastBad ?? -Infinity) < imap.goodSince;

const isSuspect = ({ health }: Health): boolean => health === 'suspect' || health === 'down';

const causeOf = ({ confirmed, kind }: Health): DownCause =>
  (confirmed ?? kind) === 'login' ? 'primary-login-refused' : 'primary-unreachable';

/** What is wrong, if anything: first our own network, then the primary's mailboxes, its submission, the relay, delivery. Pure. */
export function decide(weather: Weather): Verdict {
  const { primary, relay, t, stableMs } = weather;
  const { imap, smtp } = primary;
  if (isOffline(weather)) return { kind: 'offline', cause: 'network-down' };
  if (imap.health === 'down' && isOutage(imap) && !awaitsProof(imap, [relay?.imap], weather)) return { kind: 'down', cause: causeOf(imap) };
  // While mailboxes fail as well, submission is not what is wrong.
  if (isSuspect(imap) && imap.kind !== 'limit') return { kind: 'suspect', of: 'primary', cause: causeOf(imap) };
  if (smtp?.health === 'down' && isOutage(smtp) && !isFromBefore(smtp, imap) && !awaitsProof(smtp, [imap, relay?.imap], weather))
    return { kind: 'down', cause: 'primary-not-accepting' };
  if (isSuspect(imap)) return { kind: 'suspect', of: 'primary', cause: causeOf(imap) };
  if (smtp !== null && isSuspect(smtp)) return { kind: 'suspect', of: 'submission', cause: 'primary-not-accepting' };
  if (relay !== null && [relay.imap, relay.smtp].some((one) => one?.health === 'down')) return { kind: 'relay', cause: 'relay-down' };
  // Last: where the relay is down there is no better way to offer; and without its submission none at all.
  if (weather.isStalled && relay?.smtp) return { kind: 'down', cause: 'primary-not-delivering' };
  const isWell = allOf(weather).every((one) => isStable(one, t, stableMs));
  return { kind: isWell ? 'well' : 'settling', cause: null };
}

/** True when the primary has been back for the stable time and delivers, whatever the relay does. */
export function isPrimaryStable({ primary, t, stableMs, isStalled }: Weather): boolean {
  const { imap, smtp } = primary;
  return !isStalled && imap.health === 'up' && isStable(imap, t, stableMs) && (smtp === null || isStable(smtp, t, stableMs));
}

/** What the account's configuration and its person say about the verdict. */
export interface Will {
  readonly mode: ContinuityMode;
  readonly control: ContinuityControl;
  /** A person has to agree before mail leaves through the relay. */
  readonly asks: boolean;
  readonly isDrill: boolean;
  /** Of the outage at hand. */
  readonly cause: OutageCause | null;
}

/** The event that a verdict means for an account, or null. The mode table has the last word. Pure. */
export function eventOf(verdict: Verdict, isBack: boolean, { mode, control, asks, isDrill, cause }: Will): ModeEvent | null {
  if (verdict.kind === 'offline') return mode === 'offline' ? null : 'network-lost';
  if (mode === 'offline') return 'network-back';
  if (control !== 'automatic') return null;
  if (mode === 'continuity' && isDrill) return null;
  if (verdict.kind === 'down') {
    // Circumstantial: rules or a quarantine of the primary may hide mail. It never decides by itself.
    const isHint = verdict.cause === 'primary-not-delivering';
    if ((asks || isHint) && (mode === 'normal' || mode === 'degraded')) return 'failover-waits';
    if (isHint) return null;
    return mode === 'continuity' && verdict.cause === cause ? null : verdict.cause;
  }
  if (mode === 'continuity') return isBack ? 'primary-stable' : null;
  if (verdict.kind === 'suspect') return verdict.of === 'primary' ? 'primary-suspect' : 'submission-suspect';
  if (verdict.kind === 'relay') return 'relay-fails';
  return verdict.kind === 'well' ? 'all-well' : null;
}
