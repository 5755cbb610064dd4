import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { asSourceId } from '../../shared/model/ids.ts';
import { newTally, reportCases } from '../support/figures.ts';
import type { ProxyFault } from '../support/imap-proxy.ts';
import { allCapabilities, without } from '../support/imap-script.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { profileMail, ScriptProfile, type ScriptCase } from '../support/script-profile.ts';
import { isFull, mode, seed } from '../support/this-run.ts';

/**
 * Bar I7 for what the person files anew: a restored mail, and a stored source filed elsewhere. The connection is lost before,
 * inside and after the literal and inside the answer, once and twice; the server refuses; afterwards exactly one copy is there.
 */

const SAMPLE = 3;

const size = Buffer.byteLength(profileMail('a'));
const literalBytes = [0, 1, 2, 3, ...Array.from({ length: 8 }, (_, n) => Math.floor(((n + 1) * size) / 9)), size - 2, size - 1];
type Point = ProxyFault['point'];
const points: readonly Point[] = [
  { at: 'command' },
  ...literalBytes.map((bytes): Point => ({ at: 'literal', bytes })),
  { at: 'tagged' },
  ...[0, 1, 4, 9].map((bytes): Point => ({ at: 'answer', bytes })),
];
const effects = ['close', 'reset'] as const;

interface Kind {
  readonly name: string;
  readonly target: string;
  readonly ours: (one: ScriptCase) => void;
}

const kinds: readonly Kind[] = [
  { name: 'a restored mail', target: 'INBOX', ours: (one) => void one.actions.restore([one.entry('a')]) },
  {
    name: 'a stored source',
    target: 'Projects',
    ours: (one) => {
      const { store } = one.rig.engine;
      const { sourceId, internalDate } = store.entries.shown(one.entry('a'))!;
      const source = { mailboxId: one.mailbox('Projects'), sourceId: asSourceId(sourceId!), internalDate, flags: ['\\Seen'] };
      one.rig.engine.actions.changeMailbox(one.rig.accountId, { kind: 'append', ...source });
    },
  },
];

const faces = [
  { name: 'with UIDPLUS', capabilities: allCapabilities },
  { name: 'without UIDPLUS', capabilities: without('UIDPLUS') },
];

const tally = newTally();
const totals = { faultsFired: 0, refusals: 0, untold: 0 };
afterAll(() => reportCases('I7 append and restore', tally, { ...totals, seed, mode }));

let profile: ScriptProfile | null = null;
afterEach(async () => {
  await profile?.close();
  profile = null;
});

/** A profile whose mail `a` is gone from the server and stored here. */
async function lostMail(capabilities: readonly string[]): Promise<ScriptProfile> {
  profile = await ScriptProfile.start({
    capabilities,
    prepare: async (one) => {
      one.profile.server.store.get('INBOX').expunge(1);
      await one.settle();
    },
  });
  return profile;
}

function count(one: ScriptCase, target: string, name: string): void {
  const places = one.copies('a');
  if (places.length === 0) tally.lost += 1;
  if (places.length > 1) tally.duplicated += 1;
  tally.cases += 1;
  tally.stuck += one.openCount();
  expect(places, name).toEqual([target]);
  expect([one.openCount(), one.actions.failed()], name).toEqual([0, []]);
}

describe.each(faces)('$name', ({ name: faceName, capabilities }) => {
  it.each(kinds)('$name is there once, wherever the connection is lost', async ({ name, target, ours }) => {
    const one = await lostMail(capabilities);
    const all = points.flatMap((point) => effects.flatMap((effect) => [1, 2].map((times) => ({ point, effect, times }))));
    const random = seededRandom(seed + faceName.length + name.length);
    const chosen = isFull ? sliceOf(all) : random.shuffle(all).slice(0, SAMPLE);
    for (const { point, effect, times } of chosen) {
      await one.run(async (trial) => {
        ours(trial);
        for (let n = 0; n < times; n += 1) {
          const fault = one.proxy.fault({ command: 'APPEND', point, effect });
          await trial.look();
          if (fault.hasFired) totals.faultsFired += 1;
          fault.cancel();
        }
        await trial.settle();
        count(trial, target, `${faceName}, ${name}, ${times} times ${effect} at ${JSON.stringify(point)}`);
      });
    }
  });

  it.each(kinds)('$name that is refused is told, and there once when it is asked for again', async ({ name, target, ours }) => {
    const one = await lostMail(capabilities);
    for (const reply of ['NO [OVERQUOTA] full', 'NO [TOOBIG] too large', 'NO [TRYCREATE] no such mailbox', 'NO [CANNOT] never']) {
      await one.run(async (trial) => {
        const withdraw = one.proxy.refuse({ command: 'APPEND', nth: 'every', reply });
        ours(trial);
        for (let n = 0; n < 9; n += 1) await trial.look();
        totals.refusals += 1;
        const failed = trial.actions.failed();
        if (failed.length !== 1) totals.untold += 1;
        expect(failed, `${name}: ${reply}`).toMatchObject([{ state: 'refused' }]);
        expect(trial.copies('a')).toEqual([]);
        withdraw();
        ours(trial);
        trial.actions.dismiss(failed[0]!.opId);
        await trial.settle();
        count(trial, target, `${name} after ${reply}`);
      });
    }
  });
});
