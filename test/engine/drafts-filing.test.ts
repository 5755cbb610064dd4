import { simpleParser } from 'mailparser';
import { afterEach, describe, expect, it } from 'vitest';
import { MailError } from '../../shared/errors.ts';
import type { UndoToken } from '../../shared/model/action.ts';
import { answerCall } from '../../main/engine/calls.ts';
import { allCapabilities } from '../support/imap-script.ts';
import { DraftRig } from '../support/draft-rig.ts';

let rig: DraftRig;
const open = async (...options: Parameters<typeof DraftRig.open>) => {
  rig = await DraftRig.open(...options);
  await rig.rig.mirror();
};
afterEach(() => rig.close());

const to = [{ name: 'Bob', address: 'bob@example.org' }];
const begin = async (text = 'one') => {
  const { id } = await rig.desk.start({ kind: 'new', accountId: null, mailto: null });
  return { id, version: rig.desk.save(id, 0, rig.content({ to, bcc: to, subject: 'S', text })).version };
};
const bodies = async () => Promise.all(rig.messages('Drafts').map(async (one) => ((await simpleParser(one.raw)).text ?? '').trim()));
const copies = () => rig.store.outboxHandle.db.prepare('SELECT state FROM draft_copies').pluck().all();
const foreign =
  'From: alice@example.com\nTo: bob@example.org\nSubject: From elsewhere\nMessage-ID: <f@example.com>\nDate: Fri, 27 Nov 2026 10:00:00 +0000\n\nold words\n';

describe('a draft on the primary', () => {
  it('is filed after a pause, once, as a draft that was read, with its blind recipients', async () => {
    await open();
    await begin();
    await rig.rig.mirror();
    expect(rig.messages('Drafts')).toEqual([]);
    await rig.file();
    await rig.file();
    expect(await bodies()).toEqual(['one']);
    const [filed] = rig.messages('Drafts');
    expect([...filed!.flags].map((flag) => flag.toLowerCase()).sort()).toEqual(['\\draft', '\\seen']);
    expect(filed!.raw.toString()).toContain('Bcc: "Bob" <bob@example.org>\r\n');
    expect(copies()).toEqual(['filed']);
  });

  it('is not filed while nothing was written', async () => {
    await open();
    await rig.desk.start({ kind: 'new', accountId: null, mailto: null });
    await rig.file();
    expect(rig.messages('Drafts')).toEqual([]);
  });

  it('is replaced by its next version; nothing of the old one is left or listed', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    rig.desk.save(id, version, rig.content({ to, text: 'two' }));
    await rig.file();
    expect(await bodies()).toEqual(['two']);
    await rig.rig.mirror();
    expect(rig.rig.rows('Drafts')).toHaveLength(1);
    expect(rig.rig.recoverable()).toEqual([]);
    expect(rig.desk.get(id).hasConflict).toBe(false);
  });

  it('whose old copy is refused once is still replaced: a refusal is no sign that the mailbox is gone', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    rig.desk.save(id, version, rig.content({ to, text: 'two' }));
    rig.server.fault({ command: 'SELECT', action: { no: '[TRYCREATE] none' } });
    await rig.file();
    expect(await bodies()).toEqual(['one', 'two']);
    rig.pass(60_000);
    await rig.file();
    expect(await bodies()).toEqual(['two']);
    expect(copies()).toEqual(['filed']);
  });

  it('is filed again when a file came or went', async () => {
    await open();
    const { id } = await begin();
    await rig.file();
    const file = rig.desk.addFile(id, { name: 'a.txt', mimeType: 'text/plain', isInline: false, content: Buffer.from('x') });
    await rig.file();
    const attached = async () => (await simpleParser(rig.messages('Drafts')[0]!.raw)).attachments.length;
    expect([rig.messages('Drafts').length, await attached()]).toEqual([1, 1]);
    rig.desk.removeFile(id, file.id);
    await rig.file();
    expect([rig.messages('Drafts').length, await attached()]).toEqual([1, 0]);
  });

  it.each(['discard', 'send'] as const)('goes after %s', async (how) => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    await (how === 'send' ? rig.desk.send(id, version) : rig.desk.discard(id));
    await rig.file();
    expect(rig.messages('Drafts')).toEqual([]);
    expect(copies()).toEqual([]);
    await rig.rig.mirror();
    expect(rig.rig.recoverable()).toEqual([]);
  });

  it('comes back when the mail is taken back', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    const { outboxId } = await rig.desk.send(id, version);
    rig.rig.engine.features.compose.reopen(outboxId, id, null);
    await rig.file();
    expect(await bodies()).toEqual(['one']);
  });

  it('opened from the list is the open draft, not a copy of it', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    await rig.rig.mirror();
    const entryId = rig.entry('Drafts');
    rig.desk.save(id, version, rig.content({ text: 'newer here' }));
    const opened = await rig.desk.start({ kind: 'edit', entryId });
    expect(opened).toMatchObject({ id, content: { text: 'newer here' } });
    expect(rig.desk.list()).toHaveLength(1);
    rig.desk.discard(id);
    await expect(rig.desk.start({ kind: 'edit', entryId })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is thrown away when its copy is deleted from the list, and the deletion can be taken back', async () => {
    await open();
    rig.server.store.create('Trash', { specialUse: '\\Trash' });
    await rig.rig.mirror();
    const { id, version } = await begin();
    await rig.file();
    await rig.rig.mirror();
    const entryId = rig.entry('Drafts');
    const { undoId } = (await answerCall(rig.rig.engine, 'messages.delete', [{ entryIds: [entryId] }])) as UndoToken;
    expect(rig.desk.list()).toEqual([]);
    expect(() => rig.desk.save(id, version, rig.content({ text: 'late words' }))).toThrow('not-found');
    await rig.file();
    expect([rig.texts('Drafts').length, rig.texts('Trash').length, copies()]).toEqual([0, 1, []]);
    await rig.file();
    expect([rig.texts('Drafts').length, rig.texts('Trash').length]).toEqual([0, 1]);
    rig.rig.engine.actions.undo(undoId);
    await rig.file();
    expect([await bodies(), rig.texts('Trash')]).toEqual([['one'], []]);
    const again = await rig.desk.start({ kind: 'edit', entryId: rig.entry('Drafts') });
    expect(again.content).toMatchObject({ text: 'one' });
  });

  it('written on since is thrown away, too: no newer copy of it is filed', async () => {
    await open();
    rig.server.store.create('Trash', { specialUse: '\\Trash' });
    await rig.rig.mirror();
    const { id, version } = await begin();
    await rig.file();
    await rig.rig.mirror();
    rig.desk.save(id, version, rig.content({ text: 'two' }));
    await answerCall(rig.rig.engine, 'messages.delete', [{ entryIds: [rig.entry('Drafts')] }]);
    await rig.file();
    await rig.file();
    expect([rig.desk.list(), rig.texts('Drafts'), rig.texts('Trash').length, copies()]).toEqual([[], [], 1, []]);
  });

  it('stays open when another mail of the Drafts mailbox is deleted', async () => {
    await open();
    rig.server.store.create('Trash', { specialUse: '\\Trash' });
    rig.receive(foreign, 'Drafts', ['\\Draft']);
    const { id } = await begin();
    await rig.file();
    await rig.rig.mirror();
    const entryId = rig.rig.rows('Drafts').find((row) => row.subject === 'From elsewhere')!.id;
    await answerCall(rig.rig.engine, 'messages.delete', [{ entryIds: [entryId] }]);
    await rig.file();
    expect(rig.desk.list().map((one) => one.id)).toEqual([id]);
    expect(await bodies()).toEqual(['one']);
  });

  it('in the outbox is not opened a second time', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    await rig.rig.mirror();
    await rig.desk.send(id, version);
    await expect(rig.desk.start({ kind: 'edit', entryId: rig.entry('Drafts') })).rejects.toMatchObject({ code: 'too-late' });
  });

  it('moves to the other account with its sender', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    const other = await rig.rig.engine.enrol(
      { ...rig.store.accounts.get(rig.rig.accountId).config, email: 'other@example.com' },
      { primary: { imap: { type: 'password', password: 'pw-alice' } }, relay: null },
    );
    rig.desk.save(id, version, rig.content({ accountId: other.id, to, text: 'two' }));
    await rig.file();
    await rig.file();
    expect(rig.texts('Drafts').map((one) => /From: .*<(.*)>/u.exec(one)?.[1])).toEqual(['other@example.com']);
  });
});

describe('what another program does', () => {
  it('changed our copy: theirs and ours are both kept, and the draft says so', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    const [ours] = rig.messages('Drafts');
    rig.receive(ours!.raw.toString().replace('one', 'theirs'), 'Drafts', ['\\Draft']);
    rig.server.store.get('Drafts').expunge(ours!.uid);
    rig.desk.save(id, version, rig.content({ to, text: 'two' }));
    await rig.file();
    await rig.file();
    expect((await bodies()).sort()).toEqual(['theirs', 'two']);
    expect(rig.desk.get(id).hasConflict).toBe(true);
  });

  it('has a mail of the same Message-ID: our copy, removed just before the connection ended, is no change of theirs', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    const [ours] = rig.messages('Drafts');
    rig.receive(ours!.raw.toString().replace('one', 'twin'), 'Drafts', ['\\Draft']);
    rig.desk.save(id, version, rig.content({ to, text: 'two' }));
    // As it is left when the connection ends after the EXPUNGE: proved, gone, and not noted as removed.
    rig.store.outboxHandle.db.exec('UPDATE draft_copies SET is_proved = 1');
    rig.server.store.get('Drafts').expunge(ours!.uid);
    await rig.file();
    await rig.file();
    expect((await bodies()).sort()).toEqual(['twin', 'two']);
    expect(rig.desk.get(id).hasConflict).toBe(false);
    expect(copies()).toEqual(['filed']);
  });

  it('removed our copy: the draft stays here, and comes back with the next word', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    rig.server.store.get('Drafts').expunge(rig.messages('Drafts')[0]!.uid);
    await rig.file();
    expect(rig.messages('Drafts')).toEqual([]);
    rig.desk.save(id, version, rig.content({ text: 'two' }));
    await rig.file();
    expect(await bodies()).toEqual(['two']);
    expect(rig.desk.get(id)).toMatchObject({ hasConflict: true, content: { text: 'two' } });
  });

  it('marked our copy only: it is replaced all the same, and the new one has the marks', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    const box = rig.server.store.get('Drafts');
    box.setFlags(box.messages[0]!.uid, ['\\Draft', '\\Flagged', 'Wichtig']);
    rig.desk.save(id, version, rig.content({ text: 'two' }));
    await rig.file();
    expect(await bodies()).toEqual(['two']);
    const flags = [...rig.messages('Drafts')[0]!.flags].map((flag) => flag.toLowerCase());
    expect(flags.sort()).toEqual(['\\draft', '\\flagged', '\\seen', 'wichtig']);
    expect(rig.desk.get(id).hasConflict).toBe(false);
  });

  it.each([
    ['goes to the Trash', allCapabilities, { Drafts: 0, Trash: 1 }],
    [
      'stays where nothing can be moved',
      allCapabilities.filter((name) => name !== 'MOVE' && name !== 'IMAP4rev2'),
      { Drafts: 1, Trash: 0 },
    ],
  ] as const)('marked our copy of a draft that is discarded here: it %s', async (_what, capabilities, places) => {
    await open({}, { capabilities });
    rig.server.store.create('Trash', { specialUse: '\\Trash' });
    const { id } = await begin();
    await rig.file();
    const box = rig.server.store.get('Drafts');
    box.setFlags(box.messages[0]!.uid, ['\\Draft', '\\Seen', '\\Flagged']);
    rig.desk.discard(id);
    await rig.file();
    await rig.file();
    expect({ Drafts: rig.messages('Drafts').length, Trash: rig.messages('Trash').length }).toEqual(places);
    expect(copies()).toEqual([]);
    expect(rig.rig.recoverable()).toEqual([]);
  });

  it('began a draft: it is read in, and saving or sending it replaces it', async () => {
    await open();
    rig.receive(foreign, 'Drafts', ['\\Draft']);
    await rig.rig.mirror();
    const entryId = rig.entry('Drafts');
    const draft = await rig.desk.start({ kind: 'edit', entryId });
    expect(draft.content).toMatchObject({ to: [{ address: 'bob@example.org' }], subject: 'From elsewhere', format: 'plain' });
    expect(draft.content.text.trim()).toBe('old words');
    expect((await rig.desk.start({ kind: 'edit', entryId })).id).toBe(draft.id);
    await rig.file();
    expect(rig.server.mutating()).toEqual([]);
    const { version } = rig.desk.save(draft.id, 0, { ...draft.content, text: 'new words' });
    await rig.file();
    expect(await bodies()).toEqual(['new words']);
    await rig.desk.send(draft.id, version);
    await rig.file();
    expect(rig.messages('Drafts')).toEqual([]);
  });

  it('changed its draft after we had read it: both are kept', async () => {
    await open();
    const theirs = rig.receive(foreign, 'Drafts', ['\\Draft']);
    await rig.rig.mirror();
    const draft = await rig.desk.start({ kind: 'edit', entryId: rig.entry('Drafts') });
    rig.server.store.get('Drafts').expunge(theirs.uid);
    rig.receive(foreign.replace('old words', 'their newer words'), 'Drafts', ['\\Draft']);
    rig.desk.save(draft.id, 0, { ...draft.content, text: 'ours' });
    await rig.file();
    await rig.file();
    expect((await bodies()).sort()).toEqual(['ours', 'their newer words']);
    expect(rig.desk.get(draft.id).hasConflict).toBe(true);
  });
});

describe('servers', () => {
  it('without UIDPLUS: our copy is marked, and no other mail is touched', async () => {
    await open({}, { capabilities: allCapabilities.filter((name) => name !== 'UIDPLUS' && name !== 'IMAP4rev2') });
    const bystander = rig.receive(foreign, 'Drafts', ['\\Deleted']);
    const { id, version } = await begin();
    await rig.file();
    rig.desk.save(id, version, rig.content({ text: 'two' }));
    await rig.file();
    expect(await bodies()).toEqual(['two']);
    expect(rig.server.store.get('Drafts').find(bystander.uid)).not.toBeNull();
    expect(rig.server.mutating().filter((one) => one.name.includes('EXPUNGE'))).toEqual([]);
  });

  it.each([{ no: '[OVERQUOTA] full' }, { no: '[TRYCREATE] gone' }, { no: '[TOOBIG] large' }, { bad: 'no' }, { bye: 'down' }])(
    'that answer %j: the draft stays here and is filed later',
    async (action) => {
      await open();
      const { id, version } = await begin();
      const withdraw = rig.server.fault({ command: 'APPEND', nth: 'every', action });
      await rig.file().catch((error: unknown) => expect(error).toBeInstanceOf(MailError));
      expect(rig.desk.get(id).content.text).toBe('one');
      withdraw();
      // What is refused for good is tried again with the next word only; the rest within a minute or so.
      if ('no' in action && action.no.startsWith('[TOOBIG]')) rig.desk.save(id, version, rig.content({ to, text: 'one' }));
      rig.pass(60_000);
      await rig.file();
      expect(await bodies()).toEqual(['one']);
      expect(rig.desk.get(id).notFiled).toBeNull();
    },
  );

  it('with another UIDVALIDITY: our copy is found by its Message-ID', async () => {
    await open();
    const { id, version } = await begin();
    await rig.file();
    rig.server.store.get('Drafts').uidValidity += 7;
    rig.desk.save(id, version, rig.content({ text: 'two' }));
    await rig.file();
    expect(await bodies()).toEqual(['two']);
  });

  it('that loses its Drafts mailbox: nothing is filed, nothing lost, nothing tried for ever', async () => {
    await open();
    const { id } = await begin();
    await rig.file();
    rig.server.store.delete('Drafts');
    await rig.rig.mirror();
    rig.desk.discard(id);
    await rig.file();
    expect(copies()).toEqual([]);
  });
});
