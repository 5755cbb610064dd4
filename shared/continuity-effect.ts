import type { ContinuityState, EndpointState } from './model/continuity.ts';

/** What a mode means for the work of a person. */
export type Effect =
  | 'through-relay'
  | 'through-primary'
  | 'no-second-way'
  | 'waits-offline'
  | 'waits-no-relay'
  | 'waits-both-down'
  | 'waits-primary'
  | 'waits-for-person'
  | 'goes-on-until-decided'
  | 'carrying-over'
  | 'drill';

const order: readonly ContinuityState['mode'][] = ['continuity', 'degraded', 'recovering', 'offline', 'normal'];

const endpoint = (state: ContinuityState, side: 'primary' | 'relay', service: 'imap' | 'smtp'): EndpointState | undefined =>
  state.endpoints.find((one) => one.endpoint.side === side && one.endpoint.service === service);

/** What a state means for the person; null for nothing. */
export function effectOf(state: ContinuityState): Effect | null {
  const relay = endpoint(state, 'relay', 'smtp');
  if (state.isDrill || state.cause === 'drill') return 'drill';
  switch (state.mode) {
    case 'normal':
      return null;
    case 'offline':
      return 'waits-offline';
    case 'recovering':
      return 'carrying-over';
    case 'continuity':
      if (!relay) return 'waits-no-relay';
      return relay.health === 'down' ? 'waits-both-down' : 'through-relay';
    case 'degraded':
      // A primary that only seems not to deliver takes mail meanwhile.
      if (state.asksForFailover) return state.cause === 'primary-not-delivering' ? 'goes-on-until-decided' : 'waits-for-person';
      if (state.cause === 'relay-down') return 'no-second-way';
      return endpoint(state, 'primary', 'smtp')?.health === 'down' ? 'waits-primary' : 'through-primary';
  }
}

/** Worst first, for sorting. */
export const severityOf = ({ mode }: ContinuityState): number => order.indexOf(mode);

/** The state to name where there is room for one: the worst, and of the calm ones the first; undefined before any is known. */
export function worstState(states: readonly ContinuityState[]): ContinuityState | undefined {
  return states.toSorted((a, b) => severityOf(a) - severityOf(b))[0];
}
