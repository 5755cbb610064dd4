import type { ContinuityMode, ModeReason } from '../../../shared/model/continuity.ts';

/** Whether an outage is unreconciled: `open` while the primary is gone, `back` while what was done is carried over. */
export type OutagePhase = 'none' | 'open' | 'back';

/** Everything that can change the mode. */
export const modeEvents = [
  'primary-suspect',
  'submission-suspect',
  'relay-fails',
  'all-well',
  'primary-unreachable',
  'primary-login-refused',
  'primary-not-accepting',
  'failover-waits',
  'primary-stable',
  'person-confirms',
  'person-declines',
  'person-forces-continuity',
  'person-forces-normal',
  'person-releases',
  'drill-started',
  'drill-ended',
  'network-lost',
  'network-back',
  'reconciled',
  'nothing-to-reconcile',
] as const;
export type ModeEvent = (typeof modeEvents)[number];

/** What happens to the account's outage along with a step. */
export type OutageStep = 'keep' | 'open' | 'reopen' | 'back' | 'end';

/** The mode after an event; the same mode where only the reason changes. */
export interface ModeStep {
  readonly mode: ContinuityMode;
  readonly reason: ModeReason;
  readonly outage: OutageStep;
}

/**
 * Where an account stands. Modes fix the phase of the outage but for `offline`, which has to remember it: who comes back from a
 * tunnel finds the outage where it was.
 */
export const situations = [
  'normal',
  'degraded',
  'continuity',
  'recovering',
  'offline',
  'offline-in-outage',
  'offline-in-recovery',
] as const;
export type Situation = (typeof situations)[number];

type Row = Partial<Readonly<Record<ModeEvent, ModeStep>>>;

const step = (mode: ContinuityMode, reason: ModeReason, outage: OutageStep = 'keep'): ModeStep => ({ mode, reason, outage });

/** Work goes on through the primary, whether or not something of it fails. */
const throughPrimary: Row = {
  'primary-suspect': step('degraded', 'primary-suspect'),
  'submission-suspect': step('degraded', 'submission-fails'),
  'relay-fails': step('degraded', 'relay-fails'),
  'primary-unreachable': step('continuity', 'primary-down-confirmed', 'open'),
  'primary-login-refused': step('continuity', 'login-refused-confirmed', 'open'),
  'primary-not-accepting': step('continuity', 'not-accepting-confirmed', 'open'),
  'failover-waits': step('degraded', 'waiting-for-person'),
  'person-forces-continuity': step('continuity', 'forced-by-person', 'open'),
  'person-forces-normal': step('normal', 'forced-by-person'),
  'drill-started': step('continuity', 'drill-started', 'open'),
  'network-lost': step('offline', 'network-lost'),
};

/** Events that are missing in a row leave everything as it is. */
const table: Readonly<Record<Situation, Row>> = {
  normal: { ...throughPrimary, 'person-releases': step('normal', 'released-by-person') },
  degraded: {
    ...throughPrimary,
    'all-well': step('normal', 'all-well'),
    'person-confirms': step('continuity', 'confirmed-by-person', 'open'),
    'person-declines': step('normal', 'declined-by-person'),
    'person-releases': step('degraded', 'released-by-person'),
  },
  continuity: {
    'primary-unreachable': step('continuity', 'primary-down-confirmed'),
    'primary-login-refused': step('continuity', 'login-refused-confirmed'),
    'primary-not-accepting': step('continuity', 'not-accepting-confirmed'),
    'primary-stable': step('recovering', 'primary-back', 'back'),
    'person-forces-continuity': step('continuity', 'forced-by-person'),
    'person-forces-normal': step('recovering', 'forced-by-person', 'back'),
    'person-releases': step('continuity', 'released-by-person'),
    'drill-ended': step('recovering', 'drill-ended', 'back'),
    'network-lost': step('offline', 'network-lost'),
  },
  recovering: {
    'primary-unreachable': step('continuity', 'primary-lost-again', 'reopen'),
    'primary-login-refused': step('continuity', 'primary-lost-again', 'reopen'),
    'primary-not-accepting': step('continuity', 'primary-lost-again', 'reopen'),
    'person-forces-continuity': step('continuity', 'forced-by-person', 'reopen'),
    'person-forces-normal': step('recovering', 'forced-by-person'),
    'person-releases': step('recovering', 'released-by-person'),
    'network-lost': step('offline', 'network-lost'),
    reconciled: step('normal', 'reconciled', 'end'),
    'nothing-to-reconcile': step('normal', 'nothing-to-reconcile', 'end'),
  },
  // A person's word is kept for the return of the network; the mode stays what it is, for nothing can be sent anyway.
  offline: {
    'network-back': step('normal', 'network-back'),
    'person-forces-continuity': step('offline', 'network-lost', 'open'),
  },
  'offline-in-outage': {
    'network-back': step('continuity', 'network-back'),
    'person-forces-normal': step('offline', 'network-lost', 'back'),
    'drill-ended': step('offline', 'network-lost', 'back'),
  },
  'offline-in-recovery': {
    'network-back': step('recovering', 'network-back'),
    'person-forces-continuity': step('offline', 'network-lost', 'reopen'),
    reconciled: step('offline', 'network-lost', 'end'),
    'nothing-to-reconcile': step('offline', 'network-lost', 'end'),
  },
};

/** Where a mode and the phase of the outage put an account. */
export function situationOf(mode: ContinuityMode, outage: OutagePhase): Situation {
  if (mode !== 'offline' || outage === 'none') return mode;
  return outage === 'open' ? 'offline-in-outage' : 'offline-in-recovery';
}

/** The step that an event makes, or null where it means nothing in that situation. */
export function nextMode(situation: Situation, event: ModeEvent): ModeStep | null {
  return table[situation][event] ?? null;
}
