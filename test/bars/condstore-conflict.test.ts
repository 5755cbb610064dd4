import { afterAll, describe, expect, it } from 'vitest';
import type { Log } from '../../main/engine/core/log.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { allCapabilities, startImapScript, without, type ImapScript } from '../support/imap-script.ts';
import { inSet, parseNumberSet } from '../support/imap-script/number-set.ts';
import { seededRandom } from '../support/random.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { ToggleWorld } from '../support/toggle-world.ts';

/** Bar I8: both sides change the flags of a message, in every combination, before our change is carried over and while it is. */

const SAMPLE_PER_FACE = 8;

const FLAGS = ['\\seen', '\\flagged', '\\answered'] as const;
type Flag = (typeof FLAGS)[number];
/** `before`: known to nobody when ours is carried over. `between`: after we have read the flags. `again`: and once more. */
type Moment = 'before' | 'between' | 'again';

interface Case {
  readonly baseline: readonly Flag[];
  readonly ours: 'seen' | 'flagged';
  readonly theirs: readonly Flag[];
  readonly moment: Moment;
}

const subsets = (of: readonly Flag[]): Flag[][] =>
  of.reduce<Flag[][]>((sets, flag) => [...sets, ...sets.map((one) => [...one, flag])], [[]]);
const allCases: readonly Case[] = subsets(['\\seen', '\\flagged']).flatMap((baseline) =>
  (['seen', 'flagged'] as const).flatMap((ours) =>
    subsets(FLAGS).flatMap((theirs) => (['before', 'between', 'again'] as const).map((moment) => ({ baseline, ours, theirs, moment }))),
  ),
);

interface Face {
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly isGuarded: boolean;
  readonly hasModSeq?: boolean;
  /** The server was set back: its counters are lower than those we know. */
  readonly isSetBack?: boolean;
}

const faces: readonly Face[] = [
  { name: 'QRESYNC', capabilities: allCapabilities, isGuarded: true },
  { name: 'CONDSTORE', capabilities: without('QRESYNC'), isGuarded: true },
  { name: 'neither', capabilities: without('QRESYNC', 'CONDSTORE'), isGuarded: false },
  { name: 'NOMODSEQ', capabilities: allCapabilities, isGuarded: false, hasModSeq: false },
  { name: 'HIGHESTMODSEQ lower than ours', capabilities: allCapabilities, isGuarded: false, isSetBack: true },
];

const totals = { faces: 0, cases: 0, met: 0, modified: 0, lost: 0, unlogged: 0, unguarded: 0, toggled: 0 };
afterAll(() => reportFigure('I8 flag conflicts', { ...totals, seed, mode }));

const toggled = (flags: Iterable<string>, change: readonly Flag[]): Set<string> => {
  const now = new Set(flags);
  for (const flag of change) if (!now.delete(flag)) now.add(flag);
  return now;
};

const mail = (n: number): string =>
  `From: a@example.com\r\nTo: b@example.com\r\nSubject: case ${n}\r\nMessage-ID: <case${n}@example.com>\r\n\r\ntext ${n}\r\n`;

/** The other client: changes flags where and when a case says, and remembers what it did. */
class OtherClient {
  readonly did = new Map<number, Set<Flag>>();
  readonly #inbox;

  constructor(server: ImapScript) {
    this.#inbox = server.store.get('INBOX');
  }

  change(uid: number, flags: readonly Flag[]): void {
    if (flags.length === 0) return;
    const all = this.did.get(uid) ?? new Set<Flag>();
    // What is toggled twice is as it was.
    for (const flag of flags) if (!all.delete(flag)) all.add(flag);
    this.did.set(uid, all);
    this.#inbox.setFlags(uid, toggled(this.#inbox.find(uid)!.flags, flags));
  }
}

async function play(face: Face, cases: readonly Case[]): Promise<void> {
  const events: Readonly<Record<string, unknown>>[] = [];
  const note = (event: Readonly<Record<string, unknown>>): void => void events.push(event);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const server = await startImapScript({ capabilities: face.capabilities });
  const inbox = server.store.get('INBOX');
  if (face.hasModSeq === false) inbox.hasModSeq = false;
  // So far ahead that the server set back does not catch up by our own changes.
  if (face.isSetBack === true) inbox.highestModSeq = 100_000n;
  const date = Date.now() - 86_400_000;
  for (const [n, one] of cases.entries()) inbox.add({ raw: mail(n), flags: one.baseline, internalDate: date });
  const rig = await EngineRig.open({ primary: { port: server.port, user: 'alice', password: 'pw-alice' }, log });
  try {
    await rig.mirror();
    const rows = new Map(rig.rows('INBOX').map((row) => [row.subject, row]));
    const other = new OtherClient(server);
    const stores = new Map<number, number>();
    server.fault({
      command: 'UID STORE',
      nth: 'every',
      action: ({ args }) => {
        const set = parseNumberSet(args.split(' ')[0]!, inbox.uidNext - 1)!;
        if (args.includes('UNCHANGEDSINCE') !== face.isGuarded) totals.unguarded += 1;
        const before = (): void => {
          for (const [n, one] of cases.entries()) {
            const uid = n + 1;
            if (one.moment === 'before' || !inSet(set, uid)) continue;
            const nth = (stores.get(uid) ?? 0) + 1;
            stores.set(uid, nth);
            if (nth === 1) other.change(uid, one.theirs);
            else if (nth === 2 && one.moment === 'again') other.change(uid, ['\\answered']);
          }
        };
        return { before };
      },
    });
    for (const [n, one] of cases.entries()) {
      const row = rows.get(`case ${n}`)!;
      rig.engine.actions.setFlag([row.id], one.ours, one.ours === 'seen' ? !row.isSeen : !row.isFlagged);
    }
    if (face.isSetBack === true) {
      inbox.highestModSeq = 1n;
      for (const message of inbox.messages) message.modSeq = 1n;
    }
    for (const [n, one] of cases.entries()) if (one.moment === 'before') other.change(n + 1, one.theirs);
    await rig.mirror();
    check(face, cases, rig, server, other, events);
  } finally {
    await rig.close();
    await server.close();
  }
}

function check(
  face: Face,
  cases: readonly Case[],
  rig: EngineRig,
  server: ImapScript,
  other: OtherClient,
  events: readonly Readonly<Record<string, unknown>>[],
): void {
  const shown = new Map(rig.rows('INBOX').map((row) => [row.subject, row]));
  const met = new Set(events.filter((event) => event['ev'] === 'oplog.flags-met').map((event) => event['op']));
  for (const [n, one] of cases.entries()) {
    const name = `${face.name}: ${JSON.stringify(one)}`;
    const theirs = other.did.get(n + 1) ?? new Set<Flag>();
    // Whoever changed a flag past the baseline has it so; both can only have changed it to the same.
    const changed = FLAGS.filter((flag) => flag === `\\${one.ours}` || theirs.has(flag));
    const expected = [...toggled(one.baseline, changed)].sort();
    const got = [...server.store.get('INBOX').find(n + 1)!.flags].sort();
    if (got.join() !== expected.join()) totals.lost += 1;
    expect(got, name).toEqual(expected);
    const row = shown.get(`case ${n}`)!;
    expect([row.isSeen, row.isFlagged, row.isAnswered], name).toEqual(FLAGS.map((flag) => expected.includes(flag)));
    const isMet = face.isGuarded && one.moment !== 'before' && one.theirs.length > 0;
    if (isMet) {
      totals.met += 1;
      // The case's operations were recorded in the order of the cases.
      if (!met.has(n + 1)) totals.unlogged += 1;
    }
    totals.cases += 1;
  }
  totals.modified += events.reduce((sum, event) => sum + (event['ev'] === 'oplog.flags-met' ? Number(event['modified']) : 0), 0);
  expect(rig.engine.store.ops.countOpen(rig.accountId)).toBe(0);
  expect(rig.engine.actions.failed()).toEqual([]);
  expect(totals).toMatchObject({ lost: 0, unlogged: 0, unguarded: 0 });
  totals.faces += 1;
}

describe('flags changed on both sides (I8)', () => {
  it.each(faces)('have a defined winner, are logged, and none is lost: $name', async (face) => {
    const random = seededRandom(seed + faces.indexOf(face));
    await play(face, isFull ? allCases : random.shuffle([...allCases]).slice(0, SAMPLE_PER_FACE));
  });
});

/** What one side does to a flag while nobody can see the other: toggles it so many times. */
const TOGGLES = [0, 1, 2, 3] as const;

describe('a flag toggled on both sides in an outage (I8)', () => {
  it.each(faces.filter((one) => one.isSetBack !== true))('has a defined winner, and both sides are in the report: $name', async (face) => {
    const both = [false, true].flatMap((isSet) => TOGGLES.flatMap((ours) => TOGGLES.map((theirs) => ({ isSet, ours, theirs }))));
    const world = await ToggleWorld.open(
      face,
      both.map(({ isSet }) => isSet),
    );
    try {
      world.lose();
      for (const [n, one] of both.entries()) for (let k = 0; k < one.ours; k += 1) world.toggleHere(n);
      for (const [n, one] of both.entries()) for (let k = 0; k < one.theirs; k += 1) world.toggleThere(n);
      await world.carryBack();
      for (const [n, { isSet, ours, theirs }] of both.entries()) {
        const name = `${face.name}: set ${String(isSet)}, ours ${ours}, theirs ${theirs}`;
        // Whoever has it otherwise than before has it so.
        const isToggled = ours % 2 === 1 || theirs % 2 === 1;
        expect([world.isFlaggedThere(n), world.isFlaggedHere(n)], name).toEqual([isSet !== isToggled, isSet !== isToggled]);
        const own = (k: number): string => `flag ${(k % 2 === 0) === isSet ? '-' : '+'}flagged`;
        const isMet = ours > 0 && ours % 2 === 0 && theirs % 2 === 1;
        const last = isMet ? `changed-on-both-sides ${own(ours - 1)}, server ${isSet ? '-' : '+'}flagged` : `changed-here ${own(ours - 1)}`;
        const earlier = Array.from({ length: Math.max(ours - 1, 0) }, (_, k) => `changed-here ${own(k)}, superseded`);
        expect(world.told(n), name).toEqual(ours === 0 ? [] : [...earlier, last]);
        if (isMet) expect(world.report(n), name).toContain(`changed-on-both-sides,confirmed,case ${n},"${last.slice(22)}"`);
        totals.toggled += 1;
      }
    } finally {
      await world.close();
    }
  });
});
