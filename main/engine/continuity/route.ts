import type { ContinuityMode, ModeReason } from '../../../shared/model/continuity.ts';
import type { HoldReason, Route } from '../../../shared/model/outbox.ts';
import type { Weather } from './decide.ts';
import type { Health } from './health.ts';

export interface RouteState {
  readonly mode: ContinuityMode;
  readonly reason: ModeReason;
  /** The primary is not to be touched: a person's or IT's word, or a drill, of which this mail is a part. */
  readonly isPrimaryBarred: boolean;
}

/** What a mail is in a drill: a part of it, which takes the relay, or what the person sends meanwhile, which goes as on any day. */
export type DrillPart = 'test' | 'other';

const canTry = (smtp: Health | null | undefined): smtp is Health => !!smtp && smtp.health !== 'down';

function holdOf(smtps: readonly (Health | null | undefined)[]): HoldReason {
  const known = smtps.filter((one): one is Health => !!one);
  return known.length > 0 && known.every((one) => one.confirmed === 'login') ? 'login-refused' : 'no-route';
}

/** Primary submission while it is healthy, the relay in continuity, nothing when neither. Pure. */
export function routeOf({ primary, relay }: Pick<Weather, 'primary' | 'relay'>, state: RouteState): Route {
  if (state.mode === 'offline') return { side: null, hold: 'offline' };
  const own = primary.smtp;
  const other = relay?.smtp;
  if (state.mode === 'continuity') {
    if (canTry(other)) return { side: 'relay', hold: null };
    // Without a relay, a primary whose submission was seen well in this very trouble is better than waiting.
    if (!state.isPrimaryBarred && !other && own?.health === 'up' && primary.imap.health === 'down') return { side: 'primary', hold: null };
    return { side: null, hold: holdOf(state.isPrimaryBarred ? [other] : [own, other]) };
  }
  if (canTry(own)) return { side: 'primary', hold: null };
  // An account that submits through the relay only, and one whose primary is back with its mailboxes alone.
  if (canTry(other) && (own === null || state.mode === 'recovering')) return { side: 'relay', hold: null };
  if (state.reason === 'waiting-for-person') return { side: null, hold: 'waiting-for-person' };
  return { side: null, hold: holdOf([own]) };
}
