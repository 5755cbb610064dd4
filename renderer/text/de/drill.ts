import type { DrillWords } from '../en/drill.ts';
import { clockGap } from '../clock-gap.ts';
import { counted } from '../counted.ts';

const n = counted('de');

export const drill: DrillWords = {
  title: 'Meinen Notzugang testen',
  lead: 'Spielt einen Ausfall nur auf diesem Computer durch: Diese App behandelt den Mailserver als ausgefallen, arbeitet über das Relay und kehrt zurück. Es wird nichts umgeleitet, und niemand sonst merkt etwas.',
  sendTo: 'Testmail',
  sendChoices: { self: 'Eine Mail über das Relay an mich selbst senden', none: 'Nichts senden' },
  start: 'Test beginnen',
  cancel: 'Test beenden',
  running: 'Der Test läuft …',
  states: { running: 'läuft', finished: 'abgeschlossen', cancelled: 'abgebrochen' },
  score: (score) => `${score} von 100 Punkten`,
  verdicts: {
    good: 'Bereit für einen Ausfall.',
    fair: 'Brauchbar, mit Schwachstellen.',
    poor: 'Nicht bereit. Bitte zeigen Sie dies Ihrer IT-Abteilung.',
  },
  steps: {
    coverage: 'Die Mail der letzten Tage ist hier',
    failover: 'Die App schaltet auf das Relay um',
    'relay-login': 'Die Anmeldung am Relay funktioniert',
    read: 'Mail lässt sich lesen und durchsuchen',
    send: 'Das Senden über das Relay funktioniert',
    arrival: 'Die Testmail kommt an',
    failback: 'Zurück im Normalbetrieb',
    reconcile: 'Alles wird übertragen',
  },
  stepStates: { waiting: 'steht aus', running: 'läuft', passed: 'bestanden', failed: 'fehlgeschlagen', skipped: 'nicht geprüft' },
  counts: {
    coverage: (done, all) => `${done} von ${n(all, '# Ordner', '# Ordnern')} vollständig`,
    'relay-login': (done, all) => `${done} von ${n(all, '# Anmeldung', '# Anmeldungen')} angenommen (Lesen und Senden)`,
    read: (done, all) => `${done} von ${n(all, '# Nachricht', '# Nachrichten')} ohne Server geöffnet und gefunden`,
    reconcile: (done, all) => (all === 0 ? 'Es war nichts zu übertragen' : `${done} von ${all} übertragen`),
  },
  relayClock: (ms) => {
    const { isAhead, unit, count } = clockGap(ms);
    const gap = unit === 'hours' ? n(count, 'eine Stunde', '# Stunden') : n(count, 'eine Minute', '# Minuten');
    return `Die Uhr des Relays geht etwa ${gap} ${isAhead ? 'vor' : 'nach'}. Dadurch geht keine Mail verloren, aber ihre Zeiten stimmen nicht. Bitte geben Sie Ihrer IT-Abteilung Bescheid.`;
  },
  failoverNote: 'Gespielt mit einem Mailserver, der jede Verbindung ablehnt. Verstummt er, wird es binnen 60 Sekunden bemerkt.',
  seconds: (text) => `${text} s`,
  partly: (share) => `teilweise, ${share}`,
  history: 'Frühere Tests',
  last: 'Ergebnis des letzten Tests',
  none: 'Noch nicht getestet.',
  save: 'Bericht speichern',
  savedAs: (name) => `Gespeichert als „${name}“.`,
};
