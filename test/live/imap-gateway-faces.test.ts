import { afterEach, describe, expect, it } from 'vitest';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { asUid, type Uid } from '../../shared/model/ids.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { reportFigure } from '../support/figures.ts';
import { collect, openGatewaySession, type GatewaySessionOptions } from '../support/gateway-session.ts';
import { isFull } from '../support/this-run.ts';
import { usualMail } from '../support/usual-mail.ts';

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

describe('a Dovecot that goes away', () => {
  it.each(['TERM', 'KILL'] as const)('by %s ends fetch and watch with an error, and comes back', async (signal) => {
    const server = await startDovecot();
    try {
      await seedMailbox(
        server,
        'alice',
        'INBOX',
        Array.from({ length: 60 }, (_, i) => ({ raw: usualMail(i + 1, 300_000) })),
      );
      const [fetching, watching] = [await open(server), await open(server)];
      await fetching.select('INBOX');
      await watching.select('INBOX');
      const watched = watching.watch(() => undefined, new AbortController().signal).catch((error: unknown) => error);
      let seen = 0;
      const fetched = (async () => {
        for await (const one of fetching.fetchSources(uids(...Array.from({ length: 60 }, (_, i) => i + 1)))) {
          expect('raw' in one && one.raw.byteLength).toBe(usualMail(one.uid, 300_000).length);
          if ((seen += 1) === 3) await server.stop(signal);
        }
      })().catch((error: unknown) => error);
      expect(await fetched).toMatchObject({ name: 'MailError', scope: 'connection' });
      expect(await watched).toMatchObject({ name: 'MailError', scope: 'connection' });
      expect(seen).toBeLessThan(60);
      await expect(open(server)).rejects.toMatchObject({ code: 'connect-refused' });
      await server.start();
      const again = await open(server);
      expect((await again.select('INBOX')).exists).toBe(60);
    } finally {
      await server.dispose();
    }
  });
});

describe('other faces of Dovecot', () => {
  it.each([
    ['without QRESYNC', 'IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE CONDSTORE UIDPLUS MOVE ESEARCH LIST-EXTENDED LIST-STATUS SPECIAL-USE'],
    ['with nothing but IMAP4rev1', 'IMAP4rev1'],
  ])('%s', async (_, capabilities) => {
    const server = await startDovecot({ capabilities: capabilities.split(' ') });
    try {
      await seedMailbox(
        server,
        'alice',
        'INBOX',
        [1, 2, 3].map((n) => ({ raw: usualMail(n), internalDate: BASE })),
      );
      const session = await open(server);
      expect(await session.list()).toHaveLength(6);
      await session.select('INBOX', { forChange: true });
      expect(await session.searchUidRange(asUid(1), asUid(9))).toEqual([1, 2, 3]);
      expect(await collect(session.fetchSummaries(uids(1, 2, 3)))).toHaveLength(3);
      await session.storeFlags(uids(1), 'add', ['\\Seen']);
      expect((await session.fetchFlags(uids(1)))[0]?.flags).toEqual(['\\Seen']);
      await session.copy(uids(1), 'Archive');
    } finally {
      await server.dispose();
    }
  });
});

describe('thousands of messages', () => {
  const COUNT = isFull ? 10_000 : 4_000;
  /** 1.0 s for 10,000 on an idle machine; the rest is room for a busy one. */
  const CPU_MS_EACH = 0.6;

  it('are summarised and fetched at the speed of the wire', async () => {
    const server = await startDovecot({ rawlog: false });
    try {
      await seedMailbox(
        server,
        'alice',
        'INBOX',
        (function* () {
          for (let n = 1; n <= COUNT; n += 1) yield { raw: usualMail(n, n % 10 === 0 ? 60_000 : 3000), internalDate: BASE + n * 1000 };
        })(),
      );
      const session = await open(server);
      await session.select('INBOX');
      const all = await session.searchWindow(BASE, true);
      expect(all).toHaveLength(COUNT);
      const cpu = process.cpuUsage();
      const began = performance.now();
      let summaries = 0;
      for (let at = 0; at < COUNT; at += 500)
        for (const one of await collect(session.fetchSummaries(all.slice(at, at + 500)))) if ('messageId' in one) summaries += 1;
      const summaryMs = Math.round(performance.now() - began);
      const { user, system } = process.cpuUsage(cpu);
      const summaryCpuMs = Math.round((user + system) / 1000);
      expect(summaries).toBe(COUNT);
      const sourcesBegan = performance.now();
      let bytes = 0;
      for (let at = 0; at < COUNT; at += 100)
        for await (const one of session.fetchSources(all.slice(at, at + 100))) if ('raw' in one) bytes += one.raw.byteLength;
      const sourcesMs = Math.round(performance.now() - sourcesBegan);
      reportFigure('IMAP gateway, a large mailbox', {
        messages: COUNT,
        summaryMs,
        summaryCpuMs,
        sourcesMs,
        sourcesMb: Math.round(bytes / 1e6),
      });
      expect(summaryCpuMs).toBeLessThan(COUNT * CPU_MS_EACH);
    } finally {
      await server.dispose();
    }
  });
});
