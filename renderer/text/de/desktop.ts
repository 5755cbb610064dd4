import type { DesktopWords } from '../desktop.ts';

export const desktop: DesktopWords['desktop'] = {
  title: 'Auf diesem Computer',
  closeToTray: 'Weiterlaufen, wenn das Fenster geschlossen wird',
  closeToTrayWhy: 'Ihre Mail wird weiter kopiert. Das Symbol in der Leiste öffnet das Fenster wieder und beendet Holdover.',
  closeToTrayNoTray:
    'Diese Arbeitsumgebung zeigt keine Programmsymbole. Starten Sie Holdover noch einmal, um das Fenster zu öffnen; „Datei“, „Beenden“ beendet es.',
  startAtLogin: 'Beim Anmelden an diesem Computer starten',
  startAtLoginWhy: 'Ohne Fenster, damit die Kopie immer aktuell ist.',
  notifyMail: 'Über neue Mail benachrichtigen',
  notifyMailChoices: { content: 'Mit Absender und Betreff', arrival: 'Nur, dass Mail kam', none: 'Gar nicht' },
  contentWhy: 'Ihr System zeigt das auch auf dem Sperrbildschirm und bewahrt es womöglich unverschlüsselt auf.',
  notifyState: 'Über Ausfälle und nicht zugestellte Mail benachrichtigen',
  cannotNotify: 'In dieser Arbeitsumgebung sind keine Benachrichtigungen möglich.',
  mailLinks: 'Links auf Mailadressen öffnen sich in Holdover.',
  takeMailLinks: 'Links auf Mailadressen in Holdover öffnen',
  badLink: 'Der Link auf eine Mailadresse ließ sich nicht lesen. Es wurde nichts geöffnet.',
  leftOut: (what) => `Der Link enthielt mehr, als eine Nachricht vorgeben darf. Weggelassen wurde: ${what}.`,
  leftOutParts: {
    attachment: 'eine Datei als Anhang',
    sender: 'ein anderer Absender',
    header: 'weitere Felder des Kopfes',
    hidden: 'verborgene Zeichen',
    encoding: 'unlesbare Zeichen',
    length: 'was zu lang war',
  },
};
