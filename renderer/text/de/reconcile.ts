import type { Words } from '../en.ts';
import { clockGap } from '../clock-gap.ts';
import { counted } from '../counted.ts';

const n = counted('de');

export const reconcile: Words['reconcile'] = {
  title: 'Nach dem Ausfall',
  back: 'Zurück zur Mail',
  none: 'Bisher gab es keinen Ausfall. Danach zeigt diese Seite, was auf den Mailserver übertragen wurde.',
  outage: (from, to) => `Ausfall von ${from} bis ${to}`,
  outageSince: (from) => `Ausfall seit ${from}`,
  states: {
    preview: 'Plan',
    'awaiting-approval': 'Der Plan wartet auf Ihre Zustimmung',
    running: 'Wird übertragen',
    waiting: 'Wartet',
    finished: 'Abgeschlossen',
  },
  leads: {
    preview: 'Der Mailserver ist wieder da. Dies wird auf ihn übertragen.',
    'awaiting-approval': 'Der Mailserver ist wieder da. Dies wird auf ihn übertragen, sobald Sie zustimmen.',
    running: 'Arbeiten Sie ruhig weiter; das geschieht im Hintergrund.',
    waiting: 'Das meiste ist erledigt. Der Rest wartet auf die Zustellung durch das Relay.',
    finished: 'Auf dem Mailserver ist alles, was getan wurde, genau einmal.',
  },
  leadOpen: 'Fast alles wurde übertragen. Was noch offen ist, steht unten, mit dem, was Sie tun können.',
  startsAt: (time) => `Es beginnt um ${time} von selbst.`,
  waitsUntil: (time) => `Es geht spätestens um ${time} weiter.`,
  begin: 'Jetzt beginnen',
  approve: 'Übertragen',
  kinds: {
    sent: 'Gesendete Mail',
    received: 'Empfangene Mail',
    change: 'Änderungen',
    draft: 'Entwürfe',
    restore: 'Wiederhergestellte Mail',
  },
  kindHints: {
    sent: 'Je eine Kopie in „Gesendet“ auf dem Mailserver',
    received: 'Mail, die nur das Relay erreicht hat',
    change: 'Kennzeichen, Verschieben, Löschen',
    draft: 'Auf dem Mailserver abgelegt oder entfernt',
    restore: 'Von Ihnen zurückgelegt',
  },
  relayClock: (ms) => {
    const { isAhead, unit, count } = clockGap(ms);
    const gap = unit === 'hours' ? n(count, 'eine Stunde', '# Stunden') : n(count, 'eine Minute', '# Minuten');
    return `Die Uhr des Relays geht etwa ${gap} ${isAhead ? 'vor' : 'nach'}. Was im Ausfall ankam, wurde danach bestimmt, wann es hier gesehen wurde; keine Mail blieb wegen ihres Datums unbeachtet. Bitte geben Sie Ihrer IT-Abteilung Bescheid.`;
  },
  balance: 'Bilanz',
  columns: { kind: 'Art', expected: 'Erwartet', confirmed: 'Übertragen', exceptions: 'Anzusehen', open: 'Offen' },
  total: 'Summe',
  operations: {
    'prove-sent-copy': 'Sicherstellen, dass genau eine Kopie in „Gesendet“ liegt',
    'resolve-unknown': 'Klären, ob sie gesendet wurde',
    'await-delivery': 'Auf die Zustellung durch das Relay warten',
    'append-received': 'Auf den Mailserver kopieren',
    'replay-change': 'Die Änderung auf dem Mailserver vornehmen',
    'file-draft': 'Den Entwurf auf dem Mailserver ablegen',
    'remove-draft-copy': 'Den Entwurf vom Mailserver entfernen',
    'restore-message': 'Auf den Mailserver zurücklegen',
    'note-double': 'Festhalten, dass sie doppelt vorhanden ist',
    'note-unsent': 'Melden, dass sie nicht gesendet wurde',
  },
  reasons: {
    'sent-by-relay': 'über das Relay gesendet',
    'sent-by-primary': 'über den Mailserver gesendet',
    'delivery-uncertain': 'die Antwort des Servers ging verloren',
    'seen-at-relay-only': 'bisher nur auf dem Relay',
    'time-uncertain': 'vom Relay falsch datiert: vielleicht schon vor dem Ausfall gekommen',
    'grace-over': 'vom Relay nicht rechtzeitig zugestellt',
    'already-at-primary': 'schon auf dem Mailserver',
    'changed-here': 'während des Ausfalls hier geändert',
    'changed-on-both-sides': 'hier und auf dem Mailserver geändert',
    'written-here': 'während des Ausfalls hier geschrieben',
    'discarded-here': 'hier verworfen oder gesendet',
    'delivered-after-append': 'später doch noch vom Relay zugestellt',
    'filed-twice': 'von einem anderen Ihrer Geräte zugleich abgelegt',
    'not-sent': 'abgelehnt oder nicht mehr lesbar',
  },
  itemStates: { planned: 'geplant', running: 'läuft', confirmed: 'übertragen', exception: 'anzusehen' },
  nextSteps: {
    'prove-sent-copy':
      'Die Nachricht wurde gesendet. Nur ihre Kopie in „Gesendet“ ließ sich nicht nachweisen; hier ist sie vorhanden. Im Postausgang können Sie es noch einmal versuchen.',
    'resolve-unknown': 'Noch ist ungewiss, ob sie gesendet wurde. Der Postausgang zeigt, was gefunden wurde, und lässt Sie entscheiden.',
    'await-delivery': 'Dieser Computer hat die Nachricht. „Wiederherstellen“ kopiert sie auf den Mailserver.',
    'append-received': 'Dieser Computer hat die Nachricht. „Wiederherstellen“ kopiert sie auf den Mailserver.',
    'replay-change':
      'Es wurde nichts überschrieben. Öffnen Sie die Nachricht und wiederholen Sie die Änderung, wenn Sie sie noch wünschen.',
    'file-draft': 'Der Entwurf ist auf diesem Computer sicher.',
    'remove-draft-copy':
      'Der Entwurf wurde hier verworfen oder gesendet. Seine Kopie liegt noch in den Entwürfen auf dem Mailserver; löschen Sie sie, wenn niemand sie braucht.',
    'restore-message': 'Dieser Computer hat die Nachricht. „Wiederherstellen“ versucht es erneut.',
    'note-double': 'Der Mailserver hat diese Nachricht doppelt: zugestellt, und unsere Kopie. Unsere Kopie lässt sich entfernen.',
    'note-unsent': 'Sie wurde nicht gesendet. Der Postausgang nennt den Grund; dort können Sie sie ändern und erneut senden.',
  },
  filedTwice:
    'Der Mailserver hat diese Nachricht doppelt: Ein anderes Ihrer Geräte hat sie ebenfalls abgelegt. Die spätere Kopie wird entfernt; falls nicht, löschen Sie eine.',
  removeDouble: 'Unsere Kopie entfernen',
  restore: 'Wiederherstellen',
  showMessage: 'Nachricht anzeigen',
  showOutbox: 'Postausgang öffnen',
  done: 'Erledigt.',
  items: (count) => n(count, '# Eintrag', '# Einträge'),
  showItems: 'Einträge anzeigen',
  hideItems: 'Einträge ausblenden',
  exceptions: 'Anzusehen',
  noSubject: '(kein Betreff)',
  more: (count) => n(count, '# weiteren anzeigen', '# weitere anzeigen'),
  loading: 'Wird geladen …',
  progress: 'Fortschritt',
  save: 'Bericht speichern',
  saveAs: { csv: 'Als Tabelle (CSV)', json: 'Als JSON' },
  savedAs: (name) => `Gespeichert als „${name}“.`,
  earlier: 'Frühere Berichte',
  summary: (sent, received, changes, open) =>
    `Alles wieder normal: ${sent} gesendet, ${received} empfangen, ${changes} übertragen, ${open} offen.`,
  summaryOpen: (sent, received, changes, open) =>
    `Wieder normal: ${sent} gesendet, ${received} empfangen, ${changes} übertragen, ${open} anzusehen.`,
  changes: (count) => n(count, '# Änderung', '# Änderungen'),
  lookAt: (count) => n(count, '# anzusehen', '# anzusehen'),
  noneOpen: 'nichts offen',
  showReport: 'Bericht anzeigen',
  dismiss: 'Schließen',
  noticeAsks: 'Der Plan für die Übertragung wartet auf Ihre Zustimmung.',
  showPlan: 'Plan anzeigen',
};
