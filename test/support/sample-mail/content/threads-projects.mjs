// @ts-check
import { chart, csv, pdf, xlsx } from './files.mjs';

const MEASURING = 'Projekte/Größe & Maß';

/** @type {readonly import('./thread.mjs').Thread[]} */
export const projectThreads = [
  {
    key: 'messraum-portal',
    age: 27.4,
    subject: 'Projekt Größe & Maß: Portalmessmaschine für Halle 4',
    mailbox: MEASURING,
    people: ['koehler', 'yildirim', 'petersen'],
    turns: [
      {
        by: 'koehler',
        text: [
          'Hallo Katharina, hallo Jörg,',
          'die Auswertung der drei Hersteller ist fertig. Bei Bauteilen über 6 m reicht unsere alte Maschine nicht mehr: Die Messunsicherheit liegt bei 38 µm, gefordert sind 25. Alle drei Angebote halten das ein, am besten Angebot B mit 19 µm.',
          'Die Tabelle hängt an. Meine Empfehlung ist B, trotz der 40.000 Euro Aufpreis, weil wir damit die Zahnkränze für Tanaka im Haus prüfen können.',
          'Gruß\nMatthias',
        ],
        files: [
          xlsx('Vergleich Messmaschinen (Größe & Maß).xlsx', 'Vergleich', [
            ['Hersteller', 'Messbereich mm', 'Unsicherheit µm', 'Preis EUR', 'Lieferzeit Wochen'],
            ['A', 6000, 24, 612000, 26],
            ['B', 8000, 19, 655000, 30],
            ['C', 7000, 23, 598000, 41],
          ]),
        ],
      },
      {
        by: 'petersen',
        hours: 5,
        text: [
          'Hallo zusammen,',
          'B liegt 55.000 über dem Ansatz im Investitionsplan. Wenn wir die Fremdvergabe der Zahnkranzprüfung wirklich einsparen (zuletzt 71.000 im Jahr), ist das nach neun Monaten wieder drin. Mehmet, bekommst du bei den Zahlungszielen noch etwas heraus?',
          'Gruß\nJörg',
        ],
      },
      {
        by: 'yildirim',
        hours: 27,
        text: [
          'Guten Morgen,',
          'B bietet 30/60/10 statt 50/50 und nimmt die alte Maschine für 28.000 Euro in Zahlung. Dazu zwei Jahre Wartung ohne Aufpreis. Das Angebot gilt bis Monatsende.',
          'Viele Grüße\nMehmet Yıldırım',
        ],
      },
      {
        by: 'brandt',
        hours: 3,
        text: ['Sehr gut verhandelt. Freigabe für B, bitte mit Rücktrittsrecht, falls die Abnahme die 20 µm verfehlt.', 'Katharina'],
      },
    ],
  },
  {
    key: 'messraum-fundament',
    age: 15.2,
    subject: 'Größe & Maß: Fundament muss tiefer',
    mailbox: MEASURING,
    people: ['koehler', 'ahrens'],
    turns: [
      {
        by: 'koehler',
        text: [
          'Hallo Katharina,',
          'das Bodengutachten ist da. Unter Halle 4 liegt ab 1,80 m Torf, das Fundament muss auf Mikropfähle. Mehraufwand 34.000 Euro und drei Wochen. Die Schwingungswerte der Straße sind dagegen unkritisch, siehe Diagramm.',
          'Alternative wäre Halle 2, dort müsste aber die Lackiererei umziehen.',
          'Matthias',
        ],
        files: [
          chart('Schwingungen_Halle4.png', [2, 3, 2, 5, 7, 4, 3, 9, 6, 4, 2, 1], 'schwingung.halle4@nordlicht.example'),
          pdf('Bodengutachten_Halle_4.pdf', 'Baugrunduntersuchung Halle 4', [
            'Bohrung B1 bis 9,0 m: Auffüllung bis 1,8 m, darunter Torf bis 3,2 m, dann Geschiebemergel, steif bis halbfest.',
            'Empfehlung: Gründung auf Mikropfählen, Einbindung mindestens 4 m in den Mergel.',
          ]),
        ],
        isFlagged: true,
      },
      {
        by: 'ahrens',
        hours: 2,
        text: ['Halle 2 bitte nicht. Wenn die Lackiererei umzieht, steht uns Arkona drei Wochen still.', 'Thomas Ahrens'],
      },
      { by: 'brandt', hours: 1, text: ['Einverstanden, Halle 4 mit Pfählen. Matthias, bitte den Bauantrag gleich anpassen.', 'Katharina'] },
      {
        by: 'koehler',
        hours: 70,
        text: [
          'Erledigt, der Nachtrag liegt beim Bauamt. Frau Reimers von der IHK hat uns einen Ansprechpartner genannt, das hat sehr geholfen.',
          'Matthias',
        ],
      },
    ],
  },
  {
    key: 'erp-umstellung',
    age: 21.1,
    hour: 14,
    subject: 'ERP-Umstellung: Probelauf am Wochenende',
    people: ['krueger', 'petersen'],
    turns: [
      {
        by: 'krueger',
        text: [
          'Hallo Frau Dr. Brandt, hallo Herr Petersen,',
          'am Samstag spielen wir die Daten zum zweiten Mal vollständig in das neue System. Von 6 bis 14 Uhr ist das alte ERP nur lesbar. Die Fertigung arbeitet mit ausgedruckten Arbeitsplänen, das haben wir mit Herrn Ahrens geprobt.',
          'Ergebnis und offene Punkte schicke ich am Sonntagabend.',
          'Viele Grüße\nOliver Krüger',
        ],
      },
      {
        by: 'krueger',
        hours: 78,
        to: ['brandt', 'petersen'],
        text: [
          'Hallo zusammen,',
          'der Probelauf ist durch: 1.284.113 Datensätze übernommen, 212 abgewiesen. Fast alle Abweisungen sind Kreditoren ohne Umsatzsteuer-ID. Die Liste liegt bei, Herr Yıldırım räumt sie diese Woche auf.',
          'Dauer 5 Stunden 20 Minuten, wir bleiben also im Fenster.',
          'Oliver Krüger',
        ],
        files: [
          csv('abgewiesene_saetze.csv', [
            ['Kreditor', 'Name', 'Grund'],
            [70211, 'Müller & Söhne OHG', 'USt-ID fehlt'],
            [70388, 'Öresund Marine ApS', 'USt-ID fehlt'],
            [71002, 'Straßenbau Grimmen', 'IBAN ungültig'],
          ]),
        ],
      },
      { by: 'petersen', hours: 14, text: ['Das klingt gut. Dann bleiben wir beim Stichtag zum Monatsersten?', 'Jörg'] },
      {
        by: 'brandt',
        hours: 1,
        text: [
          'Von mir aus ja. Herr Krüger, bitte noch einmal die Rückfallebene aufschreiben: Wer entscheidet bis wann, und wie kommen wir zurück?',
          'Katharina Brandt',
        ],
      },
      {
        by: 'krueger',
        hours: 24,
        text: [
          'Gern, kurz gefasst:',
          '- Entscheidung am Sonntag um 16 Uhr durch Sie oder Herrn Petersen\n- Rückweg: altes System wieder schreibbar schalten, Dauer 20 Minuten\n- Bis 16 Uhr gebuchte Belege werden von Hand nachgetragen, im Probelauf waren es neun',
          'Oliver Krüger',
        ],
      },
    ],
  },
];
