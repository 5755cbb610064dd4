import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { startImapScript, ScriptStore, type ImapScript } from '../support/imap-script.ts';
import { outlast } from '../support/outlast.ts';
import { profileMail } from '../support/script-profile.ts';
import { ShiftClock } from '../support/shift-clock.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';
import type { OplogTask } from './oplog-child.ts';
import { runChild } from './run-child.ts';

/** A change at which the server always ends the connection, and kills while that is counted: it is refused once, after as many tries, and told. */

/** Pauses are not kept: a start tries at once, and once more, and nothing of the second is proved before a look has ended. */
const TRIES_OF_A_START = 3;
const DAY_MS = 86_400_000;
const arrivedAt = Date.now() - DAY_MS;
const scratch = mkdtempSync(join(tmpdir(), 'holdover-oplog-cuts-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Where time is moved by leaps, what is measured in it may look like an outage: then nothing else is waited for. */
const NO_TIME = { stableSeconds: 0, previewSeconds: 0, deliveryGraceSeconds: 0, undoSendSeconds: 0 };
const QUICK = { failover: 'automatic', reconcile: 'automatic', ...NO_TIME } as const;
const CHILD_MS = 240_000;

const login = ({ port }: ImapScript): RigServer => ({ port, user: 'alice', password: 'pw-alice' });

async function withServer<T>(work: (server: ImapScript) => Promise<T>, port = 0): Promise<T> {
  const store = new ScriptStore();
  store.create('Projects');
  for (const name of ['a', 'b']) store.get('INBOX').add({ raw: profileMail(name), internalDate: arrivedAt });
  const server = await startImapScript({ store, port });
  server.fault({ command: 'UID MOVE', nth: 'every', action: { bye: 'no' } });
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

const moves = (server: ImapScript): number => server.commands.filter((one) => one.name === 'UID MOVE').length;

interface Played {
  readonly signal: string | null;
  readonly passed: Readonly<Record<string, number>>;
  readonly tries: number;
  readonly wrong: readonly string[];
  readonly stderr: string;
}

it('is refused once, however often the process is killed meanwhile', { timeout: isFull ? 3_600_000 : 600_000 }, async () => {
  let place: { dir: string; key: Uint8Array; port: number; a: number; b: number; target: number } | null = null;
  await withServer(async (server) => {
    const rig = await EngineRig.open({ primary: login(server), config: { continuity: QUICK } });
    await rig.mirror();
    const idOf = (subject: string): number => rig.rows('INBOX').find((row) => row.subject === `subject ${subject}`)!.id;
    const target = rig.engine.store.mailboxes.list(rig.accountId, 'primary').find((one) => one.path === 'Projects')!.id;
    place = { dir: rig.dir, key: rig.key, port: server.port, a: idOf('a'), b: idOf('b'), target };
    await rig.engine.stop();
  });
  const { dir: of, key, port, a, b, target } = place!;

  const play = (crashAt: OplogTask['crashAt']): Promise<Played> =>
    withServer(async (server) => {
      const dir = mkdtempSync(join(scratch, 'p-'));
      cpSync(of, dir, { recursive: true });
      const keyHex = Buffer.from(key).toString('hex');
      const task: OplogTask = { dir, keyHex, primary: login(server), flagged: [b], moved: [a], target, isRunning: true, crashAt };
      const { signal, out, stderr } = await runChild(childFile('oplog'), task, CHILD_MS);
      const passed = JSON.parse(/^passed (.+)$/mu.exec(out)?.[1] ?? '{}') as Record<string, number>;
      const wrong: string[] = [];
      const clock = new ShiftClock();
      // Not before what the other process took for now.
      clock.pass(DAY_MS);
      const rig = await EngineRig.attach({ primary: login(server), clock }, { dir, key });
      try {
        const isOver = (): boolean => rig.engine.store.ops.countOpen(rig.accountId) === 0;
        if (!isOver()) {
          rig.engine.start();
          await outlast(rig, clock, isOver);
        }
        await rig.engine.mirrorOnce();
        const failed = rig.engine.actions.failed().map((one) => `${one.state} ${one.error?.code}`);
        if (rig.engine.store.ops.countOpen(rig.accountId) > 0) wrong.push('stuck');
        if (failed.join() !== 'refused server-hangs-up') wrong.push(`told: ${failed.join()}`);
        const shown = rig.rows('INBOX').map((row) => row.subject).sort().join(); // prettier-ignore
        if (shown !== 'subject a,subject b' || rig.rows('Projects').length > 0) wrong.push(`shown: ${shown}`);
        const inbox = server.store.get('INBOX').messages;
        if (inbox.length !== 2 || server.store.get('Projects').messages.length > 0) wrong.push('moved after all');
        if (!inbox.some(({ raw, flags }) => raw.includes('subject b') && flags.has('\\flagged'))) wrong.push('another change was held up');
      } finally {
        await rig.engine.stop();
        rmSync(dir, { recursive: true, force: true });
      }
      return { signal, passed, tries: moves(server), wrong, stderr };
    }, port);

  /** How often a place is passed varies by one or two: a run that did not come to this pass is made again with its own last one. */
  const playToIts = async ({ name, nth }: { name: string; nth: number }): Promise<Played & { nth: number }> => {
    const played = await play({ name, nth });
    const last = played.passed[name] ?? 0;
    return played.signal === null && last > 0 && last < nth ? playToIts({ name, nth: last }) : { ...played, nth };
  };

  const whole = await play(null);
  expect(whole.wrong, whole.stderr).toEqual([]);
  const places = ['oplog.note-cut', 'oplog.refuse'].flatMap((name) => ['begin', 'work', 'commit'].map((part) => `${part} ${name}`));
  const points = [...places, 'oplog.cut-noted', 'oplog.refused'].flatMap((name) => {
    const last = whole.passed[name] ?? 0;
    expect(last, `${name}: ${whole.stderr}`).toBeGreaterThan(0);
    return [...new Set([1, Math.ceil(last / 2), last])].map((nth) => ({ name, nth }));
  });
  const tally = newTally();
  // In the sample each of the two transactions once, in or after its commit.
  const sample = (([note, refuse]) => [`${note} oplog.note-cut`, `${refuse} oplog.refuse`])(seededRandom(seed).shuffle(['work', 'commit']));
  const chosen = isFull ? sliceOf(points) : points.filter((one) => one.nth === whole.passed[one.name] && sample.includes(one.name));
  let most = 0;
  for (const crashAt of chosen) {
    const { signal, wrong, tries, nth } = await playToIts(crashAt);
    const name = `${crashAt.name} (${nth})`;
    expect(signal, name).toBe('SIGKILL');
    expect(wrong, name).toEqual([]);
    expect(tries, name).toBeLessThanOrEqual(whole.tries + TRIES_OF_A_START);
    most = Math.max(most, tries);
    tally.cases += 1;
  }
  reportCases('O10 kills while cuts are counted', tally, {
    points: points.length,
    tries: whole.tries,
    most,
    mode,
  });
  rmSync(of, { recursive: true, force: true });
});
