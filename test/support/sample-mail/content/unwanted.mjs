// @ts-check
import { encodeHeaderText } from '../header.mjs';
import { textPart } from '../mime.mjs';
import { headerLines, withPart } from './oddity.mjs';

/** @typedef {import('./oddity.mjs').Oddity} Oddity */
/** @typedef {readonly [number, string, string, string]} Unwanted Age in days, sender, subject, text. */

/** @type {readonly Unwanted[]} */
const JUNK = [
  [
    1,
    'Lotto International <win@prize-draw.test>',
    'You have been selected',
    'Dear winner, kindly reply with your full name to claim your prize of 2.5 million.',
  ],
  [
    2,
    'Paketdienst <info@paket-zoll.test>',
    'Ihre Sendung wartet: 1,95 € Zollgebühr',
    'Bitte zahlen Sie die Gebühr innerhalb von 24 Stunden, sonst geht die Sendung zurück.',
  ],
  [
    3,
    'SEO Experts <grow@seo-experts.test>',
    'Your website is not on page 1',
    'Hi, I was looking at your website and found 17 errors. Shall I send you the report?',
  ],
  [4, 'Kredit sofort <angebot@kredit-blitz.test>', 'Firmenkredit ohne Prüfung', '50.000 Euro in 24 Stunden, keine Unterlagen nötig.'],
  [
    6,
    'Dr. Obi <obi@inheritance.test>',
    'Confidential business proposal',
    'I am a lawyer and write to you about an unclaimed inheritance in your family name.',
  ],
  [8, 'Rabattclub <club@rabatt-total.test>', 'Nur heute: 80 % auf alles', 'Uhren, Taschen, Brillen. Solange der Vorrat reicht.'],
  [
    11,
    'IT Department <admin@mailbox-upgrade.test>',
    'Your mailbox is full',
    'Click below to keep your messages. Failure to do so will result in deletion.',
  ],
  [15, 'Casino Royal <bonus@casino-royal.test>', '200 Freispiele warten', 'Ihr Bonus verfällt um Mitternacht.'],
  [18, 'Wellness <shop@wellness-deal.test>', 'Schlank in 7 Tagen', 'Mit dieser einen Zutat, die Ärzte hassen.'],
  [22, 'Crypto Trader <profit@crypto-trader.test>', 'Doubled in one week', 'My students make 4,000 a day. Last seats available.'],
];

/** Held by the relay: some of it wanted after all. The primary never got it. @type {readonly Unwanted[]} */
const QUARANTINE = [
  [
    0,
    'Werft Szczecin <zakupy@stocznia-szczecin.test>',
    'RFQ 12 slewing drives – delivery autumn',
    'Dear Dr Brandt,\n\nplease find our request below: 12 slewing drives, delivery in autumn, technical data as discussed with Mrs Vogt.\n\nGrażyna Wójcik\n',
  ],
  [
    1,
    'Rechnungsstelle <rechnung@lieferant-4711.test>',
    'Rechnung 2025-8812 überfällig',
    'Sehr geehrte Damen und Herren,\n\ndie Rechnung im Anhang ist überfällig. Bitte aktivieren Sie die Makros.\n',
  ],
  [
    2,
    'Jörg Petersen <j.petersen@nordlicht-gmbh.test>',
    'Dringend: Überweisung heute',
    'Katharina,\n\nich sitze im Termin, kannst du bitte sofort 48.700 Euro an den neuen Lieferanten anweisen? Kontodaten folgen.\n\nJörg\n',
  ],
  [
    4,
    'HR Portal <no-reply@hr-portal-login.test>',
    'Gehaltsanpassung – bitte bestätigen',
    'Bitte melden Sie sich an, um Ihre neue Vergütung einzusehen.',
  ],
  [
    6,
    'Prof. Sander privat <u.sander@private.test>',
    'Fotos vom Rundgang',
    'Liebe Frau Brandt,\n\nhier noch die Bilder meiner Enkelin auf dem Kran. Der Anhang war dem Filter wohl zu groß.\n\nIhre U. Sander\n',
  ],
  [
    9,
    'Hydraulik Süd <vertrieb@hydraulik-sued.test>',
    'Preisliste ab Januar',
    'Guten Tag,\n\nunsere neue Preisliste, leider nur als ZIP.\n\nHydraulik Süd\n',
  ],
  [
    12,
    'Microsoft-Konto <sicherheit@ms-konto-hilfe.test>',
    'Ungewöhnliche Anmeldung aus Lagos',
    'Wenn Sie das nicht waren, setzen Sie Ihr Kennwort hier zurück.',
  ],
  [
    20,
    'Bewerbung <m.krause@example.org>',
    'Initiativbewerbung Schweißfachingenieur',
    'Sehr geehrte Frau Dr. Brandt,\n\nmeine Unterlagen finden Sie über den Link.\n\nM. Krause\n',
  ],
];

/**
 * @param {import('../moment.mjs').Moments} moments
 * @param {readonly Unwanted[]} mails
 * @param {string} kind
 * @param {readonly string[]} extra
 * @returns {Oddity[]}
 */
function build(moments, mails, kind, extra) {
  return mails.map(([age, from, subject, text], index) => {
    const key = `${kind}-${index}`;
    const time = moments.at(age, (index * 5) % 24, 33);
    const name = encodeHeaderText(from.slice(0, from.indexOf(' <')));
    const headers = headerLines({ key, time, from: `${name} ${from.slice(from.indexOf('<'))}`, subject: encodeHeaderText(subject), extra });
    return { key, time, raw: withPart(headers, textPart('plain', text.endsWith('\n') ? text : `${text}\n`)) };
  });
}

/**
 * What the primary has put into Junk.
 * @param {import('../moment.mjs').Moments} moments
 */
export function junkMails(moments) {
  return build(moments, JUNK, 'junk', ['X-Spam-Flag: YES', 'X-Spam-Score: 14.2']).map((mail) => ({ ...mail, mailbox: 'Junk' }));
}

/**
 * What the relay holds back.
 * @param {import('../moment.mjs').Moments} moments
 */
export function quarantinedMails(moments) {
  return build(moments, QUARANTINE, 'quarantine', ['X-Filter-Verdict: held', 'X-Filter-Score: 8.7']).map((mail) => ({
    ...mail,
    mailbox: 'Quarantine',
  }));
}

/**
 * Unfinished mail of the owner.
 * @param {import('../moment.mjs').Moments} moments
 * @returns {Oddity[]}
 */
export function draftMails(moments) {
  /** @type {[number, string, string, string][]} */
  const drafts = [
    [
      0,
      'Henrik Hansen <henrik.hansen@ostseewind.test>',
      'Vergabe Arkona Nord',
      'Sehr geehrter Herr Hansen,\n\nich freue mich auf unser Telefonat. Vorab zwei Punkte\n',
    ],
    [2, '', 'Rede Neujahrsempfang', 'Sehr geehrter Herr Minister, liebe Gäste,\n\n(Einstieg über die Kranfahrerin?)\n'],
    [5, 'Thomas Ahrens <thomas.ahrens@nordlicht.example>', '', 'Lieber Herr Ahrens, ich wollte mich noch\n'],
    [33, 'Monika Lindner <monika.lindner@hh-bank.test>', 'Zinssicherung', 'Sehr geehrte Frau Lindner,\n\nwir möchten die Kondition\n'],
  ];
  return drafts.map(([age, to, subject, text], index) => {
    const key = `draft-${index}`;
    const time = moments.at(age, 18, 5 + index);
    const headers = headerLines({
      key,
      time,
      from: 'Dr. Katharina Brandt <katharina.brandt@nordlicht.example>',
      to: to === '' ? null : to,
      subject: encodeHeaderText(subject),
      messageId: `<draft-${index}.${Math.floor(time / 1000)}@nordlicht.example>`,
    });
    return { key, time, raw: withPart(headers, textPart('plain', text)), mailbox: 'Drafts', flags: ['\\Draft', '\\Seen'] };
  });
}
