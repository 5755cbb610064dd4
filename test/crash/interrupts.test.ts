import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { countDifferences, differences } from '../support/compare.ts';
import { snapshot } from '../support/dovecot-snapshot.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { keepMail } from '../support/kept-mail.ts';
import { seededRandom } from '../support/random.ts';
import { shareOf, sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';
import { runChild } from './run-child.ts';
import type { ChildTask } from './mirror-child.ts';
import { finderOf } from './finder.ts';
import { scenarios } from './scenarios.ts';
import { commonSeed, messageIdOf, World, type Scenario } from './world.ts';

/** The sample takes every ninth scenario and kills it once, at a point of chance among so many: where it ends before, it ran undisturbed. */
const SAMPLE_POINTS = 40;
const STRIDE = 9;
const sampleStart = seed % STRIDE;
/** What the bar asks for. */
const FLOORS = { scenarios: 60, interrupts: 1_500, replays: 100 };

let primary: Dovecot;
let relay: Dovecot;
const tally = newTally();
/** `replays`: resumed with changes in the journal that were open, some of them already on their way when the process was killed. */
const totals = { scenarios: 0, undisturbed: 0, replays: 0, differing: 0, secondRunChanges: 0 };
const scratch = mkdtempSync(join(tmpdir(), 'holdover-crash-'));

const chosen = scenarios
  .map((scenario, index) => ({ scenario, index, name: scenario.name }))
  .filter(({ index }) => isFull || index % STRIDE === sampleStart);
const users = chosen.map(({ index }) => `u${index}`);

beforeAll(async () => {
  const mailboxes = [...usualMailboxes, { path: 'Projects', autoSubscribe: true }];
  primary = await startDovecot({ users, mailboxes });
  relay = await startDovecot({ users, mailboxes: [...usualMailboxes, { path: 'Quarantine', autoSubscribe: true }] });
});

afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
  rmSync(scratch, { recursive: true, force: true });
  reportCases('I1 interrupts', tally, { ...totals, seed, mode });
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
    if (rig.engine.store.ops.countOpen(rig.accountId) > 0) totals.replays += 1;
    await rig.mirror();
    // The resumed run has done everything: the one right after it changes nothing on any server.
    const marks = [primary.mark(user), relay.mark(user)] as const;
    await rig.mirror();
    const changes = [...primary.mutatingSince(marks[0], { user }), ...relay.mutatingSince(marks[1], { user })];
    totals.secondRunChanges += changes.length;
    wrong.push(...changes.map((one) => `second run sent ${one.name}`));
    for (const [side, server] of [
      ['primary', primary],
      ['relay', relay],
    ] as const) {
      const found = await differences(rig, side, server, user);
      totals.differing += found.length;
      countDifferences(tally, found);
      wrong.push(...found.map((one) => `${side} ${one}`));
    }
    if (scenario.expect) {
      const places = await placesOnPrimary(user, Object.keys(scenario.expect));
      for (const [id, expected] of Object.entries(scenario.expect)) {
        const got = places[id] ?? [];
        if (got.length < expected.length) tally.lost += 1;
        if (got.length > expected.length) tally.duplicated += 1;
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
    tally.stuck += open;
    if (open > 0) wrong.push(`${open} operations still open`);
  } finally {
    await rig.engine.stop();
  }
  return wrong;
}

describe.concurrent.each(chosen)('$name', ({ scenario, index }) => {
  it('ends equal, at whatever answer or commit the process is killed', { timeout: isFull ? 3_600_000 : 300_000 }, async () => {
    const user = `u${index}`;
    await seedServers(scenario, user);
    const profile = await baseline(scenario, user);
    await act(scenario, user);
    // Changes of our own alter the primary in every run: it is put back for the next.
    const putBack = scenario.ours ? await keepMail(primary, user) : () => Promise.resolve();
    /** One run, killed at that point unless it ends before. The number of points it passed, where it lived to tell. */
    const play = async (crashAt: number): Promise<number> => {
      await putBack();
      const left = copyOf(profile);
      const ended = await runChild(childFile('mirror'), taskOf(scenario, user, left, crashAt));
      if (ended.signal === 'SIGKILL') tally.cases += 1;
      else {
        expect(ended, ended.stderr).toMatchObject({ code: 0 });
        totals.undisturbed += 1;
      }
      expect(await resumeAndCheck(scenario, user, left), `killed at point ${crashAt}`).toEqual([]);
      rmSync(left.dir, { recursive: true, force: true });
      return ended.steps;
    };
    if (isFull) {
      const steps = await play(0);
      expect(steps).toBeGreaterThan(10);
      for (const crashAt of sliceOf(Array.from({ length: steps }, (_, n) => n + 1))) await play(crashAt);
    } else await play(seededRandom(seed + index).int(1, SAMPLE_POINTS));
    totals.scenarios += 1;
    rmSync(profile.dir, { recursive: true, force: true });
  });
});

describe('I1 as a whole', () => {
  it('reaches the floors of the bar', () => {
    expect(totals.scenarios).toBe(chosen.length);
    expect(scenarios.length).toBeGreaterThanOrEqual(FLOORS.scenarios);
    if (!isFull) return;
    expect(tally.cases).toBeGreaterThanOrEqual(shareOf(FLOORS.interrupts));
    expect(totals.replays).toBeGreaterThanOrEqual(shareOf(FLOORS.replays));
  });
});
