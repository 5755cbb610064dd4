import type { Protection } from '../../../shared/model/message.ts';
import { counted } from '../counted.ts';
import type { ReadingWords } from '../reading.ts';

const n = counted('de');
const NTH: Readonly<Record<number, string>> = { 1: 'ersten', 2: 'zweiten', 3: 'dritten', 4: 'vierten', 5: 'fünften', [-1]: 'letzten' };
const ONE = { day: 'Jeden Tag', week: 'Jede Woche', month: 'Jeden Monat', year: 'Jedes Jahr', other: 'Wiederholt sich' };
const MANY = { day: 'Tage', week: 'Wochen', month: 'Monate', year: 'Jahre', other: '' };
const METHOD = { smime: 'S/MIME', pgp: 'PGP' };

export const invitation: ReadingWords['invitation'] = {
  kinds: {
    request: 'Einladung',
    update: 'Geänderte Einladung',
    cancel: 'Abgesagt',
    reply: 'Antwort auf eine Einladung',
    counter: 'Vorschlag für eine andere Zeit',
    event: 'Termin',
  },
  noTitle: '(ohne Titel)',
  when: 'Wann',
  noTime: 'Keine Zeit angegeben',
  allDay: 'ganztägig',
  atOrganiser: (time, zone) => `${time} in der Zeitzone der Einladung (${zone})`,
  unknownZone: (zone) => `In der Zeitzone „${zone}“, die hier nicht bekannt ist`,
  repeats: 'Serie',
  every: (every, interval) => (every === 'other' || interval === 1 ? ONE[every] : `Alle ${interval} ${MANY[every]}`),
  onDays: (days) => `am ${days}`,
  onNth: (nth, day) => `am ${NTH[nth]} ${day}`,
  workdays: 'Jeden Tag von Montag bis Freitag',
  until: (day) => `bis ${day}`,
  times: (count) => n(count, 'einmal', '# Mal'),
  where: 'Wo',
  organiser: 'Organisiert von',
  attendees: 'Eingeladen',
  answers: { accepted: 'sagt zu', declined: 'sagt ab', tentative: 'sagt mit Vorbehalt zu', delegated: 'lässt sich vertreten', none: '' },
  isOptional: 'freiwillig',
  showAll: (count) => n(count, '# weitere Person zeigen', '# weitere Personen zeigen'),
  notListed: (count) => n(count, '# weitere Person ist nicht aufgeführt.', '# weitere Personen sind nicht aufgeführt.'),
  moreEvents: (count) => n(count, 'Die Datei enthält # weiteren Termin.', 'Die Datei enthält # weitere Termine.'),
  addToCalendar: 'In den Kalender …',
  addHint: 'Speichert die Einladung als Datei, die Ihr Kalender öffnet. Es wird nichts beantwortet.',
};

export const protection: ReadingWords['protection'] = {
  signed: ({ by, isPartial }: Protection) =>
    `${isPartial ? 'Ein Teil dieser Nachricht ist signiert' : 'Signiert'} (${METHOD[by]}). Die Signatur wurde nicht geprüft.`,
  signedInside: 'Der Text steckt in der signierten Datei. Er kann hier nicht gezeigt werden; die Datei lässt sich speichern.',
  encrypted: ({ by, isPartial }: Protection) =>
    `${isPartial ? 'Ein Teil dieser Nachricht ist verschlüsselt' : 'Verschlüsselt'} (${METHOD[by]}). Holdover kann das nicht öffnen.`,
  encryptedFile: 'Der Inhalt liegt hier unverändert und lässt sich als Datei speichern.',
  encryptedText: 'Der Inhalt liegt hier unverändert.',
};

export const more: ReadingWords['more'] = {
  label: 'Mehr',
  headers: 'Kopfzeilen anzeigen',
  hideHeaders: 'Nachricht anzeigen',
  headersTitle: 'Kopfzeilen der Nachricht',
  saveMail: 'Als .eml speichern …',
  print: 'Drucken …',
  notPrinted: 'Es wurde nichts gedruckt.',
  saved: (name) => `Gespeichert als „${name}“.`,
};

export const inner: ReadingWords['inner'] = {
  open: 'Öffnen',
  openNamed: (name) => `„${name}“ öffnen`,
  back: 'Zurück',
  inMessage: (name) => `Anhang: ${name}`,
  tooDeep: 'Zu tief verschachtelt, um hier geöffnet zu werden. Der Anhang lässt sich speichern.',
  failed: 'Dieser Anhang konnte nicht geöffnet werden. Er lässt sich speichern.',
  files: 'Dateien in diesem Anhang',
  loading: 'Wird geöffnet …',
};

export const pdf: ReadingWords['pdf'] = {
  page: (page, of) => `Seite ${page} von ${of}`,
  loading: 'Das Dokument wird geöffnet …',
  failed: 'Dieses Dokument konnte nicht gezeigt werden. Es lässt sich speichern.',
  protected: 'Dieses Dokument verlangt ein Passwort. Es lässt sich speichern.',
  tooManyPages: (count) => n(count, 'Nur die erste Seite wird gezeigt.', 'Nur die ersten # Seiten werden gezeigt.'),
  safe: 'Als Bild gezeigt: Skripte, Formulare und Links im Dokument bleiben hier ohne Wirkung.',
};

export const conversation: ReadingWords['conversation'] = {
  label: 'Unterhaltung',
  place: (at, of) => `Nachricht ${at} von ${of}`,
  older: 'Ältere Nachrichten der Unterhaltung',
  newer: 'Neuere Nachrichten der Unterhaltung',
  previous: 'Vorige Nachricht (p)',
  next: 'Nächste Nachricht (n)',
  omitted: (count) => (count === 1 ? '1 ältere Nachricht ist nicht aufgeführt.' : `${count} ältere Nachrichten sind nicht aufgeführt.`),
  unread: 'Ungelesen',
  draft: 'Entwurf',
};
