import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { asModSeq, asUid, type Uid } from '../../shared/model/ids.ts';
import { editBytes } from '../support/byte-edits.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { reportFigure } from '../support/figures.ts';
import { collect, openGatewaySession } from '../support/gateway-session.ts';
import { peakMemory } from '../support/memory-peak.ts';
import { seededRandom } from '../support/random.ts';
import { RewritingProxy } from '../support/rewriting-proxy.ts';
import { isFull } from '../support/this-run.ts';

const MUTANTS = isFull ? 4000 : 100;
const MEMORY_BYTES = 200 * 1024 * 1024;
const MESSAGES = 60;
const all = Array.from({ length: MESSAGES }, (_, i) => i + 1) as Uid[];

const calls: readonly ((session: ImapSession) => Promise<unknown>)[] = [
  (session) => session.list(),
  (session) => session.status('INBOX'),
  (session) => session.select('INBOX'),
  (session) => session.searchUidRange(asUid(1), asUid(1000)),
  (session) => session.searchWindow(0, true),
  (session) => session.fetchFlags(all),
  (session) => session.changes(asModSeq(1), all),
  (session) => collect(session.fetchSummaries(all)),
  (session) => collect(session.fetchSources(all)),
  (session) => session.fetchSlice(asUid(3), 0, 500),
  (session) => session.fetchHeader(asUid(4)),
  (session) => session.noop(),
];

describe('I11: answers of Dovecot with edited bytes', () => {
  let server: Dovecot;
  let proxy: RewritingProxy;

  beforeAll(async () => {
    server = await startDovecot();
    const raw = (n: number): Buffer =>
      Buffer.from(
        `From: A <a@example.com>\r\nSubject: n ${n}\r\nMessage-ID: <${n}@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${'x'.repeat(n * 50)}\r\n--b--\r\n`,
      );
    await seedMailbox(
      server,
      'alice',
      'INBOX',
      all.map((n) => ({ raw: raw(n), flags: n % 2 === 0 ? ['\\Seen'] : [] })),
    );
    proxy = await RewritingProxy.start(server.imapPort);
  });
  afterAll(async () => {
    proxy.close();
    await server.dispose();
  });

  it(`${MUTANTS} of them: no crash, no hang, nothing changed on the server`, async () => {
    const random = seededRandom(4711);
    const mark = server.mark();
    let answered = 0;
    const { peakBytes } = await peakMemory(async () => {
      for (let i = 0; i < MUTANTS; i += 1) {
        const session = await openGatewaySession({ port: proxy.port, times: { commandTimeoutMs: 400, stallTimeoutMs: 200 } });
        await session.select('INBOX');
        const own = random.fork();
        proxy.rewrite = (chunk) => editBytes(chunk, own);
        const began = performance.now();
        const error: unknown = await (calls[i % calls.length] as (typeof calls)[0])(session).then(
          () => null,
          (reason: unknown) => reason,
        );
        proxy.rewrite = null;
        if (error === null) answered += 1;
        else expect(error).toMatchObject({ name: 'MailError' });
        expect(performance.now() - began).toBeLessThan(10_000);
        await session.close();
      }
    });
    expect(peakBytes).toBeLessThan(MEMORY_BYTES);
    expect(server.mutatingSince(mark)).toEqual([]);
    reportFigure('I11 edited answers of Dovecot (gateway)', {
      mutants: MUTANTS,
      answered,
      crashes: 0,
      peakMb: Math.round(peakBytes / 1024 / 1024),
    });
  });
});
