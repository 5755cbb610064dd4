import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { keepMail } from '../support/kept-mail.ts';
import { OutageWorld } from '../support/outage-world.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';
import { runChild, type EndedChild } from './run-child.ts';
import type { ReconcileTask } from './reconcile-child.ts';
import { reconcilePlaces, type ReconcilePlaces, type ScenarioName } from './reconcile-points.ts';
import { reconcileScenarios } from './reconcile-scenarios.ts';
import { chainsFor, killAtEach, type Chain } from './kill-chain.ts';

/** Later than anything the killed process can have noted. */
const LATER_MS = 20 * 60_000;

const tally = newTally();
let points = 0;
let primary: Dovecot;
let relay: Dovecot;

beforeAll(async () => {
  const users = names.map(userOf);
  primary = await startDovecot({ users, mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
  relay = await startDovecot({ users, rawlog: false, mailboxes: [...usualMailboxes, { path: 'Quarantine', autoSubscribe: true }] });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
  reportCases('kill -9 in a reconciliation', tally, { points, seed, mode });
});

interface Prepared {
  readonly user: string;
  readonly place: { readonly dir: string; readonly key: Uint8Array };
}

const names = Object.keys(reconcileScenarios) as ScenarioName[];
const userOf = (name: ScenarioName): string => name.replaceAll(' ', '-');

async function prepare(name: ScenarioName): Promise<Prepared> {
  const { prepare: prepareWorld, continuity } = reconcileScenarios[name];
  const user = userOf(name);
  const world = await OutageWorld.open(
    { primary, relay, user },
    { continuity: { deliveryGraceSeconds: 0, ...continuity }, seed: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
  );
  await prepareWorld(world);
  return { user, place: await world.leave() };
}

function killedAt(prepared: Prepared, scenario: ScenarioName, crashAt: ReconcileTask['crashAt'], aheadMs = 0): Promise<EndedChild> {
  const login = (server: Dovecot) => ({ port: server.imapPort, user: prepared.user, password: server.user(prepared.user).password });
  const { dir, key } = prepared.place;
  const task: ReconcileTask = {
    ...{ dir, keyHex: Buffer.from(key).toString('hex'), primary: login(primary), relay: login(relay), scenario, aheadMs, crashAt },
  };
  return runChild(childFile('reconcile'), task, 300_000);
}

/** Goes on where the killed process was, and looks what the primary really holds. */
async function resume(prepared: Prepared, scenario: ScenarioName, aheadMs = LATER_MS): Promise<string[]> {
  const { user, place } = prepared;
  const world = await OutageWorld.attach({ primary, relay, user }, place, aheadMs);
  const wrong: string[] = [];
  try {
    const { features } = world.engine;
    const { goOn, expected: wanted, drafts: draftCount = 0, told = [], check } = reconcileScenarios[scenario];
    if (features.monitor.mode(world.rig.accountId) === 'continuity') world.back();
    for (let n = 0; n < 8; n += 1) {
      goOn?.(world.rig);
      await world.look(1);
      world.clock.pass(130_000);
      if (n >= 2 && features.reconciler.current(world.rig.accountId) === null) break;
    }
    // Of what ended in the last look.
    goOn?.(world.rig);
    const mark = primary.mark(user);
    await world.look(1);
    wrong.push(...primary.mutatingSince(mark, { user }).map((one) => `second run sent ${one.name}`));
    for (const [name, expected] of Object.entries(wanted)) {
      const places = await world.places(name);
      if (places.length < expected.length) tally.lost += 1;
      if (places.length > expected.length) tally.duplicated += 1;
      if (JSON.stringify(places) !== JSON.stringify(expected)) wrong.push(`${name} is at [${places.join(', ')}]`);
    }
    if (draftCount > 0) {
      await world.primary.select('Drafts', { readOnly: true });
      const drafts = await world.primary.uids('SUBJECT "subject d1"');
      if (drafts.length < draftCount) tally.lost += 1;
      if (drafts.length > draftCount) tally.duplicated += 1;
      if (drafts.length !== draftCount) wrong.push(`${drafts.length} copies of the draft`);
    }
    const open = world.items().filter((one) => one.state !== 'confirmed');
    const isTold = JSON.stringify(open.map((one) => one.error?.code)) === JSON.stringify(told);
    if (world.run().state !== 'finished' || !isTold) {
      tally.stuck += 1;
      wrong.push(`the run is ${world.run().state}: ${world.words().join('; ')}`);
    }
    wrong.push(...((await check?.(world)) ?? []));
  } finally {
    await world.leave();
  }
  return wrong;
}

/** The points of a run that nobody disturbs; it has to come to some of them. */
async function passedBy(once: (crashAt: number) => Promise<EndedChild>, wanted: readonly string[]): Promise<string[]> {
  const whole = await once(0);
  expect(whole, whole.stderr).toMatchObject({ code: 0 });
  points += whole.steps;
  const passed = JSON.parse(/^points (.*)$/mu.exec(whole.out)![1]!) as string[];
  expect(passed, 'the steps that it is about').toEqual(expect.arrayContaining([...wanted]));
  return passed;
}

/** Where a process has to start for what it is about: one that goes to its end. */
async function startsAgain(prepared: Prepared, scenario: ScenarioName, aheadMs: number): Promise<boolean> {
  if (!reconcileScenarios[scenario].isStarting) return false;
  const { code, stderr } = await killedAt(prepared, scenario, 0, aheadMs);
  expect(code, stderr).toBe(0);
  return true;
}

/** Kills one process after another at these places; the last one goes on to its end. */
async function playChain(prepared: Prepared, scenario: ScenarioName, chain: Chain): Promise<void> {
  const places: string[] = [];
  let aheadMs = 0;
  const start = async (crashAt: ReconcileTask['crashAt']): Promise<string | null> => {
    const { signal, code, out, stderr } = await killedAt(prepared, scenario, crashAt, aheadMs);
    aheadMs += LATER_MS;
    if (signal !== 'SIGKILL') expect(code, `after kills at ${places.join(', ')}: ${stderr}`).toBe(0);
    if (signal !== 'SIGKILL') return null;
    tally.cases += 1;
    places.push(/^killed at (.+)$/mu.exec(out)?.[1] ?? '');
    return places.at(-1) ?? null;
  };
  await killAtEach(chain, start);
  if (await startsAgain(prepared, scenario, aheadMs)) aheadMs += LATER_MS;
  expect(await resume(prepared, scenario, aheadMs), `killed at ${places.join(', ')}`).toEqual([]);
}

describe.each(names)('a reconciliation (%s)', (scenario) => {
  it('ends the same at whatever step the process is killed', { timeout: isFull ? 6 * 3_600_000 : 300_000 }, async () => {
    const { user, place } = await prepare(scenario);
    const putBack = await Promise.all([keepMail(primary, user), keepMail(relay, user)]);
    const onCopy = async <T>(work: (prepared: Prepared) => Promise<T>): Promise<T> => {
      for (const one of putBack) await one();
      const dir = mkdtempSync(join(tmpdir(), 'holdover-reconcile-'));
      cpSync(place.dir, dir, { recursive: true });
      const done = await work({ user, place: { dir, key: place.key } });
      rmSync(dir, { recursive: true, force: true });
      return done;
    };
    const once = (crashAt: number): Promise<EndedChild> =>
      onCopy(async (prepared) => {
        const ended = await killedAt(prepared, scenario, crashAt);
        if (ended.signal === 'SIGKILL') tally.cases += 1;
        const isAgain = ended.signal === 'SIGKILL' && (await startsAgain(prepared, scenario, LATER_MS));
        expect(await resume(prepared, scenario, isAgain ? 2 * LATER_MS : LATER_MS), `killed at point ${crashAt}`).toEqual([]);
        return ended;
      });
    const { steps, commits, isSampled = false, isChainOnly = false }: ReconcilePlaces = reconcilePlaces[scenario];
    const passed = isFull || !isChainOnly ? await passedBy(once, [...steps, ...commits.map((name) => `work ${name}`)]) : [];
    const random = seededRandom(seed + names.indexOf(scenario));
    const [sampled = [], ...lone] = chainsFor([commits], { isFull, seed: seed + names.indexOf(scenario) });
    const chains = [[[...(sampled[0] ?? []), ...(isSampled ? [random.pick(steps)] : [])]], ...sliceOf(lone)];
    for (const chain of chains) await onCopy((prepared) => playChain(prepared, scenario, chain));
    const all = passed.map((_, n) => n + 1);
    for (const crashAt of isFull ? sliceOf(all) : []) {
      const killed = await once(crashAt);
      // Both sides work at once: the number of points may vary by a few, and the last ones may not be reached.
      if (killed.signal !== 'SIGKILL') expect(killed.steps, killed.stderr).toBeLessThan(crashAt);
    }
    rmSync(place.dir, { recursive: true, force: true });
  });
});
