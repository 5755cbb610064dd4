import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readList } from '../../main/engine/read/read-list.ts';
import { search } from '../../main/engine/read/search.ts';
import { expectAt, fine, hits, mail, places, recoverable } from '../support/gmail-expect.ts';
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
