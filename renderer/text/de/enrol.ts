import type { Words } from '../en.ts';
import { counted } from '../counted.ts';

const n = counted('de');

export const settings: Words['settings'] = {
  title: 'Einstellungen',
  back: 'Zurück zur Mail',
  general: 'Allgemein',
  accounts: 'Konten',
  about: 'Über',
  language: 'Sprache',
  languages: { system: 'Wie der Computer', de: 'Deutsch', en: 'English' },
  theme: 'Erscheinungsbild',
  themes: { system: 'Wie der Computer', light: 'Hell', dark: 'Dunkel' },
  density: 'Nachrichtenliste',
  densities: { comfortable: 'Großzügig', compact: 'Kompakt' },
  listView: 'Listen zeigen',
  listViews: { messages: 'Einzelne Nachrichten', conversations: 'Unterhaltungen' },
  previewLines: 'Vorschau in der Liste',
  previews: ['Keine Vorschau', 'Eine Zeile', 'Zwei Zeilen'],
  markSeen: 'Als gelesen kennzeichnen',
  markSeenChoices: { 0: 'Sofort', 1500: 'Nach 1,5 Sekunden', 3000: 'Nach 3 Sekunden', 10000: 'Nach 10 Sekunden' },
  saved: 'Gespeichert.',
  addAccount: 'Konto hinzufügen',
  retention: 'Mail auf diesem Computer',
  applyRetention: 'Übernehmen',
  shorterWarning: 'Ältere Mail verlässt diesen Computer. Auf den Servern bleibt sie.',
  remove: 'Konto entfernen',
  removeTitle: (email) => `${email} entfernen?`,
  removeText: (count) =>
    n(
      count,
      '# Nachricht wird mit den gespeicherten Passwörtern von diesem Computer gelöscht. Die Mail auf den Servern bleibt, wie sie ist.',
      '# Nachrichten werden mit den gespeicherten Passwörtern von diesem Computer gelöscht. Die Mail auf den Servern bleibt, wie sie ist.',
    ),
  removeRecoverable: (count) =>
    n(
      count,
      '# davon gibt es nur noch auf diesem Computer; sie geht endgültig verloren.',
      '# davon gibt es nur noch auf diesem Computer; sie gehen endgültig verloren.',
    ),
  removeLosses: 'Das geht endgültig verloren, weil es nur hier liegt:',
  lostMails: (count) =>
    n(
      count,
      '# Nachricht im Postausgang, die nicht oder nicht sicher gesendet ist',
      '# Nachrichten im Postausgang, die nicht oder nicht sicher gesendet sind',
    ),
  lostDrafts: (count) => n(count, '# Entwurf', '# Entwürfe'),
  lostChanges: (count) =>
    n(count, '# Änderung, die den Mailserver noch nicht erreicht hat', '# Änderungen, die den Mailserver noch nicht erreicht haben'),
  removeAnyway: 'Ich brauche nichts davon mehr.',
  removeConfirm: 'Konto entfernen',
  cancel: 'Abbrechen',
  removing: (count) => `Wird entfernt. Noch ${n(count, '# Nachricht', '# Nachrichten')} …`,
  removed: (email) => `${email} wurde von diesem Computer entfernt.`,
  reports: 'Berichte anzeigen',
  version: 'Version',
  platform: 'System',
  demo: 'Vorführung mit Beispielmail',
  recoveryKey: 'Wiederherstellungsschlüssel',
  recoveryKeyWhy: 'Er öffnet Ihre Mail auf diesem Computer, falls der Schlüsselbund oder Ihre Passphrase einmal verloren geht.',
  showRecoveryKey: 'Wiederherstellungsschlüssel anzeigen',
  recoveryKeySaved: (name) => `Gespeichert als ${name}. Bewahren Sie ihn getrennt von diesem Computer auf.`,
  showShortcuts: 'Tastenkürzel',
};
