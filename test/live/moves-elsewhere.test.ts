import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../shared/limits.ts';
import { ActionServers, type ActionSetting } from '../support/action-world.ts';

/** More than the guard lets vanish at once. */
const MANY = limits.massVanishCount + 10;

let servers: ActionServers;
beforeAll(async () => {
  servers = await ActionServers.start({}, 8);
});
afterAll(() => servers.dispose());

const names = Array.from({ length: MANY }, (_, n) => `m${n}`);

async function seedMany(s: ActionSetting, path: string): Promise<void> {
  for (const id of names) await s.world.add('primary', { id, path, ageDays: 1 });
  await s.rig.mirror();
  expect(s.list(path)).toHaveLength(MANY);
}

/** Another client takes everything out of a mailbox at once. */
async function takeAll(s: ActionSetting, path: string, to: string | null): Promise<void> {
  const { primary } = s.world;
  await primary.select(path);
  const uids = await primary.uids();
  if (to === null) await primary.expunge(uids);
  else await primary.move(uids, to);
}

const heldMailboxes = (s: ActionSetting): string[] =>
  s.rig.engine.store.mailboxes.list(s.rig.accountId, 'primary').flatMap((one) => (one.heldSince === null ? [] : [one.path]));

// INBOX is looked at before every other mailbox: once the mails are missed first, once they are found first.
const ways = [
  { name: 'missed before they are found', from: 'INBOX', to: 'Kunden' },
  { name: 'found before they are missed', from: 'Projects', to: 'INBOX' },
];

describe.each(ways)('another client moves most of a mailbox in an outage, $name', ({ from, to }) => {
  it('counts as moved, and changes made here meanwhile are judged at once', () =>
    servers.with(async (s) => {
      await seedMany(s, from);
      await s.offline();
      const [flagged, moved, deleted, agreed] = names.map((name) => s.entry(name));
      s.actions.setFlag([flagged!], 'flagged', true);
      s.actions.move([moved!], s.mailbox('Archive'));
      s.actions.delete([deleted!]);
      s.actions.move([agreed!], s.mailbox(to));
      await takeAll(s, from, to);
      await s.online();
      await s.settle();
      expect(await s.places('m0')).toEqual([`${to} \\Flagged`]);
      for (const name of ['m1', 'm2', 'm3', 'm4']) expect(await s.places(name), name).toEqual([to]);
      expect(s.failed()).toMatchObject([
        { kind: 'move', state: 'conflict', code: 'changed-on-both-sides', subject: 'subject m2', detail: 'move Trash' },
        { kind: 'move', state: 'conflict', code: 'changed-on-both-sides', subject: 'subject m1', detail: 'move Archive' },
      ]);
      expect(s.openCount()).toBe(0);
      expect([s.list(from), s.list(to).length, s.recoverable(), heldMailboxes(s)]).toEqual([[], MANY, [], []]);
      expect(await s.equal()).toEqual([]);
    }));
});

describe('most of a mailbox is gone', () => {
  it('deleted: is held in place, though copies of it lie in another mailbox since long', () =>
    servers.with(async (s) => {
      await seedMany(s, 'INBOX');
      const { primary } = s.world;
      await primary.select('INBOX');
      await primary.copy(await primary.uids(), 'Kunden');
      await s.rig.mirror();
      expect(s.list('Kunden')).toHaveLength(MANY);
      await s.world.add('primary', { id: 'later', path: 'INBOX', ageDays: 0.1 });
      await s.rig.mirror();
      await takeAll(s, 'INBOX', null);
      await s.settle();
      expect(s.list('INBOX')).toHaveLength(MANY + 1);
      expect([s.list('Kunden').length, s.recoverable(), heldMailboxes(s)]).toEqual([MANY, [], ['INBOX']]);
    }));

  it('moved into the Trash: is held in place, for that is a deletion', () =>
    servers.with(async (s) => {
      await seedMany(s, 'INBOX');
      await takeAll(s, 'INBOX', 'Trash');
      await s.settle();
      expect([s.list('INBOX').length, s.recoverable(), heldMailboxes(s)]).toEqual([MANY, [], ['INBOX']]);
    }));

  it('held first and moved back by the other client later: it stands where it was put, and is told no more', () =>
    servers.with(async (s) => {
      await seedMany(s, 'INBOX');
      const entry = s.entry('m0');
      await takeAll(s, 'INBOX', 'Trash');
      await s.settle();
      s.actions.setFlag([entry], 'seen', true);
      await takeAll(s, 'Trash', 'Kunden');
      await s.settle();
      expect([s.list('INBOX'), s.list('Kunden').length, s.recoverable(), heldMailboxes(s)]).toEqual([[], MANY, [], []]);
      expect(s.entry('m0')).toBe(entry);
      expect(await s.places('m0')).toEqual(['Kunden \\Seen']);
      expect(await s.equal()).toEqual([]);
    }));
});

describe('a mail of which the relay has a copy', () => {
  const seedBoth = async (s: ActionSetting, path: string): Promise<void> => {
    await s.world.add('primary', { id: 'a', path, ageDays: 0.1 });
    await s.world.add('relay', { id: 'a', path: 'INBOX', ageDays: 0.1 });
    await s.rig.mirror();
    await s.rig.mirror();
    expect(s.rig.rows(path)).toMatchObject([{ subject: 'subject a', sides: ['primary', 'relay'] }]);
  };

  it('is one mail still when it was moved to a mailbox that is looked at first, and changes made here go along', () =>
    servers.with(async (s) => {
      await seedBoth(s, 'Projects');
      await s.offline();
      s.actions.setFlag([s.entry('a')], 'flagged', true);
      s.actions.move([s.entry('a')], s.mailbox('Archive'));
      await s.world.move('primary', 'Projects', 'a', 'INBOX');
      await s.online();
      await s.settle();
      expect(await s.places('a')).toEqual(['INBOX \\Flagged']);
      expect(s.failed()).toMatchObject([{ kind: 'move', code: 'changed-on-both-sides', detail: 'move Archive' }]);
      expect(s.rig.rows('INBOX')).toMatchObject([{ subject: 'subject a', isFlagged: true, sides: ['primary', 'relay'] }]);
      expect([s.list('Projects'), s.list('Archive'), s.recoverable()]).toEqual([[], [], []]);
      expect(await s.equal()).toEqual([]);
    }));

  it('does not come back into the inbox when a copy was made before it was deleted there', () =>
    servers.with(async (s) => {
      await seedBoth(s, 'INBOX');
      await s.world.copy('primary', 'INBOX', 'a', 'Kunden');
      await s.rig.mirror();
      await s.world.remove('primary', 'INBOX', 'a');
      await s.settle();
      await s.settle();
      expect([s.list('INBOX'), s.list('Kunden'), s.recoverable()]).toEqual([[], ['a'], []]);
      expect(s.rig.rows('Kunden')).toMatchObject([{ sides: ['primary', 'relay'] }]);
    }));
});
