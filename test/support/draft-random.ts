import { accountSchema, type Account } from '../../shared/model/account.ts';
import type { DraftContent } from '../../shared/model/compose.ts';
import type { Address } from '../../shared/model/message.ts';
import { asAccountId, asDraftFileId } from '../../shared/model/ids.ts';
import type { FileToSend, Material } from '../../main/engine/compose/freeze.ts';
import type { SeededRandom } from './random.ts';

const WORDS = [
  'Rechnung',
  'für',
  'Müller',
  'quarterly',
  'report',
  'naïve',
  'Straße',
  'plan',
  '東京',
  'встреча',
  '🙂',
  'a,b;c',
  '"quoted"',
  '=?utf-8?Q?odd?=',
  '(x)',
  '.',
  'From',
  '\\back',
  '<b>',
  '&amp;',
];
const NAMES = [
  '',
  'Anna Muster',
  'Müller, Jörg',
  'O\'Brien "Bob" Q.',
  'Иван Петров',
  '山田太郎',
  'a@b.example',
  '=?utf-8?B?eA==?=',
  'A very long name that goes on and on for quite a while to be folded somewhere',
  'Ends with \\',
];
const DOMAINS = ['example.com', 'münchen.example', 'sub.example.org', 'xn--mnchen-3ya.example', 'EXAMPLE.net'];
const FILES = [
  'report.pdf',
  'Übersicht März.xlsx',
  'no extension',
  'a"b;c.txt',
  '報告書.docx',
  `${'long'.repeat(50)}.bin`,
  "it's 100%.txt",
  '=?utf-8?Q?x?=.txt',
];
const TYPES = ['application/pdf', 'text/plain', 'image/png', 'application/octet-stream', 'text/html', 'message/rfc822', 'nonsense'];

export const testAccount = (change: Record<string, unknown> = {}): Account =>
  accountSchema.parse({
    id: asAccountId(1),
    config: {
      email: 'sender@example.com',
      displayName: 'Jörg Sender',
      primary: { imap: { host: '127.0.0.1', port: 1, security: 'plain', user: 'u' }, smtp: null },
      ...change,
    },
  });

export const emptyContent = (change: Partial<DraftContent> = {}): DraftContent => ({
  ...{ accountId: asAccountId(1), to: [], cc: [], bcc: [], subject: '', format: 'plain', html: '', text: '' },
  ...change,
});

export const fileOf = (content: Uint8Array, change: Partial<FileToSend> = {}): FileToSend => ({
  ...{
    id: asDraftFileId(1),
    fileName: 'a.bin',
    mimeType: 'application/octet-stream',
    sizeBytes: content.length,
    isInline: false,
    contentId: '',
  },
  pieces: () => [content],
  ...change,
});

const words = (random: SeededRandom, count: number): string => Array.from({ length: count }, () => random.pick(WORDS)).join(' ');
const addresses = (random: SeededRandom, count: number): Address[] =>
  Array.from({ length: count }, () => ({ name: random.pick(NAMES), address: `${random.word(8)}@${random.pick(DOMAINS)}` }));

/** A draft of everything that people write; the same for the same seed. */
export function randomMaterial(random: SeededRandom): Material & { readonly contents: readonly Buffer[] } {
  const contents = Array.from({ length: random.int(0, 3) }, () => random.bytes(random.int(0, 5000)));
  const format = random.pick(['rich', 'plain'] as const);
  const lines = Array.from({ length: random.int(0, 12) }, () => words(random, random.int(0, 40)));
  const files = contents.map((content, n) => {
    const isInline = random.bool(0.4);
    return fileOf(content, {
      fileName: random.pick(FILES),
      mimeType: random.pick(TYPES),
      isInline,
      contentId: isInline ? `c${n}.${random.word(10)}@example.com` : '',
    });
  });
  const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const images = files.filter((one) => one.isInline).map((one) => `<img src="cid:${one.contentId}" alt="x">`);
  const content = emptyContent({
    ...{ to: addresses(random, random.int(1, 4)), cc: addresses(random, random.int(0, 2)), bcc: addresses(random, random.int(0, 2)) },
    ...{ subject: words(random, random.int(0, 12)), format },
    ...{
      html: [...lines.map((line) => `<p>${escaped(line)}</p>`), ...images].join('\n'),
      text: lines.join(random.pick(['\n', '\r\n', '\r'])),
    },
  });
  const isReply = random.bool();
  const ids = Array.from({ length: random.int(1, 20) }, () => `<${random.word(20)}@example.org>`);
  return {
    account: testAccount(),
    content,
    files,
    contents,
    thread: isReply ? { inReplyTo: ids.at(-1)!, references: ids } : { inReplyTo: null, references: [] },
  };
}
