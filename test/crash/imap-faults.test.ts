import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTally, reportCases } from '../support/figures.ts';
import { newRemovalCounts } from '../support/removal-log.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { FaultStage, startFaultServers, type CaseOptions, type FaultServers } from './fault-case.ts';
import { faultsOf, type CommandFault } from './fault-list.ts';
import { faultWorlds } from './fault-worlds.ts';

/**
 * Whatever goes wrong at whatever command with which a reconciliation, the filing of drafts or a look-up asks either server: everything
 * comes out as the person wanted, or they are told; nothing is lost, doubled or left undone. The commands are those of a recorded run.
 */

/** One case by the beginning of its name, to see again what it does. */
const only = process.env['HOLDOVER_CASE'];
/** Faults of each world in the sampled run. */
const SAMPLE = 1;

const faces: readonly { readonly name: string; readonly hidden: readonly string[] }[] = [
  { name: 'all that Dovecot offers', hidden: [] },
  { name: 'no MOVE', hidden: ['MOVE'] },
  { name: 'no UIDPLUS', hidden: ['UIDPLUS', 'MOVE'] },
];

const tally = newTally();
const removals = newRemovalCounts();
const totals = { commands: 0, faults: 0, told: 0, missed: 0 };
let servers: FaultServers;
beforeAll(async () => {
  servers = await startFaultServers(faultWorlds);
});
afterAll(async () => {
  await servers.primary.dispose();
  await servers.relay.dispose();
  reportCases('IMAP faults of a reconciliation', tally, { ...totals, ...removals, seed, mode });
});

interface FaultCase {
  readonly name: string;
  readonly side: 'primary' | 'relay';
  readonly nth: number;
  readonly fault: CommandFault;
  readonly hidden: readonly string[];
}

/** Every fault at every command of a run that goes well. */
async function listCases(stage: FaultStage): Promise<FaultCase[]> {
  const cases: FaultCase[] = [];
  for (const { name: face, hidden } of isFull || only !== undefined ? faces : faces.slice(0, 1)) {
    const { commands, wrong } = await stage.play({ hidden });
    expect(wrong, face).toEqual([]);
    for (const side of ['primary', 'relay'] as const) {
      totals.commands += commands[side].length;
      for (const [at, command] of commands[side].entries()) {
        for (const fault of faultsOf(command, at)) {
          cases.push({ name: `${face}, ${side}, ${at + 1}: ${command.name}, ${fault.name}`, side, nth: at + 1, fault, hidden });
        }
      }
    }
  }
  return cases;
}

describe.each(faultWorlds)('faults at the commands of a reconciliation: $name', (world) => {
  it('nothing is lost, doubled or left undone', { timeout: isFull ? 6 * 3_600_000 : 300_000 }, async () => {
    const stage = await FaultStage.open(servers, world, tally, removals);
    const all = await listCases(stage);
    expect(all.length).toBeGreaterThan(100);
    totals.faults += all.length;
    const random = seededRandom(seed + faultWorlds.indexOf(world));
    const chosen =
      only !== undefined ? all.filter((one) => one.name.startsWith(only)) : isFull ? sliceOf(all) : random.shuffle(all).slice(0, SAMPLE);
    const wrong: string[] = [];
    for (const { name, side, nth, fault, hidden } of chosen) {
      const options: CaseOptions = { hidden, isSilent: fault.isSilent === true, plan: (gateways) => fault.plan(gateways[side], nth) };
      const ended = await stage.play(options);
      // Which commands follow on each other varies by a few, where a look happens to find something earlier.
      if (ended.commands[side].length < nth) totals.missed += 1;
      else tally.cases += 1;
      totals.told += ended.told;
      wrong.push(...ended.wrong.map((one) => `${name}: ${one}`));
    }
    stage.close();
    expect(wrong).toEqual([]);
    if (isFull) expect(totals.missed * 20).toBeLessThan(tally.cases);
  });
});
