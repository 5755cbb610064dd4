import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionServers, type ActionSetting } from '../support/action-world.ts';

let servers: ActionServers;
beforeAll(async () => {
  servers = await ActionServers.start();
});
afterAll(() => servers.dispose());

/** A change here and one by another program there, each without knowledge of the other. */
interface Meeting {
  readonly name: string;
  readonly ours: (s: ActionSetting) => unknown;
  readonly theirs: (s: ActionSetting) => Promise<unknown>;
  readonly places: readonly string[];
  readonly failed: readonly object[];
  /** List in which it is shown afterwards. */
  readonly shownIn: string | null;
}

const there = (s: ActionSetting) => s.world;
const moved = { kind: 'move', state: 'conflict', code: 'changed-on-both-sides', subject: 'subject a' };

const meetings: readonly Meeting[] = [
  {
    name: 'moved here, moved elsewhere there: stays where they put it',
    ours: (s) => s.actions.move([s.entry('a')], s.mailbox('Projects')),
    theirs: (s) => there(s).move('primary', 'INBOX', 'a', 'Kunden'),
    places: ['Kunden'],
    failed: [{ ...moved, detail: 'move Projects' }],
    shownIn: 'Kunden',
  },
  {
    name: 'moved here and there to the same place: agreed',
    ours: (s) => s.actions.move([s.entry('a')], s.mailbox('Projects')),
    theirs: (s) => there(s).move('primary', 'INBOX', 'a', 'Projects'),
    places: ['Projects'],
    failed: [],
    shownIn: 'Projects',
  },
  {
    name: 'moved here, flagged there: both',
    ours: (s) => s.actions.move([s.entry('a')], s.mailbox('Projects')),
    theirs: (s) => there(s).flag('primary', 'INBOX', 'a', '+', '\\Flagged'),
    places: ['Projects \\Flagged'],
    failed: [],
    shownIn: 'Projects',
  },
  {
    name: 'deleted here, answered there: kept and shown',
    ours: (s) => s.actions.delete([s.entry('a')]),
    theirs: (s) => there(s).flag('primary', 'INBOX', 'a', '+', '\\Answered'),
    places: ['INBOX \\Answered'],
    failed: [{ ...moved, detail: 'move Trash' }],
    shownIn: 'INBOX',
  },
  {
    name: 'deleted here, flagged there: kept and shown',
    ours: (s) => s.actions.delete([s.entry('a')]),
    theirs: (s) => there(s).flag('primary', 'INBOX', 'a', '+', '\\Flagged'),
    places: ['INBOX \\Flagged'],
    failed: [{ ...moved, detail: 'move Trash' }],
    shownIn: 'INBOX',
  },
  {
    name: 'deleted here, moved there: kept where they put it, and shown',
    ours: (s) => s.actions.delete([s.entry('a')]),
    theirs: (s) => there(s).move('primary', 'INBOX', 'a', 'Kunden'),
    places: ['Kunden'],
    failed: [{ ...moved, detail: 'move Trash' }],
    shownIn: 'Kunden',
  },
  {
    name: 'deleted here, read there: deleted',
    ours: (s) => s.actions.delete([s.entry('a')]),
    theirs: (s) => there(s).flag('primary', 'INBOX', 'a', '+', '\\Seen'),
    places: ['Trash \\Seen'],
    failed: [],
    shownIn: null,
  },
  {
    name: 'deleted here and there: done',
    ours: (s) => s.actions.delete([s.entry('a')]),
    theirs: (s) => there(s).remove('primary', 'INBOX', 'a'),
    places: [],
    failed: [],
    shownIn: null,
  },
  {
    name: 'deleted here, put into the Trash there: agreed',
    ours: (s) => s.actions.delete([s.entry('a')]),
    theirs: (s) => there(s).move('primary', 'INBOX', 'a', 'Trash'),
    places: ['Trash'],
    failed: [],
    shownIn: null,
  },
  {
    name: 'flagged here, deleted there: told',
    ours: (s) => s.actions.setFlag([s.entry('a')], 'flagged', true),
    theirs: (s) => there(s).remove('primary', 'INBOX', 'a'),
    places: [],
    failed: [{ kind: 'set-flags', state: 'conflict', code: 'message-missing', detail: 'flag +flagged' }],
    shownIn: null,
  },
  {
    name: 'flagged here, moved there: flagged where they put it',
    ours: (s) => s.actions.setFlag([s.entry('a')], 'flagged', true),
    theirs: (s) => there(s).move('primary', 'INBOX', 'a', 'Kunden'),
    places: ['Kunden \\Flagged'],
    failed: [],
    shownIn: 'Kunden',
  },
  {
    name: 'read here, flagged and answered there: all of it',
    ours: (s) => s.actions.setFlag([s.entry('a')], 'seen', true),
    theirs: (s) => there(s).flag('primary', 'INBOX', 'a', '+', '\\Flagged', '\\Answered'),
    places: ['INBOX \\Seen \\Flagged \\Answered'],
    failed: [],
    shownIn: 'INBOX',
  },
  {
    name: 'flagged, then deleted here; our own flag is no change of theirs',
    ours: (s) => {
      s.actions.setFlag([s.entry('a')], 'flagged', true);
      s.actions.delete([s.entry('a')]);
    },
    theirs: () => Promise.resolve(),
    places: ['Trash \\Flagged'],
    failed: [],
    shownIn: null,
  },
  {
    name: 'flagged, then deleted here, answered there: the flag is kept, the deletion is not done',
    ours: (s) => {
      s.actions.setFlag([s.entry('a')], 'flagged', true);
      s.actions.delete([s.entry('a')]);
    },
    theirs: (s) => there(s).flag('primary', 'INBOX', 'a', '+', '\\Answered'),
    places: ['INBOX \\Flagged \\Answered'],
    failed: [{ ...moved, detail: 'move Trash' }],
    shownIn: 'INBOX',
  },
  {
    name: 'deleted here and restored here, moved there: stays where they put it',
    ours: (s) => {
      s.actions.delete([s.entry('a')]);
      s.actions.restore([s.entry('a')]);
    },
    theirs: (s) => there(s).move('primary', 'INBOX', 'a', 'Kunden'),
    places: ['Kunden'],
    failed: [],
    shownIn: 'Kunden',
  },
  {
    name: 'deleted here and restored here, deleted there: restored',
    ours: (s) => {
      s.actions.delete([s.entry('a')]);
      s.actions.restore([s.entry('a')]);
    },
    theirs: (s) => there(s).remove('primary', 'INBOX', 'a'),
    places: ['INBOX'],
    failed: [],
    shownIn: 'INBOX',
  },
];

describe('both sides changed a mail', () => {
  it.each(meetings)('$name', ({ ours, theirs, places, failed, shownIn }) =>
    servers.with(async (s) => {
      await s.seed('a');
      await s.offline();
      ours(s);
      await theirs(s);
      await s.online();
      await s.settle();
      expect(await s.places('a')).toEqual(places);
      expect(s.failed()).toHaveLength(failed.length);
      expect(s.failed()).toMatchObject(failed);
      if (shownIn === null) expect(s.recoverable()).toEqual(['a']);
      else expect([s.list(shownIn), s.recoverable()]).toEqual([['a'], []]);
      expect(s.openCount()).toBe(0);
      expect(await s.equal()).toEqual([]);
    }),
  );
});

describe('deleting for good, out of a Trash that is mirrored', () => {
  const config = { mailboxes: { include: ['Trash'], exclude: [] } };
  const inTrash = async (s: ActionSetting): Promise<void> => {
    await s.world.add('primary', { id: 'a', path: 'Trash' });
    await s.rig.mirror();
    expect(s.list('Trash')).toEqual(['a']);
  };

  it('removes it, and only it', () =>
    servers.with(
      async (s) => {
        await s.world.add('primary', { id: 'foreign', path: 'Trash', flags: ['\\Deleted'] });
        await inTrash(s).catch(() => undefined);
        s.actions.delete([s.entry('a')]);
        await s.settle();
        expect([await s.places('a'), await s.places('foreign')]).toEqual([[], ['Trash \\Deleted']]);
        expect(s.recoverable()).toContain('a');
      },
      { config },
    ));

  it.each(['\\Seen', '\\Answered', 'Wichtig'])('is not done when %s came meanwhile', (flag) =>
    servers.with(
      async (s) => {
        await inTrash(s);
        await s.offline();
        s.actions.delete([s.entry('a')]);
        await s.world.flag('primary', 'Trash', 'a', '+', flag);
        await s.online();
        await s.settle();
        expect(await s.places('a')).toHaveLength(1);
        expect(s.failed()).toMatchObject([{ kind: 'delete', state: 'conflict', code: 'changed-on-both-sides' }]);
        expect(s.list('Trash')).toEqual(['a']);
        expect(await s.equal()).toEqual([]);
      },
      { config },
    ),
  );

  it('is not done when it was taken out of the Trash', () =>
    servers.with(
      async (s) => {
        await inTrash(s);
        await s.offline();
        s.actions.delete([s.entry('a')]);
        await s.world.move('primary', 'Trash', 'a', 'INBOX');
        await s.online();
        await s.settle();
        expect(await s.places('a')).toEqual(['INBOX']);
        expect(s.failed()).toMatchObject([{ kind: 'delete', state: 'conflict' }]);
        expect(s.list('INBOX')).toEqual(['a']);
      },
      { config },
    ));

  it('can be taken back from what is stored here', () =>
    servers.with(
      async (s) => {
        await inTrash(s);
        const token = s.actions.delete([s.entry('a')]);
        await s.settle();
        expect(await s.places('a')).toEqual([]);
        s.actions.undo(token.undoId);
        await s.settle();
        expect(await s.places('a')).toEqual(['Trash']);
        expect(await s.equal()).toEqual([]);
      },
      { config },
    ));
});
