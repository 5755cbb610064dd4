import { afterAll, describe, expect, it } from 'vitest';
import { newTally, reportCases } from '../support/figures.ts';
import { allCapabilities, without, type ScriptAction, type ScriptCommand } from '../support/imap-script.ts';
import { seededRandom } from '../support/random.ts';
import { RemovalWatch } from '../support/removal-watch.ts';
import { sliceOf } from '../support/slice.ts';
import { ScriptProfile, type ScriptCase } from '../support/script-profile.ts';
import { isFull, mode, seed } from '../support/this-run.ts';

/**
 * Bar O11: nothing is removed on the server before its replacement is proved to be stored, whatever goes wrong at whatever
 * command. Checked at the server at the moment the removal arrives.
 */

/** Faults for each face and way in the sample: 24 in all, of three kinds. */
const SAMPLE = 2;

interface Way {
  readonly name: string;
  readonly mailboxes?: NonNullable<Parameters<typeof ScriptProfile.start>[0]['mailboxes']>;
  readonly prepare?: (one: ScriptCase) => Promise<void>;
  readonly ours: (one: ScriptCase) => void;
  /** Where the message stands in the end. */
  readonly at: string;
}

const toTrash = async (one: ScriptCase): Promise<void> => {
  one.actions.delete([one.entry('a')]);
  await one.settle();
};
const expunged = async (one: ScriptCase): Promise<void> => {
  one.profile.server.store.get('INBOX').expunge(1);
  await one.settle();
};

const ways: readonly Way[] = [
  { name: 'move', ours: (one) => void one.actions.move([one.entry('a')], one.mailbox('Projects')), at: 'Projects' },
  { name: 'delete', ours: (one) => void one.actions.delete([one.entry('a')]), at: 'Trash' },
  {
    name: 'archive, made first',
    mailboxes: { Trash: { specialUse: '\\Trash' } },
    ours: (one) => void one.actions.archive([one.entry('a')]),
    at: 'Archive',
  },
  { name: 'restore out of the Trash', prepare: toTrash, ours: (one) => void one.actions.restore([one.entry('a')]), at: 'INBOX' },
  { name: 'restore by filing anew', prepare: expunged, ours: (one) => void one.actions.restore([one.entry('a')]), at: 'INBOX' },
  {
    name: 'flag, move, delete, undo',
    ours: (one) => {
      one.actions.setFlag([one.entry('a')], 'flagged', true);
      one.actions.move([one.entry('a')], one.mailbox('Projects'));
      one.actions.undo(one.actions.delete([one.entry('a')]).undoId);
    },
    at: 'Projects',
  },
];

const faces: readonly { readonly name: string; readonly capabilities: readonly string[] }[] = [
  { name: 'MOVE', capabilities: allCapabilities },
  { name: 'no MOVE', capabilities: without('MOVE') },
  { name: 'no UIDPLUS', capabilities: without('UIDPLUS') },
  { name: 'no MOVE, no UIDPLUS, no CONDSTORE', capabilities: without('MOVE', 'UIDPLUS', 'CONDSTORE', 'QRESYNC') },
];

/** What goes wrong at one command. */
const faults: Readonly<Record<string, ScriptAction>> = {
  'cut before it': { bye: 'going down' },
  'cut after it': { cutAfterBytes: 0 },
  'refused for now': { no: '[UNAVAILABLE] later' },
};

const tally = newTally();
const removals = new RemovalWatch();
const totals = { ways: 0 };
afterAll(() => reportCases('O11 delete is last', tally, { ...totals, ...removals.figure, seed, mode }));

/** Watches the commands of one server, and strikes at one of them. */
class Watch {
  profile: ScriptProfile | null = null;
  /** Commands since the case began; null while none is on. */
  count: number | null = null;
  strikeAt = 0;
  fault: ScriptAction = 'pass';

  onCommand = (command: ScriptCommand): ScriptAction => {
    if (this.count === null || command.name === 'LOGIN' || command.name === 'AUTHENTICATE') return 'pass';
    this.count += 1;
    removals.check(this.profile!.server.store, command);
    return this.count === this.strikeAt ? this.fault : 'pass';
  };
}

async function runCase(profile: ScriptProfile, watch: Watch, way: Way, strikeAt: number, fault: ScriptAction): Promise<number> {
  let commands = 0;
  await profile.run(async (one) => {
    way.ours(one);
    Object.assign(watch, { count: 0, strikeAt, fault });
    await one.look();
    commands = watch.count ?? 0;
    watch.strikeAt = 0;
    await one.settle();
    const places = one.copies('a');
    if (places.length === 0) tally.lost += 1;
    if (places.length > 1) tally.duplicated += 1;
    tally.cases += 1;
    if (one.openCount() > 0) tally.stuck += 1;
    const name = `${way.name}, struck at ${strikeAt}`;
    expect(places, name).toEqual([way.at]);
    expect([one.openCount(), one.actions.failed()], name).toEqual([0, []]);
    expect(one.copies('b'), name).toEqual(['INBOX']);
    const list = way.at === 'Trash' ? one.rig.recoverable() : one.rig.rows(way.at);
    expect(list.filter((row) => row.subject === 'subject a')).toHaveLength(1);
    watch.count = null;
  });
  return commands;
}

/** In the sample every other way on each face, each of them on two faces. */
const waysOn = (face: number): readonly Way[] => ways.filter((_, n) => isFull || (n + face + seed) % 2 === 0);

describe.each(faces.map((one, nth) => ({ ...one, nth })))('nothing is removed before its replacement is proved: $name', (face) => {
  const { name: faceName, capabilities, nth } = face;
  it.each(waysOn(nth))('$name', async (way) => {
    const watch = new Watch();
    const { mailboxes, prepare } = way;
    const profile = await ScriptProfile.start(
      { capabilities, ...(mailboxes ? { mailboxes } : {}), ...(prepare ? { prepare } : {}) },
      { onCommand: watch.onCommand },
    );
    watch.profile = profile;
    try {
      const commands = await runCase(profile, watch, way, 0, 'pass');
      const all = Object.values(faults).flatMap((fault) => Array.from({ length: commands }, (_, n) => [n + 1, fault] as const));
      const random = seededRandom(seed + faceName.length * 100 + ways.indexOf(way));
      const chosen = isFull ? sliceOf(all) : random.shuffle(all).slice(0, SAMPLE);
      for (const [at, fault] of chosen) await runCase(profile, watch, way, at, fault);
      totals.ways += 1;
      expect(removals.figure.violations).toBe(0);
    } finally {
      await profile.close();
    }
  });
});
