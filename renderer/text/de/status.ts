import type { Words } from '../en.ts';
import { counted } from '../counted.ts';
import { lazily } from '../lazily.ts';

const n = counted('de');
const figures = lazily(() => new Intl.NumberFormat('de'));

export const sides: Words['sides'] = { primary: 'Mailserver', relay: 'Relay' };

export const status: Words['status'] = {
  label: 'Zustand Ihrer Mail',
  connected: 'verbunden',
  silent: 'antwortet nicht',
  connecting: 'Verbindung wird aufgebaut …',
  checking: 'Änderungen werden geprüft …',
  copyingHeaders: 'Nachrichtenliste wird kopiert …',
  copyingBodies: 'Nachrichten werden kopiert …',
  retryAt: (time) => `nicht erreichbar, nächster Versuch um ${time}`,
  retrySoon: 'nicht erreichbar, neuer Versuch läuft …',
  offline: 'kein Netz',
  offlineUntil: (time) => `kein Netz, nächster Versuch um ${time}`,
  stopped: 'angehalten',
  needsYou: 'braucht Ihre Aufmerksamkeit',
  notSetUp: 'nicht eingerichtet',
  of: (side, state) => `${side}: ${state}`,
  completeSince: (day) => `Vollständig zurück bis ${day}`,
  firstCopy: 'Die erste Kopie entsteht',
  headers: (done, total) => `Nachrichtenliste ${figures().format(done)} von ${figures().format(total)}`,
  bodies: (done, total) => `Nachrichten ${figures().format(done)} von ${figures().format(total)}`,
  progress: 'Fortschritt der Kopie',
  lastSync: (when) => `Zuletzt geprüft ${when}`,
  justSynced: 'Gerade eben geprüft',
  neverSynced: 'Noch nicht geprüft',
  details: 'Details',
  detailsTitle: 'Zustand der einzelnen Konten',
  close: 'Schließen',
  syncNow: 'Jetzt prüfen',
  otherAccounts: (count) => n(count, '# weiteres Konto braucht Aufmerksamkeit', '# weitere Konten brauchen Aufmerksamkeit'),
  engine: {
    starting: 'Wird gestartet …',
    locked: 'Gesperrt',
    restarting: 'Der Hintergrunddienst startet neu. Sie können weiterlesen.',
    failed: 'Der Hintergrunddienst ist stehen geblieben.',
    failedHint: 'Was Sie sehen, bleibt lesbar. Es wurde nichts gelöscht.',
  },
  missingHeld: (losses, isMirror) => {
    if (losses === null) return 'Wie viel darin wartete, lässt sich nicht mehr feststellen.';
    if (isMirror)
      return n(
        losses.changes,
        'Darin war # Änderung, die den Mailserver noch nicht erreicht hatte.',
        'Darin waren # Änderungen, die den Mailserver noch nicht erreicht hatten.',
      );
    const mails = n(losses.mails, '# ungesendete E-Mail', '# ungesendete E-Mails');
    const drafts = n(losses.drafts, '# Entwurf', '# Entwürfe');
    return `Zuletzt lagen darin ${mails} und ${drafts}, die es nur hier gab. Sie sind möglicherweise verloren.`;
  },
  tryAgain: 'Erneut versuchen',
  mailboxesFailed: (names) =>
    names.length === 1 ? `Der Ordner „${names[0]}“ lässt sich nicht lesen` : `Diese Ordner lassen sich nicht lesen: ${names.join(', ')}`,
  readingOffline: 'Alles bisher Kopierte lässt sich lesen und durchsuchen.',
};

export const unlock: Words['unlock'] = {
  chooseTitle: 'Passphrase festlegen',
  chooseWhy:
    'Auf diesem Computer gibt es keinen Schlüsselbund, der den Schlüssel zu Ihrer Mail schützen könnte. Das übernimmt eine Passphrase. Sie geben sie bei jedem Start ein.',
  chooseWarning:
    'Eine vergessene Passphrase kann niemand wiederherstellen. Dann öffnet nur noch der Wiederherstellungsschlüssel Ihre Mail: Sie finden ihn in den Einstellungen. Bewahren Sie ihn getrennt von diesem Computer auf.',
  enterTitle: 'Ihre Mail entsperren',
  enterWhy: 'Ihre Mail ist auf diesem Computer verschlüsselt. Geben Sie Ihre Passphrase ein, um sie zu öffnen.',
  passphrase: 'Passphrase',
  repeat: 'Passphrase wiederholen',
  show: 'Passphrase anzeigen',
  hide: 'Passphrase verbergen',
  tooShort: (least) => `Bitte mindestens ${least} Zeichen. Mehrere Wörter ergeben eine gute Passphrase.`,
  notEqual: 'Die beiden Eingaben stimmen nicht überein.',
  choose: 'Passphrase festlegen',
  unlock: 'Entsperren',
  working: 'Einen Moment …',
  keyringTitle: 'Der Schlüsselbund ist nicht erreichbar',
  keyringWhy:
    'Der Schlüssel zu Ihrer Mail liegt im Schlüsselbund dieses Computers. Dieser ist gesperrt oder antwortet gerade nicht. Es wurde nichts geändert oder gelöscht.',
  keyringSteps: [
    'Entsperren Sie den Schlüsselbund, meist indem Sie sich am Computer ab- und wieder anmelden.',
    'Prüfen Sie, ob ein Schlüsselbunddienst läuft (Linux: GNOME-Schlüsselbund oder KWallet).',
    'Versuchen Sie es dann hier erneut.',
  ],
  tryAgain: 'Erneut versuchen',
  troubleTitle: 'Ihre Mail lässt sich gerade nicht öffnen',
  nothingWiped: 'Es wurde nichts gelöscht.',
  technical: 'Technische Angaben',
  code: 'Kennung',
};
