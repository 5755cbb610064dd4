import { describe, expect, it } from 'vitest';
import { modeEvents, nextMode, situationOf, situations, type ModeEvent, type Situation } from '../../main/engine/continuity/mode.ts';

/**
 * Every pair, written out. A cell is the mode, its reason and what becomes of the outage; `-` is a pair that means nothing and
 * changes nothing. `keep` is left out.
 */
const expected = `
                          normal                                  degraded                                continuity                              recovering                              offline                       offline-in-outage             offline-in-recovery
primary-suspect           degraded:primary-suspect                degraded:primary-suspect                -                                       -                                       -                             -                             -
submission-suspect        degraded:submission-fails               degraded:submission-fails               -                                       -                                       -                             -                             -
relay-fails               degraded:relay-fails                    degraded:relay-fails                    -                                       -                                       -                             -                             -
all-well                  -                                       normal:all-well                         -                                       -                                       -                             -                             -
primary-unreachable       continuity:primary-down-confirmed:open  continuity:primary-down-confirmed:open  continuity:primary-down-confirmed       continuity:primary-lost-again:reopen    -                             -                             -
primary-login-refused     continuity:login-refused-confirmed:open continuity:login-refused-confirmed:open continuity:login-refused-confirmed      continuity:primary-lost-again:reopen    -                             -                             -
primary-not-accepting     continuity:not-accepting-confirmed:open continuity:not-accepting-confirmed:open continuity:not-accepting-confirmed      continuity:primary-lost-again:reopen    -                             -                             -
failover-waits            degraded:waiting-for-person             degraded:waiting-for-person             -                                       -                                       -                             -                             -
primary-stable            -                                       -                                       recovering:primary-back:back            -                                       -                             -                             -
person-confirms           -                                       continuity:confirmed-by-person:open     -                                       -                                       -                             -                             -
person-declines           -                                       normal:declined-by-person               -                                       -                                       -                             -                             -
person-forces-continuity  continuity:forced-by-person:open        continuity:forced-by-person:open        continuity:forced-by-person             continuity:forced-by-person:reopen      offline:network-lost:open     -                             offline:network-lost:reopen
person-forces-normal      normal:forced-by-person                 normal:forced-by-person                 recovering:forced-by-person:back        recovering:forced-by-person             -                             offline:network-lost:back     -
person-releases           normal:released-by-person               degraded:released-by-person             continuity:released-by-person           recovering:released-by-person           -                             -                             -
drill-started             continuity:drill-started:open           continuity:drill-started:open           -                                       -                                       -                             -                             -
drill-ended               -                                       -                                       recovering:drill-ended:back             -                                       -                             offline:network-lost:back     -
network-lost              offline:network-lost                    offline:network-lost                    offline:network-lost                    offline:network-lost                    -                             -                             -
network-back              -                                       -                                       -                                       -                                       normal:network-back           continuity:network-back       recovering:network-back
reconciled                -                                       -                                       -                                       normal:reconciled:end                   -                             -                             offline:network-lost:end
nothing-to-reconcile      -                                       -                                       -                                       normal:nothing-to-reconcile:end         -                             -                             offline:network-lost:end
`;

const lines = expected
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const columns = lines[0] as Situation[];
const pairs = lines.slice(1).flatMap(([event, ...cells]) => cells.map((cell, n) => [event as ModeEvent, columns[n]!, cell] as const));

describe('the mode table', () => {
  it('has every situation and every event in the expected table', () => {
    expect(columns).toEqual([...situations]);
    expect(lines.slice(1).map(([event]) => event)).toEqual([...modeEvents]);
    expect(pairs).toHaveLength(situations.length * modeEvents.length);
  });

  it.each(pairs)('%s in %s: %s', (event, situation, cell) => {
    const step = nextMode(situation, event);
    const found = step === null ? '-' : [step.mode, step.reason, ...(step.outage === 'keep' ? [] : [step.outage])].join(':');
    expect(found).toBe(cell);
  });

  it('keeps mode and outage in step: no mode but offline goes with two phases', () => {
    const phaseOf: Record<Situation, 'none' | 'open' | 'back'> = {
      normal: 'none',
      degraded: 'none',
      continuity: 'open',
      recovering: 'back',
      offline: 'none',
      'offline-in-outage': 'open',
      'offline-in-recovery': 'back',
    };
    const after = { open: 'open', reopen: 'open', back: 'back', end: 'none' } as const;
    for (const situation of situations) {
      for (const event of modeEvents) {
        const step = nextMode(situation, event);
        if (step === null) continue;
        const phase = step.outage === 'keep' ? phaseOf[situation] : after[step.outage];
        expect(phaseOf[situationOf(step.mode, phase)], `${event} in ${situation}`).toBe(phase);
      }
    }
  });

  it('never forgets an outage in a tunnel', () => {
    for (const [before, during, after] of [
      ['normal', 'offline', 'normal'],
      ['continuity', 'offline-in-outage', 'continuity'],
      ['recovering', 'offline-in-recovery', 'recovering'],
    ] as const) {
      expect(nextMode(before, 'network-lost')?.mode).toBe('offline');
      expect(nextMode(during, 'network-back')?.mode).toBe(after);
    }
  });
});
