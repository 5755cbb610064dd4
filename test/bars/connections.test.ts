import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapProxy } from '../support/imap-proxy.ts';
import { until } from '../support/until.ts';

describe('I9: connections', () => {
  const FOLDERS = Array.from({ length: 20 }, (_, n) => `Ordner ${n}`);
  const MAILS = 25;
  const MAX_CONNECTIONS = 4;
  let server: Dovecot;

  beforeAll(async () => {
    server = await startDovecot({ mailboxes: [...usualMailboxes, ...FOLDERS.map((path) => ({ path, autoSubscribe: true }))] });
    for (const [index, path] of FOLDERS.entries()) {
      const raw = (n: number) => Buffer.from(`Subject: ${path} ${n}\r\nMessage-ID: <${index}.${n}@example.com>\r\n\r\nx\r\n`);
      const mails = Array.from({ length: MAILS }, (_, n) => ({ raw: raw(n) }));
      await seedMailbox(server, 'alice', path, mails);
    }
  });
  afterAll(() => server.dispose());

  // What a server takes at most would hold the figure down by itself: how many are really wanted shows where it takes any number.
  it.each([50, 3, 1])('20 mailboxes and a server that takes %i at a time', { timeout: 60_000 }, async (maxConnections) => {
    const proxy = await startImapProxy({ upstreamPort: server.imapPort, maxConnections });
    const rig = await EngineRig.open({ primary: { port: proxy.port, user: 'alice', password: server.user().password } });
    rig.engine.start();
    const { placements } = rig.engine.store;
    const missing = (): number => placements.countMissing(rig.accountId, 'primary', 2).missing;
    await until('all headers', () => FOLDERS.every((path) => hasRows(rig, path)), 40_000);
    await until('all bodies', () => missing() === 0, 40_000);
    const client = await server.connect();
    await client.append(
      FOLDERS[7]!,
      Buffer.from(`Subject: new ${maxConnections}\r\nMessage-ID: <new${maxConnections}@example.com>\r\n\r\nx\r\n`),
    );
    await client.close();
    await until('new mail', () => rig.rows(FOLDERS[7]!).some((row) => row.subject === `new ${maxConnections}`), 40_000);
    const tooMany = proxy.attempts.filter((one) => one.outcome === 'too-many').length;
    reportFigure(`I9 connections, server takes ${maxConnections}`, { mailboxes: FOLDERS.length, peak: proxy.peakConnections, tooMany });
    expect(proxy.peakConnections).toBeLessThanOrEqual(Math.min(MAX_CONNECTIONS, maxConnections));
    // Those that were turned away were wanted, too.
    expect(proxy.peakConnections + Math.min(tooMany, 1)).toBeLessThanOrEqual(MAX_CONNECTIONS);
    await rig.close();
    await proxy.close();
  });

  function hasRows(rig: EngineRig, path: string): boolean {
    const isKnown = rig.engine.store.mailboxes.list(rig.accountId, 'primary').some((one) => one.path === path);
    return isKnown && rig.rows(path).length >= MAILS;
  }
});
