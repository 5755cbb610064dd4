import {
  FILE_HEAD,
  FILE_LINES,
  FILE_PART,
  PLAIN_HEAD,
  PLAIN_PART,
  TEXT,
  THE_FILE,
  family,
  multipart,
  type Case,
  type Line,
} from './mail.ts';

const MIXED = 'multipart/mixed; boundary="b"';
const files = [THE_FILE];
const HTML_PART = ['Content-Type: text/html; charset=utf-8', '', '<p>Als HTML.</p>'];

const withFile = (name: string, contentType: Line, ...body: readonly Line[]): Case => ({
  name,
  raw: multipart(contentType, ...body),
  expected: { files },
});
/** A text and a file between delimiters that are written so. */
const between = (name: string, contentType: Line, delimiter: Line, end: Line): Case =>
  withFile(name, contentType, delimiter, ...PLAIN_PART, delimiter, ...FILE_PART, end);

/** Boundaries (RFC 2046, 5.1.1) that are missing, doubled, or nearly those of another part. */
export const boundaries = family('boundaries', [
  withFile('the end is missing', MIXED, '--b', ...PLAIN_PART, '--b', ...FILE_PART),
  withFile('the first delimiter is missing', MIXED, ...PLAIN_PART, '--b', ...FILE_PART, '--b--'),
  { name: 'all delimiters but the end are missing', raw: multipart(MIXED, ...PLAIN_PART, '--b--'), expected: {} },
  { name: 'all delimiters are missing', raw: multipart(MIXED, TEXT), expected: {} },
  withFile(
    'the outer is the beginning of the inner',
    'multipart/mixed; boundary=b',
    ...['--b', 'Content-Type: multipart/alternative; boundary=bb', '', '--bb', ...PLAIN_PART, '--bb', ...HTML_PART, '--bb--'],
    ...['--b', ...FILE_PART, '--b--'],
  ),
  withFile(
    'the inner is the beginning of the outer',
    'multipart/mixed; boundary=bb',
    ...['--bb', 'Content-Type: multipart/alternative; boundary=b', '', '--b', ...PLAIN_PART, '--b', ...HTML_PART, '--b--'],
    ...['--bb', ...FILE_PART, '--bb--'],
  ),
  withFile(
    'the inner is the outer with dashes',
    'multipart/mixed; boundary=b',
    ...['--b', 'Content-Type: multipart/alternative; boundary="b--"', '', '--b--', ...PLAIN_PART, '--b--', ...HTML_PART, '--b----'],
    ...['--b', ...FILE_PART, '--b--'],
  ),
  withFile(
    'the inner one is that of the outer',
    MIXED,
    ...['--b', 'Content-Type: multipart/alternative; boundary=b', '', '--b', ...PLAIN_PART, '--b', ...HTML_PART, '--b--'],
    ...['--b', ...FILE_PART, '--b--'],
  ),
  withFile(
    'the inner one is never closed',
    MIXED,
    ...['--b', 'Content-Type: multipart/alternative; boundary=i', '', '--i', ...PLAIN_PART, '--i', ...HTML_PART],
    ...['--b', ...FILE_PART, '--b--'],
  ),
  between(
    'with signs that need quotation marks, in these',
    'multipart/mixed; boundary="a;b=c (d): e"',
    '--a;b=c (d): e',
    '--a;b=c (d): e--',
  ),
  between(
    'with signs that need quotation marks, without',
    'multipart/mixed; boundary=----=_a:b?c/d',
    '------=_a:b?c/d',
    '------=_a:b?c/d--',
  ),
  between('with brackets, without quotation marks', 'multipart/mixed; boundary=a(1)b', '--a(1)b', '--a(1)b--'),
  between('with a quotation mark that is not closed', 'multipart/mixed; boundary="abc', '--abc', '--abc--'),
  between('in single quotation marks', "multipart/mixed; boundary='abc'", "--'abc'", "--'abc'--"),
  between('delimiters with blanks behind', MIXED, '--b \t ', '--b-- \t'),
  between('blanks at the end of what is said', 'multipart/mixed; boundary="b  "', '--b', '--b--'),
  between('said in other letters', 'multipart/mixed; boundary="AbC"', '--abc', '--abc--'),
  between('not said', 'multipart/mixed', '--b', '--b--'),
  between('said as nothing', 'multipart/mixed; boundary=""', '--b', '--b--'),
  between('said twice', 'multipart/mixed; boundary=b; boundary=c', '--b', '--b--'),
  between('said in sections', 'multipart/mixed; boundary*0=ab; boundary*1=cd', '--abcd', '--abcd--'),
  between('longer than 70 characters', `multipart/mixed; boundary=${'x'.repeat(300)}`, `--${'x'.repeat(300)}`, `--${'x'.repeat(300)}--`),
  {
    name: 'a delimiter in the words before the first part',
    raw: multipart(MIXED, 'The parts begin with --b, or with', ' --b', '--bcd', '', '--b', ...PLAIN_PART, '--b', ...FILE_PART, '--b--'),
    expected: { files, hidden: ['The parts begin'] },
  },
  {
    name: 'nearly a delimiter in the text',
    raw: multipart(MIXED, '--b', ...PLAIN_HEAD, '--bx', '> --b', ' --b', 'danach', '--b', ...FILE_PART, '--b--'),
    expected: { files, texts: ['--bx > --b --b danach'] },
  },
  {
    name: 'blank lines only before a close that ends nothing',
    raw: multipart(MIXED, '--b', ...PLAIN_PART, '--b', ...FILE_PART, '--b--', '--b--', '--b--'),
    expected: { files },
  },
  {
    name: 'closed too early',
    raw: multipart(MIXED, '--b', ...PLAIN_PART, '--b--', '', '--b', ...FILE_PART, '--b--'),
    expected: { files },
  },
  {
    name: 'the end of the mail is missing, in the middle of a file',
    raw: multipart(MIXED, '--b', ...PLAIN_PART, '--b', ...FILE_HEAD, FILE_LINES[0] as string),
    expected: { files: [{ ...THE_FILE, content: THE_FILE.content.subarray(0, 57) }] },
  },
]);
