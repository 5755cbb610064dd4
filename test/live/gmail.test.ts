import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readList } from '../../main/engine/read/read-list.ts';
import { search } from '../../main/engine/read/search.ts';
import { gmailNames, gmailNamesGerman } from '../support/gmail-face.ts';
import { GmailServers, type GmailSetting } from '../support/gmail-world.ts';
import { buildMail } from '../support/mail-builder.ts';

/** The company's mail is at Gmail: one message stands in every mailbox that is a label of it, and in All Mail. */

let servers: GmailServers;
beforeAll(async () => {
  servers = await GmailServers.start();
});
afterAll(() => servers.dispose());

const { all, trash, sent } = gmailNames;
const mail = (name: string, from = 'Anna <anna@partner.example.org>'): Buffer =>
  buildMail({ from, subject: name, messageId: `<${name}@partner.example.org>`, text: `Text of ${name}.\n` });

const fine = { code: 0, totals: { missing: 0, surplus: 0, datesDiffer: 0, bytesDiffer: 0, bodyMissing: 0, flagsDiffer: 0 } };
/** Starred and Important are views: what stands there is not asked. */
const places = async (s: GmailSetting, subject: string): Promise<string[]> =>
  (await s.places(subject)).filter((one) => !/^\[(?:Gmail|Google Mail)\]\/(?:Starred|Important|Markiert|Wichtig)/.test(one));
/** In which lists a mail is, and how often. */
const lists = (s: GmailSetting, subject: string): string[] =>
  s.rig.engine.store.mailboxes
    .list(s.rig.accountId, 'primary')
    .flatMap(({ path }) => s.list(path).flatMap((one) => (one === subject ? [path] : [])))
    .sort();
const hits = (s: GmailSetting, text: string): number => s.rig.engine.store.search.query(text, { limit: 50 }).entryIds.length;
const recoverable = (s: GmailSetting): string[] => s.rig.recoverable().map((row) => row.subject);

/** Everything was carried over, nothing refused; the mail is one, shown in these lists, and stands there on the server. */
async function expectAt(s: GmailSetting, subject: string, shown: readonly string[], standing: readonly string[]): Promise<void> {
  await s.settle();
  expect([s.failed(), s.openCount()]).toEqual([[], 0]);
  expect({ shown: lists(s, subject), standing: await places(s, subject), entries: s.entryCount(subject) }).toEqual({
    ...{ shown: [...shown].sort(), standing: [...standing].sort(), entries: 1 },
  });
}

describe('a mail with labels', () => {
  it('is one mail, found once and downloaded once, with its copy at the relay', () =>
    servers.with(async (s) => {
      await s.deliver(mail('one'), ['INBOX', 'Projects']);
      await s.settle();
      await expectAt(s, 'one', ['INBOX', 'Projects'], ['INBOX', 'Projects', all]);
      expect([hits(s, 'one'), s.fetched(), recoverable(s)]).toEqual([1, 1, []]);
      expect(s.rig.rows('INBOX')[0]).toMatchObject({ sides: ['primary', 'relay'], bodyState: 'complete' });
      expect(await s.verify()).toMatchObject(fine);
    }));

  it('is one of a conversation in each of its lists, counted there, and found in each', () =>
    servers.with(async (s) => {
      await s.deliver(mail('first'), ['INBOX', 'Projects'], 'primary');
      const answer = buildMail({
        subject: 'Re: first',
        messageId: '<re@x.example.org>',
        headers: [['In-Reply-To', '<first@partner.example.org>']],
      });
      await s.deliver(answer, ['Projects'], 'primary');
      await s.settle();
      const { store, deps } = s.rig.engine;
      const mailboxKey = String(s.mailbox('Projects'));
      const { total, rows } = readList(store, { mailboxKey, filter: 'all', offset: 0, limit: 9, isGrouped: true });
      expect([total, rows.map(({ subject, isSeen, conversation }) => [subject, isSeen, conversation?.here, conversation?.total])]).toEqual([
        1,
        [[expect.stringContaining('first'), false, 2, 2]],
      ]);
      expect(readList(store, { mailboxKey, filter: 'flagged', offset: 0, limit: 9, isGrouped: true })).toEqual({ total: 0, rows: [] });
      expect(store.lists.counts({ mailboxId: s.mailbox('Projects') })).toEqual({ total: 2, unseen: 2 });
      const found = (key: string) => search(store, deps.clock, { text: 'first', mailboxKey: key, limit: 9 }).rows.length;
      expect([found(mailboxKey), found(String(s.mailbox('INBOX'))), found(String(s.mailbox('Travel')))]).toEqual([2, 1, 0]);
    }));

  it('many at once are downloaded once each', () =>
    servers.with(async (s) => {
      for (let n = 0; n < 12; n += 1) await s.deliver(mail(`many${n}`), ['INBOX', 'Projects', 'Travel'], 'primary');
      await s.settle();
      expect([
        s.fetched(),
        s.list('INBOX').length,
        s.rig.engine.store.placements.countMissing(s.rig.accountId, 'primary', 2).missing,
      ]).toEqual([12, 12, 0]);
    }));

  it('in All Mail alone is archived, and kept', () =>
    servers.with(async (s) => {
      await s.deliver(mail('kept'), [all]);
      await expectAt(s, 'kept', [all], [all]);
      expect([recoverable(s), hits(s, 'kept')]).toEqual([[], 1]);
    }));

  it('is not in the list of all mail while it is elsewhere, and All Mail is the archive', () =>
    servers.with(async (s) => {
      await s.deliver(mail('inbox'));
      await s.settle();
      expect([s.list(all), s.list('INBOX')]).toEqual([[], ['inbox']]);
      const roles = Object.fromEntries(s.rig.engine.store.mailboxes.list(s.rig.accountId, 'primary').map((one) => [one.path, one.role]));
      expect([roles[all], roles['[Gmail]/Important'], roles[sent]]).toEqual(['archive', 'other', 'sent']);
    }));

  it('sent by the person to themselves is in the inbox and in Sent, and one', () =>
    servers.with(async (s) => {
      await s.deliver(mail('self', `${s.user}@example.com`), ['INBOX', sent], 'primary');
      await expectAt(s, 'self', ['INBOX', sent], ['INBOX', all, sent]);
    }));
});

describe('archiving', () => {
  it('takes a mail out of the inbox and nothing else; undo puts it back', () =>
    servers.with(async (s) => {
      await s.deliver(mail('a'));
      await s.settle();
      const { undoId } = s.actions.archive([s.entry('a')]);
      await expectAt(s, 'a', [all], [all]);
      expect((await s.direct.list()).map((one) => one.path)).not.toContain('Archive');
      s.actions.undo(undoId);
      await expectAt(s, 'a', ['INBOX'], ['INBOX', all]);
      expect(await s.verify()).toMatchObject(fine);
    }));

  it('leaves the other labels, and so does its undo', () =>
    servers.with(async (s) => {
      await s.deliver(mail('b'), ['INBOX', 'Projects']);
      await s.settle();
      const { undoId } = s.actions.archive([s.entry('b')]);
      await expectAt(s, 'b', ['Projects'], ['Projects', all]);
      s.actions.archive([s.entry('b')]);
      await expectAt(s, 'b', ['Projects'], ['Projects', all]);
      s.actions.undo(undoId);
      await expectAt(s, 'b', ['INBOX', 'Projects'], ['INBOX', 'Projects', all]);
    }));

  it('many at once', () =>
    servers.with(async (s) => {
      const names = ['c0', 'c1', 'c2'];
      for (const name of names) await s.deliver(mail(name), name === 'c1' ? ['INBOX', 'Projects'] : ['INBOX']);
      await s.settle();
      const { undoId } = s.actions.archive(names.map((name) => s.entry(name)));
      await expectAt(s, 'c1', ['Projects'], ['Projects', all]);
      for (const name of ['c0', 'c2']) await expectAt(s, name, [all], [all]);
      s.actions.undo(undoId);
      await expectAt(s, 'c1', ['INBOX', 'Projects'], ['INBOX', 'Projects', all]);
      await expectAt(s, 'c0', ['INBOX'], ['INBOX', all]);
    }));

  it('in German, in an older account', async () => {
    const german = await GmailServers.start(gmailNamesGerman, 1);
    try {
      await german.with(async (s) => {
        await s.deliver(mail('d'));
        await s.settle();
        s.actions.archive([s.entry('d')]);
        await expectAt(s, 'd', [gmailNamesGerman.all], [gmailNamesGerman.all]);
        s.actions.delete([s.entry('d')]);
        await s.settle();
        expect([await places(s, 'd'), s.failed()]).toEqual([[gmailNamesGerman.trash], []]);
      });
    } finally {
      await german.dispose();
    }
  });
});

describe('an answer that was lost', () => {
  it.each([
    ['archiving', (s: GmailSetting) => s.actions.archive([s.entry('t')]), ['Projects'], ['Projects', all]],
    [
      'a move',
      (s: GmailSetting) => s.actions.move([s.entry('t')], s.mailbox('Travel')),
      ['Projects', 'Travel'],
      ['Projects', 'Travel', all],
    ],
    [
      'a move to a label it has',
      (s: GmailSetting) => s.actions.move([s.entry('t')], s.mailbox('Projects')),
      ['Projects'],
      ['Projects', all],
    ],
    ['a deletion', (s: GmailSetting) => s.actions.delete([s.entry('t')]), [], [trash]],
  ] as const)('to %s is found out', (_, act, shown, standing) =>
    servers.with(async (s) => {
      await s.deliver(mail('t'), ['INBOX', 'Projects']);
      await s.settle();
      const cut = s.proxy.fault({ command: 'UID MOVE', point: { at: 'tagged' }, effect: 'close' });
      act(s);
      await s.rig.mirror().catch(() => undefined);
      await cut.fired;
      await expectAt(s, 't', shown, standing);
    }),
  );

  it('to what is put back out of the archive is found out', () =>
    servers.with(async (s) => {
      await s.deliver(mail('u'), [all]);
      await s.settle();
      const cut = s.proxy.fault({ command: 'UID COPY', point: { at: 'tagged' }, effect: 'close' });
      s.actions.move([s.entry('u')], s.mailbox('INBOX'));
      await s.rig.mirror().catch(() => undefined);
      await cut.fired;
      await expectAt(s, 'u', ['INBOX'], ['INBOX', all]);
    }));
});

describe('moving', () => {
  it('goes from label to label, out of the archive and back into the inbox', () =>
    servers.with(async (s) => {
      await s.deliver(mail('e'));
      await s.settle();
      s.actions.move([s.entry('e')], s.mailbox('Projects'));
      await expectAt(s, 'e', ['Projects'], ['Projects', all]);
      const { undoId } = s.actions.move([s.entry('e')], s.mailbox('Travel'));
      await expectAt(s, 'e', ['Travel'], ['Travel', all]);
      s.actions.undo(undoId);
      await expectAt(s, 'e', ['Projects'], ['Projects', all]);
      s.actions.move([s.entry('e')], s.mailbox('INBOX'));
      await expectAt(s, 'e', ['INBOX'], ['INBOX', all]);
      s.actions.archive([s.entry('e')]);
      await expectAt(s, 'e', [all], [all]);
      s.actions.move([s.entry('e')], s.mailbox('Travel'));
      await expectAt(s, 'e', ['Travel'], ['Travel', all]);
      expect([recoverable(s), (await s.verify()).code]).toEqual([[], 0]);
    }));

  it('into a label that it has takes it out of the inbox', () =>
    servers.with(async (s) => {
      await s.deliver(mail('f'), ['INBOX', 'Projects']);
      await s.settle();
      s.actions.move([s.entry('f')], s.mailbox('Projects'));
      await expectAt(s, 'f', ['Projects'], ['Projects', all]);
    }));

  it('of a sent mail gives it the label, and it stays sent', () =>
    servers.with(async (s) => {
      await s.deliver(mail('g', `${s.user}@example.com`), [sent], 'primary');
      await s.settle();
      s.actions.move([s.entry('g')], s.mailbox('Projects'));
      await expectAt(s, 'g', ['Projects', sent], ['Projects', all, sent]);
      expect(await s.verify()).toMatchObject(fine);
    }));

  it('archived and then moved, before the server has heard of it', () =>
    servers.with(async (s) => {
      await s.deliver(mail('h'));
      await s.settle();
      s.actions.archive([s.entry('h')]);
      s.actions.setFlag([s.entry('h')], 'flagged', true);
      s.actions.move([s.entry('h')], s.mailbox('Projects'));
      await expectAt(s, 'h', ['Projects'], ['Projects \\Flagged', `${all} \\Flagged`]);
    }));
});

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
