import {
  ENVELOPE,
  FILE_LINES,
  FROM,
  PLAIN_PART,
  SUBJECT,
  TEXT,
  THE_FILE,
  bytes,
  family,
  fromOf,
  latin1,
  lines,
  mail,
  multipart,
  subjectOf,
  type Case,
  type Line,
} from './mail.ts';

const files = [THE_FILE];
const TYPE = 'Content-Type: text/plain; charset=utf-8';
const LONG = 'Angebot über sehr viele Dinge, '.repeat(25).trim();

const whole = (name: string, all: readonly Line[], expected: Case['expected'] = {}): Case => ({ name, raw: lines(...all, ''), expected });

/** Header blocks that break RFC 5322, 2.2. */
export const headers = family('headers', [
  subjectOf('folded with nothing', 'Angebot\r\n \r\n vom Montag', 'Angebot vom Montag'),
  subjectOf('folded before anything', '\r\n Angebot'),
  subjectOf('folded with tabs, five times', '\r\n\tAngebot\r\n\t \r\n\tvom\r\n\t\r\n\tMontag', 'Angebot vom Montag'),
  subjectOf('NUL at the end', bytes('Angebot', Buffer.alloc(4))),
  subjectOf('controls', latin1('Ange\u0007bot\u001b\u007f')),
  subjectOf('a bare CR, and a field behind it', 'Angebot\rBcc: b@example.net', 'Angebot Bcc: b@example.net'),
  subjectOf('longer than a line may be', LONG, LONG),
  whole('no blank line before the body', [`From: ${FROM}`, `Subject: ${SUBJECT}`, ...ENVELOPE, TYPE, TEXT, 'Und mehr davon.'], {
    texts: [TEXT, 'Und mehr davon.'],
  }),
  whole('no blank line before a body of one line', [`From: ${FROM}`, `Subject: ${SUBJECT}`, ...ENVELOPE, TYPE, TEXT]),
  whole(
    'no blank line before the body, one within',
    [`From: ${FROM}`, `Subject: ${SUBJECT}`, ...ENVELOPE, TYPE, TEXT, '', 'Zweiter Absatz.'],
    {
      texts: [TEXT, 'Zweiter Absatz.'],
    },
  ),
  whole('a line without a colon', [`From: ${FROM}`, 'was hier steht gilt nicht', `Subject: ${SUBJECT}`, ...ENVELOPE, TYPE, '', TEXT], {
    hidden: ['gilt nicht'],
  }),
  whole('two lines without a colon', [`From: ${FROM}`, 'dies hier', ' und das', `Subject: ${SUBJECT}`, ...ENVELOPE, TYPE, '', TEXT], {
    hidden: ['dies hier'],
  }),
  whole('a blank before the colon', [`From : ${FROM}`, `Subject\t: ${SUBJECT}`, ...ENVELOPE, TYPE, '', TEXT]),
  whole('no blank behind the colon, names in capitals', [`FROM:${FROM}`, `SUBJECT:${SUBJECT}`, ...ENVELOPE, TYPE, '', TEXT]),
  whole('a blank line before the first field', ['', `From: ${FROM}`, `Subject: ${SUBJECT}`, ...ENVELOPE, TYPE, '', TEXT]),
  whole('the line of a mailbox file before the first field', [
    'From erika@example.com Tue Nov  4 09:30:00 2025',
    `From: ${FROM}`,
    `Subject: ${SUBJECT}`,
    TYPE,
    '',
    TEXT,
  ]),
  whole('a continuation before the first field', [' verirrt', `From: ${FROM}`, `Subject: ${SUBJECT}`, ...ENVELOPE, TYPE, '', TEXT]),
  whole('two subjects', [`From: ${FROM}`, `Subject: ${SUBJECT}`, 'Subject: ein anderer', ...ENVELOPE, TYPE, '', TEXT]),
  whole('two subjects, the first empty', [`From: ${FROM}`, 'Subject:', `Subject: ${SUBJECT}`, ...ENVELOPE, TYPE, '', TEXT]),
  whole('two senders', [`From: ${FROM}`, 'From: Max <max@example.org>', `Subject: ${SUBJECT}`, ...ENVELOPE, TYPE, '', TEXT], {
    from: [FROM, 'Max <max@example.org>'],
  }),
  whole('two content types', [`From: ${FROM}`, `Subject: ${SUBJECT}`, TYPE, 'Content-Type: application/octet-stream', '', TEXT]),
  whole('no header at all', [TEXT], { subject: '', from: [] }),
  whole('the header only, without its end', [`From: ${FROM}`, `Subject: ${SUBJECT}`], { texts: [] }),
  {
    name: 'CR alone ends every line',
    raw: bytes(`From: ${FROM}\rSubject: ${SUBJECT}\r${TYPE}\r\r${TEXT}\rUnd mehr.\r`),
    expected: { texts: [TEXT, 'Und mehr.'] },
  },
  {
    name: 'CR CR LF ends every line',
    raw: bytes(lines(`From: ${FROM}`, `Subject: ${SUBJECT}`, TYPE, '', TEXT, '').toString().replaceAll('\r\n', '\r\r\n')),
    expected: {},
  },
  { name: 'LF ends every line', raw: bytes(mail({}).toString().replaceAll('\r\n', '\n')), expected: {} },
  { name: 'NUL in the text', raw: mail({ body: [bytes(TEXT.slice(0, 9), Buffer.alloc(2), TEXT.slice(9))] }), expected: {} },
  whole('a thousand fields that nobody knows', [
    `From: ${FROM}`,
    ...Array.from({ length: 1000 }, (_, n) => `X-N${n}: ${n}`),
    `Subject: ${SUBJECT}`,
    TYPE,
    '',
    TEXT,
  ]),
  {
    name: 'no blank line before the body of a part',
    raw: multipart(
      'multipart/mixed; boundary=b',
      '--b',
      TYPE,
      TEXT,
      '--b',
      'Content-Type: application/octet-stream; name=daten.bin',
      'Content-Transfer-Encoding: base64',
      '',
      ...FILE_LINES,
      '--b--',
    ),
    expected: { files },
  },
  {
    name: 'a folded line of a part without its blank',
    raw: multipart(
      'multipart/mixed; boundary=b',
      ...[
        '--b',
        ...PLAIN_PART,
        '--b',
        'Content-Type: application/octet-stream;',
        'name="daten.bin"',
        'Content-Transfer-Encoding: base64',
        '',
      ],
      ...FILE_LINES,
      '--b--',
    ),
    expected: { files },
  },
  {
    name: 'a folded line of a part without its blank, the last one',
    raw: multipart(
      'multipart/mixed; boundary=b',
      ...['--b', ...PLAIN_PART, '--b', 'Content-Transfer-Encoding: base64', 'Content-Disposition: attachment;', 'filename="daten.bin"', ''],
      ...FILE_LINES,
      '--b--',
    ),
    expected: { files },
  },
  fromOf('an address that is not closed', 'Erika Muster <erika@example.com', FROM),
  fromOf('an address that is closed twice', 'Erika Muster <<erika@example.com>>', FROM),
  fromOf('a quotation mark that is not closed', '"Erika Muster <erika@example.com>', FROM),
  fromOf('a comma in a name without quotation marks', 'Muster, Erika <erika@example.com>', 'Muster, Erika <erika@example.com>'),
  fromOf('a dot in a name without quotation marks', 'Erika M. Muster <erika@example.com>', 'Erika M. Muster <erika@example.com>'),
  fromOf('an at sign in a name', 'erika@home <erika@example.com>', 'erika@home <erika@example.com>'),
  fromOf('blanks within the address', 'Erika Muster < erika@example.com >', FROM),
]);
