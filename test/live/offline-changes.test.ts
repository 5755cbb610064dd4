import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionServers } from '../support/action-world.ts';
import { EngineRig } from '../support/engine-rig.ts';

let servers: ActionServers;
beforeAll(async () => {
  servers = await ActionServers.start();
});
afterAll(() => servers.dispose());

const faces: readonly { readonly name: string; readonly hidden: readonly string[] }[] = [
  { name: 'with MOVE and UIDPLUS', hidden: [] },
  { name: 'without UIDPLUS', hidden: ['UIDPLUS'] },
  { name: 'without MOVE', hidden: ['MOVE'] },
];

describe.each(faces)('complaint 36: a chain of changes made offline, $name', ({ hidden }) => {
  it('moved twice: it stands where it was moved last', () =>
    servers.with(
      async (s) => {
        await s.seed('a');
        await s.offline();
        s.actions.move([s.entry('a')], s.mailbox('Projects'));
        s.actions.move([s.entry('a')], s.mailbox('Kunden'));
        expect([s.list('INBOX'), s.list('Projects'), s.list('Kunden')]).toEqual([[], [], ['a']]);
        await s.online();
        await s.settle();
        expect(await s.places('a')).toEqual(['Kunden']);
        expect(s.failed()).toEqual([]);
        expect(s.list('Kunden')).toEqual(['a']);
      },
      { hidden },
    ));

  it('moved, flagged, moved on, read and deleted', () =>
    servers.with(
      async (s) => {
        await s.seed('a');
        await s.offline();
        const id = s.entry('a');
        s.actions.move([id], s.mailbox('Projects'));
        s.actions.setFlag([id], 'flagged', true);
        s.actions.move([id], s.mailbox('Kunden'));
        s.actions.setFlag([id], 'seen', true);
        s.actions.delete([id]);
        expect(s.recoverable()).toEqual(['a']);
        await s.online();
        await s.settle();
        expect(await s.places('a')).toEqual(['Trash \\Seen \\Flagged']);
        expect(s.failed()).toEqual([]);
        expect(s.openCount()).toBe(0);
      },
      { hidden },
    ));

  it('archived, the move undone, archived, deleted and restored', () =>
    servers.with(
      async (s) => {
        await s.seed('a');
        await s.offline();
        const id = s.entry('a');
        s.actions.undo(s.actions.archive([id]).undoId);
        expect(s.list('INBOX')).toEqual(['a']);
        s.actions.archive([id]);
        s.actions.delete([id]);
        s.actions.restore([id]);
        expect(s.list('Archive')).toEqual(['a']);
        await s.online();
        await s.settle();
        expect(await s.places('a')).toEqual(['Archive']);
        expect(s.list('Archive')).toEqual(['a']);
        expect(s.failed()).toEqual([]);
      },
      { hidden },
    ));
});

it('complaint 36: moved on while the first move is carried out already, without waiting for a look', () =>
  servers.with(async (s) => {
    await s.seed('a');
    const id = s.entry('a');
    s.actions.move([id], s.mailbox('Projects'));
    await s.rig.mirror();
    s.actions.move([id], s.mailbox('Kunden'));
    s.actions.setFlag([id], 'flagged', true);
    await s.rig.mirror();
    expect(await s.places('a')).toEqual(['Kunden \\Flagged']);
    expect(s.openCount()).toBe(0);
    expect(await s.equal()).toEqual([]);
  }));

it('complaint 36: undone offline after the move was carried out', () =>
  servers.with(async (s) => {
    await s.seed('a');
    const token = s.actions.move([s.entry('a')], s.mailbox('Projects'));
    await s.settle();
    await s.offline();
    s.actions.undo(token.undoId);
    expect(s.list('INBOX')).toEqual(['a']);
    await s.online();
    await s.settle();
    expect(await s.places('a')).toEqual(['INBOX']);
    expect(await s.equal()).toEqual([]);
  }));

it('complaint 37: read, flag, move and delete made offline outlast a restart and the next look at the servers', () =>
  servers.with(async (s) => {
    await s.seed('a', 'b', 'c', 'd');
    await s.offline();
    s.actions.setFlag([s.entry('a')], 'seen', true);
    s.actions.setFlag([s.entry('b')], 'flagged', true);
    s.actions.move([s.entry('c')], s.mailbox('Projects'));
    s.actions.delete([s.entry('d')]);
    await s.rig.restart();
    await s.lookInVain();
    const shown = () => ({
      inbox: s.rig.rows('INBOX').map((row) => [row.subject, row.isSeen, row.isFlagged]),
      projects: s.list('Projects'),
      recoverable: s.recoverable(),
    });
    const expected = {
      inbox: [
        ['subject b', false, true],
        ['subject a', true, false],
      ],
      projects: ['c'],
      recoverable: ['d'],
    };
    expect(shown()).toEqual(expected);
    await s.online();
    await s.settle();
    expect(shown()).toEqual(expected);
    const places = [await s.places('a'), await s.places('b'), await s.places('c'), await s.places('d')];
    expect(places).toEqual([['INBOX \\Seen'], ['INBOX \\Flagged'], ['Projects'], ['Trash']]);
    expect(await s.equal()).toEqual([]);
  }));

it('complaint 38: offline deletions reach the server, and unread counts are right all the way', () =>
  servers.with(async (s) => {
    await s.seed('a', 'b', 'c');
    await s.offline();
    expect(s.unseen('INBOX')).toBe(3);
    s.actions.setFlag([s.entry('a')], 'seen', true);
    expect(s.unseen('INBOX')).toBe(2);
    s.actions.delete([s.entry('a'), s.entry('b')]);
    expect(s.unseen('INBOX')).toBe(1);
    await s.online();
    await s.settle();
    expect(s.unseen('INBOX')).toBe(1);
    expect([await s.places('a'), await s.places('b'), await s.places('c')]).toEqual([['Trash \\Seen'], ['Trash'], ['INBOX']]);
    expect(s.list('INBOX')).toEqual(['c']);
    expect(await s.equal()).toEqual([]);
  }));

it('complaint 39: read mail stays read when it is moved, and a stale copy of the profile carries nothing over again', () =>
  servers.with(async (s) => {
    await s.seed('a', 'b');
    s.actions.setFlag([s.entry('a')], 'seen', true);
    s.actions.move([s.entry('a')], s.mailbox('Projects'));
    s.actions.delete([s.entry('b')]);
    const stale = mkdtempSync(join(tmpdir(), 'holdover-stale-'));
    s.rig.engine.store.handle.checkpoint();
    cpSync(s.rig.dir, stale, { recursive: true });
    await s.settle();
    expect(s.rig.rows('Projects').map((row) => [row.subject, row.isSeen])).toEqual([['subject a', true]]);
    rmSync(join(stale, 'mail.db.lock'), { force: true });
    const mark = servers.primary.mark();
    const old = await EngineRig.attach(s.rig.options, { dir: stale, key: s.rig.key });
    try {
      for (let n = 0; n < 3; n += 1) await old.mirror();
      expect(s.sentSince(mark)).toEqual([]);
      expect(old.engine.store.ops.countOpen(old.accountId)).toBe(0);
      expect(old.rows('Projects').map((row) => [row.subject, row.isSeen])).toEqual([['subject a', true]]);
    } finally {
      await old.close();
    }
    expect([await s.places('a'), await s.places('b')]).toEqual([['Projects \\Seen'], ['Trash']]);
  }));

it('complaint 40: what another program deletes stays here, and comes back to the server by one click', () =>
  servers.with(async (s) => {
    await s.seed('a', 'b');
    await s.world.remove('primary', 'INBOX', 'a');
    await s.world.move('primary', 'INBOX', 'b', 'Trash');
    await s.world.remove('primary', 'Trash', 'b');
    await s.settle();
    expect(s.recoverable().sort()).toEqual(['a', 'b']);
    s.actions.restore([s.entry('a'), s.entry('b')]);
    await s.settle();
    expect([await s.places('a'), await s.places('b')]).toEqual([['INBOX'], ['INBOX']]);
    expect(s.recoverable()).toEqual([]);
    expect(await s.equal()).toEqual([]);
  }));

describe('mail that only the relay holds in an outage', () => {
  it('waits with its changes until it has arrived at the primary, and has them there', () =>
    servers.with(async (s) => {
      await s.seed('x');
      await s.offline();
      for (const id of ['a', 'b', 'c']) await s.world.add('relay', { id, path: 'INBOX', ageDays: 0.01 });
      await s.lookInVain();
      Object.assign(s.rig.engine.features, { awaitsPrimary: () => true });
      expect(s.list('INBOX').sort()).toEqual(['a', 'b', 'c', 'x']);
      s.actions.setFlag([s.entry('a')], 'flagged', true);
      s.actions.move([s.entry('b')], s.mailbox('Projects'));
      s.actions.delete([s.entry('c')]);
      expect([s.list('INBOX').sort(), s.list('Projects'), s.recoverable()]).toEqual([['a', 'x'], ['b'], ['c']]);
      await s.lookInVain();
      await s.online();
      await s.rig.mirror();
      expect(s.openCount()).toBe(3);
      expect(await s.places('a', 'relay')).toEqual(['INBOX']);
      for (const id of ['a', 'b', 'c']) await s.world.add('primary', { id, path: 'INBOX', ageDays: 0.01 });
      await s.settle();
      expect([await s.places('a'), await s.places('b'), await s.places('c')]).toEqual([['INBOX \\Flagged'], ['Projects'], ['Trash']]);
      expect(await s.places('a', 'relay')).toEqual(['INBOX']);
      expect(s.failed()).toEqual([]);
      expect(await s.equal()).toEqual([]);
    }));

  it('is refused at the relay where nobody awaits it, and shown', () =>
    servers.with(async (s) => {
      await s.seed('x');
      await s.world.add('relay', { id: 'a', path: 'INBOX', ageDays: 0.01 });
      await s.rig.mirror();
      s.actions.move([s.entry('a')], s.mailbox('Projects'));
      await s.settle();
      expect(s.failed()).toMatchObject([{ kind: 'move', state: 'conflict', detail: 'move Projects' }]);
      expect(s.list('INBOX').sort()).toEqual(['a', 'x']);
    }));
});
