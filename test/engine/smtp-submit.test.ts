import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ReplyChannel } from '../../main/engine/smtp/reply-channel.ts';
import type { SubmissionPhase } from '../../shared/model/outbox.ts';
import { startSmtpScript, withoutSmtp, type SmtpScript, type SmtpScriptOptions } from '../support/smtp-script.ts';
import { SubmitClock } from '../support/submit-clock.ts';
import { submitTo, mailOf } from '../support/submit-rig.ts';
import { tlsIdentity } from '../support/tls.ts';

let servers: SmtpScript[] = [];
afterEach(async () => {
  for (const server of servers) await server.close();
  servers = [];
});

async function script(options: SmtpScriptOptions = {}): Promise<SmtpScript> {
  const server = await startSmtpScript(options);
  servers.push(server);
  return server;
}

describe('a submission', () => {
  it('hands over exactly the bytes, tells each phase before it begins and the reply of each recipient', async () => {
    const server = await script();
    const raw = mailOf('.\r\n..two\r\n.three\r\nlast\r\n');
    const phases: SubmissionPhase[] = [];
    const result = await submitTo(server, {
      raw,
      to: ['bob@example.com', 'carol@example.com'],
      onPhase: (phase) => void phases.push(phase),
    });
    expect(result).toMatchObject({
      verdict: 'accepted',
      phase: 'replied',
      replyCode: 250,
      enhancedCode: '2.0.0',
      queueId: 'Q00001',
      error: null,
    });
    expect(result.recipients.map(({ address, verdict }) => [address, verdict])).toEqual([
      ['bob@example.com', 'accepted'],
      ['carol@example.com', 'accepted'],
    ]);
    expect(server.mails).toHaveLength(1);
    expect(server.mails[0]?.raw.equals(raw)).toBe(true);
    expect(server.mails[0]).toMatchObject({ from: 'alice@example.com', to: ['bob@example.com', 'carol@example.com'], user: 'alice' });
    expect(server.mails[0]?.params).toEqual([`SIZE=${raw.length}`]);
    expect(phases).toEqual(['connect', 'login', 'mail', 'recipients', 'data', 'body', 'data-sent', 'replied']);
    await expect.poll(() => server.commands.at(-1)?.name).toBe('QUIT');
    await expect.poll(() => server.openConnections).toBe(0);
  });

  it('goes over TLS of both kinds', async () => {
    for (const mode of ['implicit', 'starttls'] as const) {
      const server = await script({ tls: { identity: tlsIdentity('good'), mode } });
      const phases: SubmissionPhase[] = [];
      const raw = mailOf('x'.repeat(70_000).replaceAll(/.{70}/g, '$&\r\n'));
      const security = mode === 'implicit' ? 'tls' : 'starttls';
      const endpoint = { host: 'localhost', security, caFile: tlsIdentity().caFile } as const;
      const result = await submitTo(server, { raw, endpoint, onPhase: (phase) => void phases.push(phase) });
      expect(result).toMatchObject({ verdict: 'accepted', phase: 'replied', error: null });
      expect(server.mails[0]?.raw.equals(raw)).toBe(true);
      expect(phases.slice(0, 3)).toEqual(['connect', 'tls', 'login']);
      expect(server.commands.filter(({ name }) => name === 'MAIL').every(({ isSecure }) => isSecure)).toBe(true);
      await expect.poll(() => server.openConnections).toBe(0);
    }
  });

  it('waits for the caller before a phase, and sends nothing of one that could not be noted', async () => {
    const server = await script();
    const isInServer: boolean[] = [];
    const names = () => server.commands.map(({ name }) => name);
    const result = await submitTo(server, {
      onPhase: async (phase) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (phase === 'mail') isInServer.push(names().includes('MAIL'));
        if (phase === 'data') isInServer.push(names().includes('DATA'));
        if (phase === 'body') throw new Error('disk full');
      },
    });
    expect(isInServer).toEqual([false, false]);
    expect(result).toMatchObject({ verdict: 'transient', phase: 'data', error: { code: 'internal' } });
    expect(server.mails).toEqual([]);
    expect(server.received().toString()).not.toContain('Subject');
  });

  it('does not need an extension', async () => {
    const server = await script({ capabilities: ['AUTH PLAIN'] });
    const result = await submitTo(server, {});
    expect(result.verdict).toBe('accepted');
    expect(server.mails[0]?.params).toEqual([]);
  });

  it('logs in with tokens, and says so when they are refused', async () => {
    for (const mechanism of ['XOAUTH2', 'OAUTHBEARER'] as const) {
      const server = await script({ tokens: { alice: 'tok-1' } });
      const good = await submitTo(server, { credentials: { type: 'token', mechanism, accessToken: 'tok-1' } });
      expect(good.verdict).toBe('accepted');
      const bad = await submitTo(server, { credentials: { type: 'token', mechanism, accessToken: 'tok-2' } });
      expect(bad).toMatchObject({ verdict: 'transient', phase: 'login', error: { code: 'auth-rejected' }, replyCode: 535 });
    }
  });

  it('logs in with tokens whether the reply has text, several lines, or neither', async () => {
    const credentials = { type: 'token', mechanism: 'XOAUTH2', accessToken: 'tok-1' } as const;
    for (const reply of ['235', '235-2.7.0 welcome\n235 2.7.0 alice']) {
      const server = await script({ tokens: { alice: 'tok-1' }, reply: ({ name }) => (name === 'AUTH' ? reply : undefined) });
      expect(await submitTo(server, { credentials })).toMatchObject({ verdict: 'accepted', error: null });
    }
    // A challenge without text, and then the refusal.
    const server = await script({ tokens: { alice: 'tok-1' } });
    server.fault({ at: 'AUTH', bytes: '334\r\n535 5.7.8 no\r\n' });
    expect(await submitTo(server, { credentials })).toMatchObject({
      verdict: 'transient',
      replyCode: 535,
      error: { code: 'auth-rejected' },
    });
  });

  it('is ended by its signal: before the body nothing has happened, after it nobody knows', async () => {
    for (const [at, verdict] of [
      ['MAIL', 'transient'],
      ['BODY', 'unknown'],
    ] as const) {
      const server = await script();
      server.fault({ at, cut: 'stall' });
      const stop = new AbortController();
      const pending = submitTo(server, { signal: stop.signal });
      await expect.poll(() => server.commands.at(-1)?.name).toBe(at);
      stop.abort();
      expect(await pending).toMatchObject({ verdict, error: { code: 'cancelled' } });
      await expect.poll(() => server.openConnections).toBe(0);
    }
  });
});

describe('the time each wait may last', () => {
  it.each([
    ['MAIL', 'commandMs', 'transient', 'mail'],
    ['RCPT', 'commandMs', 'transient', 'recipients'],
    ['DATA', 'dataMs', 'transient', 'data'],
    ['BODY', 'replyMs', 'unknown', 'data-sent'],
  ] as const)('reply to %s', async (at, limit, verdict, phase) => {
    const server = await script();
    server.fault({ at, cut: 'stall' });
    const result = await submitTo(server, { times: { [limit]: 60 } });
    expect(result).toMatchObject({ verdict, phase, error: { code: 'server-timeout' } });
    await expect.poll(() => server.openConnections).toBe(0);
  });

  it('a block of the mail that the server does not take', async () => {
    const server = await script();
    server.fault({ at: 'BODY', afterBytes: 1, cut: 'deaf' });
    const block = Buffer.from(`${'x'.repeat(78)}\r\n`.repeat(10_000));
    const raw = () => Array.from({ length: 50 }, () => block);
    const result = await submitTo(server, { raw, sizeBytes: 50 * block.length, times: { blockMs: 200 } });
    expect(result).toMatchObject({ verdict: 'unknown', phase: 'body', error: { code: 'server-timeout' } });
  });

  it('is over only when what has come by then was read, as after a sleep of the machine', async () => {
    let far: Socket | null = null;
    const server = createServer((socket) => (far = socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
    await once(socket, 'connect');
    await expect.poll(() => far).not.toBeNull();
    const clock = new SubmitClock();
    const pending = new ReplyChannel(socket, clock).reply(1);
    (far as unknown as Socket).write('250 2.0.0 Ok\r\n');
    clock.passAll();
    expect((await pending).code).toBe(250);
    socket.destroy();
    server.close();
  });
});

describe('what a server cannot take is told before anything is sent', () => {
  it.each([
    ['larger than its SIZE', { capabilities: [...withoutSmtp('SIZE'), 'SIZE 50'] }, {}, 'message-too-large-for-server'],
    ['8-bit without 8BITMIME', { capabilities: withoutSmtp('8BITMIME') }, { raw: mailOf('grüße\r\n') }, 'smtp-refused'],
    ['UTF-8 addresses without SMTPUTF8', { capabilities: withoutSmtp('SMTPUTF8') }, { to: ['jörg@example.com'] }, 'address-not-supported'],
  ] as const)('%s', async (_, options, request, code) => {
    const server = await script(options);
    const result = await submitTo(server, request);
    expect(result).toMatchObject({ verdict: 'permanent', phase: 'login', error: { code, retry: 'never' } });
    expect(result.recipients.every(({ verdict }) => verdict === 'permanent')).toBe(true);
    expect(server.commands.some(({ name }) => name === 'MAIL')).toBe(false);
  });

  it('and what it can take is asked for', async () => {
    const server = await script();
    await submitTo(server, { raw: mailOf('grüße\r\n'), to: ['jörg@example.com'] });
    expect(server.mails[0]?.params.slice(1)).toEqual(['BODY=8BITMIME', 'SMTPUTF8']);
    await submitTo(server, { to: ['joerg@bücher.example'] });
    expect(server.mails[1]?.to).toEqual(['joerg@xn--bcher-kva.example']);
    expect(server.mails[1]?.params).toHaveLength(1);
  });
});

describe('what must not leave is refused without a connection', () => {
  it.each([
    ['bare LF', { raw: mailOf('a\nb\r\n') }],
    ['bare CR', { raw: mailOf('a\rb\r\n') }],
    ['CR at the end', { raw: mailOf('a\r') }],
    ['NUL', { raw: mailOf('a\0b\r\n') }],
    ['nothing', { raw: Buffer.alloc(0) }],
    ['another size than stated', { sizeBytes: 3 }],
    ['line end in the sender', { from: 'alice@example.com>\r\nRCPT TO:<x@y.z' }],
    ['line end in a recipient', { to: ['bob@example.com\r\nDATA'] }],
    ['blank in a recipient', { to: ['bob @example.com'] }],
    ['angle brackets in a recipient', { to: ['bob>@example.com'] }],
    ['no domain', { to: ['bob'] }],
    ['nobody', { to: [] }],
    ['no sender', { from: '' }],
  ] as const)('%s', async (_, request) => {
    const server = await script();
    const result = await submitTo(server, request);
    expect(result).toMatchObject({ verdict: 'permanent', phase: 'connect', error: { code: 'call-rejected' } });
    expect(server.attempts).toEqual([]);
  });
});
