import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { asModSeq, asUid, type Uid } from '../../shared/model/ids.ts';
import { reportFigure } from '../support/figures.ts';
import { collect, openGatewaySession } from '../support/gateway-session.ts';
import { startImapScript, type Chunks, type ImapScript, type ScriptCommand } from '../support/imap-script.ts';
import { endlessLine, hugeLiteral, nestedParens, untaggedFlood } from '../support/imap-script/lies.ts';
import { peakMemory } from '../support/memory-peak.ts';
import { editBytes } from '../support/byte-edits.ts';
import { seededRandom } from '../support/random.ts';

const MIB = 1024 * 1024;
const MEMORY_BYTES = 200 * MIB;
const CASE_MS = 60_000;
const isFull = process.env['HOLDOVER_FULL'] === '1';
const MUTANTS = isFull ? 4000 : 120;
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

/** What a hostile server sends in place of an answer. */
const lies: readonly { readonly name: string; readonly code?: string; answer(command: ScriptCommand): Chunks }[] = [
  { name: 'literal of 2 GB announced', code: 'answer-too-large', answer: () => hugeLiteral(2 ** 31) },
  { name: 'literal of 2 GB announced and sent', code: 'answer-too-large', answer: () => hugeLiteral(2 ** 31, 2 ** 31) },
  {
    name: 'literal of 10^30 bytes',
    code: 'answer-too-large',
    answer: () => ['* 1 FETCH (UID 1 BODY[] {1000000000000000000000000000000}\r\n'],
  },
  { name: 'many literals of 16 MB in one answer', code: 'answer-too-large', answer: () => manyLiterals() },
  { name: 'line without end', code: 'answer-too-large', answer: () => endlessLine('* OK ', 512 * MIB) },
  { name: 'SEARCH without end', code: 'answer-too-large', answer: () => endlessNumbers('* SEARCH', 512 * MIB) },
  {
    name: 'FETCH line without end',
    code: 'answer-too-large',
    answer: () => endlessLine('* 1 FETCH (UID 1 BODYSTRUCTURE ("text" "', 512 * MIB),
  },
  { name: 'tagged line without end', code: 'answer-too-large', answer: ({ tag }) => endlessLine(`${tag} OK `, 512 * MIB) },
  { name: '10^6 EXISTS', answer: ({ tag }) => untaggedFlood(1_000_000, `${tag} OK done\r\n`) },
  {
    name: '10^6 EXISTS backwards',
    answer: ({ tag }) => untaggedFlood(1_000_000, `${tag} OK done\r\n`, (i) => `* ${1_000_001 - i} EXISTS`),
  },
  {
    name: '10^6 FETCH',
    answer: ({ tag }) => untaggedFlood(1_000_000, `${tag} OK done\r\n`, (i) => `* ${i} FETCH (UID ${i} FLAGS (\\Seen k${i}))`),
  },
  { name: '10^6 LIST', answer: ({ tag }) => untaggedFlood(1_000_000, `${tag} OK done\r\n`, (i) => `* LIST () "/" box${i}`) },
  {
    name: '10^6 STATUS',
    answer: ({ tag }) => untaggedFlood(1_000_000, `${tag} OK done\r\n`, (i) => `* STATUS box${i} (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 3)`),
  },
  { name: '10^6 SEARCH', answer: ({ tag }) => untaggedFlood(1_000_000, `${tag} OK done\r\n`, (i) => `* SEARCH ${i} ${i + 1} ${i + 2}`) },
  { name: '10^6 lines of nonsense', answer: ({ tag }) => untaggedFlood(1_000_000, `${tag} OK done\r\n`, () => '\x01\xff\x00{}()[') },
  { name: 'ESEARCH over everything', answer: ({ tag }) => [`* ESEARCH (TAG "${tag}") UID ALL 1:4294967295\r\n${tag} OK done\r\n`] },
  {
    name: 'VANISHED over everything',
    answer: ({ tag }) => [`* VANISHED (EARLIER) 1:4294967295${',1:4294967295'.repeat(100_000)}\r\n${tag} OK done\r\n`],
  },
  { name: 'parentheses 10^5 deep, closed', answer: ({ tag }) => nestedParens(100_000, `${tag} OK done\r\n`) },
  { name: 'parentheses 10^5 deep, open', answer: ({ tag }) => nestedParens(100_000, `${tag} OK done\r\n`, false) },
  {
    name: 'parentheses in LIST 10^5 deep',
    answer: ({ tag }) => [`* LIST ${'('.repeat(100_000)}${')'.repeat(100_000)} "/" x\r\n${tag} OK done\r\n`],
  },
  {
    name: 'brackets 10^5 deep in the tagged line',
    answer: ({ tag }) => [`${tag} OK [${'('.repeat(100_000)}${')'.repeat(100_000)}] done\r\n`],
  },
  {
    name: '10^6 tokens in one line',
    answer: ({ tag }) => [`* 1 FETCH (UID 1 BODYSTRUCTURE (${'a '.repeat(1_000_000)}))\r\n${tag} OK done\r\n`],
  },
  { name: '10^6 flags', answer: ({ tag }) => [`* 1 FETCH (UID 1 FLAGS (${'a '.repeat(400_000)}))\r\n${tag} OK done\r\n`] },
  {
    name: 'numbers out of range',
    answer: ({ tag }) => [
      `* 99999999999999999999 EXISTS\r\n* OK [UIDVALIDITY 99999999999999999999] x\r\n* OK [UIDNEXT -1] x\r\n* OK [HIGHESTMODSEQ ${'9'.repeat(1000)}] x\r\n* 1 FETCH (UID 99999999999999 FLAGS () MODSEQ (${'9'.repeat(19)}))\r\n${tag} OK done\r\n`,
    ],
  },
  {
    name: 'tags of commands to come',
    answer: ({ tag }) => [
      'FF OK done\r\n',
      `${(Number.parseInt(tag, 16) + 1).toString(16).toUpperCase()} OK done\r\n`,
      `${tag} OK done\r\n`,
    ],
  },
  { name: 'continuations nobody waits for', answer: ({ tag }) => untaggedFlood(10_000, `${tag} OK done\r\n`, () => '+ go on') },
  { name: 'BYE without end of the connection', answer: () => ['* BYE see you\r\n'] },
  { name: 'nothing but NUL', answer: ({ tag }) => [Buffer.alloc(MIB), `\r\n${tag} OK done\r\n`] },
];

function* manyLiterals(): Generator<Buffer | string> {
  const filler = Buffer.alloc(16 * MIB - 10, 'x');
  yield '* 1 FETCH (UID 1';
  for (let i = 0; i < 40; i += 1) {
    yield ` BODY[${i}] {${filler.length}}\r\n`;
    yield filler;
  }
}

function* endlessNumbers(head: string, bytes: number): Generator<string> {
  yield head;
  const piece = ' 4294967295'.repeat(6000);
  for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
}

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

/** A million answers take seconds: the sampled run sends them to one call each, the full one to all. */
function callsFor(name: string, index: number): readonly Call[] {
  if (isFull || !name.startsWith('10^6 ') || name.includes('line')) return calls;
  return [calls[index % calls.length] as Call];
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
