// @ts-check
import { encodeHeaderText } from '../header.mjs';
import { makeZip } from '../files/zip.mjs';
import { filePart, joinPart, messagePart, multipart, textPart } from '../mime.mjs';
import { randomFor } from '../random.mjs';
import { pdf, photo } from './files.mjs';
import { headerLines, withPart } from './oddity.mjs';

/** @typedef {import('./oddity.mjs').Oddity} Oddity */
/** @typedef {import('../moment.mjs').Moments} Moments */

/**
 * Well-formed mails of unusual structure.
 * @param {Moments} moments
 * @param {number | string} seed
 * @returns {Oddity[]}
 */
export function structureOddities(moments, seed) {
  return [
    forwardedMail(moments),
    deliveryReport(moments),
    readReceipt(moments),
    signedMail(moments, seed),
    encryptedMail(moments, seed),
    scannerMail(moments),
    largeMail(moments, seed),
    manyRecipients(moments),
    longSubject(moments),
    mixedEncodedWords(moments),
    longFileName(moments),
    htmlOnly(moments),
    deepNesting(moments),
    winmail(moments, seed),
    hiddenRecipients(moments),
  ];
}

/** @param {Moments} moments @returns {Oddity} */
function forwardedMail(moments) {
  const time = moments.at(7, 15, 42);
  const inner = joinPart(
    [
      ...headerLines({
        key: 'inner-offer',
        time: moments.at(8, 9),
        from: 'Stahlbau Grimmen <angebot@stahlbau-grimmen.test>',
        subject: 'Angebot Podeste',
      }),
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="inner-1"',
    ],
    Buffer.from(
      '--inner-1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAnbei unser Angebot.\r\n--inner-1\r\nContent-Type: text/csv; name=podeste.csv\r\nContent-Disposition: attachment; filename=podeste.csv\r\n\r\nPos;Menge;Preis\r\n1;12;840\r\n--inner-1--\r\n',
    ),
  );
  const parts = [
    textPart('plain', 'Zur Kenntnis, der Preis ist in Ordnung.\n\nMehmet Yıldırım\n'),
    messagePart(inner, 'Angebot Podeste.eml'),
  ];
  const from = `${encodeHeaderText('Mehmet Yıldırım', { mode: 'B' })} <mehmet.yildirim@nordlicht.example>`;
  return {
    key: 'forwarded',
    time,
    raw: withPart(
      headerLines({ key: 'forwarded', time, from, subject: 'WG: Angebot Podeste' }),
      multipart('mixed', 'fwd-boundary-7', parts),
    ),
  };
}

/** @param {Moments} moments @returns {Oddity} */
function deliveryReport(moments) {
  const time = moments.at(6, 16, 48);
  const original = joinPart(
    headerLines({
      key: 'undelivered',
      time: time - 60_000,
      from: 'katharina.brandt@nordlicht.example',
      to: 'stuewe@werft-peene.test',
      subject: 'Vergleichsvorschlag',
    }),
    Buffer.alloc(0),
  );
  const status = [
    'Reporting-MTA: dns; mail.nordlicht.example',
    'Arrival-Date: Mon, 3 Nov 2025 16:47:00 +0100',
    '',
    'Final-Recipient: rfc822; stuewe@werft-peene.test',
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
    '',
  ].join('\r\n');
  const parts = [
    textPart(
      'plain',
      'This is the mail system at host mail.nordlicht.example.\n\nYour message could not be delivered to one or more recipients.\n\n<stuewe@werft-peene.test>: 550 5.1.1 User unknown\n',
      { charset: 'us-ascii', encoding: '7bit' },
    ),
    { headers: ['Content-Type: message/delivery-status'], content: Buffer.from(status) },
    { headers: ['Content-Type: message/rfc822'], content: original },
  ];
  const headers = headerLines({
    key: 'bounce',
    time,
    from: 'Mail Delivery System <MAILER-DAEMON@mail.nordlicht.example>',
    subject: 'Undelivered Mail Returned to Sender',
    extra: ['Auto-Submitted: auto-replied'],
  });
  return {
    key: 'bounce',
    time,
    raw: withPart(headers, multipart('report', 'dsn/87A1', parts, { params: { 'report-type': 'delivery-status' } })),
  };
}

/** @param {Moments} moments @returns {Oddity} */
function readReceipt(moments) {
  const time = moments.at(5, 18, 3);
  const notice =
    'Reporting-UA: mail.example.com; Outlook\r\nFinal-Recipient: rfc822;falk@falk-rehberg.test\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n';
  const parts = [
    textPart('plain', 'Ihre Nachricht wurde gelesen.\n'),
    { headers: ['Content-Type: message/disposition-notification'], content: Buffer.from(notice) },
  ];
  const headers = headerLines({
    key: 'receipt',
    time,
    from: 'Dr. Sebastian Falk <falk@falk-rehberg.test>',
    subject: 'Gelesen: Vergleichsvorschlag',
  });
  return {
    key: 'receipt',
    time,
    raw: withPart(headers, multipart('report', 'mdn-551', parts, { params: { 'report-type': 'disposition-notification' } })),
    mailbox: 'Archive',
  };
}

/** @param {Moments} moments @param {number | string} seed @returns {Oddity} */
function signedMail(moments, seed) {
  const time = moments.at(4, 11, 30);
  const signature = Buffer.concat([
    Buffer.from('3082087a06092a864886f70d010702a082086b30820867020101', 'hex'),
    randomFor(seed, 'smime').bytes(2100),
  ]);
  const parts = [
    textPart(
      'plain',
      'Sehr geehrte Frau Dr. Brandt,\n\ndie Kontoauszüge für Oktober stehen im Portal bereit. Diese Nachricht ist signiert.\n\nHanseatische Handelsbank AG\n',
    ),
    filePart({ type: 'application/pkcs7-signature', fileName: 'smime.p7s', content: signature }),
  ];
  const headers = headerLines({
    key: 'signed',
    time,
    from: 'Hanseatische Handelsbank <konto@hh-bank.test>',
    subject: encodeHeaderText('Kontoauszüge Oktober'),
  });
  return {
    key: 'signed',
    time,
    raw: withPart(
      headers,
      multipart('signed', 'sig-4F20', parts, { params: { protocol: 'application/pkcs7-signature', micalg: 'sha-256' } }),
    ),
  };
}

/** @param {Moments} moments @param {number | string} seed @returns {Oddity} */
function encryptedMail(moments, seed) {
  const time = moments.at(16, 10, 5);
  const armour = randomFor(seed, 'pgp').bytes(900).toString('base64').replace(/.{64}/g, '$&\r\n');
  const parts = [
    {
      headers: ['Content-Type: application/pgp-encrypted', 'Content-Description: PGP/MIME version identification'],
      content: Buffer.from('Version: 1\r\n'),
    },
    {
      headers: ['Content-Type: application/octet-stream; name="encrypted.asc"', 'Content-Disposition: inline; filename="encrypted.asc"'],
      content: Buffer.from(`-----BEGIN PGP MESSAGE-----\r\n\r\n${armour}\r\n-----END PGP MESSAGE-----\r\n`),
    },
  ];
  return {
    key: 'encrypted',
    time,
    raw: withPart(
      headerLines({ key: 'encrypted', time, from: 'Hinweisgeber <hinweis@ombudsstelle.test>', subject: '...' }),
      multipart('encrypted', 'pgp-77', parts, { params: { protocol: 'application/pgp-encrypted' } }),
    ),
  };
}

/** @param {Moments} moments @returns {Oddity} */
function scannerMail(moments) {
  const time = moments.atWork(3, 10, 12);
  const scan = filePart(pdf('SCAN_0412.pdf', 'Scan', ['Unterschriftenseite Vergleich, zwei Seiten.']));
  return {
    key: 'scanner',
    time,
    raw: withPart(
      headerLines({ key: 'scanner', time, from: 'scan-2og@nordlicht.example', subject: encodeHeaderText('Scan vom Gerät 2. OG') }),
      multipart('mixed', 'scan-1', [scan]),
    ),
  };
}

/** @type {{ seed: number | string, content: Buffer } | null} */
let drawingsMade = null;

/**
 * Most of the work of a whole mailbox: kept for the next one of the same seed.
 * @param {number | string} seed
 */
function drawingsOf(seed) {
  if (drawingsMade?.seed !== seed) {
    const random = randomFor(seed, 'drawings');
    const drawings = ['2291-101', '2291-118', '2291-130'].map((name) => ({ name: `${name}.dwg`, content: random.bytes(900_000) }));
    drawingsMade = { seed, content: makeZip(drawings) };
  }
  return drawingsMade.content;
}

/** @param {Moments} moments @param {number | string} seed @returns {Oddity} */
function largeMail(moments, seed) {
  const time = moments.atWork(9, 14, 33);
  const parts = [
    textPart('plain', 'Hallo Frau Dr. Brandt,\n\ndie drei großen Zeichnungen im Original, wie gewünscht.\n\nLena Baumann\n'),
    filePart({ type: 'application/zip', fileName: 'Zeichnungen_Arkona.zip', content: drawingsOf(seed) }),
  ];
  return {
    key: 'large',
    time,
    raw: withPart(
      headerLines({ key: 'large', time, from: 'Lena Baumann <lena.baumann@nordlicht.example>', subject: 'Zeichnungen Arkona im Original' }),
      multipart('mixed', 'big-2291', parts),
    ),
    mailbox: 'Projekte/Offshore',
  };
}

/** @param {Moments} moments @returns {Oddity} */
function manyRecipients(moments) {
  const time = moments.atWork(12, 8, 1);
  const to = Array.from({ length: 64 }, (_, index) => `Abteilung ${index + 1} <abteilung${index + 1}@nordlicht.example>`).join(',\r\n ');
  return {
    key: 'many',
    time,
    raw: withPart(
      headerLines({ key: 'many', time, from: 'Empfang <empfang@nordlicht.example>', to, subject: 'Feueralarm-Probe am Freitag um 10 Uhr' }),
      textPart('plain', 'Bitte verlassen Sie beim Signal das Haus und sammeln Sie sich auf dem Parkplatz P2.\n'),
    ),
  };
}

/** @param {Moments} moments @returns {Oddity} */
function longSubject(moments) {
  const time = moments.atWork(11, 9, 55);
  const subject =
    'Rückfrage zur Rückfrage: Prüfbescheinigung 3.2 für Grobbleche der Schmelzen 118-4471 bis 118-4486 einschließlich Ultraschallprüfung nach EN 10160 S2/E3, Kerbschlagarbeit bei −40 °C und Zustimmung des Sachverständigen zur Umstempelung, wie am 3. des Monats mit Herrn Yıldırım und dem Walzwerk besprochen';
  return {
    key: 'long-subject',
    time,
    raw: withPart(
      headerLines({ key: 'long-subject', time, from: 'Jan de Vries <jan@devries-staal.test>', subject: encodeHeaderText(subject) }),
      textPart('plain', 'Die Frage passte leider ganz in den Betreff.\n'),
    ),
  };
}

/** @param {Moments} moments @returns {Oddity} */
function mixedEncodedWords(moments) {
  const time = moments.atWork(13, 13, 13);
  const subject =
    '=?iso-8859-1?Q?Gr=F6=DFe?= =?utf-8?B?IHVuZCA=?=\r\n =?windows-1252?Q?Ma=DF_=96_?= =?utf-8?Q?St=C3=BCck?= =?utf-8?Q?liste?=';
  return {
    key: 'mixed-words',
    time,
    raw: withPart(headerLines({ key: 'mixed-words', time, subject }), textPart('plain', 'Die Stückliste folgt.\n')),
    mailbox: 'Projekte/Größe & Maß',
  };
}

/** @param {Moments} moments @returns {Oddity} */
function longFileName(moments) {
  const time = moments.atWork(14, 16, 20);
  const file = pdf(
    'Prüfprotokoll der Maßhaltigkeit für Drehkränze größer 6 m – Zusammenfassung für die Geschäftsführung (Entwurf 2).pdf',
    'Prüfprotokoll',
    ['Alle Maße innerhalb der Toleranz.'],
  );
  const parts = [textPart('plain', 'Das Protokoll, diesmal mit sprechendem Dateinamen.\n'), filePart(file)];
  return {
    key: 'long-name',
    time,
    raw: withPart(
      headerLines({
        key: 'long-name',
        time,
        from: 'Messraum <messraum@nordlicht.example>',
        subject: encodeHeaderText('Protokoll Maßhaltigkeit'),
      }),
      multipart('mixed', 'name-1', parts),
    ),
    mailbox: 'Projekte/Größe & Maß',
  };
}

/** @param {Moments} moments @returns {Oddity} */
function htmlOnly(moments) {
  const time = moments.at(10, 19, 45);
  const id = 'strand.55@gaestehaus.test';
  const html = textPart(
    'html',
    `<html><body bgcolor="#fffbe6"><h2>Grüße von der Küste</h2><p>Danke für den schönen Abend &ndash; hier das Foto.</p><img src="cid:${id}"><script>alert(1)</script></body></html>`,
    { charset: 'windows-1252' },
  );
  const parts = [html, filePart(photo('strand.jpg', 'strand', id))];
  return {
    key: 'html-only',
    time,
    raw: withPart(
      headerLines({
        key: 'html-only',
        time,
        from: 'Ingrid Moller <ingrid.moller@ostseewind.test>',
        subject: encodeHeaderText('Grüße von der Küste'),
      }),
      multipart('related', 'rel-9', parts),
    ),
  };
}

/** @param {Moments} moments @returns {Oddity} */
function deepNesting(moments) {
  const time = moments.at(17, 11, 11);
  let part = textPart('plain', 'Ganz innen steht der Text.\n');
  for (let level = 1; level <= 12; level += 1) part = multipart('mixed', `level-${level}`, [part]);
  return {
    key: 'deep',
    time,
    raw: withPart(
      headerLines({
        key: 'deep',
        time,
        from: 'Gateway <gateway@example.org>',
        subject: encodeHeaderText('Weitergeleitet über zwölf Stationen'),
      }),
      part,
    ),
  };
}

/** @param {Moments} moments @param {number | string} seed @returns {Oddity} */
function winmail(moments, seed) {
  const time = moments.at(19, 15, 5);
  const content = Buffer.concat([Buffer.from('789f3e22', 'hex'), randomFor(seed, 'tnef').bytes(1500)]);
  const parts = [
    textPart('plain', 'Bestellung anbei.\n', { charset: 'us-ascii', encoding: '7bit' }),
    filePart({ type: 'application/ms-tnef', fileName: 'winmail.dat', content }),
  ];
  return {
    key: 'winmail',
    time,
    raw: withPart(headerLines({ key: 'winmail', time, subject: 'Bestellung 8813' }), multipart('mixed', '_000_tnef_', parts)),
    mailbox: 'Archive',
  };
}

/** @param {Moments} moments @returns {Oddity} */
function hiddenRecipients(moments) {
  const time = moments.at(18, 12, 0);
  return {
    key: 'hidden',
    time,
    raw: withPart(
      headerLines({
        key: 'hidden',
        time,
        from: 'Unternehmerverband <info@uv-kueste.test>',
        to: 'undisclosed-recipients:;',
        subject: 'Rundschreiben 11',
      }),
      textPart('plain', 'Liebe Mitglieder,\n\nder Stammtisch findet wie immer am ersten Dienstag statt.\n'),
    ),
  };
}
