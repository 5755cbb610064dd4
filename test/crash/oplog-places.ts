import type { Chain } from './kill-chain.ts';
import { PHASES } from './outbox-points.ts';

/** A command that has come: not carried out, or carried out; the process that sent it is not told. */
export interface CommandStrike {
  readonly command: string;
  readonly isDone: boolean;
}
type At = string | CommandStrike;

const commit = (name: string): At[] => ['begin', 'work', 'commit'].map((part) => `${part} ${name}`);

/** Commit points R1 to R6 of bar O1: before, during, after. */
export const oplogPoints: Readonly<Record<string, readonly At[]>> = {
  'R1 queued': commit('oplog.record-moves'),
  'R2 claimed': commit('oplog.claim'),
  'R3 server OK': [{ command: 'UID STORE', isDone: true }, 'imap.storeFlags', 'oplog.acted'],
  'R4 stored': commit('oplog.confirm'),
  'R5 COPY OK': [{ command: 'UID COPY', isDone: true }, 'imap.copy', 'oplog.copy-noted'],
  'R6 expunged': [{ command: 'UID EXPUNGE', isDone: false }, { command: 'UID EXPUNGE', isDone: true }, 'imap.expunge'],
};
export const oplogPlaces = Object.entries(oplogPoints).flatMap(([point, rows]) => rows.map((at, n) => ({ point, phase: PHASES[n]!, at })));
export type OplogPlace = (typeof oplogPlaces)[number];

/** Transactions of everything else that a person can do with mail, and of what a server answers to it; each is a place of kills. */
export const changeCommits: Chain = [
  [
    ...['oplog.record-undo', 'oplog.record-flag', 'oplog.record-archiving', 'oplog.record-deletions', 'oplog.record-restores'],
    ...['oplog.record-mark', 'oplog.record-place', 'oplog.record-mailbox', 'oplog.record-step', 'oplog.mailbox-renamed'],
    ...['oplog.requeue', 'oplog.note-cut', 'oplog.refuse', 'oplog.dismiss'],
  ],
];
