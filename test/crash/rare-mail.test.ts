import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportCases } from '../support/figures.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { chainsFor, killAtEach, type Chain } from './kill-chain.ts';
import type { Lane } from './outbox-lane.ts';
import { rareCommits } from './outbox-points.ts';
import { OutboxRuns, type EndedRun } from './outbox-runs.ts';
import { rareExpected, rareFaults, rareIdOf, RareServer } from './rare-mail.ts';

/** Kills at what the outbox does rarely: copies in Sent that are refused, hidden or cut off, reports, holds, what is set aside or put away. */

const isSliced = process.env['HOLDOVER_SLICE'] !== undefined;
/** From one process to the next: the clock of a killed one ran ahead. */
const LATER_MS = 3 * 3_600_000;

const runs = new OutboxRuns();
beforeAll(() => runs.open());
afterAll(async () => {
  await runs.close();
  reportCases('O1 kills at rare commits', runs.tally, { points: runs.places.size, ...runs.totals, seed, mode });
});

async function play(lane: Lane, chain: Chain): Promise<void> {
  const run = runs.begin();
  const server = new RareServer(lane.primary.store.get('Sent'));
  lane.atPrimary = (command) => server.act(command);
  const frozen = new Map<string, string>();
  const done: string[] = [];
  const start = async (crashAt: Parameters<typeof runs.process>[3]): Promise<EndedRun> => {
    const ended = await runs.process(lane, run, 'rare', crashAt);
    run.aheadMs += LATER_MS;
    for (const [id, hash] of ended.frozen) frozen.set(id, hash);
    done.push(...ended.done);
    return ended;
  };
  const killed: string[] = [];
  await killAtEach(chain, async (places) => {
    const ended = await start(places);
    if (ended.signal !== 'SIGKILL') expect(ended, `left: ${places.anyOf.join(', ')}: ${ended.stderr}`).toMatchObject({ code: 0 });
    else killed.push(ended.place);
    return ended.signal === 'SIGKILL' ? ended.place : null;
  });
  const place = killed.join(', ');
  const last = await start(0);
  expect(last.code, `after kills at ${place}: ${last.stderr}`).toBe(0);
  await runs.recover(lane, run, 'relay', ['quarantined']);
  server.show();
  lane.atPrimary = null;
  runs.judge(lane, { ...last, frozen, place }, rareExpected(run.number));
  expect(lane.taken(rareIdOf('spoilt', run.number)), `killed at ${place}`).toEqual([]);
  const rig = runs.reopen(lane, run);
  try {
    rig.outbox.start();
    expect(rareFaults(rig, run.number, done), `killed at ${place}`).toEqual([]);
  } finally {
    await rig.stop();
  }
  runs.end(lane, run);
}

it(
  'a kill at what is done rarely loses no mail, sends none twice and leaves nothing undone',
  { timeout: isFull ? 7_200_000 : 300_000 },
  async () => {
    await runs.each(sliceOf(chainsFor(rareCommits, { isFull, seed })), play);
    expect(runs.tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
    const killedAt = new Set([...runs.places.keys()].map((one) => one.split(' ').at(-1)));
    if (!isSliced) expect(rareCommits.flat().filter((name) => !killedAt.has(name))).toEqual([]);
  },
);
