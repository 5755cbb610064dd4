import { createHash } from 'node:crypto';
import { simpleParser, type ParsedMail } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { exchangeForm } from '../support/exchange-form.ts';
import { buildMail, type MailFields } from '../support/mail-builder.ts';
import { buildPdf } from '../support/pdf-builder.ts';
import { usualMail } from '../support/usual-mail.ts';

const picture = createHash('sha512').update('a picture').digest();
const base: MailFields = {
  from: 'Jörg Müller <joerg@example.org>',
  to: ['"Meier, Anna" <anna@example.com>', 'Ben <ben@example.com>'],
  cc: 'Çelik <celik@example.net>',
  messageId: '<one@example.org>',
  inReplyTo: '<zero@example.org>',
  references: ['<first@example.org>', '<zero@example.org>'],
  headers: [
    ['Received', 'from mx.example.org by mail.example.com; Wed, 01 Jan 2025 10:00:00 +0100'],
    ['Received', 'from home.example.org by mx.example.org; Wed, 01 Jan 2025 09:59:59 +0100'],
    ['Reply-To', 'desk@example.org'],
    ['Bcc', 'hidden@example.org'],
    ['X-Holdover-Token', 'abc 123'],
  ],
};
const html = '<p>Grüße aus <b>Köln</b> &amp; Bonn</p><p>Zweite Zeile: 3 = 4 - 1</p>';
const latin1 = Buffer.from(
  'From: a@example.org\r\nTo: b@example.com\r\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\nMessage-ID: <l@example.org>\r\nDate: Wed, 01 Jan 2025 10:00:00 +0100\r\n' +
    'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSch\u00f6ne Gr\u00fc\u00dfe \r\n.\r\n',
  'latin1',
);

const mails: Readonly<Record<string, Buffer>> = {
  'plain text': buildMail({ ...base, subject: 'Plain', text: `A line.\n\nA very long line ${'and on '.repeat(40)}\nÄnderung = gut\n` }),
  'text beyond Latin 1': buildMail({ ...base, subject: 'Ωmega und mehr, ein langer Betreff über zwei Zeilen', text: 'Ω – ein Test\n' }),
  'text and HTML': buildMail({ ...base, subject: 'Grüße', text: 'Grüße aus Köln & Bonn\n', html }),
  'HTML alone, a whole document': buildMail({
    ...base,
    html: `<!DOCTYPE html><html><head><meta charset="utf-8"><title>t</title></head><body>${html}</body></html>`,
  }),
  'a file': buildMail({
    ...base,
    text: 'See there.\n',
    attachments: [{ fileName: 'Übersicht.pdf', contentType: 'application/pdf', content: buildPdf() }],
  }),
  'a picture and a file': buildMail({
    ...base,
    html: `${html}<img src="cid:p1@x">`,
    attachments: [
      { fileName: 'p.png', contentType: 'image/png', content: picture, contentId: 'p1@x' },
      { fileName: 'note.txt', contentType: 'text/plain', content: Buffer.from('raw\nbytes\r\n') },
    ],
  }),
  'Latin 1, 8 bit': latin1,
  'a mail of the usual kind': usualMail(3),
};

const addresses = (mail: ParsedMail) =>
  [mail.from, mail.to, mail.cc, mail.bcc, mail.replyTo].flat().map((one) => one?.value.map(({ name, address }) => `${name} <${address}>`));
const words = (text = ''): string => text.replace(/\s+/g, ' ').trim();
const bodyOf = (raw: Buffer): string => raw.toString('latin1').slice(raw.indexOf('\r\n\r\n'));

async function visible(raw: Buffer) {
  const mail = await simpleParser(raw, { keepCidLinks: true });
  return {
    ...{ subject: mail.subject, date: mail.date, id: mail.messageId, inReplyTo: mail.inReplyTo, references: mail.references },
    people: addresses(mail),
    text: words(mail.html ? '' : mail.text),
    html: words((mail.html || '').replace(/<head>[^]*<\/head>|<\/?(?:html|body)>|<!DOCTYPE html>/gi, '')),
    files: mail.attachments.map((one) => [one.filename, one.contentType, one.cid, one.related, one.content.toString('hex')]),
    token: mail.headers.get('x-holdover-token'),
    trace: mail.headerLines.filter((one) => one.key === 'received').map((one) => words(one.line)),
  };
}

describe('the form in which Exchange gives a mail', () => {
  it.each(Object.entries(mails))('says the same: %s', async (_, raw) => {
    const form = exchangeForm(raw);
    expect(await visible(form)).toEqual(await visible(raw));
    expect(bodyOf(form)).not.toBe(bodyOf(raw));
    expect(/[^\r]\n|\r[^\n]/.test(form.toString('latin1'))).toBe(false);
    expect(
      form
        .toString('latin1')
        .split('\r\n')
        .filter((line) => line.length > 998 || /[^\x09\x20-\x7e]/.test(line)),
    ).toEqual([]);
  });

  it.each(Object.entries(mails))('is the same each time, and stays as it is: %s', (_, raw) => {
    expect(exchangeForm(raw).equals(exchangeForm(Buffer.from(raw)))).toBe(true);
    expect(exchangeForm(exchangeForm(raw)).toString('latin1')).toBe(exchangeForm(raw).toString('latin1'));
  });

  it('makes the text from the HTML and puts its charset into the head', async () => {
    const form = exchangeForm(mails['text and HTML']!);
    const mail = await simpleParser(form);
    expect(mail.text?.trim()).toBe('Grüße aus Köln & Bonn\nZweite Zeile: 3 = 4 - 1');
    expect(mail.html).toContain('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">');
    expect(form.toString('latin1')).toMatch(/boundary="_000_[0-9A-F]{28}_"/);
  });

  it('leaves a mail without a text without one', async () => {
    const raw = buildMail({ ...base, text: '' });
    expect(await visible(exchangeForm(raw))).toEqual(await visible(raw));
  });

  it('leaves a signed mail as it is, but for the header', () => {
    const signed = Buffer.from(
      'From: a@example.org\r\nMessage-ID: <s@example.org>\r\nContent-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"\r\n\r\n--b\r\n\r\nx \r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\ny\r\n--b--\r\n',
    );
    expect(bodyOf(exchangeForm(signed))).toBe(bodyOf(signed));
  });
});
