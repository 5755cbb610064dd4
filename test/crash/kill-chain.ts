import { seededRandom } from '../support/random.ts';

/** Where a process kills itself: at the first of these points that it comes to. */
export interface AnyOf {
  readonly anyOf: readonly string[];
}

/** When its work is done and nothing of it is durable; when it is durable. */
const PHASES = ['work', 'commit'] as const;
const ALL_PHASES = ['begin', ...PHASES] as const;

/** Points at which one process after another is killed on one profile. What stands in a later group begins when those before are done. */
export type Chain = readonly (readonly string[])[];

/**
 * Where the runs of one world are killed: in the sample one chain that comes to each transaction once, in or after its commit by chance of
 * the seed; in a full run each of them, before, in and after its commit, in a run of its own, too.
 *
 * @param groups names of transactions
 */
export function chainsFor(groups: Chain, { isFull, seed }: { readonly isFull: boolean; readonly seed: number }): Chain[] {
  const random = seededRandom(seed);
  const sampled = groups.map((names) => names.map((name) => `${random.pick(PHASES)} ${name}`));
  if (!isFull) return [sampled];
  return [sampled, ...groups.flat().flatMap((name) => ALL_PHASES.map((phase) => [[`${phase} ${name}`]]))];
}

/**
 * Starts a process for each place of a chain, which the one before has left as it was killed.
 *
 * @param start gives where the process was killed; null where it lived to its end
 * @throws Error where a process lives to its end with places left: they are named
 */
export async function killAtEach(chain: Chain, start: (places: AnyOf) => Promise<string | null>): Promise<void> {
  for (const group of chain) {
    const left = new Set(group);
    while (left.size > 0) {
      const at = await start({ anyOf: [...left] });
      if (at === null || !left.delete(at)) throw new Error(`not reached: ${[...left].join(', ')}`);
    }
  }
}
