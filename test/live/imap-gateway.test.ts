import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ImapSession, RemoteSummary, WatchEvent } from '../../main/engine/imap/gateway.ts';
import { asUid, type Uid } from '../../shared/model/ids.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { snapshot } from '../support/dovecot-snapshot.ts';
import { collect, openGatewaySession, type GatewaySessionOptions } from '../support/gateway-session.ts';
import { usualMail } from '../support/usual-mail.ts';
import { tlsIdentity } from '../support/tls.ts';

const DAY_MS = 86_400_000;
const BASE = Date.UTC(2025, 0, 1, 12);

const uids = (...list: number[]) => list as Uid[];
let sessions: ImapSession[] = [];

async function open(server: Dovecot, options: Partial<GatewaySessionOptions> = {}, user = 'alice'): Promise<ImapSession> {
  const session = await openGatewaySession({
    port: server.imapPort,
    credentials: { type: 'password', password: server.user(user).password },
    ...options,
    endpoint: { user, ...options.endpoint },
  });
  sessions.push(session);
  return session;
}

afterEach(async () => {
  for (const session of sessions) await session.close();
  sessions = [];
});

describe('the gateway on Dovecot', () => {
  let server: Dovecot;
  beforeAll(async () => {
    server = await startDovecot({
      users: ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'],
      tls: tlsIdentity(),
      maxUserIpConnections: 4,
      quota: '2G',
    });
    const seed = Array.from({ length: 40 }, (_, i) => ({
      raw: usualMail(i + 1),
      internalDate: BASE + i * DAY_MS,
      flags: i % 4 === 0 ? ['\\Seen', '$Forwarded'] : [],
    }));
    for (const user of ['alice', 'bob', 'carol']) await seedMailbox(server, user, 'INBOX', seed);
    await seedMailbox(server, 'alice', 'Projekte/Übersicht & Pläne', seed.slice(0, 3));
  });
  afterAll(() => server.dispose());

  it.each([
    ['plain', {}],
    ['tls', { security: 'tls', host: 'localhost' }],
    ['starttls', { security: 'starttls', host: 'localhost' }],
  ] as const)('logs in over %s and knows what it offers', async (security, endpoint) => {
    const port = security === 'tls' ? server.imapsPort : server.imapPort;
    const session = await open(server, {
      port,
      endpoint: { ...endpoint, ...(security === 'plain' ? {} : { caFile: tlsIdentity().caFile }) },
    });
    expect(session.caps).toEqual({
      condstore: true,
      qresync: true,
      uidplus: true,
      move: true,
      idle: true,
      notify: true,
      specialUse: true,
      listStatus: true,
      objectId: false,
      esearch: true,
      labels: false,
    });
  });

  it('lists in one command what the second client sees', async () => {
    const session = await open(server);
    const mark = server.mark();
    const list = await session.list();
    expect(server.commandsSince(mark).map(({ name }) => name)).toEqual(['LIST']);
    const held = await snapshot(server);
    expect(
      list
        .filter((one) => one.isSelectable)
        .map((one) => [one.path, one.status?.messages])
        .sort(),
    ).toEqual([...held].map(([path, box]) => [path, box.messages.length]).sort());
    expect(list.find((one) => one.path === 'Sent')?.attributes).toContain('\\sent');
  });

  it('summarises, and fetches the very bytes', async () => {
    const session = await open(server);
    await session.select('INBOX');
    const found = await session.searchWindow(BASE + 20 * DAY_MS, false);
    // The day asked for begins one day earlier at most.
    expect(found.length).toBeGreaterThanOrEqual(20);
    expect(found.length).toBeLessThanOrEqual(22);
    const [summary] = (await collect(session.fetchSummaries(uids(5)))) as RemoteSummary[];
    expect(summary).toMatchObject({
      uid: 5,
      flags: ['$Forwarded', '\\Seen'].sort().reverse(),
      subject: 'Angebot für 5',
      from: [{ name: 'Jörg Müller', address: 'joerg@example.org' }],
      to: [
        { name: 'Meier, Anna', address: 'anna@example.com' },
        { name: '', address: 'b@example.net' },
      ],
      messageId: '<m5@mail.example.org>',
      references: ['<m1@mail.example.org>', '<m4@mail.example.org>'],
      internalDate: BASE + 4 * DAY_MS,
      sizeBytes: usualMail(5).length,
      hasAttachments: true,
    });
    const sources = await collect(session.fetchSources(uids(1, 5, 40)));
    expect(sources.map((one) => ('raw' in one ? Buffer.from(one.raw).equals(usualMail(one.uid)) : one.error))).toEqual([true, true, true]);
    const header = Buffer.from(await session.fetchHeader(asUid(5)));
    expect(header.equals(usualMail(5).subarray(0, header.length))).toBe(true);
    expect(header.subarray(-4).toString()).toBe('\r\n\r\n');
    const whole = await Promise.resolve(session.fetchSlice(asUid(5), 0, 1_000_000));
    expect(createHash('sha256').update(whole).digest('hex')).toBe(createHash('sha256').update(usualMail(5)).digest('hex'));
    expect(Buffer.from(await session.fetchSlice(asUid(5), 100, 50)).equals(usualMail(5).subarray(100, 150))).toBe(true);
    expect(await session.searchMessageId('<m5@mail.example.org>')).toEqual([5]);
  });

  it('gives equal summaries of equal mail in two accounts', async () => {
    const [one, other] = await Promise.all([open(server), open(server, {}, 'bob')]);
    await Promise.all([one.select('INBOX'), other.select('INBOX')]);
    const of = async (session: ImapSession) =>
      ((await collect(session.fetchSummaries(uids(1, 2, 3)))) as RemoteSummary[]).map(({ modSeq: _, ...rest }) => rest);
    expect(await of(one)).toEqual(await of(other));
  });

  it('tells changes and what vanished since a MODSEQ', async () => {
    const session = await open(server, {}, 'carol');
    const { highestModSeq } = await session.select('INBOX');
    const second = await server.connect('carol');
    await second.select('INBOX');
    await second.store([2], '+', ['\\Answered']);
    await second.store([7, 8], '+', ['\\Deleted']);
    await second.expunge([7, 8]);
    await second.close();
    await session.select('INBOX');
    const changes = await session.changes(highestModSeq!, uids(...Array.from({ length: 40 }, (_, i) => i + 1)));
    expect(changes.vanished).toEqual([7, 8]);
    expect(changes.flags).toMatchObject([{ uid: 2, flags: expect.arrayContaining(['\\Answered']) }]);
  });

  it('copies, moves, flags, expunges and appends as the second client sees it', async () => {
    const session = await open(server, {}, 'dave');
    const { uid } = await session.append('INBOX', usualMail(1), ['\\Seen'], BASE);
    await session.append('INBOX', usualMail(2, 500_000), [], BASE + DAY_MS);
    await session.append('INBOX', usualMail(3), ['\\Flagged'], BASE);
    expect(uid).toBe(1);
    await session.select('INBOX', { forChange: true });
    expect((await session.copy(uids(1, 2), 'Archive')).mappings).toEqual([
      { source: 1, target: 1 },
      { source: 2, target: 2 },
    ]);
    expect((await session.move(uids(2), 'Trash')).mappings).toEqual([{ source: 2, target: 1 }]);
    await session.storeFlags(uids(3), 'set', ['\\Deleted']);
    await session.storeFlags(uids(1), 'add', ['\\Deleted']);
    await session.expunge(uids(3));
    const held = await snapshot(server, 'dave');
    expect(
      [...held]
        .filter(([, box]) => box.messages.length > 0)
        .map(([path, box]) => [path, box.messages.map((m) => [m.uid, m.flags, m.internalDate, m.size])]),
    ).toEqual([
      [
        'Archive',
        [
          [1, ['\\Seen'], BASE, usualMail(1).length],
          [2, [], BASE + DAY_MS, usualMail(2, 500_000).length],
        ],
      ],
      ['INBOX', [[1, ['\\Deleted', '\\Seen'], BASE, usualMail(1).length]]],
      ['Trash', [[1, [], BASE + DAY_MS, usualMail(2, 500_000).length]]],
    ]);
    const mailboxes = ['Ärger & Co/Tief', '"Zitat"', 'Back\\slash', '100% sicher*'];
    for (const path of mailboxes) {
      await session.createMailbox(path);
      await session.subscribe(path, true);
      await session.append(path, usualMail(1), [], BASE);
      expect((await session.select(path)).exists).toBe(1);
    }
    await session.renameMailbox('"Zitat"', 'Neuer Name');
    expect((await session.list()).map((one) => one.path)).toEqual(
      expect.arrayContaining(['Ärger & Co/Tief', 'Neuer Name', 'Back\\slash', '100% sicher*']),
    );
    for (const path of ['Ärger & Co/Tief', 'Neuer Name', 'Back\\slash', '100% sicher*']) await session.deleteMailbox(path);
    await expect(session.select('Neuer Name')).rejects.toMatchObject({ code: 'mailbox-missing' });
    await expect(session.copy(uids(1), 'Neuer Name')).rejects.toMatchObject({ code: 'call-rejected' });
  });

  it('hears of everything by NOTIFY within a second, names with umlauts too', async () => {
    const session = await open(server);
    const known = new Set((await session.list()).map((one) => one.path));
    await session.select('INBOX');
    const events: WatchEvent[] = [];
    const leave = new AbortController();
    let all: boolean | null = null;
    const watching = session.watch((event) => events.push(event), leave.signal, { onReady: (watchesAll) => void (all = watchesAll) });
    await expect.poll(() => all).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(events).toEqual([]);
    const second = await server.connect('alice');
    const changed = () => events.flatMap((event) => (event.type === 'mailbox-changed' ? [event.path] : []));
    await second.append('INBOX', usualMail(50));
    await expect.poll(changed, { timeout: 3000 }).toContain('INBOX');
    await second.append('Projekte/Übersicht & Pläne', usualMail(51));
    await expect.poll(changed, { timeout: 3000 }).toContain('Projekte/Übersicht & Pläne');
    expect(changed().every((path) => known.has(path))).toBe(true);
    await second.create('Neu');
    await expect.poll(() => events.some((event) => event.type === 'list-changed'), { timeout: 3000 }).toBe(true);
    leave.abort();
    await watching;
    expect((await session.select('Projekte/Übersicht & Pläne')).exists).toBe(4);
    await second.close();
  });

  it('is told when there are too many connections', async () => {
    const four = await Promise.all([1, 2, 3, 4].map(() => open(server, {}, 'erin')));
    await expect(open(server, {}, 'erin')).rejects.toMatchObject({ code: 'too-many-connections', scope: 'connection', retry: 'later' });
    await four[0]?.close();
    await expect
      .poll(
        () =>
          open(server, {}, 'erin').then(
            (session) => session.isOpen,
            () => false,
          ),
        { timeout: 5000, interval: 200 },
      )
      .toBe(true);
  });

  it('is told when the mailbox is full', async () => {
    const small = await startDovecot({ quota: '40k' });
    try {
      const session = await open(small);
      await expect(session.append('INBOX', usualMail(1, 60_000), [], BASE)).rejects.toMatchObject({
        code: 'over-quota',
        scope: 'mailbox',
        retry: 'ask',
      });
      expect(await session.append('INBOX', usualMail(2), [], BASE)).toMatchObject({ uid: 1 });
    } finally {
      await small.dispose();
    }
  });

  it('refuses a wrong password, and a server that is not trusted', async () => {
    await expect(open(server, { credentials: { type: 'password', password: 'no' } })).rejects.toMatchObject({
      code: 'auth-rejected',
      retry: 'ask',
    });
    await expect(open(server, { port: server.imapsPort, endpoint: { security: 'tls', host: 'localhost' } })).rejects.toMatchObject({
      code: 'tls-certificate-untrusted',
    });
  });
});
