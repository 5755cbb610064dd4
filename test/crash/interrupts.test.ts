import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { differences } from '../support/compare.ts';
import { snapshot } from '../support/dovecot-snapshot.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { reportFigure } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { buildChild } from './build-child.ts';
import { runChild } from './run-child.ts';
import type { ChildTask } from './child.ts';
import { finderOf } from './finder.ts';
import { scenarios } from './scenarios.ts';
import { commonSeed, messageIdOf, World, type Scenario } from './world.ts';

const isFull = process.env['HOLDOVER_FULL'] === '1';
const seed = Number(process.env['HOLDOVER_SEED'] ?? 20261124);
/** Interrupts per scenario in the sample: the whole list is run with HOLDOVER_FULL=1. */
const SAMPLE_PER_SCENARIO = 1;

let primary: Dovecot;
let relay: Dovecot;
let childFile: string;
const totals = { scenarios: 0, steps: 0, interrupts: 0, lost: 0, duplicate: 0, differing: 0, secondRunChanges: 0 };
const scratch = mkdtempSync(join(tmpdir(), 'holdover-crash-'));

const users = scenarios.map((_, index) => `u${index}`);
/** Scenarios with changes of our own alter the server in every run: each run gets a user of its own. */
const RUNS_PER_OURS = 120;
const ourUsers = scenarios.flatMap((one, index) =>
  one.ours ? Array.from({ length: RUNS_PER_OURS + 1 }, (_, run) => `u${index}r${run}`) : [],
);

beforeAll(async () => {
  const mailboxes = [...usualMailboxes, { path: 'Projects', autoSubscribe: true }];
  const all = [...users, ...ourUsers];
  primary = await startDovecot({ users: all, mailboxes });
  relay = await startDovecot({ users: all, mailboxes: [...usualMailboxes, { path: 'Quarantine', autoSubscribe: true }] });
  childFile = await buildChild('test/crash/child.ts', 'crash-child');
});

afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
  rmSync(scratch, { recursive: true, force: true });
  reportFigure('I1 interrupts', { ...totals, seed, mode: isFull ? 'full' : 'sample' });
});

const login = (server: Dovecot, user: string): RigServer => ({ port: server.imapPort, user, password: server.user(user).password });

async function withWorld<T>(user: string, work: (world: World) => Promise<T>): Promise<T> {
  const world = new World(await primary.connect(user), await relay.connect(user));
  try {
    return await work(world);
  } finally {
    await world.primary.close();
    await world.relay.close();
  }
}

async function seedServers(scenario: Scenario, user: string): Promise<void> {
  await withWorld(user, async (world) => {
    for (const { side = 'primary', ...message } of [...commonSeed, ...(scenario.seed ?? [])]) {
      if (side !== 'relay') await world.add('primary', message);
      if (side !== 'primary') await world.add('relay', message);
    }
  });
}

async function act(scenario: Scenario, user: string): Promise<void> {
  if (!scenario.act) return;
  await withWorld(user, async (world) => {
    await scenario.act?.(world, { setUidValidity: (path, value) => primary.setUidValidity(user, path, value) });
  });
}

interface Profile {
  readonly dir: string;
  readonly key: Uint8Array;
}

/** A profile that has mirrored the seeded servers completely, and what came before the scenario. */
async function baseline({ before }: Scenario, user: string): Promise<Profile> {
  const rig = await EngineRig.open({ primary: login(primary, user), relay: login(relay, user) });
  await rig.mirror();
  if (before) {
    before.ours?.(rig.engine, finderOf(rig));
    await withWorld(user, async (world) => before.act?.(world));
    await rig.mirror();
    await rig.mirror();
  }
  await rig.engine.stop();
  return { dir: rig.dir, key: rig.key };
}

function copyOf(profile: Profile): Profile {
  const dir = mkdtempSync(join(scratch, 'p-'));
  cpSync(profile.dir, dir, { recursive: true });
  return { dir, key: profile.key };
}

const taskOf = (scenario: Scenario, user: string, profile: Profile, crashAt: number): ChildTask => ({
  ...{ dir: profile.dir, keyHex: Buffer.from(profile.key).toString('hex'), primary: login(primary, user), relay: login(relay, user) },
  ...{ scenario: scenario.name, crashAt, withOurs: scenario.ours !== undefined },
});

/** Message -> its places on the primary with flags, from an independent reading. */
async function placesOnPrimary(user: string, ids: readonly string[]): Promise<Record<string, string[]>> {
  const client = await primary.connect(user);
  const places: Record<string, string[]> = {};
  for (const id of ids) places[id] = [];
  const state = await snapshot(primary, user, { bodies: false });
  for (const [path, { messages }] of state) {
    await client.select(path, { readOnly: true });
    for (const id of ids) {
      for (const uid of await client.uids(`HEADER Message-ID "${messageIdOf(id)}"`)) {
        const flags = messages.find((one) => one.uid === uid)?.flags ?? [];
        places[id]?.push([path, ...flags].join(' '));
      }
    }
  }
  await client.close();
  for (const list of Object.values(places)) list.sort();
  return places;
}

/** How the placements of these messages ended, for the report of a failure. */
function historyOf(rig: EngineRig, ids: readonly string[]): string[] {
  const rows = rig.engine.store.handle.db.prepare(
    `SELECT e.id AS entry, p.id, p.side, m.path, p.uid_validity AS epoch, p.uid, p.state, p.flags, p.internal_date AS date, p.size_bytes AS size,
     p.body_state AS body, hex(p.summary_digest) AS digest FROM placements p JOIN mailboxes m ON m.id = p.mailbox_id JOIN entries e ON e.id = p.entry_id
     WHERE p.message_id = ?`,
  );
  return ids.flatMap((id) => rows.all(messageIdOf(id)).map((row) => JSON.stringify(row)));
}

/** Resumes in this process and checks everything that must be true at the end. */
async function resumeAndCheck(scenario: Scenario, user: string, profile: Profile): Promise<string[]> {
  const options = { primary: login(primary, user), relay: login(relay, user) };
  const rig = await EngineRig.attach(options, profile);
  const wrong: string[] = [];
  try {
    await rig.mirror();
    await rig.mirror();
    const marks = [primary.mark(), relay.mark()] as const;
    await rig.mirror();
    const changes = [...primary.mutatingSince(marks[0]), ...relay.mutatingSince(marks[1])].filter((one) => one.user === user);
    totals.secondRunChanges += changes.length;
    wrong.push(...changes.map((one) => `second run sent ${one.name}`));
    for (const [side, server] of [
      ['primary', primary],
      ['relay', relay],
    ] as const) {
      const found = await differences(rig, side, server, user);
      totals.differing += found.length;
      wrong.push(...found.map((one) => `${side} ${one}`));
    }
    if (scenario.expect) {
      const places = await placesOnPrimary(user, Object.keys(scenario.expect));
      for (const [id, expected] of Object.entries(scenario.expect)) {
        const got = places[id] ?? [];
        if (got.length < expected.length) totals.lost += 1;
        if (got.length > expected.length) totals.duplicate += 1;
        if (JSON.stringify(got) !== JSON.stringify([...expected].sort())) wrong.push(`${id} is at [${got.join(', ')}]`);
      }
    }
    if (scenario.recoverable) {
      const ids = rig
        .recoverable()
        .map((row) => row.subject.replace('subject ', ''))
        .sort();
      if (JSON.stringify(ids) !== JSON.stringify([...scenario.recoverable].sort()))
        wrong.push(`recoverable: [${ids.join(', ')}]`, ...historyOf(rig, ids));
    }
    const open = rig.engine.store.ops.countOpen(rig.accountId);
    if (open > 0) wrong.push(`${open} operations still open`);
  } finally {
    await rig.engine.stop();
  }
  return wrong;
}

describe.concurrent.each(scenarios.map((scenario, index) => ({ scenario, index, name: scenario.name })))('$name', ({ scenario, index }) => {
  it('ends equal, at whatever answer or commit the process is killed', { timeout: isFull ? 3_600_000 : 120_000 }, async () => {
    const random = seededRandom(seed + index);
    const isOurs = scenario.ours !== undefined;
    const prepare = async (run: number): Promise<{ user: string; profile: Profile }> => {
      const user = isOurs ? `u${index}r${run}` : `u${index}`;
      await seedServers(scenario, user);
      return { user, profile: await baseline(scenario, user) };
    };
    const first = await prepare(0);
    if (!isOurs) await act(scenario, first.user);
    const kept = copyOf(first.profile);
    if (isOurs) await act(scenario, first.user);
    const whole = await runChild(childFile, taskOf(scenario, first.user, first.profile, 0));
    expect(whole, whole.stderr).toMatchObject({ code: 0 });
    expect(await resumeAndCheck(scenario, first.user, first.profile)).toEqual([]);
    totals.scenarios += 1;
    totals.steps += whole.steps;
    const all = Array.from({ length: Math.min(whole.steps, RUNS_PER_OURS) }, (_, n) => n + 1);
    const chosen = isFull ? all : random.shuffle(all).slice(0, SAMPLE_PER_SCENARIO);
    for (const [run, crashAt] of chosen.entries()) {
      const { user, profile } = isOurs ? await prepare(run + 1) : { user: first.user, profile: copyOf(kept) };
      if (isOurs) await act(scenario, user);
      const killed = await runChild(childFile, taskOf(scenario, user, profile, crashAt));
      // Both sides work at once: the number of points may vary by a few, and the last ones may not be reached.
      if (killed.signal !== 'SIGKILL') expect(killed.steps, killed.stderr).toBeLessThan(crashAt);
      else totals.interrupts += 1;
      expect(await resumeAndCheck(scenario, user, profile), `killed at point ${crashAt}`).toEqual([]);
      rmSync(profile.dir, { recursive: true, force: true });
    }
    rmSync(first.profile.dir, { recursive: true, force: true });
    rmSync(kept.dir, { recursive: true, force: true });
  });
});
