import { changeCommits, oplogPlaces } from './oplog-places.ts';
import { outboxPlaces, personCommits, rareCommits, recoveries } from './outbox-points.ts';
import { reconcilePlaces } from './reconcile-points.ts';

/** The transaction of a point such as `work outbox.claim`; null where it is none. */
const transactionOf = (point: unknown): string | null =>
  typeof point === 'string' ? (/^(?:begin|work|commit) (.+)$/u.exec(point)?.[1] ?? null) : null;

const transactionsOf = (points: readonly unknown[]): string[] => [...new Set(points.flatMap((one) => transactionOf(one) ?? []))];

/**
 * Transactions in whose commit, or right before or after it, each run of the crash tier kills a process, the sampled one too; by the file whose runs
 * do. Every list is the one from which those runs take their places, and they fail where one is not reached.
 */
export const killedTransactions: Readonly<Record<string, readonly string[]>> = {
  'outbox.test.ts': transactionsOf(outboxPlaces.map(({ at }) => ('name' in at ? at.name : null))),
  'outbox-recovery.test.ts': [...transactionsOf(recoveries.map((one) => one.sampled)), ...personCommits],
  'rare-mail.test.ts': rareCommits.flat(),
  'oplog-points.test.ts': transactionsOf(oplogPlaces.map((one) => one.at)),
  'changes.test.ts': changeCommits.flat(),
  'reconcile.test.ts': Object.values(reconcilePlaces).flatMap((one) => one.commits),
};
