import type { Chain } from './kill-chain.ts';
import type { CrashAt } from './outbox-world.ts';

/** Where a server kills the process that speaks with it. */
export type Strike =
  /** AUTH, or RCPT, has come. */
  | 'auth'
  | 'rcpt'
  /** The final dot has come: the server takes the mail, or does not, and nobody is told. */
  | 'dot'
  /** The mail was taken; nobody is told. */
  | 'taken'
  /** A part of an APPEND's literal has come, and no more does. */
  | 'append-literal'
  /** APPEND has come whole and is not carried out; it is, and nobody is told. */
  | 'append-whole'
  | 'append-done';

export const PHASES = ['before', 'during', 'after'] as const;

/** One of the places of bar O1 at which a process is killed. */
export interface KillPlace {
  /** C1 to C12, as the bar has them. */
  readonly point: string;
  readonly phase: (typeof PHASES)[number];
  readonly at: { readonly name: string } | { readonly server: Strike };
  /** A byte of the body may have left and no answer is kept (bar O2); null: nothing of this mail, another may be on its way just then. */
  readonly isUncertain: boolean | null;
}

type Row = readonly [KillPlace['at'] | string, uncertain?: boolean];

/** Before it begins; when its work is done and nothing of it is durable; when it is durable. */
const commit = (name: string, uncertain: readonly boolean[] = []): Row[] =>
  ['begin', 'work', 'commit'].map((part, n) => [`${part} ${name}`, uncertain[n] ?? false]);

const points: Readonly<Record<string, readonly Row[]>> = {
  'C1 frozen': commit('outbox.add'),
  'C2 claim': commit('outbox.claim'),
  'C3 connected': [['smtp.before-connect'], [{ server: 'auth' }], ['smtp.before-mail']],
  'C4 recipients': [['smtp.before-recipients'], [{ server: 'rcpt' }], ['smtp.before-data']],
  'C5 body started': commit('outbox.body', [false, false, true]),
  'C6 final dot': [
    ['smtp.in-body', true],
    ['smtp.data-sent', true],
    [{ server: 'dot' }, true],
  ],
  'C7 250 received': [
    [{ server: 'taken' }, true],
    ['smtp.before-replied', true],
    ['smtp.result', true],
  ],
  'C8 accepted stored': commit('outbox.settle', [true, true, false]),
  'C9 APPEND sent': [['outbox.copy-intended'], [{ server: 'append-literal' }], [{ server: 'append-whole' }]],
  'C10 APPENDUID received': [[{ server: 'append-done' }], ['imap.append'], ['outbox.copy-appended']],
  'C11 Sent stored': commit('outbox.copy-filed'),
  'C12 archived': commit('outbox.forget-ended'),
};

/** Copies are filed while other mail leaves. */
const AFTER_SENDING = /^C(?:9|1[0-2]) /u;

export const outboxPlaces: readonly KillPlace[] = Object.entries(points).flatMap(([point, rows]) =>
  rows.map(([at, isUncertain = false], n) => ({
    ...{ point, phase: PHASES[n]!, isUncertain: AFTER_SENDING.test(point) ? null : isUncertain },
    at: typeof at === 'string' ? { name: at } : at,
  })),
);

/** The n-th time of a place in the killed process; a strike of a server at its n-th chance. */
export const crashAtOf = ({ at }: KillPlace, nth: number): CrashAt => ('name' in at ? { name: at.name, nth } : 0);

/**
 * Where a first process is killed (nothing had left, a body was on its way, the copy was being filed), and where its recovery is, in the
 * sample; a full run kills the recovery at each point.
 */
export const recoveries: readonly { readonly name: string; readonly first: CrashAt; readonly sampled: string }[] = [
  { name: 'claimed', first: { name: 'commit outbox.claim', nth: 1 }, sampled: 'work outbox.recover' },
  { name: 'in the body', first: { name: 'smtp.in-body', nth: 1 }, sampled: 'commit outbox.recover' },
  { name: 'dot noted, second mail', first: { name: 'outbox.dot-noted', nth: 2 }, sampled: 'work outbox.look-up' },
  { name: 'a copy intended', first: { name: 'outbox.copy-intended', nth: 1 }, sampled: 'work outbox.copy-filed' },
];

/** Transactions of what a person does; each is a place of kills. */
export const personCommits = [
  ...['outbox.cancel', 'outbox.send-now', 'outbox.edit', 'outbox.resend', 'outbox.mark-sent', 'outbox.original-marked'],
];

/** Transactions of the outbox that ordinary mail does not come to; each is a place of kills. After the last ones a mail is uncertain. */
export const rareCommits: Chain = [
  [
    ...['outbox.hold', 'outbox.quarantine', 'outbox.copy-refused', 'outbox.copy-again', 'outbox.copy-not-shown', 'outbox.copy-cut'],
    ...['outbox.copy-step', 'outbox.learn', 'outbox.note-report', 'outbox.dismiss', 'outbox.adopt', 'outbox.remove-account'],
  ],
  ['outbox.dot'],
];
