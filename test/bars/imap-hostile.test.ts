import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { asModSeq, asUid, type Uid } from '../../shared/model/ids.ts';
import { reportFigure } from '../support/figures.ts';
import { collect, openGatewaySession } from '../support/gateway-session.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { lies } from '../support/imap-script/hostile-answers.ts';
import { peakMemory } from '../support/memory-peak.ts';
import { editBytes } from '../support/byte-edits.ts';
import { seededRandom } from '../support/random.ts';
import { isFull } from '../support/this-run.ts';

const MIB = 1024 * 1024;
const MEMORY_BYTES = 200 * MIB;
const CASE_MS = 60_000;
const MUTANTS = isFull ? 4000 : 36;
const raw = (n: number): string =>
  `From: "A, B" <a@example.com>\r\nTo: c@example.org\r\nSubject: =?utf-8?q?n=C3=A4?= ${n}\r\nMessage-ID: <${n}@example.com>\r\nDate: Wed, 01 Jan 2025 10:00:00 +0000\r\n` +
  `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: image/png; name="x.png"\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b--\r\n`;
const some = [1, 2, 3, 4, 5] as Uid[];

interface Call {
  readonly name: string;
  readonly command: string;
  run(session: ImapSession): Promise<unknown>;
}

const calls: readonly Call[] = [
  { name: 'list', command: 'LIST', run: (session) => session.list() },
  { name: 'status', command: 'STATUS', run: (session) => session.status('INBOX') },
  { name: 'select', command: 'EXAMINE', run: (session) => session.select('INBOX') },
  { name: 'search', command: 'UID SEARCH', run: (session) => session.searchUidRange(asUid(1), asUid(100)) },
  { name: 'window', command: 'UID SEARCH', run: (session) => session.searchWindow(0, true) },
  { name: 'flags', command: 'UID FETCH', run: (session) => session.fetchFlags(some) },
  { name: 'changes', command: 'UID FETCH', run: (session) => session.changes(asModSeq(1), some) },
  { name: 'summaries', command: 'UID FETCH', run: (session) => collect(session.fetchSummaries(some)) },
  { name: 'sources', command: 'UID FETCH', run: (session) => collect(session.fetchSources(some)) },
  { name: 'slice', command: 'UID FETCH', run: (session) => session.fetchSlice(asUid(1), 0, 1000) },
  { name: 'header', command: 'UID FETCH', run: (session) => session.fetchHeader(asUid(1)) },
  { name: 'noop', command: 'NOOP', run: (session) => session.noop() },
];

let server: ImapScript | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function open(): Promise<{ server: ImapScript; session: ImapSession }> {
  server ??= await startImapScript();
  if (server.store.get('INBOX').messages.length === 0) for (let n = 1; n <= 5; n += 1) server.store.get('INBOX').add({ raw: raw(n) });
  const session = await openGatewaySession({ port: server.port, times: { commandTimeoutMs: 400, stallTimeoutMs: 200 } });
  await session.select('INBOX');
  return { server, session };
}

/** Result or error of a call; what is no MailError is a crash. */
async function outcomeOf(call: Call, session: ImapSession): Promise<'answered' | string> {
  try {
    await call.run(session);
    return 'answered';
  } catch (error) {
    expect(error, `${call.name} let a foreign error through`).toMatchObject({ name: 'MailError' });
    return (error as { code: string }).code;
  }
}

const counts = { hostileCases: 0, peakBytes: 0, slowestMs: 0, mutants: 0, mutantsAnswered: 0 };

/** The sampled run tells each lie to every sixth call, and what takes seconds (a million answers) to one; the full one to all. */
function callsFor(name: string, index: number): readonly Call[] {
  if (isFull) return calls;
  const isHeavy = name.startsWith('10^6 ');
  return calls.filter((_, at) => (at + index) % (isHeavy ? calls.length : 6) === 0);
}

describe('I11: a server that lies', () => {
  for (const [index, lie] of lies.entries()) {
    it(
      lie.name,
      async () => {
        for (const call of callsFor(lie.name, index)) {
          const { server: script, session } = await open();
          const withdraw = script.fault({ command: call.command, nth: 'every', action: (command) => ({ reply: lie.answer(command) }) });
          const began = performance.now();
          const { peakBytes, result } = await peakMemory(() => outcomeOf(call, session));
          const ms = performance.now() - began;
          withdraw();
          await session.close();
          expect(peakBytes, `${call.name}: memory`).toBeLessThan(MEMORY_BYTES);
          expect(ms, `${call.name}: time`).toBeLessThan(CASE_MS);
          if (lie.code) expect(result, `${call.name}: outcome`).toBe(lie.code);
          expect(script.mutating()).toEqual([]);
          counts.hostileCases += 1;
          counts.peakBytes = Math.max(counts.peakBytes, peakBytes);
          counts.slowestMs = Math.max(counts.slowestMs, ms);
        }
      },
      10 * CASE_MS,
    );
  }

  it.each([
    '* OK [ALERT] hello\r\n',
    '* 3 EXISTS\r\n',
    '* BYE\r\n',
    '\xff\xfe\x00\r\n',
    '* STATUS INBOX (\r\n',
    '* LIST (((\r\n',
    '* VANISHED x\r\n',
    '* 1 FETCH (((\r\n',
  ])('news out of place: %j while watching', async (news) => {
    const { server: script, session } = await open();
    script.fault({
      command: 'IDLE',
      action: (command) => ({ reply: ['+ idling\r\n', Buffer.from(news, 'latin1'), `${command.tag} OK done\r\n`] }),
    });
    const leave = new AbortController();
    const watching = session
      .watch(() => undefined, leave.signal)
      .catch((error: unknown) => expect(error).toMatchObject({ name: 'MailError' }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    leave.abort();
    await watching;
    await session.close();
  });
});

describe('I11: answers with edited bytes', () => {
  it(
    `${MUTANTS} of them, over all calls`,
    async () => {
      const random = seededRandom(20250117);
      const { peakBytes } = await peakMemory(async () => {
        for (let i = 0; i < MUTANTS; i += 1) {
          const call = calls[i % calls.length] as Call;
          const own = random.fork();
          const { server: script, session } = await open();
          const withdraw = script.fault({ command: call.command, nth: 'every', action: { rewrite: (answer) => editBytes(answer, own) } });
          const began = performance.now();
          const outcome = await outcomeOf(call, session);
          expect(performance.now() - began, `mutant ${i} (${call.name})`).toBeLessThan(10_000);
          withdraw();
          await session.close();
          counts.mutants += 1;
          if (outcome === 'answered') counts.mutantsAnswered += 1;
        }
      });
      counts.peakBytes = Math.max(counts.peakBytes, peakBytes);
      expect(peakBytes).toBeLessThan(MEMORY_BYTES);
      expect(server?.mutating()).toEqual([]);
    },
    10 * CASE_MS,
  );

  afterAll(() => {
    const { peakBytes, slowestMs, ...rest } = counts;
    reportFigure('I11 hostile answers (gateway)', {
      ...rest,
      crashes: 0,
      peakMb: Math.round(peakBytes / MIB),
      slowestMs: Math.round(slowestMs),
    });
  });
});
