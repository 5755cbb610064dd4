import { describe, expect, it } from 'vitest';
import { parseAddressList } from '../../main/engine/imap/wire/address-list.ts';
import { AnswerReader } from '../../main/engine/imap/wire/answer-reader.ts';
import { structureFacts } from '../../main/engine/imap/wire/body-structure.ts';
import { formatInternalDate, formatSearchDay, parseInternalDate } from '../../main/engine/imap/wire/dates.ts';
import { headerFields } from '../../main/engine/imap/wire/header-fields.ts';
import { makeSummary } from '../../main/engine/imap/wire/summary.ts';
import { limits } from '../../shared/limits.ts';
import { asUid } from '../../shared/model/ids.ts';

const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const one = (name: string, address: string) => ({ name, address });

describe('address lists', () => {
  it.each([
    ['a@example.com', [one('', 'a@example.com')]],
    ['<a@example.com>', [one('', 'a@example.com')]],
    ['Anna Meier <a@example.com>, b@example.org', [one('Anna Meier', 'a@example.com'), one('', 'b@example.org')]],
    ['"Meier, Anna" <a@example.com>', [one('Meier, Anna', 'a@example.com')]],
    ['"Anna \\"A\\" Meier" <a@example.com>', [one('Anna "A" Meier', 'a@example.com')]],
    ['=?utf-8?q?J=C3=B6rg?= =?utf-8?q?_M=C3=BCller?= <j@example.com>', [one('Jörg Müller', 'j@example.com')]],
    ['"=?iso-8859-1?Q?J=F6rg?=" <j@example.com>', [one('Jörg', 'j@example.com')]],
    [latin1('Jörg <j@example.com>'), [one('Jörg', 'j@example.com')]],
    ['J\xf6rg <j@example.com>', [one('Jörg', 'j@example.com')]],
    ['a@example.com (Anna (the first))', [one('Anna (the first)', 'a@example.com')]],
    [
      'Team: a@example.com, B <b@example.com>;, c@example.com',
      [one('', 'a@example.com'), one('B', 'b@example.com'), one('', 'c@example.com')],
    ],
    ['undisclosed-recipients:;', []],
    ['', []],
    [' , ;, ', []],
    ['MAILER-DAEMON', [one('MAILER-DAEMON', '')]],
    ['<@relay.example.net:a@example.com>', [one('', 'a@example.com')]],
    ['Anna <a@example.com', [one('Anna', 'a@example.com')]],
    ['Anna <a@example.com> Bob <b@example.com>', [one('Anna', 'a@example.com'), one('Bob', 'b@example.com')]],
    ['Anna a@example.com', [one('', 'a@example.com')]],
    ['"john doe"@example.com', [one('', '"john doe"@example.com')]],
    ['a@example.com <a@example.com>', [one('', 'a@example.com')]],
    ['Anna\r\n\t<a@example.com>', [one('Anna', 'a@example.com')]],
    ['"Evil\u202egnp" <x@example.com>', [one('Evilgnp', 'x@example.com')]],
    ['"unfinished <a@example.com>', [one('unfinished', 'a@example.com')]],
    ['a@[192.0.2.1], b@[IPv6:2001:db8::1]', [one('', 'a@[192.0.2.1]'), one('', 'b@[IPv6:2001:db8::1]')]],
  ])('reads %s', (text, list) => expect(parseAddressList(text)).toEqual(list));

  it('takes a million recipients in bounded number and time', () => {
    const began = performance.now();
    expect(parseAddressList('a@example.com,'.repeat(1_000_000))).toHaveLength(limits.maxAddresses);
    expect(parseAddressList('('.repeat(500_000))).toHaveLength(1);
    expect(parseAddressList('"\\'.repeat(300_000)).length).toBeLessThanOrEqual(limits.maxAddresses);
    expect(parseAddressList('<'.repeat(300_000)).length).toBeLessThanOrEqual(limits.maxAddresses);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

describe('header fields', () => {
  it('unfolds, knows names in any case, and passes over what is no field', () => {
    const fields = headerFields(Buffer.from('SUBJECT: a\r\n b\r\n\tc\r\nnonsense\r\nTo : x\nTo:y\r\n: z\r\n\r\n'));
    expect(fields.get('subject')).toEqual(['a b\tc']);
    expect(fields.get('to')).toEqual(['x', 'y']);
    expect([...fields.keys()]).toEqual(['subject', 'to']);
  });
});

describe('dates', () => {
  it.each([
    ['17-Jul-1996 02:44:25 -0700', Date.UTC(1996, 6, 17, 9, 44, 25)],
    [' 1-jan-2025 00:00:00 +0100', Date.UTC(2024, 11, 31, 23, 0, 0)],
    ['1-Jan-0099 00:00:00 +0000', new Date(0).setUTCFullYear(99, 0, 1) - 0],
    ['32-Foo-2025 00:00:00 +0000', null],
    ['', null],
    ['2025-01-01', null],
  ])('INTERNALDATE %s', (text, ms) => expect(parseInternalDate(text)).toBe(ms));

  it('writes what it reads', () => {
    for (const ms of [0, Date.UTC(2025, 1, 3, 4, 5, 6), Date.UTC(1999, 11, 31, 23, 59, 59)])
      expect(parseInternalDate(formatInternalDate(ms))).toBe(ms);
    expect(formatInternalDate(Date.UTC(2025, 1, 3, 4, 5, 6))).toBe(' 3-Feb-2025 04:05:06 +0000');
  });

  it('asks SEARCH for the day before, in UTC', () => {
    expect(formatSearchDay(Date.UTC(2025, 0, 1, 0, 30))).toBe('31-Dec-2024');
    expect(formatSearchDay(Date.UTC(2025, 0, 15, 23, 59))).toBe('14-Jan-2025');
  });
});

describe('body structure', () => {
  const facts = (text: string) => structureFacts(new AnswerReader(text, []).value(), '1');
  const plain = '("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 20 1)';
  const html = '("TEXT" "HTML" ("charset" "utf-8") NIL NIL "7BIT" 20 1 NIL NIL NIL)';
  const pdf = '("application" "pdf" ("name" "a.pdf") NIL NIL "base64" 99 NIL ("attachment" ("filename" "a.pdf")) NIL NIL)';
  const cid = '("image" "png" NIL "<1@x>" NIL "base64" 99 NIL ("inline" NIL) NIL NIL)';
  const message = `("message" "rfc822" NIL NIL NIL "7bit" 300 ("date" "s" NIL NIL NIL NIL NIL NIL NIL NIL) ${plain} 12)`;
  it.each([
    ['plain text', plain, false],
    ['alternative', `(${plain}${html} "alternative" ("boundary" "x") NIL NIL)`, false],
    ['mixed with a file', `(${plain}${pdf} "mixed")`, true],
    ['an image in HTML', `((${plain}${html} "alternative")${cid} "related")`, false],
    ['an image beside text', `(${plain}${cid} "mixed")`, true],
    ['a file hidden in related', `(${html}${pdf} "related")`, true],
    [
      'signed mail',
      `(${plain}("application" "pgp-signature" ("name" "s.asc") NIL NIL "7bit" 9 NIL ("attachment" ("filename" "s.asc"))) "signed")`,
      false,
    ],
    ['a forwarded message', `(${plain}${message} "mixed")`, true],
    ['a bounce', `(${plain}("message" "delivery-status" NIL NIL NIL "7bit" 9)${message} "report")`, false],
    ['an invitation', `(${plain}("text" "calendar" ("method" "REQUEST") NIL NIL "7bit" 9 1) "alternative")`, false],
    ['a text file', `(${plain}("text" "plain" ("name" "a.txt") NIL NIL "7bit" 9 1 NIL ("attachment" ("filename" "a.txt"))) "mixed")`, true],
    ['only a file', pdf, true],
    ['nothing', 'NIL', false],
  ])('attachments of %s', (_, text, hasAttachments) => expect(facts(text).hasAttachments).toBe(hasAttachments));

  it('gives equal digests for what servers write differently', () => {
    const other =
      '(("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "Quoted-Printable" 20 2 NIL NIL NIL NIL)("APPLICATION" "PDF" NIL NIL NIL "BASE64" 99) "MIXED" ("BOUNDARY" "y") NIL NIL NIL)';
    expect(facts(`(${plain}${pdf} "mixed")`).digest).toBe(facts(other).digest);
  });

  it('gives other digests for other sizes, types and trees', () => {
    const all = [
      plain,
      plain.replace('20', '21'),
      html,
      `(${plain} "mixed")`,
      `(${plain}${plain} "mixed")`,
      `((${plain} "mixed")${plain} "mixed")`,
      'NIL',
    ];
    expect(new Set(all.map((text) => facts(text).digest)).size).toBe(all.length);
  });
});

describe('summary', () => {
  const header = (text: string) => Buffer.from(text.replace(/\n/g, '\r\n'), 'utf8');
  const base = { flags: ['\\Seen'], sizeBytes: 9, internalDate: ' 1-Jan-2025 10:00:00 +0000', structure: null };

  it('is made of header fields as they came', () => {
    const items = {
      ...base,
      modSeq: 5n,
      header: header(
        'Date: Wed, 1 Jan 2025 10:00:00 +0100\nFrom: A <a@example.com>\nSubject: =?utf-8?b?w6Q=?=\n b\nMessage-ID:  <x@y> \nReferences: <1@y>\n <2@y>\nIn-Reply-To: <2@y>\n\n',
      ),
    };
    expect(makeSummary(asUid(3), items)).toMatchObject({
      uid: 3,
      modSeq: 5n,
      subject: 'ä b',
      messageId: '<x@y>',
      inReplyTo: '<2@y>',
      references: ['<1@y>', '<2@y>'],
      sentDate: Date.UTC(2025, 0, 1, 9),
      internalDate: Date.UTC(2025, 0, 1, 10),
      from: [one('A', 'a@example.com')],
      sender: null,
      to: [],
    });
  });

  it('has nulls where a mail has nothing to say', () => {
    expect(makeSummary(asUid(3), { ...base, header: header('\n') })).toMatchObject({
      messageId: null,
      sentDate: null,
      subject: '',
      inReplyTo: null,
      references: [],
      modSeq: null,
    });
  });

  it('takes the sent date for an unreadable internal date, and nothing for neither', () => {
    const dated = { ...base, internalDate: 'x', header: header('Date: Wed, 1 Jan 2025 10:00:00 +0000\n\n') };
    expect(makeSummary(asUid(3), dated)?.internalDate).toBe(Date.UTC(2025, 0, 1, 10));
    expect(makeSummary(asUid(3), { ...dated, header: header('\n') })).toBeNull();
  });

  it.each([['flags'], ['sizeBytes'], ['header']])('needs %s', (key) => {
    const items: Record<string, unknown> = { ...base, header: header('\n') };
    delete items[key];
    expect(makeSummary(asUid(3), items)).toBeNull();
  });
});
