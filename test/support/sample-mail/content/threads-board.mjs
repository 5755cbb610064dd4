// @ts-check
import { docx, pdf, xlsx } from './files.mjs';

const MAILBOX = 'Vorstand';

/** @type {readonly import('./thread.mjs').Thread[]} */
export const boardThreads = [
  {
    key: 'beirat-vorlage',
    age: 19.3,
    subject: 'Beiratssitzung: Unterlagen und Tagesordnung',
    mailbox: MAILBOX,
    people: ['sander', 'petersen', 'lueders'],
    turns: [
      {
        by: 'sander',
        text: [
          'Liebe Frau Brandt,',
          'für die Sitzung hätte ich gern einen eigenen Punkt zur Ausfallsicherheit unserer IT. Nach dem Vorfall bei der Reederei im Sommer fragen mich die Kollegen, wie lange wir ohne E-Mail arbeitsfähig wären.',
          'Herzliche Grüße\nUlrike Sander',
        ],
      },
      {
        by: 'brandt',
        hours: 2,
        text: [
          'Liebe Frau Professor Sander,',
          'eine berechtigte Frage. Herr Krüger stellt das Konzept in der Sitzung selbst vor, zwanzig Minuten mit Aussprache. Die Kurzfassung: Wir lesen und senden auch dann weiter, wenn unser Mailserver ausfällt.',
          'Herzliche Grüße\nKatharina Brandt',
        ],
      },
      {
        by: 'lueders',
        hours: 25,
        text: [
          'Guten Tag zusammen,',
          'die Tagesordnung in der Fassung von heute hängt an. Änderungswünsche bitte bis Mittwoch an mich, danach gehen die Unterlagen in den Druck.',
          'Freundliche Grüße\nSvenja Lüders',
        ],
        files: [
          docx('Tagesordnung_Beirat.docx', [
            'Tagesordnung der ordentlichen Beiratssitzung',
            'TOP 1 Genehmigung des Protokolls',
            'TOP 2 Bericht der Geschäftsführung',
            'TOP 3 Investitionsplan und Projekt Arkona Nord',
            'TOP 4 Ausfallsicherheit der IT',
            'TOP 5 Verschiedenes',
          ]),
        ],
      },
      {
        by: 'sander',
        hours: 4,
        text: ['Einverstanden, so machen wir es. Bitte TOP 3 vor TOP 2, Herr Albers muss um 15 Uhr weg.', 'U. Sander'],
      },
      { by: 'lueders', hours: 1, text: ['Ist getauscht, die neue Fassung liegt im Beiratsordner.', 'Svenja Lüders'] },
    ],
  },
  {
    key: 'hochrechnung',
    age: 11.4,
    hour: 17,
    subject: 'Vertraulich: Hochrechnung und Kreditlinie',
    mailbox: MAILBOX,
    people: ['petersen', 'lindner'],
    turns: [
      {
        by: 'petersen',
        to: ['brandt'],
        cc: [],
        text: [
          'Katharina,',
          'die Hochrechnung steht. Umsatz 87,4 Mio., Ergebnis vor Steuern 5,1 Mio. Wenn die Schlussrate von Northsea erst im Januar kommt, fehlen uns zum Stichtag 2,3 Mio. Liquidität und wir reißen die Eigenmittelquote aus dem Konsortialvertrag um 0,4 Punkte.',
          'Ich würde Frau Lindner ansprechen, bevor sie es aus dem Quartalsbericht erfährt. Einverstanden?',
          'Jörg',
        ],
        files: [
          xlsx('Hochrechnung_vertraulich.xlsx', 'HR', [
            ['Monat', 'Umsatz TEUR', 'EBT TEUR', 'Liquidität TEUR'],
            ['Oktober', 7210, 402, 6120],
            ['November', 7650, 455, 4980],
            ['Dezember', 8940, 611, 3710],
          ]),
        ],
        isFlagged: true,
      },
      {
        by: 'brandt',
        hours: 1,
        text: ['Ja, unbedingt vorher. Ruf sie an, und lass uns danach eine kurze Mail schicken, damit es dokumentiert ist.', 'K.'],
      },
      {
        by: 'petersen',
        hours: 22,
        to: ['lindner'],
        cc: ['brandt'],
        answers: null,
        subject: 'Finanzkennzahl zum Stichtag 31. Dezember',
        text: [
          'Sehr geehrte Frau Lindner,',
          'wie eben am Telefon besprochen: Sollte die Schlussrate unseres Kunden erst im neuen Jahr eingehen, würde die Eigenmittelquote zum Stichtag vorübergehend unter der vereinbarten Schwelle liegen. Wir bitten vorsorglich um Aussetzung der Kennzahl für ein Quartal.',
          'Mit freundlichen Grüßen\nJörg Petersen',
        ],
      },
      {
        by: 'lindner',
        hours: 44,
        text: [
          'Sehr geehrter Herr Petersen, sehr geehrte Frau Dr. Brandt,',
          'vielen Dank für die offene Information. Unser Kreditausschuss hat der Aussetzung für das vierte Quartal zugestimmt, die Marge bleibt unverändert. Das Schreiben finden Sie anbei, das Original kommt mit der Post.',
          'Mit freundlichen Grüßen\nMonika Lindner',
        ],
        files: [
          pdf('Waiver_Q4.pdf', 'Aussetzung der Finanzkennzahl für das vierte Quartal', [
            'Wir bestätigen, dass die Verpflichtung nach Ziffer 14.2 des Konsortialkreditvertrags für den Stichtag 31. Dezember ausgesetzt wird.',
            'Alle übrigen Bestimmungen bleiben unberührt.',
          ]),
        ],
      },
      {
        by: 'brandt',
        hours: 2,
        text: [
          'Sehr geehrte Frau Lindner,',
          'das ist eine gute Nachricht, haben Sie vielen Dank für die schnelle Entscheidung.',
          'Mit freundlichen Grüßen\nKatharina Brandt',
        ],
      },
    ],
  },
  {
    key: 'nachfolge-technik',
    age: 6.2,
    hour: 18,
    subject: 'Nachfolge Werkleitung – streng vertraulich',
    mailbox: MAILBOX,
    people: ['schroeder', 'petersen'],
    turns: [
      {
        by: 'schroeder',
        text: [
          'Liebe Frau Dr. Brandt, lieber Herr Petersen,',
          'Herr Ahrens hat mir gestern gesagt, dass er zum Herbst kommenden Jahres in den Ruhestand gehen möchte. Er bleibt gern noch ein halbes Jahr beratend.',
          'Ich schlage vor, zuerst im Haus zu suchen. Zwei Namen bespreche ich lieber mündlich. Haben Sie am Donnerstag um 8 Uhr Zeit?',
          'Viele Grüße\nBirgit Schröder',
        ],
      },
      {
        by: 'brandt',
        hours: 14,
        text: ['Donnerstag um 8 passt mir. Bitte noch nichts nach außen geben, auch nicht an die Personalberatung.', 'Katharina Brandt'],
      },
      { by: 'petersen', hours: 1, text: ['Bin dabei.', 'Jörg'] },
    ],
  },
];
