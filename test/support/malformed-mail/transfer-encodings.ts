import {
  FILE,
  FILE_LINES,
  PLAIN_PART,
  TEXT,
  THE_FILE,
  base64,
  bytes,
  family,
  latin1,
  mail,
  multipart,
  type Case,
  type Line,
} from './mail.ts';

const files = [THE_FILE];

const textOf = (name: string, encoding: string, body: readonly Line[], ...texts: readonly string[]): Case => ({
  name,
  raw: mail({ head: ['Content-Type: text/plain; charset=utf-8', `Content-Transfer-Encoding: ${encoding}`], body }),
  expected: { texts },
});
const fileOf = (name: string, encoding: string, body: readonly Line[], content = FILE): Case => ({
  name,
  raw: multipart(
    'multipart/mixed; boundary=b',
    ...['--b', ...PLAIN_PART, '--b', 'Content-Type: application/octet-stream', 'Content-Disposition: attachment; filename=daten.bin'],
    ...[...(encoding === '' ? [] : [`Content-Transfer-Encoding: ${encoding}`]), '', ...body, '--b--'],
  ),
  expected: { files: [{ ...THE_FILE, content }] },
});

/** uuencode (POSIX): 45 bytes a line, three bytes in four characters, a grave accent for nought. */
function uuencoded(content: Buffer, nought = '`'): string[] {
  const sign = (value: number): string => (value === 0 ? nought : String.fromCharCode(32 + value));
  const out: string[] = [];
  for (let at = 0; at < content.length; at += 45) {
    const part = content.subarray(at, at + 45);
    let line = sign(part.length);
    for (let n = 0; n < part.length; n += 3) {
      const [a = 0, b = 0, c = 0] = [...part.subarray(n, n + 3)];
      line += sign(a >> 2) + sign(((a & 3) << 4) | (b >> 4)) + sign(((b & 15) << 2) | (c >> 6)) + sign(c & 63);
    }
    out.push(line);
  }
  return out;
}

const half = base64(FILE.subarray(0, 100));
const UNPADDED = base64(FILE).replace(/=+$/, '');

/** Bodies that are not encoded as they say (RFC 2045, 6). */
export const transferEncodings = family('content-transfer-encoding', [
  fileOf(
    'base64 with stray bytes',
    'base64',
    FILE_LINES.map((line) => `${line.slice(0, 20)}!${line.slice(20, 40)} *${line.slice(40)}\t~`),
  ),
  fileOf(
    'base64 with 8-bit bytes in between',
    'base64',
    FILE_LINES.map((line) => bytes(line.slice(0, 8), latin1('\u00e4\u0000'), line.slice(8))),
  ),
  fileOf('base64 without padding', 'base64', UNPADDED.match(/.{1,76}/g) ?? []),
  fileOf('base64 with too much padding', 'base64', [`${UNPADDED}======`]),
  fileOf('base64 with padding in the middle', 'base64', [half, base64(FILE.subarray(100))]),
  fileOf('base64 in one line', 'base64', [base64(FILE)]),
  fileOf('base64 with blank lines and lines of any length', 'base64', [
    '',
    ...(base64(FILE).match(/.{1,13}/g) ?? []).flatMap((one) => [one, '']),
  ]),
  fileOf('base64 that lost the end of its last group', 'base64', [base64(FILE.subarray(0, 99)), 'Q'], FILE.subarray(0, 99)),
  fileOf('says base64 in quotation marks', '"base64"', FILE_LINES),
  fileOf('says base64 with a comment and a semicolon', 'BASE64 (RFC 2045);', FILE_LINES),
  fileOf('says base64, is a file as it is', 'base64', [bytes('%PDF-1.4 % ', FILE)], bytes('%PDF-1.4 % ', FILE)),
  fileOf('says nothing, is 8-bit', '', [FILE]),
  fileOf('says 7bit, is 8-bit', '7bit', [FILE]),
  fileOf('says what nobody knows', 'x-geheim', [FILE]),
  fileOf('binary with NUL', 'binary', [bytes(FILE, Buffer.alloc(3), FILE)], bytes(FILE, Buffer.alloc(3), FILE)),
  fileOf('uuencode', 'x-uuencode', ['begin 644 daten.bin', ...uuencoded(FILE), '`', 'end']),
  fileOf(
    'uuencode with blanks for nought, trimmed by a gateway',
    'uuencode',
    [...['begin 644 daten.bin', ...uuencoded(Buffer.alloc(90), ' ').map((line) => line.trimEnd()), '', 'end']],
    Buffer.alloc(90),
  ),
  fileOf('quoted-printable with lower case and bad escapes', 'quoted-printable', ['a=c3=a4=ZZ=4=  ', 'b='], bytes('aä=ZZ=4b')),
  textOf(
    'says base64, is text',
    'base64',
    ['Guten Tag, dies ist kein Base64.', 'Mit freundlichen Grüßen'],
    'Guten Tag, dies ist kein Base64.',
    'Grüßen',
  ),
  textOf(
    'base64 with a footer behind',
    'base64',
    [base64('Grüße aus Köln.\n'), '', '-- ', 'Liste: https://example.org/abmelden'],
    'Grüße aus Köln.',
  ),
  textOf('base64 with a blank in every group', 'base64', [base64('Grüße aus Köln').replace(/(.{4})/g, '$1 ')], 'Grüße aus Köln'),
  textOf('says quoted-printable, is text', 'quoted-printable', ['1 = 1, a=b, 100% = alles, x=?'], '1 = 1, a=b, 100% = alles, x=?'),
  textOf(
    'quoted-printable with bad escapes',
    'quoted-printable',
    ['Gr=C3=BC=c3=9fe =G1 =', '', 'aus K=C3=B6ln =', 'und ='],
    'Grüße =G1',
    'aus Köln und',
  ),
  textOf(
    'quoted-printable with blanks behind soft breaks',
    'quoted-printable',
    ['Gr=C3=BC=  \t', '=C3=9Fe aus K=C3=B6=\t', 'ln'],
    'Grüße aus Köln',
  ),
  textOf('quoted-printable with 8-bit bytes', 'quoted-printable', ['Grüße aus K=C3=B6ln'], 'Grüße aus Köln'),
  textOf('quoted-printable with a letter cut by a soft break', 'quoted-printable', ['Gr=C3=', '=BC=C3=9Fe'], 'Grüße'),
  textOf('says 7bit, is 8-bit', '7bit', ['Grüße aus Köln'], 'Grüße aus Köln'),
  textOf('says what nobody knows', 'x-geheim', ['Grüße aus Köln'], 'Grüße aus Köln'),
  textOf('says nothing behind the colon', '', ['Grüße aus Köln'], 'Grüße aus Köln'),
  {
    name: 'said twice, the first right',
    raw: mail({
      head: ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64', 'Content-Transfer-Encoding: 7bit'],
      body: [base64('Grüße aus Köln')],
    }),
    expected: { texts: ['Grüße aus Köln'] },
  },
  {
    name: 'base64 said of a multipart that is none',
    raw: mail({
      head: ['Content-Type: multipart/mixed; boundary=b', 'Content-Transfer-Encoding: base64'],
      body: [
        '--b',
        ...PLAIN_PART,
        '--b',
        ...['Content-Type: application/octet-stream; name=daten.bin', 'Content-Transfer-Encoding: base64', ''],
        ...FILE_LINES,
        '--b--',
      ],
    }),
    expected: { files },
  },
  {
    name: 'a mail in base64',
    raw: multipart(
      'multipart/mixed; boundary=b',
      ...['--b', ...PLAIN_PART, '--b', 'Content-Type: message/rfc822; name=innen.eml', 'Content-Transfer-Encoding: base64', ''],
      ...[base64(`Subject: innen\r\n\r\n${TEXT}`), '--b--'],
    ),
    expected: { files: [{ name: 'innen.eml', content: bytes(`Subject: innen\r\n\r\n${TEXT}`) }] },
  },
]);
