// @ts-check
import { people } from '../people.mjs';
import { docx, pdf, photo, xlsx } from './files.mjs';
import { machine } from './letter.mjs';

/** @typedef {import('./letter.mjs').Letter} Letter */

/**
 * Short mails of colleagues and partners: sender, age in days, hour, subject, paragraphs, and what else is special.
 * @type {readonly [import('../people.mjs').PersonKey, number, number, string, readonly string[], Partial<Letter>?][]}
 */
const NOTES = [
  [
    'lueders',
    0,
    8,
    'Ihr Tag heute',
    [
      'Guten Morgen Frau Dr. Brandt,',
      '- 9:00 Jour fixe Technik, Raum Rügen\n- 11:30 Telefonat Herr Hansen\n- 13:00 Mittag mit Frau Lindner, Hafenspeicher\n- 16:00 Rundgang Halle 2',
      'Der Wagen steht um 12:40 Uhr bereit.',
      'Svenja Lüders',
    ],
    { isUnseen: true },
  ],
  [
    'petersen',
    0,
    9,
    'Zahlung Northsea ist da',
    [
      'Katharina,',
      'die Schlussrate ist heute früh eingegangen, 2.318.400 Euro, ohne Abzug. Damit ist das Thema Kennzahl vom Tisch.',
      'Jörg',
    ],
    { isUnseen: true, isFlagged: true },
  ],
  [
    'vogt',
    1,
    11,
    'Anfrage aus Polen',
    [
      'Hallo Katharina,',
      'die Werft in Szczecin fragt nach 12 Drehwerken, Lieferung im Herbst. Das wäre unser erster Auftrag dort. Ich würde nächste Woche hinfahren, kommst du mit?',
      'Anja',
    ],
    { isUnseen: true },
  ],
  [
    'hinz',
    1,
    15,
    'Neue Meldepflichten für Lieferketten',
    [
      'Liebe Frau Dr. Brandt,',
      'ich habe die Änderungen auf einer Seite zusammengefasst. Für uns neu: Bericht bis Ende März, Beschwerdestelle muss öffentlich auffindbar sein.',
      'Claudia Hinz',
    ],
    {
      files: [
        docx('Lieferketten_Kurzfassung.docx', [
          'Meldepflichten in der Lieferkette',
          'Wer? Betriebe ab 1.000 Beschäftigten, mittelbar auch deren Zulieferer.',
          'Bis wann? Bericht bis 31. März.',
        ]),
      ],
    },
  ],
  [
    'schroeder',
    2,
    10,
    'Geburtstage im nächsten Monat',
    [
      'Liebe Frau Dr. Brandt,',
      '- Herr Wendt, Lackiererei, wird 60\n- Frau Nowak, Buchhaltung, 25 Jahre im Haus\n- Herr Sarıkaya, Montage, wird 50',
      'Soll ich die Karten wieder vorbereiten?',
      'Birgit Schröder',
    ],
  ],
  [
    'baumann',
    2,
    14,
    'Baustellenfotos von heute',
    ['Hallo Frau Dr. Brandt,', 'drei Bilder aus Mukran, das Wetter hat endlich mitgespielt.', 'Lena Baumann'],
    { files: [photo('mukran_1.jpg', 'm1'), photo('mukran_2.jpg', 'm2'), photo('mukran_3.jpg', 'm3')] },
  ],
  [
    'koehler',
    3,
    17,
    'Patentanmeldung Drehkranz',
    [
      'Hallo Katharina,',
      'der Prüfer hat nur zwei Entgegenhaltungen gefunden, beide schwach. Unser Patentanwalt rät, auch in Japan und Korea anzumelden, Kosten etwa 18.000 Euro. Ich bin dafür.',
      'Matthias',
    ],
    { reply: { minutes: 55, text: ['Bin auch dafür. Bitte vorher mit Jörg klären, aus welchem Topf.', 'Katharina'] } },
  ],
  [
    'yildirim',
    3,
    9,
    'Strompreis nächstes Jahr',
    [
      'Guten Morgen,',
      'wir haben heute früh 60 Prozent der Menge zu 8,21 Cent eingekauft. Die restlichen 40 Prozent würde ich in zwei Schritten im Januar sichern.',
      'Mehmet Yıldırım',
    ],
    {
      files: [
        xlsx('Strom_Beschaffung.xlsx', 'Tranchen', [
          ['Tranche', 'MWh', 'ct/kWh'],
          ['1', 4200, 8.21],
          ['2', 1400, 0],
          ['3', 1400, 0],
        ]),
      ],
    },
  ],
  [
    'sander',
    4,
    20,
    'Danke für den Rundgang',
    ['Liebe Frau Brandt,', 'meine Enkelin redet nur noch von Kränen. Haben Sie herzlichen Dank, auch an Herrn Ahrens.', 'Ihre U. Sander'],
  ],
  [
    'wolf',
    4,
    12,
    'Betriebsversammlung',
    [
      'Hallo Frau Dr. Brandt,',
      'die Versammlung beginnt um 13 Uhr in Halle 1. Können Sie zehn Minuten zur Auftragslage sagen? Die Kollegen fragen vor allem nach Arkona.',
      'Rainer Wolf',
    ],
    {
      reply: {
        minutes: 130,
        text: [
          'Hallo Herr Wolf,',
          'gern, zehn Minuten zu Arkona und zum Auftragsbestand. Fragen beantworte ich danach, solange es dauert.',
          'Katharina Brandt',
        ],
      },
    },
  ],
  [
    'krueger',
    5,
    16,
    'Zertifikat des Mailservers läuft ab',
    [
      'Hallo Frau Dr. Brandt,',
      'nur zur Information: Wir tauschen das Zertifikat am Sonntag um 7 Uhr. Die Unterbrechung dauert unter einer Minute, mobile Geräte merken nichts.',
      'Oliver Krüger',
    ],
  ],
  [
    'reimers',
    5,
    11,
    'Einladung zum Neujahrsempfang',
    [
      'Sehr geehrte Frau Dr. Brandt,',
      'zum Neujahrsempfang der IHK Nordost am 14. Januar laden wir Sie und eine Begleitung herzlich ein. Um Antwort bis Mitte Dezember wird gebeten.',
      'Antje Reimers',
    ],
    {
      files: [
        pdf('Einladung_Neujahrsempfang.pdf', 'Neujahrsempfang', [
          '14. Januar, 18 Uhr, Ozeaneum Stralsund. Festredner: der Wirtschaftsminister.',
        ]),
      ],
    },
  ],
  [
    'carter',
    6,
    10,
    'Notes from the supplier day',
    [
      'Hi Katharina,',
      'we were the only crane builder invited. Three people asked about the yaw retrofit kit, two of them serious. I will follow up this week.',
      'Emily',
    ],
  ],
  [
    'delacroix',
    6,
    15,
    'Spare parts stock Lyon',
    [
      'Hello Katharina,',
      'could we move two yaw drives from Stralsund to Lyon? With the season starting on the Channel coast I would sleep better.',
      'François',
    ],
    {
      reply: {
        minutes: 40,
        text: ['Hello François,', 'I am asking Thomas what we can spare. You will hear from me tonight.', 'Katharina'],
      },
    },
  ],
  [
    'lindner',
    7,
    9,
    'Zinssicherung: Angebot bis Freitag 12 Uhr',
    [
      'Sehr geehrte Frau Dr. Brandt,',
      'für den Swap über 6 Mio. Euro können wir Ihnen heute 2,74 Prozent anbieten, Laufzeit fünf Jahre. Die Kondition ist bis Freitag 12 Uhr freibleibend.',
      'Monika Lindner',
    ],
    {
      files: [
        pdf('Indikation_Swap.pdf', 'Unverbindliche Indikation', [
          'Nominal 6.000.000 EUR, Laufzeit 5 Jahre, Festsatz 2,74 % p. a., halbjährlich.',
        ]),
      ],
    },
  ],
  [
    'janssen',
    8,
    7,
    'Re: Sperrzeiten Rügendamm',
    [
      'Moin,',
      'der Damm ist in der Nacht vom 20. auf den 21. für alles über 40 Tonnen zu. Wir fahren einen Tag früher, kostet nichts extra.',
      'Hauke Janssen',
    ],
  ],
  [
    'ahrens',
    9,
    6,
    'Unfallzahlen Oktober',
    [
      'Moin Frau Dr. Brandt,',
      'null meldepflichtige Unfälle, das ist der dritte Monat in Folge. Ich würde gern am Freitag Kuchen ausgeben.',
      'Thomas Ahrens',
    ],
    { reply: { minutes: 95, text: ['Großartig! Den Kuchen übernehme ich.', 'Katharina Brandt'] } },
  ],
  [
    'tanaka',
    9,
    4,
    'Schedule for your visit to Osaka',
    [
      'Dear Dr. Brandt,',
      'we are honoured to welcome you in March. Please find our proposal: factory tour on Monday, technical meeting on Tuesday, and on Wednesday a day in Kyoto as our guest.',
      'Kenji Tanaka',
    ],
    {
      files: [
        pdf('Visit_programme_Osaka.pdf', 'Visit programme', [
          'Monday: factory tour, bearing line 3. Tuesday: technical meeting. Wednesday: Kyoto.',
        ]),
      ],
    },
  ],
  [
    'kessler',
    10,
    13,
    'Datenraum: zwei fehlende Unterlagen',
    [
      'Sehr geehrte Frau Dr. Brandt,',
      'es fehlen nur noch der Pachtvertrag Liegeplatz 2 und die Bürgschaftsliste. Sonst sind wir vollständig, vielen Dank an Ihr Team.',
      'Nadine Keßler',
    ],
  ],
  [
    'vogt',
    11,
    18,
    'Verloren: Windpark Gedser',
    [
      'Katharina,',
      'Gedser geht an den Wettbewerb. Der Preis war es nicht, sie wollten einen Lieferanten mit Werk in Dänemark. Ich schreibe einen kurzen Bericht, was wir daraus lernen.',
      'Anja',
    ],
  ],
  [
    'hinz',
    12,
    9,
    'Markenverletzung auf einer Handelsplattform',
    [
      'Liebe Frau Dr. Brandt,',
      'dort werden Ersatzteile mit unserem Logo angeboten, offensichtlich gefälscht. Die Abmahnung geht heute raus, Bildschirmfotos sind gesichert.',
      'Claudia Hinz',
    ],
  ],
  [
    'koehler',
    13,
    16,
    'Schweißroboter: Abnahme bestanden',
    [
      'Hallo Katharina,',
      'nach der dritten Nacht läuft er ohne Eingriff durch. Nahtqualität B, Taktzeit 11 Prozent unter Plan. Film folgt, sobald ihn jemand geschnitten hat.',
      'Matthias',
    ],
  ],
  [
    'moller',
    14,
    12,
    'Steering meeting, agenda',
    [
      'Dear Katharina,',
      'agenda as agreed: safety, progress, clarifications, schedule, any other business. We start at 10 and finish with lunch.',
      'Ingrid',
    ],
  ],
  [
    'schroeder',
    15,
    10,
    'Tarifabschluss: Auswirkung auf uns',
    [
      'Liebe Frau Dr. Brandt, lieber Herr Petersen,',
      'der Abschluss bedeutet für uns 2,3 Prozent ab April und 3,1 Prozent ab dem Folgejahr, zusammen rund 1,1 Mio. Euro Mehraufwand. Im Plan standen 0,9.',
      'Birgit Schröder',
    ],
    { mailbox: 'Archive' },
  ],
  [
    'devries',
    18,
    8,
    'Mill visit in spring?',
    [
      'Dear Mrs Brandt,',
      'the mill invites our best customers in April. Would you and Mehmet join us for two days? Hard hats are provided, good food as well.',
      'Jan de Vries',
    ],
    { mailbox: 'Archive' },
  ],
  [
    'okafor',
    19,
    14,
    'Certificate renewal EN 1090',
    [
      'Dear Dr Brandt,',
      'your certificate expires in February. The audit takes two days; I propose the second week of January.',
      'Daniel Okafor',
    ],
    { mailbox: 'Archive' },
  ],
  [
    'petersen',
    20,
    9,
    'Reisekosten: neue Richtlinie',
    [
      'Hallo zusammen,',
      'ab Januar buchen wir innerdeutsch nur noch Bahn, wenn die Fahrt unter fünf Stunden dauert. Der Text liegt bei, Rückmeldungen bitte bis Freitag.',
      'Jörg',
    ],
    {
      files: [
        pdf('Reiserichtlinie_Entwurf.pdf', 'Reiserichtlinie', [
          'Innerdeutsche Reisen unter fünf Stunden erfolgen mit der Bahn.',
          'Ausnahmen genehmigt die Bereichsleitung.',
        ]),
      ],
      mailbox: 'Archive',
    },
  ],
  [
    'lueders',
    22,
    15,
    'Weihnachtskarten: Motiv',
    [
      'Hallo Frau Dr. Brandt,',
      'die Agentur schlägt drei Motive vor, mir gefällt der Kran im Schnee am besten. 420 Stück wie im letzten Jahr?',
      'Svenja Lüders',
    ],
    { files: [photo('Motiv_Kran_im_Schnee.jpg', 'karte')], mailbox: 'Archive' },
  ],
  [
    'hansen',
    25,
    10,
    'Danke für den Empfang in Stralsund',
    [
      'Sehr geehrte Frau Dr. Brandt,',
      'der Rundgang hat unsere Techniker überzeugt, besonders die Dokumentation der Schweißnähte. Wir melden uns nach der Vergabesitzung.',
      'Henrik Hansen',
    ],
    { mailbox: 'Archive' },
  ],
  [
    'falk',
    26,
    17,
    'Vollmacht im Original',
    [
      'Sehr geehrte Frau Dr. Brandt,',
      'bitte senden Sie uns die unterschriebene Vollmacht auch auf dem Postweg. Das Gericht nimmt die Kopie nur vorläufig an.',
      'Ihr Sebastian Falk',
    ],
    { mailbox: 'Archive' },
  ],
  [
    'krueger',
    28,
    11,
    'Passwortwechsel und zweiter Faktor',
    [
      'Hallo zusammen,',
      'ab nächster Woche verlangt die Anmeldung von außen einen zweiten Faktor. Die Anleitung hat vier Schritte und zwei Bilder. Wer Hilfe braucht: Sprechstunde täglich von 8 bis 9 Uhr.',
      'Oliver Krüger',
    ],
    { mailbox: 'Archive' },
  ],
];

/**
 * Mail of services: bookings, bills, out-of-office answers.
 * @type {readonly [import('../people.mjs').Person, number, number, string, readonly string[], Partial<Letter>?][]}
 */
const SERVICES = [
  [
    machine('Bahnbuchung', 'buchung@bahnreise.test'),
    2,
    19,
    'Ihre Buchung Stralsund – Hamburg, Auftrag 7Q2X9L',
    [
      'Guten Tag Frau Dr. Brandt,',
      'Hinfahrt ab Stralsund Hbf 6:04 Uhr, an Hamburg Hbf 9:05 Uhr, Wagen 12, Platz 61. Rückfahrt ab 17:51 Uhr.',
      'Das Online-Ticket hängt an.',
    ],
    { files: [pdf('Online-Ticket_7Q2X9L.pdf', 'Online-Ticket', ['Stralsund Hbf – Hamburg Hbf, 2. Klasse, BahnCard 50.'])], isUnseen: true },
  ],
  [
    machine('Hotel Alsterblick', 'reservierung@hotel-alsterblick.test'),
    4,
    13,
    'Reservierungsbestätigung',
    [
      'Sehr geehrte Frau Dr. Brandt,',
      'wir freuen uns auf Sie. Einzelzimmer zur Wasserseite, eine Nacht mit Frühstück, Anreise ab 15 Uhr. Kostenfrei stornierbar bis 18 Uhr am Vortag.',
    ],
  ],
  [
    machine('Fährlinie Öresund', 'noreply@oresund-line.test', 'en'),
    13,
    21,
    'Booking confirmation Rostock–Trelleborg',
    ['Dear customer,', 'one car, two persons, outside cabin. Check-in closes 60 minutes before departure.'],
  ],
  [
    machine('Telefonrechnung', 'rechnung@kuestennetz.test'),
    8,
    3,
    'Ihre Rechnung für November',
    ['Guten Tag,', 'Ihre Rechnung über 1.184,20 Euro liegt bei und wird am 5. des Monats abgebucht.'],
    {
      files: [
        pdf('Rechnung_0087311.pdf', 'Rechnung 0087311', [
          'Anschluss 03831 5550, 64 Rufnummern, Flat Business.',
          'Betrag 1.184,20 EUR einschließlich 19 % Umsatzsteuer.',
        ]),
      ],
    },
  ],
  [
    machine('Hafenmeisterei Stralsund', 'hafenmeister@hafen-stralsund.test'),
    6,
    8,
    'Liegeplatz 2: Baggerarbeiten',
    [
      'Sehr geehrte Damen und Herren,',
      'zwischen Montag und Mittwoch wird vor Liegeplatz 2 gebaggert. Die Tiefe ist danach wieder 7,90 Meter.',
    ],
  ],
  [
    people.whitfield,
    5,
    17,
    'Automatic reply: As-built documentation',
    ['I am out of the office until Monday and will read your message then. For anything urgent please call Priya Raman.'],
    { headers: ['Auto-Submitted: auto-replied', 'X-Auto-Response-Suppress: All'] },
  ],
  [
    people.lindner,
    12,
    9,
    'Abwesenheitsnotiz: Kreditlinie',
    ['Vielen Dank für Ihre Nachricht. Ich bin heute auf Dienstreise und antworte am Abend.'],
    { headers: ['Auto-Submitted: auto-replied'] },
  ],
  [
    machine('Kundenportal Werkzeug', 'service@werkzeug-nord.test'),
    17,
    10,
    'Ihre Lieferung ist unterwegs',
    ['Sendung 00340434161094015902 mit drei Paketen trifft morgen zwischen 9 und 12 Uhr ein.'],
    { mailbox: 'Trash' },
  ],
  [
    machine('Umfrage Kantine', 'umfrage@nordlicht.example'),
    16,
    9,
    'Wie schmeckt es Ihnen?',
    ['Drei Fragen, eine Minute. Unter allen Antworten verlosen wir fünf Mittagessen.'],
    { mailbox: 'Trash' },
  ],
  [
    machine('Messe Hamburg Wind', 'aussteller@messe-wind.test'),
    21,
    12,
    'Ausstellerausweise jetzt abrufen',
    ['Ihre 12 Ausstellerausweise liegen im Portal bereit. Bitte personalisieren Sie sie bis zum Monatsende.'],
    { mailbox: 'Trash' },
  ],
  [
    machine('Wetterdienst Küste', 'warnung@wetter-kueste.test'),
    3,
    5,
    'Amtliche Warnung vor Sturmböen',
    [
      'Von Mittwoch 18 Uhr bis Donnerstag 9 Uhr: Böen bis 95 km/h aus Nordwest, in exponierten Lagen bis 110 km/h. Kranarbeiten einstellen.',
    ],
    { isFlagged: true },
  ],
  [
    machine('Fuhrpark', 'fuhrpark@nordlicht.example'),
    11,
    14,
    'Winterreifen',
    ['Ihr Wagen ist am Freitag ab 10 Uhr für den Reifenwechsel eingeplant. Der Schlüssel bleibt bitte am Empfang.'],
    { mailbox: 'Trash' },
  ],
];

/** Mail that the owner wrote first: subject, age, hour, to, paragraphs. */
/** @type {readonly [string, number, number, readonly import('../people.mjs').PersonKey[], readonly string[]][]} */
const OUTGOING = [
  [
    'Kurz vor der Übung',
    2,
    9,
    ['krueger'],
    ['Herr Krüger,', 'wer ist am Donnerstag mein Ansprechpartner, falls Sie selbst nicht erreichbar sind?', 'Katharina Brandt'],
  ],
  [
    'Zahlen für die Betriebsversammlung',
    3,
    14,
    ['petersen', 'vogt'],
    ['Hallo ihr zwei,', 'bitte schickt mir bis morgen Mittag je drei Zahlen, die ich den Leuten in einem Satz erklären kann.', 'Katharina'],
  ],
  [
    'Dank an die Spätschicht',
    5,
    21,
    ['ahrens'],
    [
      'Lieber Herr Ahrens,',
      'ich war eben noch in Halle 2. Bitte geben Sie meinen Dank an die Spätschicht weiter, das Modul sieht großartig aus.',
      'Katharina Brandt',
    ],
  ],
  [
    'Dinner on Tuesday',
    7,
    12,
    ['okafor', 'koehler'],
    ['Dear Daniel, dear Matthias,', 'the table is booked for 19:00, Hafenspeicher, under my name. No oysters, I promised.', 'Katharina'],
  ],
  [
    'Spare parts stock Lyon',
    6,
    16,
    ['delacroix'],
    ['Hello François,', 'two units leave on Friday. Please send them back in April, they belong to Arkona.', 'Katharina'],
  ],
  ['Patentanmeldung', 3, 18, ['koehler'], ['Einverstanden mit Japan und Korea. Bitte die 18.000 auf das Budget Entwicklung.', 'Katharina']],
  [
    'Grußwort Ausbildungsmesse, Entwurf',
    1,
    17,
    ['lueders'],
    [
      'Liebe Frau Lüders,',
      'anbei mein Entwurf. Bitte laut lesen und stoppen, mehr als drei Minuten sollen es nicht werden.',
      'Katharina Brandt',
    ],
  ],
  [
    'Osaka in March',
    8,
    9,
    ['tanaka'],
    [
      'Dear Mr. Tanaka,',
      'thank you for the wonderful programme, Kyoto most of all. Dr. Köhler will join me. We would like to see the heat treatment as well, if that is possible.',
      'Katharina Brandt',
    ],
  ],
];

/**
 * @param {import('../moment.mjs').Moments} moments
 * @returns {Letter[]}
 */
export function singleLetters(moments) {
  const notes = NOTES.map(([by, age, hour, subject, text, extra], index) => ({
    key: `note-${index}`,
    time: moments.atWork(age, hour, (index * 17) % 60),
    from: people[by],
    subject,
    text,
    ...extra,
  }));
  const services = SERVICES.map(([from, age, hour, subject, text, extra], index) => ({
    key: `service-${index}`,
    time: moments.at(age, hour, (index * 23) % 60),
    from,
    subject,
    text,
    ...extra,
  }));
  const outgoing = OUTGOING.map(([subject, age, hour, to, text], index) => ({
    key: `outgoing-${index}`,
    time: moments.atWork(age, hour, (index * 13) % 60),
    from: people.brandt,
    to,
    subject,
    text,
    mailbox: 'Sent',
    ...(subject.startsWith('Grußwort')
      ? {
          files: [
            docx('Grußwort Ausbildungsmesse – Entwurf für Frau Lüders.docx', [
              'Liebe Schülerinnen, liebe Schüler,',
              'als ich so alt war wie ihr, wollte ich alles werden, nur nicht Ingenieurin.',
            ]),
          ],
        }
      : {}),
  }));
  return [...notes, ...services, ...outgoing];
}
