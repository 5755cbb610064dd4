// @ts-check
import { headerLines, withBody } from './oddity.mjs';

/** @typedef {import('./oddity.mjs').Oddity} Oddity */

/**
 * Mails broken in ways that real senders and gateways break them. Nothing here may stop a client.
 * Key, age, hour, bytes made from the key and time.
 * @type {readonly [string, number, number, (head: {key: string, time: number}) => Buffer][]}
 */
const BROKEN = [
  [
    'no-boundary-end',
    3,
    13,
    (head) =>
      withBody(
        [...headerLines({ ...head, subject: 'Messwerte ohne Ende' }), ...mixed('open')],
        '--open\nContent-Type: text/plain\n\nDie Messwerte stehen in der Anlage.\n--open\nContent-Type: text/csv; name=werte.csv\nContent-Disposition: attachment; filename=werte.csv\n\n1;2;3\n4;5;6\n',
      ),
  ],
  [
    'broken-base64',
    4,
    9,
    (head) =>
      withBody(
        [...headerLines({ ...head, subject: 'Logo beschaedigt' }), ...mixed('b64')],
        '--b64\nContent-Type: text/plain\n\nDas Bild kam so bei uns an.\n--b64\nContent-Type: image/png; name=logo.png\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=logo.png\n\niVBORw0KGgo*?AAANSUhEUg!!AAAGAAAAAgCA\n=YAAAB\n##\n--b64--\n',
      ),
  ],
  [
    'no-message-id',
    5,
    12,
    (head) =>
      withBody(
        [
          ...headerLines({ ...head, messageId: null, from: 'Zeiterfassung <zeit@nordlicht.example>', subject: 'Ihr Zeitkonto' }),
          ...plain(),
        ],
        'Saldo zum Monatsende: +12,5 Stunden.\n',
      ),
  ],
  [
    'no-date',
    6,
    7,
    (head) =>
      withBody(
        [
          ...headerLines({ ...head, date: null, from: 'Alarmanlage <alarm@nordlicht.example>', subject: 'Stoerung Bewegungsmelder Tor 2' }),
          ...plain(),
        ],
        'Melder 14 antwortet nicht.\n',
      ),
  ],
  [
    'unknown-charset',
    7,
    8,
    (head) =>
      withBody(
        [
          ...headerLines({ ...head, subject: 'Terminal 4' }),
          'MIME-Version: 1.0',
          'Content-Type: text/plain; charset=x-dec-multinational-9',
          'Content-Transfer-Encoding: 8bit',
        ],
        'Pr\xfcfstand 4: Messung beendet, Gr\xf6\xdfe 118.\n',
      ),
  ],
  [
    'truncated',
    8,
    17,
    (head) =>
      withBody(
        [...headerLines({ ...head, subject: 'Protokoll Probeverladung' }), ...mixed('cut')],
        '--cut\nContent-Type: text/plain\n\nProtokoll anbei.\n--cut\nContent-Type: application/pdf; name=protokoll.pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=protokoll.pdf\n\nJVBERi0xLjQKJeLjz9MKMSAwIG9iago8PCAvVHlwZSAvQ2F0YWxvZyAvUGFnZXMgMiAwIFIgPj4KZW5k',
      ),
  ],
  [
    'bare-lf',
    2,
    6,
    (head) =>
      Buffer.from(
        [
          ...headerLines({ ...head, from: 'cron <root@erp.nordlicht.example>', subject: 'erp-db: Reorganisation beendet' }),
          '',
          'Laufzeit 41 min',
          'Tabellen 1288',
          '',
        ].join('\n'),
        'latin1',
      ),
  ],
  [
    'raw-8bit-header',
    9,
    10,
    (head) =>
      withBody(
        [
          ...headerLines({
            ...head,
            from: 'B\xfcromarkt Gr\xf6ger <shop@bueromarkt.test>',
            subject: 'Ihre Bestellung f\xfcr das B\xfcro ist unterwegs',
          }),
          ...plain(),
        ],
        'Lieferung morgen.\n',
      ),
  ],
  [
    'no-sender',
    10,
    3,
    (head) => withBody([...headerLines({ ...head, from: null, subject: null }), ...plain()], 'Text ohne Absender und Betreff.\n'),
  ],
  [
    'bad-header-line',
    11,
    4,
    (head) =>
      withBody(
        [...headerLines({ ...head, subject: 'Faxeingang' }), 'this line has no colon', ...plain()],
        'Fax von 03831 5550-0, 2 Seiten.\n',
      ),
  ],
  [
    'bad-content-type',
    12,
    14,
    (head) =>
      withBody(
        [
          ...headerLines({ ...head, subject: 'Formular' }),
          'MIME-Version: 1.0',
          'Content-Type: text; charset',
          'Content-Transfer-Encoding: none',
        ],
        'Feld1=Wert\nFeld2=\n',
      ),
  ],
  ['headers-only', 13, 5, (head) => Buffer.from(`${headerLines({ ...head, subject: 'Nur Kopfzeilen' }).join('\r\n')}\r\n`, 'latin1')],
  [
    'double-headers',
    14,
    9,
    (head) =>
      withBody(
        [
          ...headerLines({ ...head, subject: 'Erster Betreff' }),
          'Subject: Zweiter Betreff',
          'From: Zweiter <zweiter@example.net>',
          'Date: gestern',
          ...plain(),
        ],
        'Alles doppelt.\n',
      ),
  ],
  [
    'wrong-charset',
    15,
    11,
    (head) =>
      withBody(
        [
          ...headerLines({ ...head, subject: 'Besch\xc3\xa4ftigtenumfrage' }),
          'MIME-Version: 1.0',
          'Content-Type: text/plain; charset=us-ascii',
          'Content-Transfer-Encoding: 7bit',
        ],
        'Vielen Dank f\xc3\xbcr Ihre Teilnahme.\n',
      ),
  ],
  [
    'boundary-missing',
    16,
    16,
    (head) =>
      withBody(
        [...headerLines({ ...head, subject: 'Grenze fehlt' }), ...mixed('never-there')],
        'Dieser Text steht vor jeder Grenze, und es kommt keine.\n',
      ),
  ],
  [
    'endless-line',
    17,
    18,
    (head) => withBody([...headerLines({ ...head, subject: 'Export in einer Zeile' }), ...plain()], `${'4711;'.repeat(6000)}\n`),
  ],
  [
    'bad-date',
    18,
    9,
    (head) =>
      withBody(
        [...headerLines({ ...head, date: 'Thu, 31 Feb 2087 25:61:00 +9999', subject: 'Aus der Zukunft' }), ...plain()],
        'Die Uhr des Absenders geht falsch.\n',
      ),
  ],
  [
    'bad-encoded-word',
    19,
    12,
    (head) =>
      withBody(
        [...headerLines({ ...head, subject: '=?utf-8?Q?Angebot_f=C3?= =?utf-8?Q?=BCr_Kr=C3=A4ne_=ZZ?= =?x-none?B?!!!?=' }), ...plain()],
        'Der Betreff ist zerrissen.\n',
      ),
  ],
];

/** @param {string} boundary */
function mixed(boundary) {
  return ['MIME-Version: 1.0', `Content-Type: multipart/mixed; boundary="${boundary}"`];
}

function plain() {
  return ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8'];
}

/**
 * @param {import('../moment.mjs').Moments} moments
 * @returns {Oddity[]}
 */
export function malformedMails(moments) {
  return BROKEN.map(([name, age, hour, make]) => {
    const key = `malformed-${name}`;
    const time = moments.at(age, hour, 50);
    return { key, time, raw: make({ key, time }), isMalformed: true };
  });
}
