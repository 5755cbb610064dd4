// @ts-check
import { DAY, clockTime, isoWeek, shortDateDe } from '../dates.mjs';
import { people } from '../people.mjs';
import { randomFor } from '../random.mjs';
import { chart, csv, xlsx } from './files.mjs';
import { machine } from './letter.mjs';

/** @typedef {import('./letter.mjs').Letter} Letter */
/** @typedef {import('../moment.mjs').Moments} Moments */

const MONITOR = machine('Monitoring', 'monitoring@nordlicht.example');
const ERP = machine('ERP Freigaben', 'freigabe@nordlicht.example');
const TREASURY = machine('Treasury', 'treasury@nordlicht.example');
const RECEPTION = machine('Empfang', 'empfang@nordlicht.example');
const TICKETS = machine('IT-Servicedesk', 'servicedesk@nordlicht.example');

const STATIONS = ['Zuschnitt', 'Schweißerei', 'Strahlen', 'Lackiererei', 'Montage Halle 1', 'Montage Halle 2'];
const REMARKS = [
  'Plasmaschneider 2 nach Düsenwechsel wieder im Takt.',
  'Zwei Krankmeldungen in der Schweißerei, Frühschicht half aus.',
  'Lieferung Bleche einen halben Tag zu spät, kein Einfluss auf Arkona.',
  'Strahlkabine um 11 Uhr für 40 Minuten gestanden, Filter getauscht.',
  'Ruhiger Tag, keine Besonderheiten.',
  'Modul 6 aus der Lackiererei, Trockenschichtdicke überall im Soll.',
  'Kran 3 nach UVV-Prüfung wieder freigegeben.',
  'Ein Beinaheunfall am Tor 2: Gabelstapler und Fahrrad. Spiegel wird morgen gesetzt.',
];

const TREASURY_REMARKS = [
  'Keine Besonderheiten.',
  'Lohnlauf am Freitag, rund 1,9 Mio. Euro.',
  'Umsatzsteuer wird am Zehnten eingezogen.',
  'Zahlungseingang Ostseewind, Abschlag 3, heute verbucht.',
  'Skonto bei De Vries gezogen, 10.388 Euro.',
];

const VISITORS = [
  'Frau Møller, Ostseewind (Dr. Köhler)',
  'Zwei Herren vom TÜV, Kranprüfung (Herr Ahrens)',
  'Schulklasse 9b, Hansa-Gymnasium (Frau Schröder)',
  'Herr Janssen, Spedition (Herr Ahrens)',
  'Bewerbungsgespräch Konstruktion (Frau Schröder)',
  'Wartung Telefonanlage (Herr Krüger)',
  'Frau Keßler mit Team (Herr Petersen)',
  'Hochschule Stralsund, Exkursion (Frau Baumann)',
  'Feuerwehr, Begehung Halle 3 (Herr Ahrens)',
];

/**
 * Reports and notices that machines and colleagues send by the clock.
 * @param {Moments} moments
 * @param {number | string} seed
 * @returns {Letter[]}
 */
export function recurringLetters(moments, seed) {
  return [
    ...moments.workdays().map((age) => productionReport(moments, seed, age)),
    ...Array.from({ length: moments.days }, (_, age) => backupReport(moments, seed, age)),
    ...weekly(moments, 1).map((age) => salesReport(moments, seed, age)),
    ...weekly(moments, 5).map((age) => offshoreStatus(moments, seed, age)),
    ...moments.workdays().flatMap((age) => approvals(moments, seed, age)),
    ...moments.workdays().map((age) => treasuryNote(moments, seed, age)),
    ...moments.workdays().map((age) => visitorList(moments, seed, age)),
    ...tickets(moments, seed),
  ];
}

/**
 * Ages of all days that fall on this weekday (0 is Sunday).
 * @param {Moments} moments
 * @param {number} weekday
 */
export function weekly(moments, weekday) {
  return Array.from({ length: moments.days }, (_, age) => age).filter(
    (age) => new Date(moments.at(age, 12)).getUTCDay() === weekday && age > 0,
  );
}

/**
 * @param {Moments} moments
 * @param {number | string} seed
 * @param {number} age
 * @returns {Letter}
 */
function productionReport(moments, seed, age) {
  const random = randomFor(seed, `production-${age}`);
  const time = moments.at(age, 16, random.between(31, 58));
  const rows = STATIONS.map((station) => ({ station, plan: random.between(60, 120), done: random.between(55, 122) }));
  const lines = rows.map((row) => `- ${row.station}: ${row.done} von ${row.plan} Stunden`);
  const cells = rows.map(
    (row) =>
      `<tr><td>${row.station}</td><td align="right">${row.plan}</td><td align="right" style="color:${row.done < row.plan * 0.9 ? '#b91c1c' : '#166534'}">${row.done}</td></tr>`,
  );
  const remark = random.pick(REMARKS);
  return {
    key: `production-${age}`,
    time,
    from: people.ahrens,
    cc: ['koehler'],
    subject: `Tagesbericht Fertigung ${shortDateDe(time)}`,
    text: ['Guten Abend,', lines.join('\n'), remark, 'Thomas Ahrens'],
    html: `<p>Guten Abend,</p><table border="1" cellpadding="4" cellspacing="0" style="border-collapse:collapse"><tr><th>Bereich</th><th>Plan h</th><th>Ist h</th></tr>${cells.join('')}</table><p>${remark}</p><p>Thomas Ahrens</p>`,
    isUnseen: age < 2,
    ...(age >= 2 && random.chance(0.45) ? { reply: { minutes: random.between(20, 180), text: [random.pick(ANSWERS)] } } : {}),
  };
}

const ANSWERS = [
  'Danke, sieht gut aus.\nK. Brandt',
  'Danke. Was fehlt in der Lackiererei, Leute oder Material?\nK. Brandt',
  'Danke Herr Ahrens. Bitte morgen im Jour fixe kurz erläutern.\nKatharina Brandt',
  'Schöner Tag! Geben Sie das bitte so an die Schicht weiter.\nK. Brandt',
  'Danke. Zum Tor 2: Bitte nicht nur den Spiegel, auch die Markierung.\nK. Brandt',
  'Gelesen, danke. Den Samstag genehmige ich.\nK. Brandt',
];

/**
 * @param {Moments} moments
 * @param {number | string} seed
 * @param {number} age
 * @returns {Letter}
 */
function treasuryNote(moments, seed, age) {
  const random = randomFor(seed, `treasury-${age}`);
  const time = moments.at(age, 8, random.between(12, 40));
  const balance = random.between(3900, 6400);
  const rows = [
    ['Handelsbank', Math.round(balance * 0.6)],
    ['Sparkasse Vorpommern', Math.round(balance * 0.3)],
    ['Fremdwährung GBP', Math.round(balance * 0.1)],
  ];
  return {
    key: `treasury-${age}`,
    time,
    from: TREASURY,
    cc: ['petersen'],
    subject: `Liquidität ${shortDateDe(time)}: ${(balance / 1000).toFixed(2).replace('.', ',')} Mio. €`,
    text: ['Guten Morgen,', rows.map(([bank, value]) => `- ${bank}: ${value} TEUR`).join('\n'), random.pick(TREASURY_REMARKS), 'Treasury'],
    mailbox: age > 12 ? 'Archive' : 'INBOX',
  };
}

/**
 * @param {Moments} moments
 * @param {number | string} seed
 * @param {number} age
 * @returns {Letter}
 */
function visitorList(moments, seed, age) {
  const random = randomFor(seed, `visitors-${age}`);
  const first = random.below(VISITORS.length);
  const guests = Array.from({ length: random.between(1, 4) }, (_, index) => VISITORS[(first + index) % VISITORS.length]);
  return {
    key: `visitors-${age}`,
    time: moments.at(age, 7, random.between(20, 50)),
    from: RECEPTION,
    subject: 'Besucher heute',
    text: [
      'Guten Morgen,',
      guests.map((guest, index) => `- ${8 + index * 2}:${index % 2 === 0 ? '30' : '00'} Uhr: ${guest}`).join('\n'),
      'Ihr Empfang',
    ],
    mailbox: age > 5 ? 'Trash' : 'INBOX',
  };
}

/**
 * @param {Moments} moments
 * @param {number | string} seed
 * @param {number} age
 * @returns {Letter}
 */
function backupReport(moments, seed, age) {
  const random = randomFor(seed, `backup-${age}`);
  const hasWarning = random.chance(0.12);
  const jobs = ['dc01', 'erp-db', 'fileserver', 'mail01', 'cad-vault'].map((host) => {
    const minutes = random.between(4, 95);
    return `${host.padEnd(12)} ${hasWarning && host === 'cad-vault' ? 'WARNUNG' : 'OK     '} ${String(random.between(2, 940)).padStart(5)} GB  ${String(minutes).padStart(3)} min`;
  });
  return {
    key: `backup-${age}`,
    time: moments.at(age, 5, random.between(2, 40)),
    from: MONITOR,
    subject: hasWarning ? 'Datensicherung mit Warnungen abgeschlossen' : 'Datensicherung erfolgreich',
    text: [jobs.join('\n'), hasWarning ? 'cad-vault: 3 Dateien waren geöffnet und wurden übersprungen.' : 'Alle Aufträge ohne Fehler.'],
    html: `<pre>${jobs.join('\n')}</pre>`,
    headers: ['Auto-Submitted: auto-generated'],
    mailbox: age > 3 ? 'Archive' : 'INBOX',
  };
}

/**
 * @param {Moments} moments
 * @param {number | string} seed
 * @param {number} age
 * @returns {Letter}
 */
function salesReport(moments, seed, age) {
  const random = randomFor(seed, `sales-${age}`);
  const time = moments.at(age, 8, random.between(5, 50));
  const orders = Array.from({ length: 8 }, () => random.between(320, 2900));
  const total = orders.reduce((sum, value) => sum + value, 0);
  const contentId = `eingang.kw${isoWeek(time)}@nordlicht.example`;
  return {
    key: `sales-${age}`,
    time,
    from: people.vogt,
    cc: ['petersen'],
    subject: `Auftragseingang KW ${isoWeek(time - 7 * DAY)}: ${(total / 1000).toFixed(1).replace('.', ',')} Mio. €`,
    text: [
      'Guten Morgen zusammen,',
      `die Woche schließt mit ${(total / 1000).toFixed(1).replace('.', ',')} Mio. Euro Auftragseingang. Die Verteilung nach Produktgruppen steht im Diagramm, die Einzelaufträge in der Tabelle.`,
      'Viele Grüße\nAnja',
    ],
    files: [
      chart('auftragseingang.png', orders, contentId),
      csv('auftragseingang.csv', [['Gruppe', 'TEUR'], ...orders.map((value, index) => [`PG ${index + 1}`, value])]),
    ],
    isFlagged: age < 8,
  };
}

/**
 * @param {Moments} moments
 * @param {number | string} seed
 * @param {number} age
 * @returns {Letter}
 */
function offshoreStatus(moments, seed, age) {
  const random = randomFor(seed, `offshore-${age}`);
  const time = moments.at(age, 13, random.between(10, 55));
  const progress = Math.max(20, 78 - age * 2);
  return {
    key: `offshore-${age}`,
    time,
    from: people.baumann,
    cc: ['ahrens', 'koehler'],
    subject: `Wochenstatus Arkona Nord KW ${isoWeek(time)}`,
    text: [
      'Hallo zusammen,',
      `- Fortschritt Mustermodul: ${progress} Prozent\n- Offene Zeichnungsfreigaben: ${random.between(2, 9)}\n- Nachträge in Klärung: ${random.between(0, 3)}\n- Wetterfenster für die Probeverladung: ${random.pick(['gut', 'unsicher', 'ab Mittwoch'])}`,
      'Die Terminliste mit den Ampeln hängt wie immer an.',
      'Viele Grüße\nLena Baumann',
    ],
    files: [
      xlsx(`Terminliste_KW${isoWeek(time)}.xlsx`, 'Termine', [
        ['Vorgang', 'Soll KW', 'Ist KW', 'Ampel'],
        ['Zuschnitt', 2, 2, 'grün'],
        ['Schweißen Unterbau', 4, 4, 'grün'],
        ['Beschichtung', 7, random.between(7, 8), 'gelb'],
      ]),
    ],
    mailbox: 'Projekte/Offshore',
  };
}

/**
 * @param {Moments} moments
 * @param {number | string} seed
 * @param {number} age
 * @returns {Letter[]}
 */
function approvals(moments, seed, age) {
  const random = randomFor(seed, `approval-${age}`);
  if (random.chance(0.25)) return [];
  const number = 4_500_000 + random.between(1000, 9999);
  const amount = random.between(26, 180) * 1000;
  const what = random.pick([
    'Grobbleche S355',
    'Hydraulikzylinder',
    'Kranprüfung extern',
    'Leihpersonal Schweißerei',
    'Lizenzen CAD',
    'Drehkranzlager',
    'Gerüstbau Halle 2',
    'Strahlmittel',
  ]);
  return [
    {
      key: `approval-${age}`,
      time: moments.at(age, random.between(9, 15), random.between(0, 59)),
      from: ERP,
      subject: `Freigabe erforderlich: Bestellung ${number} über ${amount.toLocaleString('de-DE')} €`,
      text: [
        `Die Bestellung ${number} (${what}) wartet auf Ihre Freigabe.`,
        `- Betrag: ${amount.toLocaleString('de-DE')} €\n- Anforderer: ${random.pick(['T. Ahrens', 'M. Yıldırım', 'O. Krüger', 'L. Baumann'])}\n- Kostenstelle: ${random.between(4100, 4899)}`,
        'Bitte melden Sie sich zur Freigabe im ERP an. Auf diese Nachricht kann nicht geantwortet werden.',
      ],
      headers: ['Auto-Submitted: auto-generated', 'X-ERP-Document: PO'],
      isUnseen: age < 1,
    },
  ];
}

const TICKET_TEXTS = [
  ['Notebook-Dockingstation wird nicht erkannt', 'Treiber aktualisiert, bitte einmal neu starten.'],
  ['Zugriff auf Laufwerk „Vorstand“', 'Frau Lüders hat jetzt Leserechte.'],
  ['Drucker Chefetage zieht Papier schief ein', 'Einzugsrolle getauscht.'],
  ['Diensthandy: Mailkonto neu einrichten', 'Profil ist verteilt, das Gerät meldet sich binnen einer Stunde.'],
  ['Videokonferenz Raum Rügen ohne Ton', 'Verstärker war ausgeschaltet. Wir haben einen Zettel angebracht.'],
  ['Phishing-Verdacht: „Ihre Rechnung 8812“', 'Bestätigt, Absender ist gesperrt. Danke fürs Melden!'],
];

/**
 * @param {Moments} moments
 * @param {number | string} seed
 * @returns {Letter[]}
 */
function tickets(moments, seed) {
  return TICKET_TEXTS.flatMap(([title = '', answer = ''], index) => {
    const random = randomFor(seed, `ticket-${index}`);
    const age = 2 + index * 4;
    const opened = moments.atWork(age, 9, random.between(3, 50));
    const number = `#${20_411 + index * 37}`;
    return [
      {
        key: `ticket-${index}-open`,
        time: opened,
        from: TICKETS,
        subject: `[${number}] ${title}`,
        text: [`Ihre Anfrage ist um ${clockTime(opened)} Uhr eingegangen und hat die Nummer ${number}.`, 'Ihr IT-Servicedesk'],
        headers: ['Auto-Submitted: auto-replied'],
      },
      {
        key: `ticket-${index}-done`,
        time: opened + random.between(40, 300) * 60_000,
        from: TICKETS,
        subject: `[${number}] ${title} – gelöst`,
        text: ['Guten Tag Frau Dr. Brandt,', answer, 'Wenn das Problem weiter besteht, antworten Sie einfach auf diese Nachricht.'],
        headers: ['Auto-Submitted: auto-replied'],
      },
    ];
  });
}
