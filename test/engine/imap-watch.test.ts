import { afterEach, describe, expect, it } from 'vitest';
import type { ImapSession, WatchEvent } from '../../main/engine/imap/gateway.ts';
import { allCapabilities, startImapScript, without, type ImapScript, type ImapScriptOptions } from '../support/imap-script.ts';
import { openGatewaySession, type GatewaySessionOptions } from '../support/gateway-session.ts';

const raw = 'From: a@example.com\r\nSubject: x\r\n\r\nx\r\n';
const withNotify = [...allCapabilities, 'NOTIFY'];

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

async function rig(
  options: ImapScriptOptions = {},
  session: Partial<GatewaySessionOptions> = {},
): Promise<{ server: ImapScript; session: ImapSession }> {
  const server = await startImapScript(options);
  closers.push(() => server.close());
  server.store.get('INBOX').add({ raw });
  server.store.create('Other').add({ raw });
  const opened = await openGatewaySession({ port: server.port, ...session });
  closers.push(() => opened.close());
  return { server, session: opened };
}

interface Watching {
  readonly events: WatchEvent[];
  readonly silences: boolean[];
  readonly watchesAll: () => boolean | null;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

function watch(session: ImapSession): Watching {
  const events: WatchEvent[] = [];
  const leave = new AbortController();
  const silences: boolean[] = [];
  session.onSilence = (isSilent) => void silences.push(isSilent);
  let all: boolean | null = null;
  const ended = session.watch((event) => events.push(event), leave.signal, {
    onReady: (watchesAll) => {
      all = watchesAll;
    },
  });
  ended.catch(() => undefined);
  return {
    events,
    silences,
    watchesAll: () => all,
    ended,
    stop: () => {
      leave.abort();
      return ended;
    },
  };
}

const paths = (events: readonly WatchEvent[]) => [
  ...new Set(events.map((event) => (event.type === 'list-changed' ? '(list)' : event.path))),
];
const idles = (server: ImapScript) => server.commands.filter(({ name }) => name === 'IDLE').length;

describe('watching by IDLE', () => {
  it('tells arrivals, flags and expunges of the open mailbox, and stops when told', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    const watching = watch(session);
    await expect.poll(() => idles(server)).toBe(1);
    expect(watching.watchesAll()).toBe(false);
    const inbox = server.store.get('INBOX');
    for (const change of [() => inbox.add({ raw }), () => inbox.setFlags(1, ['\\Seen']), () => inbox.expunge(1)]) {
      const before = watching.events.length;
      change();
      await expect.poll(() => watching.events.length).toBeGreaterThan(before);
    }
    server.store.get('Other').add({ raw });
    expect(paths(watching.events)).toEqual(['INBOX']);
    await watching.stop();
    await session.noop();
  });

  it('can be stopped before the server has begun to wait, and many times over', async () => {
    const { server, session } = await rig();
    await session.select('INBOX');
    for (let i = 0; i < 20; i += 1) await watch(session).stop();
    server.fault({ command: 'IDLE', action: { delayMs: 50 } });
    const watching = watch(session);
    await expect.poll(() => idles(server)).toBeGreaterThan(0);
    await watching.stop();
    const aborted = new AbortController();
    aborted.abort();
    await session.watch(() => undefined, aborted.signal);
    await session.noop();
    expect(session.isOpen).toBe(true);
  });

  it('is renewed in time', async () => {
    const { server, session } = await rig({}, { times: { idleRenewMs: 60 } });
    await session.select('INBOX');
    const watching = watch(session);
    await expect.poll(() => idles(server)).toBeGreaterThan(4);
    server.store.get('INBOX').add({ raw });
    await expect.poll(() => watching.events.length).toBeGreaterThan(0);
    await watching.stop();
  });

  it('notices a connection that died in silence when it is renewed', async () => {
    const { server, session } = await rig({}, { times: { idleRenewMs: 100, stallTimeoutMs: 200 } });
    await session.select('INBOX');
    server.fault({ command: 'IDLE', action: { stallAfterBytes: 10 } });
    const watching = watch(session);
    await expect(watching.ended).rejects.toMatchObject({ code: 'server-timeout', scope: 'connection' });
    expect(session.isOpen).toBe(false);
  });

  it('outlives long silence while nothing is due', async () => {
    const { session } = await rig({}, { times: { commandTimeoutMs: 100, stallTimeoutMs: 80, idleRenewMs: 5000 } });
    await session.select('INBOX');
    const watching = watch(session);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await watching.stop();
    expect(session.isOpen).toBe(true);
  });

  it('ends with the connection, and says why', async () => {
    for (const [end, code] of [
      [(server: ImapScript) => server.dropConnections('reset'), 'connection-lost'],
      [(server: ImapScript) => server.dropConnections('end'), 'connection-lost'],
    ] as const) {
      const { server, session } = await rig();
      await session.select('INBOX');
      const watching = watch(session);
      await expect.poll(() => idles(server)).toBe(1);
      end(server);
      await expect(watching.ended).rejects.toMatchObject({ code, scope: 'connection' });
    }
  });

  it('tells at once what SELECT swallowed', async () => {
    const { server, session } = await rig();
    await session.list();
    await session.select('INBOX');
    await session.searchWindow(0, true);
    server.store.get('INBOX').add({ raw });
    await session.select('INBOX'); // only to be watched: its answer is not looked at
    const watching = watch(session);
    await expect.poll(() => paths(watching.events)).toEqual(['INBOX']);
    await watching.stop();
    const again = watch(session);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(again.events).toEqual([]);
    await again.stop();
  });

  it('falls back to NOOP where IDLE is missing or refused', async () => {
    for (const options of [{ capabilities: without('IDLE') }, {}]) {
      const { server, session } = await rig(options);
      if (!('capabilities' in options)) server.fault({ command: 'IDLE', nth: 'every', action: { no: 'not here' } });
      await session.select('INBOX');
      const watching = watch(session);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await watching.stop();
      expect(session.isOpen).toBe(true);
      await session.noop();
    }
  });

  it('needs an open mailbox', async () => {
    const { session } = await rig();
    await expect(session.watch(() => undefined, new AbortController().signal)).rejects.toMatchObject({ code: 'call-rejected' });
  });
});

describe('watching by NOTIFY', () => {
  it('tells changes of other mailboxes with their status', async () => {
    const { server, session } = await rig({ capabilities: withNotify });
    await session.list();
    await session.select('INBOX');
    const watching = watch(session);
    await expect.poll(() => watching.watchesAll()).toBe(true);
    await expect.poll(() => idles(server)).toBe(1);
    server.store.get('Other').add({ raw });
    await expect
      .poll(() => watching.events)
      .toEqual([{ type: 'mailbox-changed', path: 'Other', status: expect.objectContaining({ messages: 2, uidNext: 3 }) }]);
    server.store.get('INBOX').add({ raw });
    await expect.poll(() => paths(watching.events)).toEqual(['Other', 'INBOX']);
    await watching.stop();
  });

  it('keeps news that come between two watches, and tells each once', async () => {
    const { server, session } = await rig({ capabilities: withNotify });
    await session.list();
    await session.select('INBOX');
    await watch(session).stop();
    server.store.get('Other').add({ raw });
    await session.noop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await session.noop();
    const watching = watch(session);
    expect(paths(watching.events)).toEqual(['Other']);
    await watching.stop();
    const again = watch(session);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(again.events).toEqual([]);
    await again.stop();
    expect(server.commands.filter(({ name }) => name === 'NOTIFY')).toHaveLength(1);
  });

  it('goes on with IDLE alone where NOTIFY is refused', async () => {
    const { server, session } = await rig({ capabilities: withNotify });
    server.fault({ command: 'NOTIFY', action: { bad: 'what?' } });
    await session.select('INBOX');
    const watching = watch(session);
    await expect.poll(() => watching.watchesAll()).toBe(false);
    await expect.poll(() => idles(server)).toBe(1);
    server.store.get('INBOX').add({ raw });
    await expect.poll(() => paths(watching.events)).toEqual(['INBOX']);
    await watching.stop();
  });

  it('asks for a look at everything when the server gave up watching, and registers anew', async () => {
    const { server, session } = await rig({ capabilities: withNotify });
    await session.select('INBOX');
    await watch(session).stop();
    server.fault({ command: 'NOOP', action: { garbage: '* OK [NOTIFICATIONOVERFLOW] too much\r\n* LIST () "/" New\r\n' } });
    await session.noop();
    const watching = watch(session);
    await expect.poll(() => paths(watching.events)).toEqual(['(list)']);
    await watching.stop();
    expect(server.commands.filter(({ name }) => name === 'NOTIFY')).toHaveLength(2);
  });
});

describe('a server that goes silent', () => {
  it('is told of once, before the connection is given up', async () => {
    const { server, session } = await rig({}, { times: { idleRenewMs: 100, silenceMs: 80, stallTimeoutMs: 600 } });
    await session.select('INBOX');
    const watching = watch(session);
    await expect.poll(() => idles(server)).toBeGreaterThan(1);
    expect(watching.silences).toEqual([]);
    // Behind the continuation: what stays away is the end of the IDLE.
    server.fault({ command: 'IDLE', action: { stallAfterBytes: 10 } });
    await expect.poll(() => watching.silences).toEqual([true]);
    expect(session.isOpen).toBe(true);
    await expect(watching.ended).rejects.toMatchObject({ code: 'server-timeout' });
    expect(watching.silences).toEqual([true]);
  });

  it('is told of a command on its way, too, and takes it back when the answer comes', async () => {
    const { server, session } = await rig({}, { times: { overdueMs: 80, commandTimeoutMs: 5000, stallTimeoutMs: 5000 } });
    const silences: boolean[] = [];
    session.onSilence = (isSilent) => void silences.push(isSilent);
    server.fault({ command: 'NOOP', action: { delayMs: 400 } });
    const asking = session.noop();
    await expect.poll(() => silences).toEqual([true]);
    await asking;
    expect(silences).toEqual([true, false]);
    await session.noop();
    expect([silences, session.isOpen]).toEqual([[true, false], true]);
  });
});
