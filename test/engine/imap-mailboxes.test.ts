import { afterEach, describe, expect, it } from 'vitest';
import { asUid } from '../../shared/model/ids.ts';
import { ImapRigs, scriptDay, uids } from '../support/imap-rig.ts';
import { allCapabilities, without } from '../support/imap-script.ts';
import { withoutUntagged } from '../support/imap-script/lies.ts';

const rigs = new ImapRigs();
afterEach(() => rigs.close());

describe('mailboxes', () => {
  it.each([
    ['LIST-STATUS in one round trip', allCapabilities, ['LIST'], true],
    ['LIST and LSUB', without('LIST-EXTENDED', 'LIST-STATUS'), ['LIST', 'LSUB'], false],
    ['LIST with subscriptions', without('LIST-STATUS'), ['LIST'], false],
  ])('are listed by %s', async (_, capabilities, commands, hasStatus) => {
    const { server, session } = await rigs.open({ capabilities });
    server.store.create('Gesendet/Übersicht & Co', { specialUse: '\\Sent' });
    server.store.create('Alt', { isSubscribed: false });
    server.store.create('Eltern', { isSelectable: false });
    const before = server.commands.length;
    const list = await session.list();
    expect(server.commands.slice(before).map(({ name }) => name)).toEqual(commands);
    const byPath = new Map(list.map((one) => [one.path, one]));
    expect([...byPath.keys()].sort()).toEqual(['Alt', 'Eltern', 'Gesendet/Übersicht & Co', 'INBOX']);
    expect(byPath.get('Gesendet/Übersicht & Co')).toMatchObject({ isSubscribed: true, isSelectable: true, delimiter: '/' });
    expect(byPath.get('Gesendet/Übersicht & Co')?.attributes).toContain('\\sent');
    expect(byPath.get('Alt')?.isSubscribed).toBe(false);
    expect(byPath.get('Eltern')?.isSelectable).toBe(false);
    expect(byPath.get('INBOX')?.status ?? null).toEqual(
      hasStatus ? expect.objectContaining({ messages: 5, uidNext: 6, highestModSeq: expect.any(BigInt) }) : null,
    );
    expect(byPath.get('INBOX')?.objectId ?? null).toEqual(hasStatus ? expect.any(String) : null);
  });

  it('with odd names are listed and can be opened, or are left out where no command could name them', async () => {
    const { server, session } = await rigs.open();
    server.store.create('a', { wireName: 'A&B' });
    server.store.create('b', { wireName: 'Entw\xfcrfe' });
    server.store.create('c', { wireName: '../../etc/passwd' });
    server.store.create('d', { wireName: 'x'.repeat(10_000) });
    server.store.create('e', { wireName: 'tab\there' });
    const paths = (await session.list()).map((one) => one.path);
    expect(paths).toHaveLength(5);
    expect(paths).toContain('../../etc/passwd');
    for (const path of paths) await expect(session.status(path)).resolves.toMatchObject({ messages: expect.any(Number) });
  });

  it('answer their status; a missing one is missing', async () => {
    const { server, session } = await rigs.open();
    const box = server.store.get('INBOX');
    expect(await session.status('INBOX')).toEqual({
      uidValidity: BigInt(box.uidValidity),
      uidNext: 6,
      messages: 5,
      unseen: 4,
      highestModSeq: box.highestModSeq,
    });
    await expect(session.status('Nowhere')).rejects.toMatchObject({ code: 'mailbox-missing', scope: 'mailbox' });
    server.fault({ command: 'STATUS', action: { no: 'no such thing' } });
    await expect(session.status('Nowhere')).rejects.toMatchObject({ code: 'mailbox-missing', scope: 'mailbox' });
    server.fault({ command: 'STATUS', action: { no: 'not now' } });
    await expect(session.status('INBOX')).rejects.toMatchObject({ code: 'command-refused', scope: 'mailbox' });
    expect(session.isOpen).toBe(true);
  });

  it('are opened for reading by EXAMINE and for changing by SELECT', async () => {
    const { server, session } = await rigs.open();
    const box = server.store.get('INBOX');
    const state = { path: 'INBOX', uidValidity: BigInt(box.uidValidity), uidNext: 6, exists: 5, highestModSeq: box.highestModSeq };
    const system = ['\\answered', '\\flagged', '\\deleted', '\\seen', '\\draft'];
    expect(await session.select('INBOX')).toEqual({ ...state, permanentFlags: new Set([...system, '$forwarded']) });
    const changeable = await session.select('INBOX', { forChange: true });
    expect(changeable).toEqual({ ...state, permanentFlags: new Set([...system, '$forwarded', '\\*']) });
    expect(server.commands.slice(-2).map(({ name }) => name)).toEqual(['EXAMINE', 'SELECT']);
  });

  it('without mod-sequences or UIDNEXT are opened; without UIDVALIDITY they are refused', async () => {
    const { server, session } = await rigs.open();
    server.store.create('Old', { hasModSeq: false });
    expect((await session.select('Old')).highestModSeq).toBeNull();
    expect(await session.fetchFlags(uids(1))).toEqual([]);
    const strip = (name: string) => ({
      rewrite: (answer: Buffer) =>
        Buffer.from(answer.toString('latin1').replace(new RegExp(`^\\* OK \\[${name}[^\\r]*\\r\\n`, 'm'), ''), 'latin1'),
    });
    server.fault({ command: 'EXAMINE', action: strip('UIDNEXT') });
    expect((await session.select('INBOX')).uidNext).toBe(6);
    server.fault({ command: 'EXAMINE', action: strip('PERMANENTFLAGS') });
    expect((await session.select('INBOX')).permanentFlags).toBeNull();
    server.fault({ command: 'EXAMINE', action: strip('UIDVALIDITY') });
    await expect(session.select('INBOX')).rejects.toMatchObject({ code: 'answer-incomplete', scope: 'mailbox' });
    await expect(session.fetchFlags(uids(1))).rejects.toMatchObject({ code: 'call-rejected' });
  });

  it('are made, renamed, subscribed and removed', async () => {
    const { server, session } = await rigs.open();
    await session.createMailbox('Ärger');
    await expect(session.createMailbox('Ärger')).rejects.toMatchObject({ code: 'mailbox-exists' });
    await session.renameMailbox('Ärger', 'Freude');
    await session.subscribe('Freude', false);
    expect(server.store.get('Freude').isSubscribed).toBe(false);
    await session.deleteMailbox('Freude');
    await expect(session.deleteMailbox('Freude')).rejects.toMatchObject({ code: 'mailbox-missing' });
    for (const call of [session.deleteMailbox('INBOX'), session.renameMailbox('inbox', 'x')])
      await expect(call).rejects.toMatchObject({ code: 'operation-unsafe' });
  });
});

describe('searching', () => {
  it.each([
    ['ESEARCH', allCapabilities],
    ['SEARCH', without('ESEARCH')],
  ])('by %s finds windows, ranges and Message-IDs', async (_, capabilities) => {
    const { server, session } = await rigs.open({ capabilities });
    server.store.get('INBOX').setFlags(1, ['\\Flagged']);
    server.store.get('INBOX').add({ raw: 'Message-ID: <x3@example.com>\r\n\r\n' });
    await session.select('INBOX');
    expect(await session.searchWindow(scriptDay(5), false)).toEqual([4, 5, 6]);
    expect(await session.searchWindow(scriptDay(5), true)).toEqual([1, 4, 5, 6]);
    expect(await session.searchWindow(Date.UTC(2100, 0, 1), false)).toEqual([]);
    expect(await session.searchUidRange(asUid(2), asUid(4))).toEqual([2, 3, 4]);
    expect(await session.searchUidRange(asUid(50), asUid(60))).toEqual([]);
    // A part of the id is what servers look for; the whole is what is asked.
    expect(await session.searchMessageId('<3@example.com>')).toEqual([3]);
    expect(await session.searchMessageId('<3@example.com>', asUid(4))).toEqual([]);
    expect(await session.searchMessageId('<none@example.com>')).toEqual([]);
    await expect(session.searchMessageId('a\r\nb')).resolves.toEqual([]);
  });

  it('an empty mailbox finds nothing', async () => {
    const { session } = await rigs.open({}, {}, 0);
    await session.select('INBOX');
    expect(await session.searchWindow(0, true)).toEqual([]);
  });

  it.each([
    ['ESEARCH', allCapabilities],
    ['SEARCH', without('ESEARCH')],
  ])('never takes a missing %s line for nothing', async (line, capabilities) => {
    const { server, session } = await rigs.open({ capabilities });
    await session.select('INBOX');
    const forget = () => server.fault({ command: 'UID SEARCH', action: { rewrite: (answer) => withoutUntagged(answer, line) } });
    forget();
    expect(await session.searchUidRange(asUid(2), asUid(4))).toEqual([2, 3, 4]);
    forget();
    expect(await session.searchUidRange(asUid(50), asUid(60))).toEqual([]);
    forget();
    expect(await session.searchWindow(scriptDay(3), false)).toEqual([2, 3, 4, 5]);
    const always = server.fault({ command: 'UID SEARCH', nth: 'every', action: { rewrite: (answer) => withoutUntagged(answer, line) } });
    await expect(session.searchUidRange(asUid(2), asUid(4))).rejects.toMatchObject({ code: 'answer-incomplete', scope: 'mailbox' });
    await expect(session.searchWindow(0, true)).rejects.toMatchObject({ code: 'answer-incomplete' });
    await expect(session.searchMessageId('<3@example.com>')).rejects.toMatchObject({ code: 'answer-incomplete' });
    always();
    expect(session.isOpen).toBe(true);
  });
});
