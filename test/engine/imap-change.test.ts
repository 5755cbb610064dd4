import { afterEach, describe, expect, it } from 'vitest';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { asModSeq } from '../../shared/model/ids.ts';
import { ImapRigs, scriptDay, scriptMail, uids } from '../support/imap-rig.ts';
import { type ImapScript, without } from '../support/imap-script.ts';

const rigs = new ImapRigs();
afterEach(() => rigs.close());

describe('changing', () => {
  const flagsOf = (server: ImapScript, uid: number) => [...(server.store.get('INBOX').find(uid)?.flags ?? [])];

  it('stores flags; one that was changed meanwhile is left alone and told', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX', { forChange: true });
    expect(await session.storeFlags(uids(1, 2), 'add', ['\\Flagged', '$Label1'])).toEqual({ modified: [] });
    expect(flagsOf(server, 1)).toEqual(['\\Flagged', '$Label1']);
    await session.storeFlags(uids(2), 'remove', ['\\Seen', '$Forwarded', '$Label1']);
    expect(flagsOf(server, 2)).toEqual(['\\Flagged']);
    await session.storeFlags(uids(3), 'set', ['\\Seen']);
    expect(flagsOf(server, 3)).toEqual(['\\Seen']);
    const since = asModSeq(server.store.get('INBOX').highestModSeq);
    server.store.get('INBOX').setFlags(4, ['\\Answered']);
    expect(await session.storeFlags(uids(3, 4), 'add', ['\\Deleted'], since)).toEqual({ modified: [4] });
    expect([flagsOf(server, 3), flagsOf(server, 4)]).toEqual([['\\Seen', '\\Deleted'], ['\\Answered']]);
  });

  it('copies and moves with the new UIDs', async () => {
    const { server, session } = await rigs.open();
    const target = server.store.create('Archiv');
    await session.select('INBOX', { forChange: true });
    expect(await session.copy(uids(1, 3), 'Archiv')).toEqual({
      targetUidValidity: BigInt(target.uidValidity),
      mappings: [
        { source: 1, target: 1 },
        { source: 3, target: 2 },
      ],
    });
    expect(await session.move(uids(5), 'Archiv')).toEqual({
      targetUidValidity: BigInt(target.uidValidity),
      mappings: [{ source: 5, target: 3 }],
    });
    expect(server.store.get('INBOX').messages.map(({ uid }) => uid)).toEqual([1, 2, 3, 4]);
    await expect(session.copy(uids(1), 'Nirgends')).rejects.toMatchObject({
      code: 'mailbox-missing',
      scope: 'mailbox',
      detail: 'NO [TRYCREATE]',
    });
  });

  it('never stands in for MOVE or UID EXPUNGE with something unsafe', async () => {
    const { server, session } = await rigs.open({ capabilities: without('MOVE', 'UIDPLUS') });
    server.store.create('Archiv');
    await session.select('INBOX', { forChange: true });
    const before = server.commands.length;
    await expect(session.move(uids(1), 'Archiv')).rejects.toMatchObject({ code: 'operation-unsafe' });
    await expect(session.expunge(uids(1))).rejects.toMatchObject({ code: 'operation-unsafe' });
    expect(server.commands).toHaveLength(before);
    expect(await session.copy(uids(1), 'Archiv')).toEqual({ targetUidValidity: null, mappings: null });
    expect(await session.append('Archiv', Buffer.from(scriptMail(9)), [], scriptDay(1))).toEqual({ uidValidity: null, uid: null });
    expect(server.commands.some(({ name }) => name === 'EXPUNGE' || name === 'CLOSE')).toBe(false);
  });

  it('expunges exactly what it is told', async () => {
    const { server, session } = await rigs.open();
    server.store.get('INBOX').setFlags(1, ['\\Deleted']);
    server.store.get('INBOX').setFlags(2, ['\\Deleted']);
    await session.select('INBOX', { forChange: true });
    await session.expunge(uids(2));
    expect(server.store.get('INBOX').messages.map(({ uid }) => uid)).toEqual([1, 3, 4, 5]);
  });

  it('appends with flags and date, small and large', async () => {
    const { server, session } = await rigs.open();
    const target = server.store.create('Gesendet & Co');
    const large = Buffer.from(`${scriptMail(8)}${'y'.repeat(300_000)}`);
    expect(await session.append('Gesendet & Co', Buffer.from(scriptMail(7)), ['\\Seen', '$Sent'], scriptDay(7))).toEqual({
      uidValidity: BigInt(target.uidValidity),
      uid: 1,
    });
    expect(await session.append('Gesendet & Co', large, [], scriptDay(8))).toMatchObject({ uid: 2 });
    expect(
      target.messages.map((one) => [one.raw.equals(one.uid === 1 ? Buffer.from(scriptMail(7)) : large), [...one.flags], one.internalDate]),
    ).toEqual([
      [true, ['\\Seen', '$Sent'], scriptDay(7)],
      [true, [], scriptDay(8)],
    ]);
  });

  it.each([
    ['[TRYCREATE] none', 'mailbox-missing', 'mailbox'],
    ['[OVERQUOTA] full', 'over-quota', 'mailbox'],
    ['[TOOBIG] large', 'message-too-large', 'message'],
    ['[LIMIT] many', 'command-refused', 'mailbox'],
    ['[NOPERM] no', 'command-refused', 'mailbox'],
    ['no for alice@example.com', 'command-refused', 'mailbox'],
  ])('an APPEND answered NO %s is %s', async (no, code, scope) => {
    const { server, session } = await rigs.open();
    server.fault({ command: 'APPEND', action: { no } });
    await expect(session.append('INBOX', Buffer.from(scriptMail(9)), [], scriptDay(1))).rejects.toMatchObject({
      code,
      scope,
      detail: expect.not.stringContaining('alice'),
    });
    expect(session.isOpen).toBe(true);
    await session.noop();
  });

  const asks: Record<string, (session: ImapSession) => Promise<unknown>> = {
    'UID FETCH': (session) => session.fetchFlags(uids(1)),
    'UID STORE': (session) => session.storeFlags(uids(1), 'add', ['\\Seen']),
    APPEND: (session) => session.append('INBOX', Buffer.from(scriptMail(9)), [], scriptDay(1)),
  };
  const LIMITS = '[OVERQUOTA] Account exceeded command or bandwidth limits.';

  it.each([
    ['UID FETCH', LIMITS],
    ['UID FETCH', '[OVERQUOTA] over'],
    ['UID STORE', '[THROTTLED] later'],
    ['UID STORE', LIMITS],
    ['APPEND', LIMITS],
  ])('a server that answers nothing for a while is left alone, and nothing is given up: %s %s', async (command, no) => {
    const { server, session } = await rigs.open();
    await session.select('INBOX', { forChange: true });
    server.fault({ command, action: { no } });
    await expect(asks[command]!(session)).rejects.toMatchObject({ code: 'command-refused', scope: 'connection', retry: 'later' });
    expect(session.isOpen).toBe(false);
  });

  it('a change that finds the mailbox full ends by itself, and no connection for it', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX', { forChange: true });
    server.fault({ command: 'UID STORE', action: { no: '[OVERQUOTA] full' } });
    await expect(asks['UID STORE']!(session)).rejects.toMatchObject({ code: 'over-quota', scope: 'mailbox' });
    expect(session.isOpen).toBe(true);
  });

  it('needs a mailbox that is open for changes', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX');
    const before = server.commands.length;
    const calls = [
      () => session.storeFlags(uids(1), 'add', ['\\Seen']),
      () => session.copy(uids(1), 'X'),
      () => session.move(uids(1), 'X'),
      () => session.expunge(uids(1)),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'call-rejected' });
    expect(server.commands).toHaveLength(before);
  });

  it('lets no argument add a line or a command', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX', { forChange: true });
    const before = server.commands.length;
    for (const evil of ['x\r\nA1 DELETE INBOX', 'x\rA1', 'x\nA1', 'x\0']) {
      await session.createMailbox(evil);
      const calls = [() => session.storeFlags(uids(1), 'add', [evil]), () => session.append('INBOX', Buffer.from('x'), [evil], 0)];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'call-rejected' });
      await session.searchMessageId(`<${evil}@example.com>`);
    }
    await expect(session.append('INBOX', Buffer.from('a\0b'), [], 0)).rejects.toMatchObject({ code: 'call-rejected' });
    expect(new Set(server.commands.slice(before).map(({ name }) => name))).toEqual(new Set(['CREATE', 'UID SEARCH', 'UID FETCH']));
    expect(server.commands.slice(before).every(({ name, args }) => name !== 'CREATE' || /^"x&[A-Za-z0-9+,]+-/.test(args))).toBe(true);
  });
});
