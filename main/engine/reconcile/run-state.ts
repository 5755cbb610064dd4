import type { ReconcileState } from '../../../shared/model/reconcile.ts';

/**
 * `begin`: the preview is over, or a person approved. `must-wait`: nothing can be done now, but something is still expected.
 * `can-act`: something can. `settled`: every item is confirmed or an exception. `more-planned` and `more-to-approve`: the outage
 * had a second part, and with it came more to carry back. `approval-wanted`: from now on a person has to approve.
 */
export const runEvents = ['approval-wanted', 'begin', 'must-wait', 'can-act', 'settled', 'more-planned', 'more-to-approve'] as const;
export type RunEvent = (typeof runEvents)[number];

const table: Readonly<Record<ReconcileState, Partial<Readonly<Record<RunEvent, ReconcileState>>>>> = {
  preview: { 'approval-wanted': 'awaiting-approval', begin: 'running', settled: 'finished', 'more-to-approve': 'awaiting-approval' },
  'awaiting-approval': { begin: 'running', settled: 'finished' },
  running: { 'must-wait': 'waiting', settled: 'finished', 'more-planned': 'preview', 'more-to-approve': 'awaiting-approval' },
  waiting: { 'can-act': 'running', settled: 'finished', 'more-planned': 'preview', 'more-to-approve': 'awaiting-approval' },
  // The outage went on before its end was noted.
  finished: { 'more-planned': 'preview', 'more-to-approve': 'awaiting-approval' },
};

/** The state after an event; the same one where the event means nothing in it. Pure. */
export function nextRunState(state: ReconcileState, event: RunEvent): ReconcileState {
  return table[state][event] ?? state;
}

/** Whether the person's changes may be carried to the primary in this state. */
export function isUnderWay(state: ReconcileState): boolean {
  return state === 'running' || state === 'waiting';
}
