import { afterEach, describe, expect, it } from 'vitest';
import { collect } from '../support/gateway-session.ts';
import { ImapRigs, scriptMail, uids } from '../support/imap-rig.ts';
import { untaggedFlood } from '../support/imap-script/lies.ts';

const rigs = new ImapRigs();
afterEach(() => rigs.close());

describe('a command that fails', () => {
  it('BAD is an error of the call, not of the session', async () => {
    const { server, session } = await rigs.open();
    server.fault({ command: 'NOOP', action: { bad: 'parse error' } });
    await expect(session.noop()).rejects.toMatchObject({ code: 'protocol-violation', scope: 'mailbox', detail: 'BAD' });
    await session.noop();
  });

  it('BYE ends the session with its reason, and every later call tells it', async () => {
    const { server, session } = await rigs.open();
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
    const first = await rigs.open();
    first.server.fault({ command: 'NOOP', action: { before: () => first.server.dropConnections(how) } });
    await expect(first.session.noop()).rejects.toMatchObject({ code: 'connection-lost', scope: 'connection' });
    const second = await rigs.open();
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
      const { server, session } = await rigs.open({}, { times });
      await session.select('INBOX');
      server.fault({ command: 'UID FETCH', action });
      const began = performance.now();
      await expect(collect(session.fetchSources(uids(1, 2, 3)))).rejects.toMatchObject({
        code: 'server-timeout',
        scope: 'connection',
        detail: reason,
      });
      expect(performance.now() - began).toBeLessThan(1500);
    }
  });

  it('a slow consumer is not taken for a silent server', async () => {
    const { server, session } = await rigs.open({}, { times: { commandTimeoutMs: 200, stallTimeoutMs: 100 } });
    for (let n = 6; n <= 60; n += 1) server.store.get('INBOX').add({ raw: `${scriptMail(n)}${'x'.repeat(200_000)}` });
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
    const { server, session } = await rigs.open();
    server.fault({ command: 'NOOP', action: { bad: 'Request is throttled. Suggested Backoff Time: 92415 milliseconds' } });
    await expect(session.noop()).rejects.toMatchObject({ code: 'command-refused', scope: 'connection', retry: 'later' });
  });

  it('a new UIDVALIDITY in the middle fails the command, and nothing is done by the old UIDs', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX', { forChange: true });
    server.fault({ command: 'UID FETCH', action: { garbage: '* OK [UIDVALIDITY 4242] new epoch\r\n' } });
    await expect(session.fetchFlags(uids(1))).rejects.toMatchObject({ code: 'uid-validity-changed', scope: 'mailbox' });
    await expect(session.storeFlags(uids(1), 'add', ['\\Deleted'])).rejects.toMatchObject({ code: 'uid-validity-changed' });
    expect(server.mutating()).toEqual([]);
  });

  it('a new UIDVALIDITY between two commands holds for the next one, until the mailbox is opened again', async () => {
    const { server, session } = await rigs.open();
    server.fault({ command: 'SELECT', action: { suffix: '* OK [UIDVALIDITY 4242] new epoch\r\n' } });
    await session.select('INBOX', { forChange: true });
    await session.noop().catch(() => undefined); // the news may fall into it
    await expect(session.storeFlags(uids(1), 'add', ['\\Deleted'])).rejects.toMatchObject({ code: 'uid-validity-changed', retry: 'later' });
    expect(server.mutating()).toEqual([]);
    await session.select('INBOX', { forChange: true });
    expect(await session.fetchFlags(uids(1))).toHaveLength(1);
  });

  it('of an answer with a new UIDVALIDITY in it, nothing that follows is believed', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX', { forChange: true });
    server.fault({ command: 'UID FETCH', action: { garbage: '* NO [UIDVALIDITY 4242] new epoch\r\n' } });
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const one of session.fetchSummaries(uids(1, 2))) seen.push(one);
    };
    await expect(read()).rejects.toMatchObject({ code: 'uid-validity-changed' });
    expect(seen).toEqual([]);
    await session.select('INBOX', { forChange: true });
    server.fault({ command: 'UID COPY', action: { garbage: '* OK [UIDVALIDITY 4242] new epoch\r\n' } });
    await expect(session.copy(uids(1), 'INBOX')).rejects.toMatchObject({ code: 'uid-validity-changed' });
  });

  it('answers of the mailbox before are not taken for the new one', async () => {
    const { server, session } = await rigs.open();
    server.store.create('Neu');
    await session.select('INBOX');
    server.fault({ command: 'EXAMINE', action: { garbage: '* 77 EXISTS\r\n* OK [UIDVALIDITY 4242] x\r\n* OK [CLOSED] old one\r\n' } });
    expect(await session.select('Neu')).toMatchObject({ exists: 0, uidValidity: BigInt(server.store.get('Neu').uidValidity) });
  });

  it('a flood of answers is survived, or ends the session when it has no end', async () => {
    const { server, session } = await rigs.open();
    server.fault({ command: 'NOOP', action: (command) => ({ reply: untaggedFlood(100_000, `${command.tag} OK done\r\n`) }) });
    await session.noop();
    server.fault({ command: 'NOOP', action: { reply: untaggedFlood(5000, '', () => 'not an answer') } });
    await expect(session.noop()).rejects.toMatchObject({ code: 'protocol-violation', scope: 'connection' });
  });

  it('closing is quick and final, whatever the server does', async () => {
    const { server, session } = await rigs.open();
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
