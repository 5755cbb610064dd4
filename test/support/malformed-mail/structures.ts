import {
  ENVELOPE,
  FILE,
  FILE_PART,
  FROM,
  PLAIN_PART,
  SUBJECT,
  TEXT,
  THE_FILE,
  bytes,
  family,
  lines,
  mail,
  multipart,
  type Case,
  type Line,
} from './mail.ts';

const files = [THE_FILE];
const MIXED = 'multipart/mixed; boundary="b"';
const nothing = Buffer.alloc(0);

const typed = (name: string, contentType: Line, body: Line = TEXT, expected: Case['expected'] = {}): Case => ({
  name,
  raw: mail({ head: [bytes('Content-Type: ', contentType)], body: [body] }),
  expected,
});
/** A text, and a part of these lines. */
const withPart = (name: string, part: readonly Line[], expected: Case['expected']): Case => ({
  name,
  raw: multipart(MIXED, '--b', ...PLAIN_PART, '--b', ...part, '--b--'),
  expected,
});

const inner = lines(
  'Subject: innen',
  'was hier steht gilt nicht',
  'Content-Type: multipart/mixed; boundary=i',
  '',
  '--i',
  ...PLAIN_PART,
  '--i',
  ...FILE_PART,
);
const DEPTH = 40;
const deep = Array.from({ length: DEPTH }, (_, n) => [`Content-Type: multipart/mixed; boundary=n${n}`, '', `--n${n}`]).flat();

/** Structures (RFC 2046) that say one thing and are another. */
export const structures = family('structure', [
  typed('a multipart without parts', MIXED),
  typed('a multipart without parts or boundary', 'multipart/alternative'),
  withPart('a multipart said of a leaf', ['Content-Type: multipart/mixed', '', 'Im zweiten Teil.'], { texts: [TEXT, 'Im zweiten Teil.'] }),
  withPart('a multipart said of a leaf, with a boundary', ['Content-Type: multipart/related; boundary=x', '', 'Im zweiten Teil.'], {
    texts: [TEXT, 'Im zweiten Teil.'],
  }),
  withPart('a part without headers', ['', 'Im zweiten Teil.'], { texts: [TEXT, 'Im zweiten Teil.'] }),
  withPart('a part of nothing', [], {}),
  withPart('a file of no bytes', ['Content-Type: application/pdf', 'Content-Disposition: attachment; filename=leer.pdf', ''], {
    files: [{ name: 'leer.pdf', content: nothing }],
  }),
  withPart('a mail that is broken within', ['Content-Type: message/rfc822; name=innen.eml', '', inner], {
    files: [{ name: 'innen.eml', content: inner }],
  }),
  withPart('a mail of nothing', ['Content-Type: message/rfc822', ''], { files: [{ name: 'message-1.eml', content: nothing }] }),
  withPart('a mail without headers', ['Content-Type: message/rfc822; name=innen.eml', '', '', TEXT], {
    files: [{ name: 'innen.eml', content: bytes('\r\n', TEXT) }],
  }),
  withPart('a file without a type', ['Content-Disposition: attachment; filename=notiz', '', 'Notiz'], {
    files: [{ name: 'notiz', content: bytes('Notiz') }],
  }),
  withPart(
    'a file with a type that is none',
    ['Content-Type: application/', 'Content-Disposition: attachment; filename=notiz', '', 'Notiz'],
    {
      files: [{ name: 'notiz', content: bytes('Notiz') }],
    },
  ),
  withPart('a file without name and disposition', ['Content-Type: application/octet-stream', '', 'Notiz'], {
    files: [{ name: 'attachment-1.bin', content: bytes('Notiz') }],
  }),
  withPart('a text of a kind that nobody knows', ['Content-Type: text/x-geheim; name=notiz.geheim', '', 'Notiz'], {
    files: [{ name: 'notiz.geheim', content: bytes('Notiz') }],
  }),
  withPart('part of a mail that is to be put together', ['Content-Type: message/partial; number=1; total=2; id=x', '', 'Notiz'], {
    files: [{ name: 'attachment-1.bin', content: bytes('Notiz') }],
  }),
  typed('a type that is nothing', ''),
  typed('a type of semicolons', ';;;'),
  typed('a type without its half', 'text'),
  typed('a type with three halves', 'text/plain/mehr'),
  typed('a type that is no type', 'Brief; charset=utf-8'),
  typed('a type in quotation marks', '"text/html"', `<p>${TEXT}</p>`, { hidden: ['<p>'] }),
  typed('a type with blanks around its slash', 'text / html', `<p>${TEXT}</p>`, { hidden: ['<p>'] }),
  typed('a type with a comment', 'text/(RFC 822)html', `<p>${TEXT}</p>`, { hidden: ['<p>'] }),
  typed('a type with a comma for a semicolon', 'text/html, charset=utf-8', `<p>${TEXT}</p>`, { hidden: ['<p>'] }),
  typed('a type without a semicolon before its charset', 'text/html charset=utf-8', `<p>${TEXT}</p>`, { hidden: ['<p>'] }),
  typed('HTML that is not closed', 'text/html', `<html><body><table><tr><td><b>${TEXT}`),
  typed('HTML with NUL', 'text/html', bytes('<p>', TEXT, nothing, Buffer.alloc(1), '</p>')),
  typed('a text that looks like parts', 'text/plain', lines('--b', 'Content-Type: text/plain', '', TEXT, '--b--')),
  {
    name: 'MIME without its version',
    raw: lines(
      `From: ${FROM}`,
      `Subject: ${SUBJECT}`,
      `Content-Type: ${MIXED}`,
      '',
      '--b',
      ...PLAIN_PART,
      '--b',
      ...FILE_PART,
      '--b--',
      '',
    ),
    expected: { files },
  },
  { name: 'nothing at all', raw: nothing, expected: { subject: '', from: [], texts: [] } },
  { name: 'a blank line', raw: bytes('\r\n'), expected: { subject: '', from: [], texts: [] } },
  { name: 'a header and no body', raw: lines(`From: ${FROM}`, `Subject: ${SUBJECT}`, ...ENVELOPE, '', ''), expected: { texts: [] } },
  {
    name: 'a file as one of the alternatives',
    raw: multipart('multipart/alternative; boundary=b', '--b', ...PLAIN_PART, '--b', ...FILE_PART, '--b--'),
    expected: { files },
  },
  {
    name: 'related parts of which the first is a file',
    raw: multipart('multipart/related; boundary=b; start="<nirgends>"', '--b', ...FILE_PART, '--b', ...PLAIN_PART, '--b--'),
    expected: { files },
  },
  {
    name: 'the only text is said to be a file',
    raw: mail({ head: ['Content-Type: text/plain', 'Content-Disposition: attachment'], body: ['Notiz'] }),
    expected: { texts: [], files: [{ name: 'attachment-1.txt', content: bytes('Notiz\r\n').subarray(0, 5) }] },
  },
  {
    name: 'the mail itself is a file',
    raw: mail({ head: ['Content-Type: application/octet-stream; name=daten.bin'], body: [FILE] }),
    expected: { texts: [], files },
  },
  {
    name: `${DEPTH} multiparts, none of them closed`,
    raw: lines(`From: ${FROM}`, `Subject: ${SUBJECT}`, ...deep, ...PLAIN_PART, '--n0', ...FILE_PART),
    expected: { files },
  },
]);
