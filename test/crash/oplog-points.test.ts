import { afterAll, beforeAll, expect, it } from 'vitest';
import { newTally, reportCases, reportFigure } from '../support/figures.ts';
import { without, type ScriptAction, type ScriptCommand } from '../support/imap-script.ts';
import { RemovalWatch } from '../support/removal-watch.ts';
import { ScriptProfile, type ScriptCase } from '../support/script-profile.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode } from '../support/this-run.ts';
import { childFile } from './build-children.ts';
import type { OplogTask } from './oplog-child.ts';
import { oplogPlaces as places, oplogPoints as points, type CommandStrike, type OplogPlace } from './oplog-places.ts';
import { runChild } from './run-child.ts';

/** Bars O1 and O11: kills at the commit points R1 to R6 of a change that is carried to the server. */

const isSliced = process.env['HOLDOVER_SLICE'] !== undefined;
/** Kills at each place. */
const RUNS = Number(process.env['HOLDOVER_KILLS'] ?? (isFull ? 20 : 1));

const done = new Map<OplogPlace, number>();
const tally = newTally();
const removals = new RemovalWatch();
let profile: ScriptProfile;
let strike: (CommandStrike & { left: number }) | null = null;
let kill: () => Promise<void> = () => Promise.resolve();

async function onCommand(command: ScriptCommand): Promise<ScriptAction> {
  removals.check(profile.server.store, command);
  if (strike?.command !== command.name || (strike.left -= 1) > 0) return 'pass';
  const { isDone } = strike;
  strike = null;
  await kill();
  return isDone ? 'pass' : { bye: 'gone' };
}

beforeAll(async () => {
  let isReady = false;
  profile = await ScriptProfile.start(
    { capabilities: without('MOVE'), messages: ['a', 'b', 'c', 'd'] },
    { onCommand: (command) => (isReady ? onCommand(command) : 'pass') },
  );
  isReady = true;
});
afterAll(async () => {
  await profile.close();
  for (const point of Object.keys(points)) {
    const [before, during, after] = places.filter((one) => one.point === point).map((one) => done.get(one) ?? 0);
    reportFigure(`O1 kills at ${point}`, { before: before!, during: during!, after: after! });
  }
  reportCases('O1 and O11 kills of changes', tally, { ...removals.figure, mode });
});

interface Ended {
  readonly isKilled: boolean;
  readonly recorded: readonly string[];
  readonly passed: Readonly<Record<string, number>>;
  readonly stderr: string;
}

/** Marks `a` (and `c`) and moves `b` (and `d`) in a process that is killed; then another one goes on. */
async function play(count: 1 | 2, crashAt: OplogTask['crashAt'], name: string): Promise<Ended> {
  const [flagged, moved] = [['a', 'c'].slice(0, count), ['b', 'd'].slice(0, count)];
  let ended: Ended = { isKilled: false, recorded: [], passed: {}, stderr: '' };
  await profile.run(
    async (one: ScriptCase) => {
      await one.settle();
      if (ended.isKilled) tally.cases += 1;
      if (one.openCount() > 0) tally.stuck += 1;
      const inbox = one.profile.server.store.get('INBOX').messages;
      const isFlagged = (id: string): boolean =>
        inbox.some(
          ({ raw, flags }) => raw.includes(`Message-ID: <${id}@`) && [...flags].some((flag) => flag.toLowerCase() === '\\flagged'),
        );
      for (const id of flagged) if (ended.recorded.includes('flag') && !isFlagged(id)) tally.lost += 1;
      for (const id of moved) {
        const stands = one.copies(id);
        if (stands.length === 0) tally.lost += 1;
        if (stands.length > 1) tally.duplicated += 1;
        // Recorded and not yet told: done or not done.
        if (ended.recorded.includes('move')) expect(stands, name).toEqual(['Projects']);
        else expect([['INBOX'], ['Projects']], name).toContainEqual(stands);
        expect(
          one.rig.rows(stands[0]!).filter((row) => row.subject === `subject ${id}`),
          name,
        ).toHaveLength(1);
      }
      expect([one.openCount(), one.actions.failed()], name).toEqual([0, []]);
      for (const id of ['a', 'c']) expect(one.copies(id), name).toEqual(['INBOX']);
    },
    async ({ dir, key }) => {
      const task: OplogTask = {
        ...{
          dir,
          keyHex: Buffer.from(key).toString('hex'),
          primary: { port: profile.proxy.port, user: 'alice', password: 'pw-alice' },
          crashAt,
        },
        ...profile.ids({ flagged, moved, target: 'Projects' }),
      };
      const { signal, out, stderr } = await runChild(childFile('oplog'), task, 60_000, (how) => (kill = how));
      const recorded = [...out.matchAll(/^recorded (.+)$/gmu)].map((one) => one[1] ?? '');
      const passed = JSON.parse(/^passed (.+)$/mu.exec(out)?.[1] ?? '{}') as Record<string, number>;
      ended = { isKilled: signal === 'SIGKILL', recorded, passed, stderr };
    },
  );
  return ended;
}

it(
  'a kill at any commit point of a change loses no mail, doubles none and leaves nothing undone',
  { timeout: isFull ? 7_200_000 : 300_000 },
  async () => {
    const whole = { 1: await play(1, null, 'whole'), 2: await play(2, null, 'whole') };
    const cases = places.flatMap((place) => Array.from({ length: RUNS }, (_, n) => ({ place, n })));
    for (const { place, n } of sliceOf(cases)) {
      const { at, point, phase } = place;
      const count = n % 2 === 0 ? 1 : 2;
      const chances = typeof at === 'string' ? (whole[count].passed[at] ?? 0) : 1;
      expect(chances, `${point} ${phase}: ${whole[count].stderr}`).toBeGreaterThan(0);
      if (typeof at !== 'string') strike = { ...at, left: 1 + (at.command === 'UID STORE' ? Math.floor(n / 2) % 2 : 0) };
      const crashAt = typeof at === 'string' ? { name: at, nth: 1 + (Math.floor(n / 2) % chances) } : null;
      const ended = await play(count, crashAt, `${point} ${phase} (${n})`);
      expect(ended.isKilled, `${point} ${phase} was not reached: ${ended.stderr}`).toBe(true);
      done.set(place, (done.get(place) ?? 0) + 1);
    }
    expect(tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
    expect(removals.figure.removals).toBeGreaterThan(0);
    expect(removals.figure.violations).toBe(0);
    expect(places).toHaveLength(18);
    if (!isSliced) expect(places.filter((place) => (done.get(place) ?? 0) < RUNS)).toEqual([]);
  },
);
