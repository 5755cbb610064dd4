import type { ErrorCode } from '../../../shared/errors.ts';
import type { ContinuityControl, ContinuityMode, OutageCause } from '../../../shared/model/continuity.ts';
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
}

export type DownCause = 'primary-unreachable' | 'primary-login-refused' | 'primary-not-accepting';

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
  const all = allOf(weather);
  if (networkLostAt !== null) return !all.some((one) => (one.lastGood ?? -Infinity) > networkLostAt);
  if (isWitnessed || relay === null || all.some((one) => one.health === 'up')) return false;
  return failsByNetwork(primary.imap) && failsByNetwork(relay.imap);
}

/** A look at the relay this old says nothing about our network of now. */
const PROVEN_MS = 60_000;
/** The relay is waited for this long, and no longer: a silent primary has to be told within a minute. */
export const AWAIT_RELAY_MS = 25_000;

/** Our own network may be what fails, and the relay has yet to tell. */
function awaitsRelay({ primary: { imap }, relay, isWitnessed, t }: Weather): boolean {
  if (relay === null || isWitnessed || !failsByNetwork(imap)) return false;
  const failingSince = imap.failingSince ?? t;
  if (t - failingSince >= AWAIT_RELAY_MS) return false;
  const { health, lastGood, lastError } = relay.imap;
  if (health === 'up') return (lastGood ?? -Infinity) < failingSince - PROVEN_MS;
  return health === 'unknown' || (health === 'suspect' && lastError !== null && NETWORK.has(lastError));
}

/** A log-in that was never accepted is a wrong password; an outage takes away what was there before. */
const isOutage = (health: Health): boolean => health.confirmed !== 'login' || health.hasWorked;

const isSuspect = ({ health }: Health): boolean => health === 'suspect' || health === 'down';

const causeOf = ({ confirmed, kind }: Health): DownCause =>
  (confirmed ?? kind) === 'login' ? 'primary-login-refused' : 'primary-unreachable';

/** What is wrong, if anything: first our own network, then the primary's mailboxes, its submission, the relay. Pure. */
export function decide(weather: Weather): Verdict {
  const { primary, relay, t, stableMs } = weather;
  const { imap, smtp } = primary;
  if (isOffline(weather)) return { kind: 'offline', cause: 'network-down' };
  if (imap.health === 'down' && isOutage(imap) && !awaitsRelay(weather)) return { kind: 'down', cause: causeOf(imap) };
  if (smtp?.health === 'down' && isOutage(smtp)) return { kind: 'down', cause: 'primary-not-accepting' };
  if (isSuspect(imap)) return { kind: 'suspect', of: 'primary', cause: causeOf(imap) };
  if (smtp !== null && isSuspect(smtp)) return { kind: 'suspect', of: 'submission', cause: 'primary-not-accepting' };
  if (relay !== null && [relay.imap, relay.smtp].some((one) => one?.health === 'down')) return { kind: 'relay', cause: 'relay-down' };
  const isWell = allOf(weather).every((one) => isStable(one, t, stableMs));
  return { kind: isWell ? 'well' : 'settling', cause: null };
}

/** True when the primary has been back for the stable time, whatever the relay does. */
export function isPrimaryStable({ primary, t, stableMs }: Weather): boolean {
  const { imap, smtp } = primary;
  return imap.health === 'up' && isStable(imap, t, stableMs) && (smtp === null || isStable(smtp, t, stableMs));
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
    if (asks && (mode === 'normal' || mode === 'degraded')) return 'failover-waits';
    return mode === 'continuity' && verdict.cause === cause ? null : verdict.cause;
  }
  if (mode === 'continuity') return isBack ? 'primary-stable' : null;
  if (verdict.kind === 'suspect') return verdict.of === 'primary' ? 'primary-suspect' : 'submission-suspect';
  if (verdict.kind === 'relay') return 'relay-fails';
  return verdict.kind === 'well' ? 'all-well' : null;
}
