// @ts-check
import { docx, pdf, photo } from './files.mjs';

/** @type {readonly import('./thread.mjs').Thread[]} */
export const germanThreads = [
  {
    key: 'gewaehrleistung-falk',
    age: 20.2,
    subject: 'Gewährleistung Schiffswerft Peene ./. Nordlicht – Fristverlängerung',
    mailbox: 'Archive',
    people: ['falk', 'hinz'],
    turns: [
      {
        by: 'falk',
        text: [
          'Sehr geehrte Frau Dr. Brandt,',
          'das Landgericht hat die Frist zur Klageerwiderung antragsgemäß um drei Wochen verlängert. Wir brauchen von Ihnen noch die Abnahmeprotokolle der Winden 3 und 4 sowie die E-Mail-Korrespondenz mit Herrn Stüwe aus dem Frühjahr.',
          'Unsere Einschätzung bleibt: Die Rüge war verspätet, § 377 HGB trägt. Ein Vergleich unter 60.000 Euro wäre dennoch zu überlegen.',
          'Mit freundlichen kollegialen Grüßen\nDr. Sebastian Falk',
        ],
      },
      {
        by: 'hinz',
        hours: 4,
        text: [
          'Sehr geehrter Herr Dr. Falk,',
          'die Protokolle hängen an. Die Korrespondenz stelle ich Ihnen bis Donnerstag zusammen, es sind 61 Mails.',
          'Mit freundlichen Grüßen\nClaudia Hinz',
        ],
        files: [
          pdf('Abnahmeprotokoll_Winde_3.pdf', 'Abnahmeprotokoll Winde 3', [
            'Probelauf mit 110 Prozent Nennlast ohne Beanstandung. Unterschrieben von beiden Parteien.',
          ]),
          pdf('Abnahmeprotokoll_Winde_4.pdf', 'Abnahmeprotokoll Winde 4', [
            'Probelauf mit 110 Prozent Nennlast ohne Beanstandung. Eine Restarbeit: Beschilderung.',
          ]),
        ],
      },
      {
        by: 'brandt',
        hours: 2,
        text: [
          'Sehr geehrter Herr Dr. Falk,',
          'bis 60.000 Euro bin ich gesprächsbereit, aber nur ohne Anerkenntnis. Bitte loten Sie das mit der Gegenseite aus.',
          'Freundliche Grüße\nKatharina Brandt',
        ],
      },
      {
        by: 'falk',
        hours: 96,
        text: [
          'Sehr geehrte Frau Dr. Brandt,',
          'die Gegenseite signalisiert 55.000 Euro bei Kostenaufhebung. Ich halte das für annehmbar und entwerfe den Vergleich, wenn Sie zustimmen.',
          'Ihr Sebastian Falk',
        ],
        isFlagged: true,
      },
      { by: 'brandt', hours: 3, text: ['Einverstanden, bitte entwerfen.', 'K. Brandt'] },
    ],
  },
  {
    key: 'pruefung-jahresabschluss',
    age: 17.3,
    subject: 'Vorprüfung Jahresabschluss: Termine und Saldenbestätigungen',
    people: ['kessler', 'petersen'],
    turns: [
      {
        by: 'kessler',
        text: [
          'Sehr geehrte Frau Dr. Brandt, sehr geehrter Herr Petersen,',
          'unsere Vorprüfung findet in der ersten Dezemberwoche statt, wir kommen zu viert. Bitte stellen Sie uns die Saldenlisten und die Liste der langfristigen Fertigungsaufträge bereit.',
          'Schwerpunkt ist in diesem Jahr die Bewertung der Aufträge Arkona Nord und Northsea Phase 2.',
          'Mit freundlichen Grüßen\nNadine Keßler',
        ],
        files: [
          docx('Anforderungsliste_Vorprüfung.docx', [
            'Anforderungsliste zur Vorprüfung',
            'Offene-Posten-Listen Debitoren und Kreditoren',
            'Langfristfertigung: Kostenstand, Restkosten, Erlöse',
            'Rückstellungen: Berechnungen und Nachweise',
          ]),
        ],
      },
      {
        by: 'petersen',
        hours: 3,
        text: [
          'Sehr geehrte Frau Keßler,',
          'Raum Rügen ist für die ganze Woche reserviert. Die Listen laden wir bis Freitag in den Datenraum.',
          'Mit freundlichen Grüßen\nJörg Petersen',
        ],
      },
      {
        by: 'kessler',
        hours: 24,
        text: [
          'Vielen Dank. Frau Dr. Brandt, für das Abschlussgespräch am Freitag um 11 Uhr bräuchten wir Sie etwa eine Stunde.',
          'Nadine Keßler',
        ],
      },
      { by: 'brandt', hours: 1, text: ['Freitag 11 Uhr ist notiert.', 'Katharina Brandt'] },
    ],
  },
  {
    key: 'betriebsrat-arbeitszeit',
    age: 12.3,
    subject: 'Betriebsvereinbarung Arbeitszeitkonten, zweiter Entwurf',
    people: ['wolf', 'schroeder'],
    turns: [
      {
        by: 'wolf',
        text: [
          'Hallo Frau Dr. Brandt,',
          'der Betriebsrat hat den zweiten Entwurf beraten. Mit der Obergrenze von 120 Stunden können wir leben, die Verfallsklausel in § 6 lehnen wir ab. Stunden, die der Betrieb angeordnet hat, dürfen nicht verfallen.',
          'Wir schlagen vor, dass Stunden über 120 nach drei Monaten ausgezahlt werden.',
          'Mit kollegialen Grüßen\nRainer Wolf',
        ],
      },
      {
        by: 'schroeder',
        hours: 4,
        text: [
          'Hallo Herr Wolf,',
          'verständlich. Auszahlung nach sechs Monaten wäre für uns machbar, dann bleibt Zeit, die Stunden in der ruhigen Phase abzubauen.',
          'Viele Grüße\nBirgit Schröder',
        ],
      },
      { by: 'wolf', hours: 26, text: ['Vier Monate, und wir unterschreiben noch vor Weihnachten.', 'Rainer Wolf'] },
      { by: 'brandt', hours: 2, text: ['Vier Monate. Hand drauf.', 'Katharina Brandt'] },
      { by: 'wolf', hours: 1, text: ['Hand drauf. Termin zur Unterschrift macht Frau Lüders?', 'Rainer Wolf'] },
    ],
  },
  {
    key: 'sommerfest-jubilaeum',
    age: 10.3,
    hour: 13,
    subject: '75 Jahre Nordlicht: Ort und Datum fürs Fest',
    people: ['lueders', 'vogt', 'ahrens'],
    turns: [
      {
        by: 'lueders',
        text: [
          'Hallo in die Runde,',
          'für das Jubiläum sind drei Orte frei: das Meeresmuseum am 13. Juni, der alte Speicher am 20. Juni und unsere Halle 1 jederzeit. Im Museum kostet der Abend 14.200 Euro für 350 Gäste, Bilder hängen an.',
          'Was ist euer Favorit?',
          'Svenja',
        ],
        files: [photo('Speicher_aussen.jpg', 'speicher'), photo('Museum_Abend.jpg', 'museum')],
      },
      { by: 'ahrens', hours: 1, text: ['Halle 1! Da hat alles angefangen, und der Kran kann die Torte einschweben lassen.', 'Thomas'] },
      {
        by: 'vogt',
        hours: 1,
        text: ['Für die Kunden lieber das Museum, für die Belegschaft gern die Halle. Warum nicht zwei Tage?', 'Anja'],
      },
      {
        by: 'brandt',
        hours: 3,
        text: [
          'Zwei Tage gefallen mir: Freitag Kunden im Museum, Samstag Familienfest in Halle 1. Und ja, die Torte kommt mit dem Kran.',
          'Katharina',
        ],
      },
    ],
  },
  {
    key: 'pressegespraech',
    age: 7.2,
    subject: 'Interview zum Fachkräftemangel – Freigabe der Zitate',
    people: ['brenner', 'lueders'],
    turns: [
      {
        by: 'brenner',
        text: [
          'Liebe Frau Dr. Brandt,',
          'danke für das Gespräch in der Lehrwerkstatt. Hier die Zitate, die ich gern verwenden würde:',
          '- „Wir bilden nicht aus, weil es sich rechnet, sondern weil es sonst keiner mehr kann.“\n- „Ein Schweißer lernt fünf Jahre. Ein Bewerbungsgespräch dauert bei uns eine Schicht.“',
          'Redaktionsschluss ist morgen um 16 Uhr.',
          'Beste Grüße\nIsabel Brenner',
        ],
      },
      {
        by: 'brandt',
        hours: 4,
        text: [
          'Liebe Frau Brenner,',
          'das erste bitte so: „Wir bilden aus, weil wir Menschen brauchen, die es können. Dass es sich rechnet, kommt dazu.“ Das zweite gefällt mir, unverändert freigegeben.',
          'Herzliche Grüße\nKatharina Brandt',
        ],
      },
      { by: 'brenner', hours: 2, text: ['Übernommen. Erscheint am Samstag auf der Drei.', 'Isabel Brenner'] },
    ],
  },
  {
    key: 'ausfall-uebung',
    age: 2.4,
    subject: 'Übung Mailausfall am Donnerstag',
    people: ['krueger', 'lueders'],
    turns: [
      {
        by: 'krueger',
        text: [
          'Hallo Frau Dr. Brandt,',
          'am Donnerstag zwischen 10 und 10:30 Uhr nehmen wir den Mailserver wie angekündigt vom Netz. Sie lesen und schreiben in der Zeit über das Relay weiter, an Ihrem Rechner müssen Sie nichts tun. Ich sitze daneben und stoppe die Zeit.',
          'Viele Grüße\nOliver Krüger',
        ],
      },
      {
        by: 'brandt',
        hours: 2,
        text: [
          'Gut. Ich schicke Ihnen in der halben Stunde eine Mail mit großem Anhang, dann sehen wir, ob es wirklich trägt.',
          'Katharina Brandt',
        ],
      },
      { by: 'krueger', hours: 1, text: ['Sehr gern. Bitte nicht über 100 MB, da macht das Relay zu.', 'Oliver Krüger'], isUnseen: true },
      {
        by: 'lueders',
        hours: 1,
        text: ['Ich habe die Zeit im Kalender geblockt und das Sekretariat gewarnt.', 'Svenja Lüders'],
        isUnseen: true,
      },
    ],
  },
  {
    key: 'azubi-messe',
    age: 1.4,
    subject: 'Ausbildungsmesse: Standplan',
    people: ['schroeder', 'reimers'],
    turns: [
      {
        by: 'reimers',
        text: [
          'Sehr geehrte Frau Dr. Brandt,',
          'Ihr Stand hat die Nummer 14, gleich neben dem Eingang. Strom und WLAN sind gebucht. Dürfen wir Sie um ein kurzes Grußwort zur Eröffnung bitten, drei Minuten genügen?',
          'Mit freundlichen Grüßen\nAntje Reimers',
        ],
        files: [pdf('Standplan_Ausbildungsmesse.pdf', 'Standplan', ['Stand 14: Nordlicht Maschinenbau GmbH, 18 m², Strom 16 A.'])],
      },
      {
        by: 'schroeder',
        hours: 1,
        text: [
          'Liebe Frau Reimers,',
          'vielen Dank, ein schöner Platz. Zwei unserer Auszubildenden bringen den Schweißsimulator mit.',
          'Birgit Schröder',
        ],
      },
      {
        by: 'brandt',
        hours: 2,
        text: [
          'Sehr geehrte Frau Reimers,',
          'das Grußwort halte ich gern, und ich verspreche, bei drei Minuten zu bleiben.',
          'Katharina Brandt',
        ],
      },
    ],
  },
];
