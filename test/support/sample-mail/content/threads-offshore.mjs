// @ts-check
import { docx, pdf, photo, txt, xlsx } from './files.mjs';

const MAILBOX = 'Projekte/Offshore';

/** @type {readonly import('./thread.mjs').Thread[]} */
export const offshoreThreads = [
  {
    key: 'jackets-angebot',
    age: 24.2,
    subject: 'Angebot Kranmodule Windpark Arkona Nord – Rev. 3',
    mailbox: MAILBOX,
    people: ['hansen', 'baumann', 'vogt'],
    turns: [
      {
        by: 'hansen',
        text: [
          'Sehr geehrte Frau Dr. Brandt,',
          'vielen Dank für das Gespräch in Kopenhagen. Wie besprochen bitten wir um eine überarbeitete Fassung Ihres Angebots über 42 Kranmodule. Bitte weisen Sie die Position Korrosionsschutz getrennt aus und rechnen Sie mit Anlieferung in Mukran statt in Rønne.',
          'Unser Vergabeausschuss tagt Ende des Monats. Für eine belastbare Zahl bis dahin wäre ich Ihnen sehr verbunden.',
          'Mit freundlichen Grüßen\nHenrik Hansen',
        ],
      },
      {
        by: 'brandt',
        hours: 3,
        text: [
          'Sehr geehrter Herr Hansen,',
          'das machen wir gern. Frau Baumann hat die Kalkulation bereits geöffnet, die neue Fassung bekommen Sie bis Freitag. Mukran kommt uns entgegen, der Seeweg wird dadurch kürzer.',
          'Eine Frage vorab: Bleibt es beim Beschichtungssystem nach NORSOK M-501, oder akzeptieren Sie auch C5-M mit unserer Prüfung?',
          'Beste Grüße\nKatharina Brandt',
        ],
      },
      {
        by: 'baumann',
        hours: 26,
        text: [
          'Hallo Frau Dr. Brandt, hallo Herr Hansen,',
          'anbei Revision 3. Der Korrosionsschutz steht jetzt in Position 4.2, die Frachten ab Stralsund sind auf Mukran umgestellt. Gegenüber Rev. 2 sinkt der Gesamtpreis um 1,8 Prozent.',
          'Offen ist nur noch der Termin für das Mustermodul. Ich habe KW 9 eingesetzt.',
          'Viele Grüße\nLena Baumann',
        ],
        files: [
          pdf('Angebot_Kranmodule_Arkona_Nord_Rev3.pdf', 'Angebot 2291-3: 42 Kranmodule', [
            'Auftraggeber: Ostseewind AS. Lieferort: Mukran, Liegeplatz 5. Preisstand gültig 60 Tage.',
            'Pos. 4.1 Stahlbau und Montage der Module, geprüft nach EN 1090-2 EXC3.',
            'Pos. 4.2 Korrosionsschutz nach NORSOK M-501, System 1, getrennt ausgewiesen.',
            'Pos. 4.3 Transport auf dem Seeweg einschließlich Sicherung der Ladung.',
          ]),
          xlsx('Kalkulation_Rev3_ohne_Marge.xlsx', 'Rev3', [
            ['Position', 'Menge', 'Einzelpreis EUR', 'Summe EUR'],
            ['4.1 Stahlbau', 42, 118400, 4972800],
            ['4.2 Korrosionsschutz', 42, 23150, 972300],
            ['4.3 Transport', 14, 31800, 445200],
          ]),
        ],
        isFlagged: true,
      },
      {
        by: 'hansen',
        hours: 30,
        text: [
          'Sehr geehrte Frau Dr. Brandt, liebe Frau Baumann,',
          'danke, das ist sehr übersichtlich. NORSOK bleibt gesetzt, darüber lässt unser Versicherer nicht mit sich reden. KW 9 für das Mustermodul passt.',
          'Ich gebe die Unterlagen so in den Ausschuss. Rechnen Sie in der nächsten Woche mit Rückfragen von Ingrid Møller, sie führt das Paket Gründungen.',
          'Mit freundlichen Grüßen\nHenrik Hansen',
        ],
      },
      {
        by: 'vogt',
        hours: 20,
        to: ['brandt'],
        cc: ['baumann'],
        text: [
          'Katharina,',
          'unter uns: Der Wettbewerber liegt nach meinem Stand rund 2 Prozent unter uns, kann aber die 14 Wochen nicht halten. Ich würde am Preis nichts mehr machen und lieber beim Mustermodul früher liefern. Was meinst du?',
          'Anja',
        ],
      },
      {
        by: 'brandt',
        hours: 1,
        text: [
          'Sehe ich genauso. Kein Nachlass mehr, dafür KW 8 für das Mustermodul, wenn Thomas das in der Fertigung unterbringt. Bitte klärt das, bevor Frau Møller fragt.',
          'K.',
        ],
      },
    ],
  },
  {
    key: 'mustermodul-kw8',
    age: 18.4,
    hour: 8,
    subject: 'Mustermodul Arkona: KW 8 statt KW 9?',
    mailbox: MAILBOX,
    people: ['ahrens', 'baumann'],
    turns: [
      {
        by: 'baumann',
        text: [
          'Hallo Herr Ahrens, hallo Frau Dr. Brandt,',
          'können wir das Mustermodul eine Woche vorziehen? Engpass ist nach meiner Planung nur die Strahlkabine, dort steht noch die Gondel von Northsea.',
          'Viele Grüße\nLena Baumann',
        ],
      },
      {
        by: 'ahrens',
        hours: 4,
        text: [
          'Moin zusammen,',
          'geht, wenn wir zwei Samstagsschichten in der Kabine fahren. Der Betriebsrat muss zustimmen, ich spreche Rainer heute Mittag an. Mehrkosten etwa 11.000 Euro, davon der größte Teil Zuschläge.',
          'Ein Foto vom Stand heute früh hängt an. Der Unterbau ist fertig geheftet.',
          'Gruß\nThomas Ahrens',
        ],
        files: [photo('Halle2_Unterbau.jpg', 'halle2')],
      },
      {
        by: 'brandt',
        hours: 2,
        text: [
          'Die 11.000 sind gut angelegt. Bitte so machen und mir nur Bescheid geben, falls der Betriebsrat Bedenken hat.',
          'Danke euch\nKatharina Brandt',
        ],
      },
      {
        by: 'ahrens',
        hours: 21,
        text: ['Betriebsrat stimmt zu, beide Samstage sind besetzt. Damit ist KW 8 fest eingeplant.', 'Gruß\nThomas Ahrens'],
      },
    ],
  },
  {
    key: 'arkona-clarifications',
    age: 13.1,
    subject: 'Arkona Nord – technical clarifications, package 7',
    mailbox: MAILBOX,
    people: ['moller', 'baumann', 'koehler'],
    turns: [
      {
        by: 'moller',
        text: [
          'Dear Katharina,',
          'Henrik told me you speak for the package yourselves, so I am writing to you and Lena directly. Three points remain from our review:',
          '- Fatigue class of the welded padeyes: the drawing says D, the calculation F.\n- Lifting plan: we need the tandem lift for modules 7 and 8 checked for 12 m/s instead of 10.\n- Paint repair procedure after transport is missing.',
          'None of them is a show stopper, but the marine warranty surveyor will ask. Could we have answers by Thursday?',
          'Kind regards,\nIngrid',
        ],
        isFlagged: true,
      },
      {
        by: 'brandt',
        hours: 1,
        text: [
          'Dear Ingrid,',
          'thank you for the clear list. Matthias will answer on fatigue and lifting, Lena on the paint repair. You will have everything on Thursday at noon.',
          'Best regards\nKatharina',
        ],
      },
      {
        by: 'koehler',
        hours: 45,
        text: [
          'Dear Ingrid,',
          'you are right about the padeyes: the drawing is outdated, F is correct and has been used throughout. Drawing 2291-118 is being reissued as revision E.',
          'The tandem lift holds at 12 m/s with a utilisation of 0.81. The check is in the attached note, the governing case is module 8 at 62 degrees.',
          'Regards\nMatthias Köhler',
        ],
        files: [
          txt(
            'lift_check_12ms.txt',
            'Tandem lift modules 7 and 8, mean wind 12 m/s\n\ncase   angle  utilisation\nA      45     0.74\nB      62     0.81  governing\nC      70     0.79\n\nLimit 1.00, dynamic factor 1.25 included.\n',
          ),
        ],
      },
      {
        by: 'baumann',
        hours: 3,
        to: ['moller'],
        text: [
          'Dear Ingrid,',
          'and here is the paint repair procedure, approved by our coating inspector this morning.',
          'Kind regards\nLena',
        ],
        files: [
          docx('Paint repair procedure 2291-PR-04.docx', [
            'Paint repair after transport',
            '1. Inspect within 24 hours of arrival, mark all damage down to the primer.',
            '2. Grind to St 3, feather the edges over 50 mm.',
            '3. Apply two coats of epoxy, 150 µm each, then one coat of polyurethane.',
          ]),
        ],
      },
      {
        by: 'moller',
        hours: 19,
        text: ['Perfect, all three closed on our side. See you at the steering meeting.', 'Ingrid'],
      },
    ],
  },
  {
    key: 'schwertransport',
    age: 9.3,
    hour: 11,
    subject: 'Schwertransport Gondelrahmen 14.–16., Genehmigung B96',
    mailbox: MAILBOX,
    people: ['janssen', 'ahrens'],
    turns: [
      {
        by: 'janssen',
        text: [
          'Moin Frau Dr. Brandt,',
          'die Genehmigung für die B96 ist da, allerdings nur nachts zwischen 22 und 5 Uhr und mit Begleitung der Polizei ab Abzweig Greifswald. Die Brücke bei Miltzow bleibt auf 84 Tonnen beschränkt, wir fahren mit 16 Achsen.',
          'Zwei Fotos vom Ortstermin an der Brücke anbei. Passt Ihnen die Nacht auf den 15. noch?',
          'Gruß aus Emden\nHauke Janssen',
        ],
        files: [photo('Bruecke_Miltzow_1.jpg', 'miltzow1'), photo('Bruecke_Miltzow_2.jpg', 'miltzow2')],
      },
      {
        by: 'ahrens',
        hours: 2,
        text: [
          'Moin Hauke,',
          'die Nacht auf den 15. passt. Verladen können wir ab 18 Uhr, Tor 3 ist frei. Bitte denk an die Matten für den Hof, der ist nach dem Regen weich.',
          'Thomas',
        ],
      },
      {
        by: 'brandt',
        hours: 1,
        text: ['Danke Ihnen beiden. Ich bin am Abend selbst am Tor 3, das schaue ich mir an.', 'Katharina Brandt'],
      },
    ],
  },
];
