import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createImapGateway } from '../../main/engine/imap/imapflow-gateway.ts';
import type { ImapSession, RemoteSummary } from '../../main/engine/imap/gateway.ts';
import { asModSeq, asUid, type Uid } from '../../shared/model/ids.ts';
import { allCapabilities, startImapScript, without, type ImapScript, type ImapScriptOptions } from '../support/imap-script.ts';
import { nestedParens, untaggedFlood, withoutUntagged, wrongUid } from '../support/imap-script/lies.ts';
import { collect, openGatewaySession, type GatewaySessionOptions } from '../support/gateway-session.ts';

const raw = (n: number): string => `From: A <a@example.com>\r\nTo: b@example.org\r\nSubject: n ${n}\r\nMessage-ID: <${n}@example.com>\r\nDate: Wed, 01 Jan 2025 10:00:00 +0000\r\n\r\nLine ${n}\r\n`;
const uids = (...list: number[]) => list as Uid[];
const DAY = (n: number): number => Date.UTC(2025, 0, n, 12);

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

async function rig(options: ImapScriptOptions = {}, session: Partial<GatewaySessionOptions> = {}, messages = 5): Promise<{ server: ImapScript; session: ImapSession }> {
  const server = await startImapScript(options);
  closers.push(() => server.close());
  for (let n = 1; n <= messages; n += 1) server.store.get('INBOX').add({ raw: raw(n), internalDate: DAY(n), flags: n === 2 ? ['\\Seen', '$Forwarded'] : [] });
  const opened = await openGatewaySession({ port: server.port, ...session });
  closers.push(() => opened.close());
  return { server, session: opened };
}

const sent = (server: ImapScript, name: string): string[] => server.commands.filter((command) => command.name === name).map((command) => command.args);

describe('mailboxes', () => {
  it.each([
    ['LIST-STATUS in one round trip', allCapabilities, ['LIST'], true],
    ['LIST and LSUB', without('LIST-EXTENDED', 'LIST-STATUS'), ['LIST', 'LSUB'], false],
    ['LIST with subscriptions', without('LIST-STATUS'), ['LIST'], false],
  ])('are listed by %s', async (_, capabilities, commands, hasStatus) => {
    const { server, session } = await rig({ capabilities });
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
    expect(byPath.get('INBOX')?.status ?? null).toEqual(hasStatus ? expect.objectContaining({ messages: 5, uidNext: 6, highestModSeq: expect.any(BigInt) }) : null);
    expect(byPath.get('INBOX')?.objectId ?? null).toEqual(hasStatus ? expect.any(String) : null);
  });

  it('with odd names are listed and can be opened, or are left out where no command could name them', async () => {
    const { server, session } = await rig();
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
    const { server, session } = await rig();
    const box = server.store.get('INBOX');
    expect(await session.status('INBOX')).toEqual({ uidValidity: BigInt(box.uidValidity), uidNext: 6, messages: 5, unseen: 4, highestModSeq: box.highestModSeq });
    await expect(session.status('Nowhere')).rejects.toMatchObject({ code: 'mailbox-missing', scope: 'mailbox' });
    server.fault({ command: 'STATUS', action: { no: 'no such thing' } });
    await expect(session.status('Nowhere')).rejects.toMatchObject({ code: 'mailbox-missing', scope: 'mailbox' });
    server.fault({ command: 'STATUS', action: { no: 'not now' } });
    await expect(session.status('INBOX')).rejects.toMatchObject({ code: 'command-refused', scope: 'mailbox' });
    expect(session.isOpen).toBe(true);
  });

  it('are opened for reading by EXAMINE and for changing by SELECT', async () => {
    const { server, session } = await rig();
    const box = server.store.get('INBOX');
    const state = { path: 'INBOX', uidValidity: BigInt(box.uidValidity), uidNext: 6, exists: 5, highestModSeq: box.highestModSeq };
    expect(await session.select('INBOX')).toEqual(state);
    expect(await session.select('INBOX', { forChange: true })).toEqual(state);
    expect(server.commands.slice(-2).map(({ name }) => name)).toEqual(['EXAMINE', 'SELECT']);
  });

  it('without mod-sequences or UIDNEXT are opened; without UIDVALIDITY they are refused', async () => {
    const { server, session } = await rig();
    server.store.create('Old', { hasModSeq: false });
    expect((await session.select('Old')).highestModSeq).toBeNull();
    expect(await session.fetchFlags(uids(1))).toEqual([]);
    const strip = (name: string) => ({ rewrite: (answer: Buffer) => Buffer.from(answer.toString('latin1').replace(new RegExp(`^\\* OK \\[${name}[^\\r]*\\r\\n`, 'm'), ''), 'latin1') });
    server.fault({ command: 'EXAMINE', action: strip('UIDNEXT') });
    expect((await session.select('INBOX')).uidNext).toBe(6);
    server.fault({ command: 'EXAMINE', action: strip('UIDVALIDITY') });
    await expect(session.select('INBOX')).rejects.toMatchObject({ code: 'answer-incomplete', scope: 'mailbox' });
    await expect(session.fetchFlags(uids(1))).rejects.toMatchObject({ code: 'call-rejected' });
  });

  it('are made, renamed, subscribed and removed', async () => {
    const { server, session } = await rig();
    await session.createMailbox('Ärger');
    await expect(session.createMailbox('Ärger')).rejects.toMatchObject({ code: 'mailbox-exists' });
    await session.renameMailbox('Ärger', 'Freude');
    await session.subscribe('Freude', false);
    expect(server.store.get('Freude').isSubscribed).toBe(false);
    await session.deleteMailbox('Freude');
    await expect(session.deleteMailbox('Freude')).rejects.toMatchObject({ code: 'mailbox-missing' });
    for (const call of [session.deleteMailbox('INBOX'), session.renameMailbox('inbox', 'x')]) await expect(call).rejects.toMatchObject({ code: 'operation-unsafe' });
  });
});

describe('searching', () => {
  it.each([
    ['ESEARCH', allCapabilities],
    ['SEARCH', without('ESEARCH')],
  ])('by %s finds windows, ranges and Message-IDs', async (_, capabilities) => {
    const { server, session } = await rig({ capabilities });
    server.store.get('INBOX').setFlags(1, ['\\Flagged']);
    server.store.get('INBOX').add({ raw: 'Message-ID: <x3@example.com>\r\n\r\n' });
    await session.select('INBOX');
    expect(await session.searchWindow(DAY(5), false)).toEqual([4, 5, 6]);
    expect(await session.searchWindow(DAY(5), true)).toEqual([1, 4, 5, 6]);
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
    const { session } = await rig({}, {}, 0);
    await session.select('INBOX');
    expect(await session.searchWindow(0, true)).toEqual([]);
  });

  it.each([
    ['ESEARCH', allCapabilities],
    ['SEARCH', without('ESEARCH')],
  ])('never takes a missing %s line for nothing', async (line, capabilities) => {
    const { server, session } = await rig({ capabilities });
    await session.select('INBOX');
    const forget = () => server.fault({ command: 'UID SEARCH', action: { rewrite: (answer) => withoutUntagged(answer, line) } });
    forget();
    expect(await session.searchUidRange(asUid(2), asUid(4))).toEqual([2, 3, 4]);
    forget();
    expect(await session.searchUidRange(asUid(50), asUid(60))).toEqual([]);
    forget();
    expect(await session.searchWindow(DAY(3), false)).toEqual([2, 3, 4, 5]);
    const always = server.fault({ command: 'UID SEARCH', nth: 'every', action: { rewrite: (answer) => withoutUntagged(answer, line) } });
    await expect(session.searchUidRange(asUid(2), asUid(4))).rejects.toMatchObject({ code: 'answer-incomplete', scope: 'mailbox' });
    await expect(session.searchWindow(0, true)).rejects.toMatchObject({ code: 'answer-incomplete' });
    await expect(session.searchMessageId('<3@example.com>')).rejects.toMatchObject({ code: 'answer-incomplete' });
    always();
    expect(session.isOpen).toBe(true);
  });
});

describe('fetching', () => {
  const summaries = async (session: ImapSession, ...list: number[]) => collect(session.fetchSummaries(uids(...list)));

  it('gives summaries of those that exist', async () => {
    const { session } = await rig();
    await session.select('INBOX');
    const [first, second, ...more] = (await summaries(session, 2, 3, 77)) as RemoteSummary[];
    expect(more).toEqual([]);
    expect(first).toMatchObject({ uid: 2, flags: ['\\Seen', '$Forwarded'], internalDate: DAY(2), sizeBytes: raw(2).length, messageId: '<2@example.com>', subject: 'n 2', emailId: expect.any(String), modSeq: expect.any(BigInt) });
    expect(second?.uid).toBe(3);
  });

  it('gives sources, slices and headers byte by byte', async () => {
    const { session } = await rig();
    await session.select('INBOX');
    expect((await collect(session.fetchSources(uids(1, 4)))).map((one) => ('raw' in one ? Buffer.from(one.raw).toString() : 'error'))).toEqual([raw(1), raw(4)]);
    const pieces: Uint8Array[] = [];
    for (let at = 0; ; at += 7) {
      const piece = await session.fetchSlice(asUid(3), at, 7);
      pieces.push(piece);
      if (piece.byteLength < 7) break;
    }
    expect(Buffer.concat(pieces).toString()).toBe(raw(3));
    expect(await session.fetchSlice(asUid(3), 100_000, 10)).toHaveLength(0);
    expect(Buffer.from(await session.fetchHeader(asUid(3))).toString()).toBe(raw(3).slice(0, raw(3).indexOf('\r\n\r\n') + 4));
    await expect(session.fetchSlice(asUid(99), 0, 10)).rejects.toMatchObject({ code: 'message-missing', scope: 'message' });
    await expect(session.fetchHeader(asUid(99))).rejects.toMatchObject({ code: 'message-missing', scope: 'message' });
  });

  it('gives flags, and changes since a MODSEQ with what vanished', async () => {
    const { server, session } = await rig();
    const box = server.store.get('INBOX');
    const before = box.highestModSeq;
    box.setFlags(1, ['\\Flagged']);
    box.setFlags(4, ['\\Seen']);
    box.expunge(3);
    box.expunge(5);
    await session.select('INBOX');
    expect((await session.fetchFlags(uids(1, 2, 3))).map(({ uid, flags }) => [uid, flags])).toEqual([
      [1, ['\\Flagged']],
      [2, ['\\Seen', '$Forwarded']],
    ]);
    // Of messages not known only flagged ones are told.
    expect(await session.changes(asModSeq(before), uids(2, 3))).toEqual({ flags: [{ uid: 1, flags: ['\\Flagged'], modSeq: expect.any(BigInt) }], vanished: [3] });
    const all = await session.changes(asModSeq(0), uids(1, 2, 3, 4, 5));
    expect(all.flags.map(({ uid }) => uid)).toEqual([1, 2, 4]);
    expect(all.vanished).toEqual([3, 5]);
  });

  it('tells no vanished messages without QRESYNC, and no changes without CONDSTORE', async () => {
    const some = await rig({ capabilities: without('QRESYNC') });
    some.server.store.get('INBOX').setFlags(1, ['\\Seen']);
    await some.session.select('INBOX');
    expect(await some.session.changes(asModSeq(1), uids(1, 2, 3))).toMatchObject({ vanished: null });
    const none = await rig({ capabilities: without('QRESYNC', 'CONDSTORE') });
    expect((await none.session.select('INBOX')).highestModSeq).toBeNull();
    await expect(none.session.changes(asModSeq(1), uids(1))).rejects.toMatchObject({ code: 'operation-unsafe' });
    expect(await none.session.fetchFlags(uids(1))).toMatchObject([{ uid: 1, modSeq: null }]);
  });

  it('keeps the order and the pace of its consumer, and memory bounded', async () => {
    const { server, session } = await rig();
    const body = 'x'.repeat(64 * 1024);
    for (let n = 6; n <= 205; n += 1) server.store.get('INBOX').add({ raw: `${raw(n)}${body}` });
    await session.select('INBOX');
    const all = uids(...Array.from({ length: 200 }, (_, i) => i + 6));
    const seen: number[] = [];
    for await (const one of session.fetchSources(all)) {
      seen.push(one.uid);
      if (seen.length < 5) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(seen).toEqual(all);
  });

  it('can be left early: the session goes on', async () => {
    const { server, session } = await rig();
    for (let n = 6; n <= 60; n += 1) server.store.get('INBOX').add({ raw: `${raw(n)}${'x'.repeat(200_000)}` });
    await session.select('INBOX');
    for await (const one of session.fetchSources(uids(...Array.from({ length: 60 }, (_, i) => i + 1)))) if (one.uid === 8) break;
    expect(await session.searchUidRange(asUid(1), asUid(3))).toEqual([1, 2, 3]);
  });

  it('refuses a second command while one is running', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    server.fault({ command: 'NOOP', action: { delayMs: 50 } });
    const first = session.noop();
    await expect(session.status('INBOX')).rejects.toMatchObject({ code: 'call-rejected' });
    await first;
    expect(session.isOpen).toBe(true);
  });
});

describe('one bad message never hides the others', () => {
  const edited = (change: (text: string) => string) => ({ rewrite: (answer: Buffer) => Buffer.from(change(answer.toString('latin1')), 'latin1') });
  const ids = (list: readonly (object & { uid: Uid })[]) => list.map((one) => ('error' in one ? -one.uid : one.uid));

  it('a broken FETCH line', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: edited((text) => text.replace(/UID 3 /, 'UID 3 (((')) });
    const found = await collect(session.fetchSummaries(uids(1, 2, 3, 4, 5)));
    expect(ids(found).sort()).toEqual([-3, 1, 2, 4, 5]);
    expect(found.find((one) => one.uid === 3)).toMatchObject({ error: { code: 'message-unreadable', scope: 'message' } });
  });

  it('a broken FETCH line without its UID', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: edited((text) => text.replace(/UID 3 /, '))')) });
    expect(ids(await collect(session.fetchSummaries(uids(1, 2, 3))))).toEqual([1, 2, -3]);
  });

  it('a message left out of the answer', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: edited((text) => text.replace(/^\* 2 FETCH[^]*?\r\n\)\r\n|^\* 2 FETCH.*\r\n(?=\* )/m, '')) });
    const found = await collect(session.fetchSources(uids(1, 2, 3)));
    expect(new Set(ids(found))).toEqual(new Set([1, -2, 3]));
  });

  it('a message that the server cannot fetch (NO for the whole command)', async () => {
    const { server, session } = await rig({}, {}, 40);
    await session.select('INBOX');
    const bad = 17;
    server.fault({
      command: 'UID FETCH',
      nth: 'every',
      action: (command) => {
        const set = command.args.split(' ')[0] ?? '';
        const hit = set.split(',').some((range) => {
          const [a = '0', b = a] = range.split(':');
          return Number(a) <= bad && bad <= Number(b);
        });
        return hit ? { no: '[SERVERBUG] internal error' } : 'pass';
      },
    });
    const found = await collect(session.fetchSummaries(uids(...Array.from({ length: 40 }, (_, i) => i + 1))));
    expect(new Set(ids(found))).toEqual(new Set(Array.from({ length: 40 }, (_, i) => (i + 1 === bad ? -bad : i + 1))));
    expect(sent(server, 'UID FETCH').length).toBeLessThan(20);
  });

  it('a mailbox that refuses everything is an error of the mailbox, soon', async () => {
    const { server, session } = await rig({}, {}, 200);
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', nth: 'every', action: { no: 'no' } });
    await expect(collect(session.fetchSummaries(uids(...Array.from({ length: 200 }, (_, i) => i + 1))))).rejects.toMatchObject({ code: 'command-refused', scope: 'mailbox' });
    expect(sent(server, 'UID FETCH').length).toBeLessThan(60);
    expect(session.isOpen).toBe(true);
  });

  it.each([
    ['that kills the connection', { cutAfterBytes: 0, reset: true }],
    ['whose answer is beyond all bounds', { reply: ['* 3 FETCH (UID 3 BODY[] {2000000000}\r\n'] }],
    ['that makes the server say goodbye', { bye: 'internal error' }],
  ] as const)('a message %s is passed over after some sessions', async (_, action) => {
    const server = await startImapScript();
    closers.push(() => server.close());
    for (let n = 1; n <= 6; n += 1) server.store.get('INBOX').add({ raw: raw(n) });
    const asksFor3 = (args: string) => {
      const [from = 0, to = from] = (args.split(' ')[0] ?? '').split(/[:,]/).map(Number);
      return args.startsWith('3') || (from <= 3 && to >= 3);
    };
    server.fault({ command: 'UID FETCH', nth: 'every', action: ({ args }) => (asksFor3(args) ? action : 'pass') });
    const gateway = createImapGateway({ clock: systemClock, log: silentLog });
    const sessions: string[] = [];
    for (let i = 0; i < 8; i += 1) {
      const session = await openGatewaySession({ port: server.port, gateway });
      await session.select('INBOX');
      const outcome = await collect(session.fetchSources(uids(1, 2, 3, 4, 5, 6))).then(ids, (error: { scope: string }) => error.scope);
      await session.close();
      sessions.push(String(outcome));
      if (Array.isArray(outcome)) break;
    }
    expect(sessions).toEqual(['connection', 'connection', 'connection', 'connection', '1,2,4,5,6,-3']);
    // The same message may still be asked for in another way.
    const session = await openGatewaySession({ port: server.port, gateway });
    closers.push(() => session.close());
    await session.select('INBOX');
    expect(ids(await collect(session.fetchSources(uids(3, 4))))).toEqual([4, -3]);
    await expect(session.fetchSlice(asUid(3), 0, 10)).rejects.toMatchObject({ scope: 'connection' });
  });

  it('a connection that failed once makes nobody suspect', async () => {
    const server = await startImapScript();
    closers.push(() => server.close());
    for (let n = 1; n <= 6; n += 1) server.store.get('INBOX').add({ raw: raw(n) });
    const gateway = createImapGateway({ clock: systemClock, log: silentLog });
    for (let round = 0; round < 4; round += 1) {
      for (const fails of [true, false]) {
        const session = await openGatewaySession({ port: server.port, gateway });
        await session.select('INBOX');
        if (fails) server.fault({ command: 'UID FETCH', action: { cutAfterBytes: 0 } });
        const before = server.commands.length;
        const found = await collect(session.fetchSummaries(uids(1, 2, 3, 4, 5, 6))).catch(() => null);
        expect(found?.length ?? 0).toBe(fails ? 0 : 6);
        expect(server.commands.slice(before).map(({ args }) => args.split(' ')[0])).toEqual(['1:6']);
        await session.close();
      }
    }
  });

  it('answers in pieces are put together; news in between are not taken for them', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    server.fault({
      command: 'UID FETCH',
      action: edited((text) => text.replace(/^\* 1 FETCH \(UID 1 FLAGS \(\)/m, '* 9 EXISTS\r\n* 3 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 1 FLAGS (\\Answered))\r\n* 1 FETCH (UID 1')),
    });
    const [first, second] = (await collect(session.fetchSummaries(uids(1, 2)))) as RemoteSummary[];
    expect(first).toMatchObject({ uid: 1, flags: ['\\Answered'], subject: 'n 1' });
    expect(second).toMatchObject({ uid: 2, flags: ['\\Seen', '$Forwarded'] });
  });

  it('answers for other messages than asked are dropped', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: { rewrite: (answer) => wrongUid(answer, 1000) } });
    expect(ids(await collect(session.fetchSummaries(uids(1, 2))))).toEqual([-1, -2]);
    server.fault({ command: 'UID FETCH', action: { rewrite: (answer) => wrongUid(answer, 1) } });
    expect(await session.fetchFlags(uids(1, 2))).toMatchObject([{ uid: 2 }]);
    server.fault({ command: 'UID FETCH', action: { rewrite: (answer) => wrongUid(answer, 1) } });
    await expect(session.fetchSlice(asUid(1), 0, 10)).rejects.toMatchObject({ code: 'message-missing' });
  });

  it('a structure nested 100,000 deep costs nothing but itself', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: (command) => ({ reply: nestedParens(100_000, `${command.tag} OK done\r\n`) }) });
    expect(ids(await collect(session.fetchSummaries(uids(1))))).toEqual([-1]);
    expect(session.isOpen).toBe(true);
  });
});

describe('changing', () => {
  const flagsOf = (server: ImapScript, uid: number) => [...(server.store.get('INBOX').find(uid)?.flags ?? [])];

  it('stores flags; one that was changed meanwhile is left alone and told', async () => {
    const { server, session } = await rig();
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
    const { server, session } = await rig();
    const target = server.store.create('Archiv');
    await session.select('INBOX', { forChange: true });
    expect(await session.copy(uids(1, 3), 'Archiv')).toEqual({ targetUidValidity: BigInt(target.uidValidity), mappings: [{ source: 1, target: 1 }, { source: 3, target: 2 }] });
    expect(await session.move(uids(5), 'Archiv')).toEqual({ targetUidValidity: BigInt(target.uidValidity), mappings: [{ source: 5, target: 3 }] });
    expect(server.store.get('INBOX').messages.map(({ uid }) => uid)).toEqual([1, 2, 3, 4]);
    await expect(session.copy(uids(1), 'Nirgends')).rejects.toMatchObject({ code: 'mailbox-missing', scope: 'mailbox', detail: 'NO [TRYCREATE]' });
  });

  it('never stands in for MOVE or UID EXPUNGE with something unsafe', async () => {
    const { server, session } = await rig({ capabilities: without('MOVE', 'UIDPLUS') });
    server.store.create('Archiv');
    await session.select('INBOX', { forChange: true });
    const before = server.commands.length;
    await expect(session.move(uids(1), 'Archiv')).rejects.toMatchObject({ code: 'operation-unsafe' });
    await expect(session.expunge(uids(1))).rejects.toMatchObject({ code: 'operation-unsafe' });
    expect(server.commands).toHaveLength(before);
    expect(await session.copy(uids(1), 'Archiv')).toEqual({ targetUidValidity: null, mappings: null });
    expect(await session.append('Archiv', Buffer.from(raw(9)), [], DAY(1))).toEqual({ uidValidity: null, uid: null });
    expect(server.commands.some(({ name }) => name === 'EXPUNGE' || name === 'CLOSE')).toBe(false);
  });

  it('expunges exactly what it is told', async () => {
    const { server, session } = await rig();
    server.store.get('INBOX').setFlags(1, ['\\Deleted']);
    server.store.get('INBOX').setFlags(2, ['\\Deleted']);
    await session.select('INBOX', { forChange: true });
    await session.expunge(uids(2));
    expect(server.store.get('INBOX').messages.map(({ uid }) => uid)).toEqual([1, 3, 4, 5]);
  });

  it('appends with flags and date, small and large', async () => {
    const { server, session } = await rig();
    const target = server.store.create('Gesendet & Co');
    const large = Buffer.from(`${raw(8)}${'y'.repeat(300_000)}`);
    expect(await session.append('Gesendet & Co', Buffer.from(raw(7)), ['\\Seen', '$Sent'], DAY(7))).toEqual({ uidValidity: BigInt(target.uidValidity), uid: 1 });
    expect(await session.append('Gesendet & Co', large, [], DAY(8))).toMatchObject({ uid: 2 });
    expect(target.messages.map((one) => [one.raw.equals(one.uid === 1 ? Buffer.from(raw(7)) : large), [...one.flags], one.internalDate])).toEqual([
      [true, ['\\Seen', '$Sent'], DAY(7)],
      [true, [], DAY(8)],
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
    const { server, session } = await rig();
    server.fault({ command: 'APPEND', action: { no } });
    await expect(session.append('INBOX', Buffer.from(raw(9)), [], DAY(1))).rejects.toMatchObject({ code, scope, detail: expect.not.stringContaining('alice') });
    expect(session.isOpen).toBe(true);
    await session.noop();
  });

  it('needs a mailbox that is open for changes', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    const before = server.commands.length;
    const calls = [() => session.storeFlags(uids(1), 'add', ['\\Seen']), () => session.copy(uids(1), 'X'), () => session.move(uids(1), 'X'), () => session.expunge(uids(1))];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'call-rejected' });
    expect(server.commands).toHaveLength(before);
  });

  it('lets no argument add a line or a command', async () => {
    const { server, session } = await rig();
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

describe('a command that fails', () => {
  it('BAD is an error of the call, not of the session', async () => {
    const { server, session } = await rig();
    server.fault({ command: 'NOOP', action: { bad: 'parse error' } });
    await expect(session.noop()).rejects.toMatchObject({ code: 'protocol-violation', scope: 'mailbox', detail: 'BAD' });
    await session.noop();
  });

  it('BYE ends the session with its reason, and every later call tells it', async () => {
    const { server, session } = await rig();
    server.fault({ command: 'NOOP', action: { bye: 'shutting down for alice' } });
    await expect(session.noop()).rejects.toMatchObject({ code: 'server-bye', scope: 'connection', retry: 'later', detail: '' });
    expect(session.isOpen).toBe(false);
    expect(session.closed.reason).toMatchObject({ code: 'server-bye' });
    await expect(session.list()).rejects.toMatchObject({ code: 'server-bye' });
  });

  it.each([
    ['an orderly end', 'end'],
    ['RST', 'reset'],
  ] as const)('%s of the connection is noticed at once, in a command and between two', async (_, how) => {
    const first = await rig();
    first.server.fault({ command: 'NOOP', action: { before: () => first.server.dropConnections(how) } });
    await expect(first.session.noop()).rejects.toMatchObject({ code: 'connection-lost', scope: 'connection' });
    const second = await rig();
    const closed = new Promise((resolve) => second.session.closed.addEventListener('abort', resolve));
    second.server.dropConnections(how);
    await closed;
    expect(second.session.closed.reason).toMatchObject({ code: 'connection-lost' });
  });

  it('silence ends the session in bounded time: before, between and inside answers', async () => {
    const times = { commandTimeoutMs: 300, stallTimeoutMs: 150 };
    for (const [action, reason] of [
      [{ stallAfterBytes: 0 }, 'silent'],
      [{ stallAfterBytes: 150 }, 'stalled'],
    ] as const) {
      const { server, session } = await rig({}, { times });
      await session.select('INBOX');
      server.fault({ command: 'UID FETCH', action });
      const began = performance.now();
      await expect(collect(session.fetchSources(uids(1, 2, 3)))).rejects.toMatchObject({ code: 'server-timeout', scope: 'connection', detail: reason });
      expect(performance.now() - began).toBeLessThan(1500);
    }
  });

  it('a slow consumer is not taken for a silent server', async () => {
    const { server, session } = await rig({}, { times: { commandTimeoutMs: 200, stallTimeoutMs: 100 } });
    for (let n = 6; n <= 60; n += 1) server.store.get('INBOX').add({ raw: `${raw(n)}${'x'.repeat(200_000)}` });
    await session.select('INBOX');
    let count = 0;
    for await (const one of session.fetchSources(uids(...Array.from({ length: 60 }, (_, i) => i + 1)))) {
      expect('raw' in one).toBe(true);
      count += 1;
      if (count === 2) await new Promise((resolve) => setTimeout(resolve, 600));
    }
    expect(count).toBe(60);
  });

  it('a throttling server is waited for by the owner', async () => {
    const { server, session } = await rig();
    server.fault({ command: 'NOOP', action: { bad: 'Request is throttled. Suggested Backoff Time: 92415 milliseconds' } });
    await expect(session.noop()).rejects.toMatchObject({ code: 'command-refused', scope: 'connection', retry: 'later' });
  });

  it('a new UIDVALIDITY in the middle fails the command, and nothing is done by the old UIDs', async () => {
    const { server, session } = await rig();
    await session.select('INBOX', { forChange: true });
    server.fault({ command: 'UID FETCH', action: { garbage: '* OK [UIDVALIDITY 4242] new epoch\r\n' } });
    await expect(session.fetchFlags(uids(1))).rejects.toMatchObject({ code: 'uid-validity-changed', scope: 'mailbox' });
    await expect(session.storeFlags(uids(1), 'add', ['\\Deleted'])).rejects.toMatchObject({ code: 'call-rejected' });
    expect(server.mutating()).toEqual([]);
  });

  it('answers of the mailbox before are not taken for the new one', async () => {
    const { server, session } = await rig();
    server.store.create('Neu');
    await session.select('INBOX');
    server.fault({ command: 'EXAMINE', action: { garbage: '* 77 EXISTS\r\n* OK [UIDVALIDITY 4242] x\r\n* OK [CLOSED] old one\r\n' } });
    expect(await session.select('Neu')).toMatchObject({ exists: 0, uidValidity: BigInt(server.store.get('Neu').uidValidity) });
  });

  it('a flood of answers is survived, or ends the session when it has no end', async () => {
    const { server, session } = await rig();
    server.fault({ command: 'NOOP', action: (command) => ({ reply: untaggedFlood(100_000, `${command.tag} OK done\r\n`) }) });
    await session.noop();
    server.fault({ command: 'NOOP', action: { reply: untaggedFlood(5000, '', () => 'not an answer') } });
    await expect(session.noop()).rejects.toMatchObject({ code: 'protocol-violation', scope: 'connection' });
  });

  it('closing is quick and final, whatever the server does', async () => {
    const { server, session } = await rig();
    server.fault({ command: 'LOGOUT', action: { stallAfterBytes: 0 } });
    const began = performance.now();
    await session.close();
    expect(performance.now() - began).toBeLessThan(3000);
    expect(session.isOpen).toBe(false);
    expect(session.closed.reason).toMatchObject({ code: 'cancelled' });
    await expect(session.noop()).rejects.toMatchObject({ code: 'cancelled' });
    await session.close();
    await expect.poll(() => server.openConnections).toBe(0);
  });
});
