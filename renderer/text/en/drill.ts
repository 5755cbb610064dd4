import type { DrillStepName, DrillStep, Drill } from '../../../shared/model/drill.ts';
import { clockGap } from '../clock-gap.ts';
import { counted } from '../counted.ts';

const n = counted('en');

export const drill = {
  title: 'Test my emergency access',
  lead: 'Plays an outage on this computer only: this app treats the mail server as gone, works through the relay and comes back. Nothing is re-routed, and nobody else notices.',
  sendTo: 'Test mail',
  sendChoices: { self: 'Send one mail to myself through the relay', none: 'Send nothing' } satisfies Record<Drill['sendTo'], string>,
  start: 'Start the test',
  cancel: 'Stop the test',
  running: 'The test is running …',
  states: { running: 'running', finished: 'finished', cancelled: 'stopped' } satisfies Record<Drill['state'], string>,
  score: (score: string) => `${score} of 100 points`,
  verdicts: { good: 'Ready for an outage.', fair: 'Usable, with weak points.', poor: 'Not ready. Please show this to your IT department.' },
  steps: {
    coverage: 'Mail of the last days is here',
    failover: 'The app switches to the relay',
    'relay-login': 'Log-in at the relay works',
    read: 'Mail can be read and searched',
    send: 'Sending through the relay works',
    arrival: 'The test mail arrives',
    failback: 'Back to normal operation',
    reconcile: 'Everything is carried over',
  } satisfies Record<DrillStepName, string>,
  stepStates: { waiting: 'waits', running: 'running', passed: 'passed', failed: 'failed', skipped: 'not tested' } satisfies Record<
    DrillStep['status'],
    string
  >,
  counts: {
    coverage: (done: number, all: number) => `${done} of ${n(all, '# folder', '# folders')} complete`,
    'relay-login': (done: number, all: number) => `${done} of ${n(all, '# log-in', '# log-ins')} accepted (reading and sending)`,
    read: (done: number, all: number) => `${done} of ${n(all, '# message', '# messages')} opened and found without a server`,
    reconcile: (done: number, all: number) => (all === 0 ? 'Nothing had to be carried over' : `${done} of ${all} carried over`),
  } satisfies Partial<Record<DrillStepName, (done: number, all: number) => string>> as Partial<
    Record<DrillStepName, (done: number, all: number) => string>
  >,
  relayClock: (ms: number) => {
    const { isAhead, unit, count } = clockGap(ms);
    const gap = unit === 'hours' ? n(count, 'an hour', '# hours') : n(count, 'a minute', '# minutes');
    return `The relay’s clock is about ${gap} ${isAhead ? 'fast' : 'slow'}. No mail is lost by that, but its times are wrong. Please tell your IT department.`;
  },
  failoverNote: 'Played with a mail server that refuses every connection. One that falls silent is noticed within 60 seconds.',
  seconds: (text: string) => `${text} s`,
  partly: (share: string) => `partly, ${share}`,
  history: 'Earlier tests',
  last: 'Result of the last test',
  none: 'Not tested yet.',
  save: 'Save report',
  savedAs: (name: string) => `Saved as “${name}”.`,
};

export type DrillWords = typeof drill;
