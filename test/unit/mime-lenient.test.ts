import { describe, expect, it } from 'vitest';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { readPlainly } from '../../main/engine/ingest/plain-reader.ts';
import { charsetOfBytes, decodeBytes } from '../../main/engine/mime/charset.ts';
import { decodeWords, normaliseWords } from '../../main/engine/mime/encoded-words.ts';
import { parseStructured } from '../../main/engine/mime/params.ts';
import type { TransferEncoding } from '../../main/engine/mime/part.ts';
import { TransferDecoder } from '../../main/engine/mime/transfer-decoder.ts';
import { seededRandom } from '../support/random.ts';

const ingest = createInlineIngest();
/** Processor time; what grows with the square of its length takes minutes here. */
const MAX_MS = 2000;

async function cost(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function decoded(encoding: TransferEncoding, slices: readonly Buffer[], writesCrlf: boolean): string {
  const out: Buffer[] = [];
  const decoder = new TransferDecoder(encoding, writesCrlf, (content) => out.push(Buffer.from(content)));
  for (const slice of slices) decoder.push(slice);
  decoder.end();
  return Buffer.concat(out).toString('latin1');
}

describe('encoded words', () => {
  it('are written anew so that no parser can take their text for structure', () => {
    const list = normaliseWords('=?utf-8?Q?J=C3=BC?= =?utf-8?Q?rgen=2C?= <j@example.com>', true);
    expect(list).toBe(`=?utf-8?B?${Buffer.from('Jürgen,').toString('base64')}?= <j@example.com>`);
    const hidden = '=?utf-8?Q?Chef <chef@example.com>?= <e@example.net>';
    expect(normaliseWords(hidden, true)).toBe(hidden);
    const open = normaliseWords('=?utf-8?Q?Chef <chef@example.com>', true);
    expect(open).toMatch(/^=\?utf-8\?B\?[A-Za-z0-9+/=]+\?= <chef@example\.com>$/);
  });

  it('in a charset that only a parser knows are left to it', () => {
    expect(normaliseWords('=?cp850?Q?=81?=', false)).toBe('=?cp850?Q?=81?=');
  });

  it('that are none stay as they are', () => {
    for (const text of ['a =?x? b', '=?utf-8?Q?', '=??Q?a?=', '?= =?', '=?utf-8?X?a?=']) expect(decodeWords(text)).toBe(text);
  });
});

describe('charsets', () => {
  it('are what the bytes say where the label is plainly a lie', () => {
    const utf8 = Buffer.from('Grüße');
    expect(charsetOfBytes(utf8, 'iso-8859-1')).toBe('utf-8');
    expect(charsetOfBytes(Buffer.from('Gr\u00fc\u00dfe', 'latin1'), 'utf-8')).toBe('windows-1252');
    expect(charsetOfBytes(Buffer.from('Ã¼ allein', 'latin1'), 'iso-8859-1')).toBe('utf-8');
    expect(charsetOfBytes(Buffer.from('+ADw-script+AD4-'), 'utf-8')).toBe('utf-8');
    expect(charsetOfBytes(Buffer.from('+ADw-script+AD4-'), '')).toBe('utf-8');
  });

  it('keep what can be read of UTF-7 that is cut off anywhere', () => {
    const whole = Buffer.from('Gr+APwA3w-e +- +!');
    for (let n = 0; n <= whole.length; n++) expect(() => decodeBytes(whole.subarray(0, n), 'utf-7')).not.toThrow();
    expect(decodeBytes(whole, 'utf-7')).toBe('Grüße + +!');
  });
});

describe('bodies that are not what they say', () => {
  const bodies: readonly [TransferEncoding, string][] = [
    ['base64', 'R3LDvMOfZQ==\r\n\r\n-- \r\nListe: https://example.org/abmelden\r\n'],
    ['base64', 'R3LD\r\nvMOf ZQ=\r\n=\r\nR3LDvMOfZQ==\r\n'],
    ['base64', 'Guten Tag, dies ist kein Base64.\r\n'.repeat(40)],
    ['base64', `${'QUJD'.repeat(300)}=\r\n${'!'.repeat(700)}`],
    ['uuencode', 'Vorwort\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\nNachwort\r\n#0V%T\r\n'],
    ['uuencode', `begin 644 a\r\n${'M'.repeat(4000)}\r\n#0V%T\r\n`],
  ];

  it('give the same content in whatever slices they come', () => {
    const random = seededRandom(11);
    for (const [encoding, body] of bodies) {
      const bytes = Buffer.from(body, 'latin1');
      for (const writesCrlf of [false, true]) {
        const whole = decoded(encoding, [bytes], writesCrlf);
        expect(
          decoded(
            encoding,
            [...bytes].map((byte) => Buffer.from([byte])),
            writesCrlf,
          ),
        ).toBe(whole);
        for (let n = 0; n < 20; n++) {
          const at = random.int(0, bytes.length);
          expect(decoded(encoding, [bytes.subarray(0, at), bytes.subarray(at)], writesCrlf)).toBe(whole);
        }
      }
    }
    expect(decoded('uuencode', [Buffer.from(bodies[4]![1])], false)).toBe('Cat');
    expect(decoded('base64', [Buffer.from(bodies[0]![1])], true)).toBe(Buffer.from('Grüße').toString('latin1'));
  });
});

describe('faults in a header block', () => {
  const read = async (...lines: readonly string[]): Promise<{ text: string; subject: string; problems: readonly string[] }> => {
    const source = await ingest.ingest(Buffer.from(lines.join('\r\n')));
    const { text } = await ingest.open(source.segments);
    return { text: text ?? '', subject: source.parsed.subject, problems: source.parsed.problems.map((one) => one.code) };
  };

  it('a text that looks like a field behind a blank line stays text', async () => {
    expect(await read('', 'Hinweis: bitte lesen', 'Ende')).toMatchObject({ text: 'Hinweis: bitte lesen\nEnde', subject: '' });
  });

  it('a body that begins without a blank line is whole, whatever its length', async () => {
    const lines = Array.from({ length: 60 }, (_, n) => `Zeile ${n} ${'x'.repeat(n * 9)}`);
    expect((await read('Subject: s', ...lines)).text).toBe(lines.join('\n'));
    const long = 'Guten Tag '.repeat(60_000).trim();
    expect((await read('Subject: s', long, 'Ende')).text).toBe(`${long}\nEnde`);
  });

  it('a multipart without delimiters is shown once, and says so when it is cut', async () => {
    const head = ['Subject: s', 'Content-Type: multipart/mixed; boundary=b', ''];
    expect((await read(...head, 'Nur Text', '--b--', '', '--b--', '--b--')).text).toBe('Nur Text');
    expect((await read(...head, 'Wort '.repeat(60_000))).problems).toContain('truncated');
  });
});

describe('hostile input', () => {
  const SIZE = 160_000;
  const field = (body: string) => [{ name: 'from', raw: Buffer.from(`From:${body}`) }];

  it('costs no more than its length', async () => {
    const fill = (text: string): string => text.repeat(Math.ceil(SIZE / text.length));
    for (const text of [
      '=?utf-8?Q?',
      '=?utf-8?Q?a',
      '=?a?b?=?',
      '?=',
      '=?utf-8?B?QQ== ',
      '"<',
      ' /',
      '\r',
      '\\',
      "'",
      '(',
      'a=',
      '*0=a;',
    ]) {
      const long = fill(text);
      expect(await cost(() => decodeWords(long)), text).toBeLessThan(MAX_MS);
      expect(await cost(() => normaliseWords(long, true)), text).toBeLessThan(MAX_MS);
      expect(await cost(() => parseStructured(`${long}x`)), text).toBeLessThan(MAX_MS);
      expect(await cost(() => readPlainly(field(`a${long}a <a@b.example>`))), text).toBeLessThan(MAX_MS);
      expect(await cost(() => decodeBytes(Buffer.from('a'), `${long}a`)), text).toBeLessThan(MAX_MS);
    }
  });

  it('of delimiters, padding and lines that are no fields costs no more than its length', async () => {
    const lines = (text: string): string => `${text}\r\n`.repeat(100_000);
    const multipart = 'Content-Type: multipart/mixed\r\n\r\n';
    const mails = [
      multipart + lines('--x') + lines('Content-Typo: x'),
      multipart + lines('--x\r\nContent-Type: a/b\r\n'),
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n${lines('--b\r\n\r\n--b--')}`,
      `Content-Transfer-Encoding: base64\r\n\r\n${lines('QQ==')}`,
      `Content-Transfer-Encoding: base64\r\n\r\n${'='.repeat(1_000_000)}`,
      `Content-Transfer-Encoding: x-uuencode\r\n\r\n${lines('begin 644 x')}`,
      `Subject: s\r\n${lines('kein Feld\r\nX-Feld: x')}`,
      lines(''),
    ];
    for (const mail of mails) expect(await cost(() => ingest.ingest(Buffer.from(mail))), mail.slice(0, 90)).toBeLessThan(2 * MAX_MS);
  });
});
