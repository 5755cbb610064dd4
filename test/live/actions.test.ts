import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionServers } from '../support/action-world.ts';

let servers: ActionServers;
beforeAll(async () => {
  servers = await ActionServers.start();
});
afterAll(() => servers.dispose());

describe('what a person does with mail', () => {
  it('moves at once here, and on the server when it is reached', () =>
    servers.with(async (s) => {
      await s.seed('a', 'b');
      const token = s.actions.move([s.entry('a'), s.entry('b')], s.mailbox('Projects'));
      expect(token.count).toBe(2);
      expect(s.list('INBOX')).toEqual([]);
      expect(s.list('Projects').sort()).toEqual(['a', 'b']);
      expect(s.actions.open()).toEqual([{ accountId: s.rig.accountId, count: 2 }]);
      await s.settle();
      expect(await s.places('a')).toEqual(['Projects']);
      expect(await s.equal()).toEqual([]);
      expect(s.actions.open()).toEqual([{ accountId: s.rig.accountId, count: 0 }]);
    }));

  it('archives into the archive there is', () =>
    servers.with(async (s) => {
      await s.seed('a');
      s.actions.archive([s.entry('a')]);
      expect(s.list('Archive')).toEqual(['a']);
      await s.settle();
      expect(await s.places('a')).toEqual(['Archive']);
      expect(await s.equal()).toEqual([]);
    }));

  it('deletes into the Trash: gone from its list at once, recoverable at once and afterwards', () =>
    servers.with(async (s) => {
      await s.seed('a', 'b');
      expect(s.unseen('INBOX')).toBe(2);
      s.actions.delete([s.entry('a')]);
      expect(s.list('INBOX')).toEqual(['b']);
      const isDeletedHere = () => s.rig.recoverable().map((row) => row.isDeletedHere);
      expect([s.recoverable(), isDeletedHere()]).toEqual([['a'], [true]]);
      expect(s.unseen('INBOX')).toBe(1);
      await s.settle();
      expect([s.recoverable(), isDeletedHere()]).toEqual([['a'], [true]]);
      expect(await s.places('a')).toEqual(['Trash']);
      expect(() => s.actions.delete([s.entry('a')])).toThrow('deleted already');
      expect(await s.equal()).toEqual([]);
    }));

  it('withdraws what no server has heard of, and sends nothing', () =>
    servers.with(async (s) => {
      await s.seed('a', 'b');
      const mark = servers.primary.mark();
      const moved = s.actions.delete([s.entry('a'), s.entry('b')]);
      expect(s.actions.undo(moved.undoId).count).toBe(2);
      expect(s.list('INBOX').sort()).toEqual(['a', 'b']);
      expect(s.actions.undo(moved.undoId).count).toBe(0);
      await s.settle();
      expect(servers.primary.mutatingSince(mark).filter((one) => one.user === s.user)).toEqual([]);
    }));

  it('undoes what was carried out already: moved back, flags back, out of the Trash', () =>
    servers.with(async (s) => {
      await s.seed('a', 'b', 'c');
      const moved = s.actions.move([s.entry('a')], s.mailbox('Projects'));
      const flagged = s.actions.setFlag([s.entry('b')], 'flagged', true);
      const deleted = s.actions.delete([s.entry('c')]);
      await s.settle();
      expect([await s.places('a'), await s.places('b'), await s.places('c')]).toEqual([['Projects'], ['INBOX \\Flagged'], ['Trash']]);
      for (const token of [moved, flagged, deleted]) expect(s.actions.undo(token.undoId).count).toBe(1);
      expect(s.list('INBOX').sort()).toEqual(['a', 'b', 'c']);
      expect(s.rig.rows('INBOX').some((row) => row.isFlagged)).toBe(false);
      await s.settle();
      for (const id of ['a', 'b', 'c']) expect(await s.places(id)).toEqual(['INBOX']);
      expect(s.failed()).toEqual([]);
      expect(await s.equal()).toEqual([]);
    }));

  it('redoes what was undone', () =>
    servers.with(async (s) => {
      await s.seed('a');
      const moved = s.actions.move([s.entry('a')], s.mailbox('Projects'));
      await s.settle();
      const undone = s.actions.undo(moved.undoId);
      await s.settle();
      s.actions.undo(undone.undoId);
      await s.settle();
      expect(await s.places('a')).toEqual(['Projects']);
    }));

  it('puts nothing into the relay, a view, or a mailbox that is gone', () =>
    servers.with(async (s) => {
      await s.seed('a');
      const quarantine = s.rig.engine.store.mailboxes.list(s.rig.accountId, 'relay').find((one) => one.path === 'Quarantine')!;
      expect(() => s.actions.move([s.entry('a')], quarantine.id)).toThrow('call-rejected');
      expect(() => s.actions.move([s.entry('a')], 9999 as never)).toThrow('mailbox-missing');
      expect(() => s.actions.move([123 as never], s.mailbox('Projects'))).toThrow('not-found');
      expect(s.openCount()).toBe(0);
    }));

  it('marks the original of a reply once, whatever is asked', () =>
    servers.with(async (s) => {
      await s.seed('a');
      const first = s.actions.recordMark(s.entry('a'), '\\answered', 'outbox:1');
      expect(first).not.toBeNull();
      expect(s.actions.recordMark(s.entry('a'), '\\answered', 'outbox:1')).toBe(first);
      expect(s.actions.recordMark(s.entry('a'), '\\answered', 'outbox:2')).toBeNull();
      expect(s.rig.rows('INBOX')[0]?.isAnswered).toBe(true);
      await s.settle();
      expect(await s.places('a')).toEqual(['INBOX \\Answered']);
      expect(s.actions.recordMark(s.entry('a'), '\\answered', 'outbox:1')).toBe(first);
    }));
});

describe('restoring', () => {
  it('moves back what lies in the Trash; the entry stays the same, a second click does nothing', () =>
    servers.with(async (s) => {
      await s.seed('a');
      const id = s.entry('a');
      s.actions.delete([id]);
      await s.settle();
      expect(s.actions.restore([id]).count).toBe(1);
      expect(s.actions.restore([id]).count).toBe(0);
      expect(s.list('INBOX')).toEqual(['a']);
      const mark = servers.primary.mark();
      await s.settle();
      expect(servers.primary.mutatingSince(mark).map((one) => one.name)).not.toContain('APPEND');
      expect(await s.places('a')).toEqual(['INBOX']);
      expect(s.rig.rows('INBOX').map((row) => row.id)).toEqual([id]);
      expect(s.recoverable()).toEqual([]);
      expect(await s.equal()).toEqual([]);
    }));

  it('files what the server has nowhere, with its date and flags', () =>
    servers.with(async (s) => {
      await s.seed('a');
      const id = s.entry('a');
      await s.world.flag('primary', 'INBOX', 'a', '+', '\\Seen', '\\Flagged');
      await s.rig.mirror();
      const date = s.rig.rows('INBOX')[0]?.internalDate;
      await s.world.remove('primary', 'INBOX', 'a');
      await s.settle();
      expect(s.rig.recoverable().map((row) => [row.id, row.isDeletedHere])).toEqual([[id, false]]);
      s.actions.restore([id]);
      await s.settle();
      expect(await s.places('a')).toEqual(['INBOX \\Seen \\Flagged']);
      expect(s.rig.rows('INBOX').map((row) => [row.id, row.internalDate])).toEqual([[id, date]]);
      expect(await s.equal()).toEqual([]);
    }));

  it('puts quarantined mail into the inbox of the primary, once', () =>
    servers.with(async (s) => {
      await s.world.add('relay', { id: 'q', path: 'Quarantine' });
      await s.rig.mirror();
      const id = s.entry('q');
      s.actions.restore([id]);
      expect(s.list('INBOX')).toEqual(['q']);
      await s.settle();
      expect(await s.places('q')).toEqual(['INBOX']);
      expect(s.rig.rows('INBOX').map((row) => [row.id, row.isQuarantined])).toEqual([[id, false]]);
      expect(s.actions.restore([id]).count).toBe(0);
      expect(await s.equal()).toEqual([]);
    }));

  it('tells when neither the server nor this machine has it', () =>
    servers.with(async (s) => {
      await s.seed('a');
      const id = s.entry('a');
      await s.world.remove('primary', 'INBOX', 'a');
      await s.settle();
      const { db } = s.rig.engine.store.handle;
      db.prepare("UPDATE placements SET source_id = NULL, body_state = 'missing' WHERE entry_id = ?").run(id);
      db.prepare("UPDATE entries SET source_id = NULL, body_state = 'missing' WHERE id = ?").run(id);
      s.actions.restore([id]);
      await s.settle();
      expect(s.failed()).toMatchObject([{ kind: 'restore', code: 'not-found', detail: 'restore INBOX', subject: 'subject a' }]);
      expect(s.recoverable()).toEqual(['a']);
      s.actions.dismiss(s.actions.failed()[0]!.opId);
      expect(s.failed()).toEqual([]);
    }));

  it('can be taken back: the mail lies in the Trash again', () =>
    servers.with(async (s) => {
      await s.world.add('relay', { id: 'q', path: 'Quarantine' });
      await s.rig.mirror();
      const token = s.actions.restore([s.entry('q')]);
      await s.settle();
      s.actions.undo(token.undoId);
      await s.settle();
      expect(await s.places('q')).toEqual(['Trash']);
      expect(s.list('INBOX')).toEqual([]);
    }));
});

describe('servers without the mailboxes', () => {
  let bare: ActionServers;
  beforeAll(async () => {
    bare = await ActionServers.start({ mailboxes: [{ path: 'Sent', specialUse: '\\Sent' }] }, 3);
  });
  afterAll(() => bare.dispose());

  it('get an archive and a trash when they are first needed', () =>
    bare.with(async (s) => {
      await s.seed('a', 'b');
      s.actions.archive([s.entry('a')]);
      s.actions.delete([s.entry('b')]);
      expect(s.list('Archive')).toEqual(['a']);
      expect(s.recoverable()).toEqual(['b']);
      await s.settle();
      expect([await s.places('a'), await s.places('b')]).toEqual([['Archive'], ['Trash']]);
      expect(s.list('Archive')).toEqual(['a']);
      expect(await s.equal()).toEqual([]);
    }));

  it('do not get them when the action was taken back', () =>
    bare.with(async (s) => {
      await s.seed('a');
      s.actions.undo(s.actions.archive([s.entry('a')]).undoId);
      await s.settle();
      expect((await s.world.primary.list()).map((one) => one.path).sort()).toEqual(['INBOX', 'Sent']);
      expect(s.list('INBOX')).toEqual(['a']);
    }));
});

it('uses a German archive and trash', async () => {
  const german = await ActionServers.start({ mailboxes: [{ path: 'Archiv' }, { path: 'Papierkorb' }] }, 1);
  try {
    await german.with(async (s) => {
      await s.seed('a', 'b');
      s.actions.archive([s.entry('a')]);
      s.actions.delete([s.entry('b')]);
      await s.settle();
      expect([await s.places('a'), await s.places('b')]).toEqual([['Archiv'], ['Papierkorb']]);
    });
  } finally {
    await german.dispose();
  }
});
