import type { Chunks, ScriptCommand } from './faults.ts';
import { endlessLine, hugeLiteral, nestedParens, untaggedFlood } from './lies.ts';

const MIB = 1024 * 1024;

export interface Lie {
  readonly name: string;
  /** The error it has to end in, where it cannot be anything else. */
  readonly code?: string;
  answer(command: ScriptCommand): Chunks;
}

/** What a hostile server sends in place of an answer. */
export const lies: readonly Lie[] = [
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
