import type { Drill, DrillStep, DrillStepName } from '../../../shared/model/drill.ts';

/** Marks of each step; what an outage would hurt most counts most. Together 100. */
export const MARKS: Readonly<Record<DrillStepName, number>> = {
  coverage: 20,
  failover: 10,
  'relay-login': 20,
  read: 10,
  send: 15,
  arrival: 5,
  failback: 10,
  reconcile: 10,
};

export const STEP_ORDER = Object.keys(MARKS) as DrillStepName[];

/** Steps of a drill that has just begun. A drill that sends nothing has neither a sending nor an arrival to show. */
export function firstSteps(sendTo: Drill['sendTo']): DrillStep[] {
  const isLeftOut = (name: DrillStepName): boolean => sendTo === 'none' && (name === 'send' || name === 'arrival');
  return STEP_ORDER.map((name) => ({
    name,
    status: isLeftOut(name) ? 'skipped' : 'waiting',
    score: 0,
    durationMs: 0,
    detail: '',
    count: null,
    relayClockMs: 0,
    error: null,
  }));
}

/** 0 to 100: marks reached of the marks that this drill could reach; a skipped step neither helps nor hurts. Pure. */
export function scoreOf(steps: readonly DrillStep[]): number {
  const counted = steps.filter((one) => one.status !== 'skipped');
  const possible = counted.reduce((sum, one) => sum + MARKS[one.name], 0);
  const reached = counted.reduce((sum, one) => sum + MARKS[one.name] * one.score, 0);
  return possible === 0 ? 0 : Math.round((reached / possible) * 100);
}
