import { ImapFlow } from 'imapflow';
import { createTransport, type Transporter } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDemoServers, type DemoServer, type DemoServers } from '../../scripts/demo/servers.mjs';
import { buildSampleMailbox, sampleOwner } from '../support/sample-mail/index.mjs';

const NOW = new Date('2025-11-24T10:00:00Z');
const sample = buildSampleMailbox({ now: NOW });
const NEW_MAIL = Buffer.from('From: sender@example.com\r\nSubject: new\r\nMessage-ID: <new@example.com>\r\n\r\nwords\r\n');

let servers: DemoServers;
const clients: ImapFlow[] = [];

beforeEach(async () => {
  servers = await startDemoServers({ sample });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await servers.close();
});

async function open(server: DemoServer, options: { qresync?: boolean; pass?: string } = {}): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: server.imapPort,
    secure: false,
    auth: { user: server.user, pass: options.pass ?? server.pass },
    logger: false,
    disableAutoIdle: true,
    qresync: options.qresync ?? false,
  });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

interface Answer {
  response: { attributes?: unknown[] };
  next(): void;
}

/** Sends a command that imapflow has no call for, and gives the attributes of the tagged answer. */
async function command(client: ImapFlow, name: string, args: unknown[]): Promise<unknown[]> {
  const { exec } = client as unknown as { exec(this: ImapFlow, name: string, args: unknown[]): Promise<Answer> };
  const answer = await exec.call(client, name, args);
  answer.next();
  return answer.response.attributes ?? [];
}

async function countOf(client: ImapFlow, path: string): Promise<number> {
  const status = await client.status(path, { messages: true });
  return status === false ? -1 : (status.messages ?? -1);
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isTrue(); i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isTrue()).toBe(true);
}

function mailer(server: DemoServer, pass = server.pass): Transporter {
  return createTransport({
    host: '127.0.0.1',
    port: server.smtpPort,
    secure: false,
    ignoreTLS: true,
    auth: { user: server.user, pass },
  });
}

describe('the demo IMAP server', () => {
  it('refuses a wrong password', async () => {
    await expect(open(servers.primary, { pass: 'wrong' })).rejects.toMatchObject({ authenticationFailed: true });
  });

  it('lists all mailboxes with special use, subscription, status and non-ASCII names', async () => {
    const client = await open(servers.primary);
    const query = { messages: true, uidNext: true, uidValidity: true, unseen: true, highestModseq: true };
    const listed = await client.list({ statusQuery: query });
    const made = sample.primary.map((one) => [one.path, one.specialUse ?? '', one.messages.length]);
    const got = listed
      .filter((one) => !one.flags.has('\\Noselect'))
      .map((one) => [one.path, one.path === 'INBOX' ? '' : (one.specialUse ?? ''), one.status?.messages]);
    expect(new Set(got.map(String))).toEqual(new Set(made.map(String)));
    expect(listed.every((one) => one.flags.has('\\Noselect') || one.subscribed)).toBe(true);
    expect(listed.find((one) => one.path === 'Projekte')?.flags.has('\\Noselect')).toBe(true);
  });

  it('gives back every message byte by byte, with flags, internal date, size and readable descriptions', async () => {
    for (const [server, mailboxes] of [
      [servers.primary, sample.primary],
      [servers.relay, sample.relay],
    ] as const) {
      const client = await open(server);
      for (const mailbox of mailboxes) {
        await client.mailboxOpen(mailbox.path, { readOnly: true });
        const query = {
          uid: true,
          flags: true,
          internalDate: true,
          size: true,
          envelope: true,
          bodyStructure: true,
          source: true,
          headers: true,
        };
        let count = 0;
        for await (const message of client.fetch('1:*', query)) {
          const made = mailbox.messages[message.seq - 1];
          if (made === undefined) throw new Error('a message that was not in the sample');
          expect(message.source?.equals(made.raw), made.name).toBe(true);
          expect(made.raw.subarray(0, message.headers?.length).equals(message.headers ?? Buffer.alloc(0)), made.name).toBe(true);
          expect([...(message.flags ?? [])].sort()).toEqual([...made.flags].sort());
          expect(new Date(message.internalDate ?? 0).getTime()).toBe(made.internalDate.getTime());
          expect(message.size).toBe(made.raw.length);
          expect(message.bodyStructure?.type, made.name).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
          count += 1;
        }
        expect(count, mailbox.path).toBe(mailbox.messages.length);
      }
    }
  });

  it('describes people, subjects and parts', async () => {
    const client = await open(servers.primary);
    await client.mailboxOpen('INBOX');
    const uid = 1 + (sample.primary[0]?.messages.findIndex((one) => one.name === 'forwarded') ?? -1);
    const message = await client.fetchOne(String(uid), { envelope: true, bodyStructure: true }, { uid: true });
    if (message === false) throw new Error('not found');
    expect(message.envelope?.subject).toBe('WG: Angebot Podeste');
    expect(message.envelope?.from).toEqual([{ name: 'Mehmet Yıldırım', address: 'mehmet.yildirim@nordlicht.example' }]);
    const parts = message.bodyStructure?.childNodes ?? [];
    expect(parts.map((part) => part.type)).toEqual(['text/plain', 'message/rfc822']);
    expect(parts[1]?.envelope?.subject).toBe('Angebot Podeste');
    const inner = await client.download(String(uid), '2.2', { uid: true });
    expect(inner.meta?.filename).toBe('podeste.csv');
    const chunks: Buffer[] = [];
    for await (const chunk of inner.content ?? []) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('Pos;Menge;Preis\r\n1;12;840');
  });

  it('fetches slices of a large message, and of several messages at once', async () => {
    const client = await open(servers.primary);
    await client.mailboxOpen('Projekte/Offshore');
    const messages = sample.primary.find((one) => one.path === 'Projekte/Offshore')?.messages ?? [];
    const large = messages.findIndex((one) => one.name === 'large');
    const slice = await client.fetchOne(String(large + 1), { source: { start: 1_000_000, maxLength: 65_536 } });
    expect(slice && slice.source?.equals(messages[large]?.raw.subarray(1_000_000, 1_065_536) ?? Buffer.alloc(0))).toBe(true);
    for await (const message of client.fetch('1:*', { source: { start: 10, maxLength: 50 } })) {
      expect(message.source?.equals(messages[message.seq - 1]?.raw.subarray(10, 60) ?? Buffer.alloc(0))).toBe(true);
    }
    const past = await client.fetchOne(String(large + 1), { source: { start: 99_000_000, maxLength: 10 } });
    expect(past && past.source?.length).toBe(0);
  });

  it('searches by day, flag, UID range and Message-ID', async () => {
    const client = await open(servers.primary);
    await client.mailboxOpen('INBOX');
    const inbox = sample.primary[0]?.messages ?? [];
    const uids = (isWanted: (index: number) => boolean): number[] => inbox.flatMap((_, index) => (isWanted(index) ? [index + 1] : []));
    const since = new Date('2025-11-20T00:00:00Z');
    expect(await client.search({ since }, { uid: true })).toEqual(uids((index) => (inbox[index]?.internalDate ?? 0) >= since));
    expect(await client.search({ flagged: true }, { uid: true })).toEqual(
      uids((index) => inbox[index]?.flags.includes('\\Flagged') === true),
    );
    expect(await client.search({ or: [{ since }, { seen: false }] }, { uid: true })).toEqual(
      uids((index) => (inbox[index]?.internalDate ?? 0) >= since || inbox[index]?.flags.includes('\\Seen') !== true),
    );
    expect(await client.search({ uid: '5:7' }, { uid: true })).toEqual([5, 6, 7]);
    const id = /^Message-ID: (.*)\r$/im.exec(inbox[9]?.raw.toString('latin1') ?? '')?.[1] ?? '';
    expect(await client.search({ header: { 'message-id': id } }, { uid: true })).toEqual([10]);
    expect(await client.search({ header: { 'message-id': '<nowhere@example.com>' } }, { uid: true })).toEqual([]);
  });

  it('appends to mailboxes with non-ASCII names and tells the UID', async () => {
    const client = await open(servers.primary);
    const date = new Date('2025-11-23T09:08:07Z');
    const appended = await client.append('Projekte/Größe & Maß', NEW_MAIL, ['\\Seen'], date);
    expect(appended).toMatchObject({ destination: 'Projekte/Größe & Maß' });
    await client.mailboxOpen('Projekte/Größe & Maß');
    const message = await client.fetchOne('*', { uid: true, source: true, internalDate: true, flags: true });
    if (message === false || appended === false) throw new Error('not appended');
    expect(message.uid).toBe(appended.uid);
    expect(message.source?.equals(NEW_MAIL)).toBe(true);
    expect(new Date(message.internalDate ?? 0)).toEqual(date);
    expect(await client.append('No such mailbox', NEW_MAIL).catch((error: { responseText?: string }) => error.responseText)).toMatch(
      /does not exist/,
    );
  });

  it('moves and copies with UID mappings, and expunges nothing but what is marked', async () => {
    const client = await open(servers.primary);
    await client.mailboxOpen('INBOX');
    const moved = await client.messageMove('3,5', 'Vorstand', { uid: true });
    expect(moved && [...(moved.uidMap ?? [])].map(([from]) => from)).toEqual([3, 5]);
    const copied = await client.messageCopy('4', 'Archive', { uid: true });
    expect(copied && copied.uidMap?.has(4)).toBe(true);
    const before = await countOf(client, 'INBOX');
    await client.messageFlagsAdd('6', ['\\Deleted'], { uid: true });
    await command(client, 'UID EXPUNGE', [{ type: 'SEQUENCE', value: '6:9' }]);
    expect(await countOf(client, 'INBOX')).toBe(before - 1);
    expect(await client.search({ uid: '1:9' }, { uid: true })).toEqual([1, 2, 4, 7, 8, 9]);
  });

  it('counts changes by mod-sequence, answers what was changed and what vanished', async () => {
    const watcher = await open(servers.primary, { qresync: true });
    const before = await watcher.mailboxOpen('INBOX');
    const since = before.highestModseq ?? 0n;
    const other = await open(servers.primary);
    await other.mailboxOpen('INBOX');
    await other.messageFlagsAdd('12', ['\\Flagged'], { uid: true });
    await other.messageDelete('14', { uid: true });
    await watcher.mailboxClose();
    const after = await watcher.mailboxOpen('INBOX');
    expect(after.highestModseq).toBeGreaterThan(since);
    const vanished: number[] = [];
    watcher.on('expunge', (event: { uid?: number }) => vanished.push(event.uid ?? 0));
    const changed: [number, boolean][] = [];
    for await (const message of watcher.fetch('1:*', { uid: true, flags: true }, { uid: true, changedSince: since })) {
      expect(message.modseq).toBeGreaterThan(since);
      changed.push([message.uid, message.flags?.has('\\Flagged') === true]);
    }
    expect(changed).toEqual([[12, true]]);
    expect(vanished).toEqual([14]);
  });

  it('refuses a change of flags that somebody else has changed meanwhile', async () => {
    const client = await open(servers.primary);
    const { highestModseq = 0n } = await client.mailboxOpen('INBOX');
    await client.messageFlagsAdd('8', ['\\Flagged'], { uid: true });
    const attributes = await command(client, 'UID STORE', [
      { type: 'SEQUENCE', value: '7:8' },
      [
        { type: 'ATOM', value: 'UNCHANGEDSINCE' },
        { type: 'ATOM', value: String(highestModseq) },
      ],
      { type: 'ATOM', value: '+FLAGS' },
      [{ type: 'ATOM', value: '$Label1' }],
    ]);
    expect(JSON.stringify(attributes)).toMatch(/MODIFIED.*"8"/);
    expect(await client.search({ keyword: '$Label1' }, { uid: true })).toEqual([7]);
  });

  it('tells a client in IDLE at once of new mail, changed flags and expunged mail', async () => {
    const client = await open(servers.primary);
    const { exists } = await client.mailboxOpen('INBOX');
    const events: string[] = [];
    client.on('exists', (event: { count: number }) => events.push(`exists ${event.count}`));
    client.on('expunge', (event: { seq: number }) => events.push(`expunge ${event.seq}`));
    client.on('flags', (event: { uid?: number; flags: Set<string> }) => events.push(`flags ${event.uid} ${event.flags.has('\\Flagged')}`));
    const idle = client.idle();
    await new Promise((resolve) => setTimeout(resolve, 50));
    servers.deliver(NEW_MAIL, { to: 'both' });
    await waitFor(() => events.length >= 1);
    const other = await open(servers.primary);
    await other.mailboxOpen('INBOX');
    await other.messageFlagsAdd('2', ['\\Flagged'], { uid: true });
    await other.messageDelete('1', { uid: true });
    await waitFor(() => events.some((event) => event.startsWith('expunge')));
    expect(events).toContain(`exists ${exists + 1}`);
    expect(events).toContain('flags 2 true');
    expect(events).toContain('expunge 1');
    await client.noop();
    await idle;
  });

  it('creates, renames, subscribes and deletes mailboxes', async () => {
    const client = await open(servers.primary);
    await client.mailboxCreate('Projekte/Übergabe');
    await client.mailboxSubscribe('Projekte/Übergabe');
    await client.mailboxRename('Projekte/Übergabe', 'Ablage/2025');
    expect((await client.list()).map((one) => one.path)).toEqual(expect.arrayContaining(['Ablage', 'Ablage/2025']));
    await client.mailboxDelete('Ablage/2025');
    expect((await client.list()).map((one) => one.path)).not.toContain('Ablage/2025');
  });
});

describe('the demo network', () => {
  it('cuts and refuses while a server is stopped, and takes connections on the same port afterwards', async () => {
    const client = await open(servers.primary);
    const closed = new Promise((resolve) => client.on('close', resolve));
    await servers.primary.stop();
    await closed;
    await expect(open(servers.primary)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await servers.primary.start();
    expect((await open(servers.primary)).usable).toBe(true);
  });

  it('lets no byte pass while it is a black hole', async () => {
    const client = await open(servers.relay);
    servers.relay.blackhole(true);
    let isAnswered = false;
    const noop = client.noop().then(() => (isAnswered = true));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(isAnswered).toBe(false);
    servers.relay.blackhole(false);
    await noop;
    expect(isAnswered).toBe(true);
  });

  it('keeps mail that arrives during an outage at the relay and hands it over afterwards', async () => {
    await servers.primary.stop();
    servers.deliver(NEW_MAIL, { to: 'both' });
    const relay = await open(servers.relay);
    await relay.mailboxOpen('INBOX');
    expect(await relay.search({ header: { 'message-id': '<new@example.com>' } }, { uid: true })).toHaveLength(1);
    await servers.primary.start();
    const primary = await open(servers.primary);
    await primary.mailboxOpen('INBOX');
    expect(await primary.search({ header: { 'message-id': '<new@example.com>' } }, { uid: true })).toHaveLength(1);
  });
});

describe('submission in the demo', () => {
  it('asks for the password', async () => {
    await expect(mailer(servers.primary, 'wrong').verify()).rejects.toMatchObject({ responseCode: 535 });
    await expect(mailer(servers.primary).verify()).resolves.toBe(true);
  });

  it.each(['primary', 'relay'] as const)('delivers mail sent through the %s to the owner and keeps the rest', async (side) => {
    const to = [sampleOwner.address, 'somebody@example.com'];
    await mailer(servers[side]).sendMail({
      from: sampleOwner.address,
      to,
      subject: 'Grüße',
      text: 'words',
      messageId: '<sent@nordlicht.example>',
    });
    const wanted = { header: { 'message-id': '<sent@nordlicht.example>' } };
    for (const server of [servers.primary, servers.relay]) {
      const client = await open(server);
      await client.mailboxOpen('INBOX');
      expect(await client.search(wanted, { uid: true })).toHaveLength(1);
    }
    expect(servers.delivered.map((mail) => mail.recipients)).toEqual([['somebody@example.com']]);
    const relay = await open(servers.relay);
    await relay.mailboxOpen('Sent');
    expect(await relay.search(wanted, { uid: true })).toHaveLength(side === 'relay' ? 1 : 0);
  });
});
