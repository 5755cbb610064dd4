import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTally, reportCases } from '../support/figures.ts';
import { EVERY_COMMAND } from '../support/imap-proxy.ts';
import { newRemovalCounts } from '../support/removal-log.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { FaultStage, startFaultServers, type FaultServers } from './fault-case.ts';
import { faultWorlds } from './fault-worlds.ts';

/**
 * A server that offers something else in the middle of a reconciliation, at every command of a recorded run: an extension that is taken
 * back within the session or by the next one, and one that only the next session has. What is not offered is not used, nothing is
 * expunged without UIDPLUS, and what another client has marked as deleted stays.
 */

/** Commands of each world at which one change happens in the sampled run, so many worlds as there are. */
const SAMPLE = 1;

interface Change {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly how: 'told' | 'cut';
}

const SETS = [
  ['UIDPLUS'],
  ['MOVE'],
  ['QRESYNC'],
  ['QRESYNC', 'CONDSTORE'],
  ['UIDPLUS', 'MOVE'],
  ['UIDPLUS', 'MOVE', 'QRESYNC', 'CONDSTORE'],
];
const changes: readonly Change[] = SETS.flatMap((set) => [
  { before: [], after: set, how: 'told' as const },
  { before: [], after: set, how: 'cut' as const },
  { before: set, after: [], how: 'cut' as const },
]);

const tally = newTally();
const removals = newRemovalCounts();
const totals = { points: 0, missed: 0 };
let servers: FaultServers;
beforeAll(async () => {
  servers = await startFaultServers(faultWorlds);
});
afterAll(async () => {
  await servers.primary.dispose();
  await servers.relay.dispose();
  reportCases('capabilities that change in a reconciliation', tally, { ...totals, ...removals, seed, mode });
});

describe.each(faultWorlds)('capabilities that change in a reconciliation: $name', (world) => {
  it('nothing is lost, doubled or left undone', { timeout: isFull ? 6 * 3_600_000 : 300_000 }, async () => {
    const stage = await FaultStage.open(servers, world, tally, removals);
    const lengths = new Map<string, number>();
    const lengthOf = async (hidden: readonly string[]): Promise<number> => {
      const known = lengths.get(hidden.join());
      if (known !== undefined) return known;
      const { commands, wrong } = await stage.play({ hidden });
      expect(wrong, `without ${hidden.join()}`).toEqual([]);
      lengths.set(hidden.join(), commands.primary.length);
      return commands.primary.length;
    };
    const random = seededRandom(seed + faultWorlds.indexOf(world));
    const taken = isFull ? changes : random.shuffle([...changes]).slice(0, 1);
    const all: (Change & { readonly nth: number })[] = [];
    for (const change of taken) {
      const length = await lengthOf(change.before);
      for (let nth = 1; nth <= length; nth += 1) all.push({ ...change, nth });
    }
    totals.points += all.length;
    // The shortest run is the removal of a double.
    expect(all.length).toBeGreaterThan(10 * taken.length);
    const wrong: string[] = [];
    for (const { before, after, how, nth } of isFull ? sliceOf(all) : random.shuffle(all).slice(0, SAMPLE)) {
      const plan = (): Parameters<FaultStage['play']>[0] => ({
        hidden: before,
        plan: ({ primary }) => primary.offer({ command: EVERY_COMMAND, nth, hidden: after, how }),
      });
      const ended = await stage.play(plan());
      if (ended.commands.primary.length < nth) totals.missed += 1;
      else tally.cases += 1;
      wrong.push(...ended.wrong.map((one) => `[${before.join()}] to [${after.join()}], ${how} at ${nth}: ${one}`));
      if (ended.told > 0) wrong.push(`[${before.join()}] to [${after.join()}], ${how} at ${nth}: told of ${ended.told}`);
    }
    stage.close();
    expect(wrong).toEqual([]);
  });
});
