import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAt, fine, hits, lists, mail, recoverable } from '../support/gmail-expect.ts';
import { gmailNames } from '../support/gmail-face.ts';
import { GmailServers } from '../support/gmail-world.ts';

/** The company's mail is at Gmail: what is deleted and flagged there and here, and what other programs do to the labels of a mail. */

let servers: GmailServers;
beforeAll(async () => {
  servers = await GmailServers.start();
});
afterAll(() => servers.dispose());

const { all, trash } = gmailNames;

describe('deleting', () => {
  it.each([
    ['in the inbox', ['INBOX']],
    ['with a label besides', ['INBOX', 'Projects']],
    ['in the archive', [all]],
  ] as const)('puts the mail into the Trash, out of all labels, and it can be restored: %s', (_, labels) =>
    servers.with(async (s) => {
      await s.deliver(mail('i'), labels);
      await s.settle();
      const before = lists(s, 'i')[0]!;
      s.actions.delete([s.entry('i')]);
      expect(lists(s, 'i')).toEqual([]);
      await s.rig.mirror();
      expect([lists(s, 'i'), recoverable(s)]).toEqual([[], ['i']]);
      await expectAt(s, 'i', [], [trash]);
      expect(s.rig.recoverable().map((row) => [row.subject, row.isDeletedHere])).toEqual([['i', true]]);
      s.actions.restore([s.entry('i')]);
      await expectAt(s, 'i', [before], [...new Set([before, all])]);
      expect([recoverable(s), s.fetched()]).toEqual([[], 1]);
      expect(await s.verify()).toMatchObject(fine);
    }),
  );

  it('is undone', () =>
    servers.with(async (s) => {
      await s.deliver(mail('j'));
      await s.settle();
      const { undoId } = s.actions.delete([s.entry('j')]);
      await expectAt(s, 'j', [], [trash]);
      s.actions.undo(undoId);
      await expectAt(s, 'j', ['INBOX'], ['INBOX', all]);
    }));
});

describe('flags', () => {
  it('set here are set on every label, and set elsewhere are shown', () =>
    servers.with(async (s) => {
      await s.deliver(mail('k'), ['INBOX', 'Projects']);
      await s.settle();
      s.actions.setFlag([s.entry('k')], 'seen', true);
      await expectAt(s, 'k', ['INBOX', 'Projects'], ['INBOX \\Seen', 'Projects \\Seen', `${all} \\Seen`]);
      await s.direct.select('Projects');
      await s.direct.store(await s.direct.uids(), '+', ['\\Flagged']);
      await s.settle();
      expect(s.rig.rows('INBOX')[0]).toMatchObject({ isSeen: true, isFlagged: true });
      s.actions.archive([s.entry('k')]);
      s.actions.setFlag([s.entry('k')], 'seen', false);
      await expectAt(s, 'k', ['Projects'], ['Projects \\Flagged', `${all} \\Flagged`]);
      expect(await s.verify()).toMatchObject(fine);
    }));

  it.each([true, false])('a mark of a forwarded mail ends without a word, whether keywords are kept or not: %s', (keepsKeywords) =>
    servers.with(async (s) => {
      servers.face.set({ keepsKeywords });
      for (const name of ['r0', 'r1']) await s.deliver(mail(name), ['INBOX'], 'primary');
      await s.settle();
      for (const name of ['r0', 'r1']) s.actions.recordMark(s.entry(name), '$forwarded', `sent:${name}`);
      s.actions.setFlag([s.entry('r0')], 'seen', true);
      await expectAt(s, 'r0', ['INBOX'], ['INBOX \\Seen', `${all} \\Seen`]);
      await expectAt(s, 'r1', ['INBOX'], ['INBOX', all]);
      expect((await s.verify()).code).toBe(0);
    }),
  );

  it('an archived mail does not look unread for a while', () =>
    servers.with(async (s) => {
      await s.deliver(mail('l'));
      await s.settle();
      s.actions.setFlag([s.entry('l')], 'seen', true);
      s.actions.archive([s.entry('l')]);
      await s.rig.engine.mirrorOnce();
      expect(s.rig.rows(all)[0]).toMatchObject({ subject: 'l', isSeen: true });
    }));
});

describe('what is done elsewhere', () => {
  it('archived there is moved, and not lost; so is what is put back', () =>
    servers.with(async (s) => {
      await s.deliver(mail('m'));
      await s.settle();
      const entry = s.entry('m');
      await s.moveElsewhere('m', 'INBOX', all);
      await expectAt(s, 'm', [all], [all]);
      await s.direct.select(all);
      await s.direct.copy(await s.direct.uids(), 'INBOX');
      await expectAt(s, 'm', ['INBOX'], ['INBOX', all]);
      expect([s.entry('m'), recoverable(s), s.fetched()]).toEqual([entry, [], 1]);
      expect(s.rig.rows('INBOX')[0]).toMatchObject({ sides: ['primary', 'relay'] });
    }));

  it(
    'a whole inbox that is archived there is no accident that is held back',
    () =>
      servers.with(async (s) => {
        for (let n = 0; n < 60; n += 1) await s.deliver(mail(`n${n}`), ['INBOX'], 'primary');
        await s.settle();
        await s.direct.select('INBOX');
        await s.direct.move(await s.direct.uids(), all);
        await s.settle();
        expect([s.list('INBOX').length, s.list(all).length, recoverable(s)]).toEqual([0, 60, []]);
      }),
    120_000,
  );

  it('a label that is taken off there leaves the mail under its others', () =>
    servers.with(async (s) => {
      await s.deliver(mail('o'), ['INBOX', 'Projects']);
      await s.settle();
      await s.direct.select('Projects');
      await s.direct.expunge(await s.direct.uids());
      await expectAt(s, 'o', ['INBOX'], ['INBOX', all]);
      expect(recoverable(s)).toEqual([]);
    }));

  it('deleted there is recoverable, once', () =>
    servers.with(async (s) => {
      await s.deliver(mail('p'), ['INBOX', 'Projects']);
      await s.settle();
      await s.moveElsewhere('p', 'Projects', trash);
      await s.settle();
      await expectAt(s, 'p', [], [trash]);
      expect(recoverable(s)).toEqual(['p']);
      s.actions.restore([s.entry('p')]);
      await s.settle();
      expect([recoverable(s), s.entryCount('p')]).toEqual([[], 1]);
    }));
});

describe('the store of an earlier version', () => {
  it('that had a mail once for each label has it once', () =>
    servers.with(async (s) => {
      await s.deliver(mail('q'), ['INBOX', 'Projects']);
      await s.settle();
      const { store } = s.rig.engine;
      const entry = s.entry('q');
      const other = store.handle.tx('test.split', () => {
        const made = store.entries.duplicate(entry);
        const of = (path: string) => s.rig.placements(entry).find((one) => one.mailboxId === s.mailbox(path))!;
        store.placements.setEntry(of('Projects').id, made);
        store.placements.remove(of(all).id);
        store.handle.db
          .prepare('UPDATE mailboxes SET uid_next = NULL, highest_modseq = NULL, remote_messages = NULL WHERE path = ?')
          .run(all);
        return made;
      });
      expect(other).not.toBe(entry);
      await expectAt(s, 'q', ['INBOX', 'Projects'], ['INBOX', 'Projects', all]);
      expect([s.entry('q'), hits(s, 'q')]).toEqual([entry, 1]);
    }));
});
