import type { RecoveryWords } from '../recovery.ts';

export const recovery: RecoveryWords = {
  lostTitle: 'Der Schlüssel zu Ihrer Mail ist verloren',
  lostWhy:
    'Ihre Mail ist auf diesem Computer verschlüsselt, und der passende Schlüssel liegt nicht im Schlüsselbund. Es wurde nichts geändert oder gelöscht. Taucht der Schlüsselbund wieder auf, versuchen Sie es erneut; sonst geben Sie den Wiederherstellungsschlüssel ein.',
  recover: {
    title: 'Wiederherstellungsschlüssel eingeben',
    forgotten: 'Passphrase vergessen?',
    noKeyring: 'Der Schlüsselbund ist endgültig verloren?',
    why: 'Den Wiederherstellungsschlüssel haben die Einstellungen angezeigt oder gespeichert: 56 Buchstaben und Ziffern. Großschreibung, Leerzeichen und Bindestriche spielen keine Rolle.',
    key: 'Wiederherstellungsschlüssel',
    newPassphrase: 'Neue Passphrase',
    passwordsGone:
      'Danach werden die Passwörter Ihrer Konten noch einmal gebraucht: Fügen Sie jedes Konto erneut hinzu. Was auf diesem Computer liegt, bleibt erhalten.',
    open: 'Mit dem Schlüssel öffnen',
  },
  setAside: {
    title: 'Auch kein Wiederherstellungsschlüssel?',
    why: 'Sie können mit einer leeren Kopie neu beginnen: Die Mail wird erneut von den Servern geholt. Die verschlossenen Dateien werden im Profilordner beiseitegelegt, nie gelöscht, und lassen sich öffnen, sobald ihr Schlüssel auftaucht.',
    known: (when) => `Das lag beim letzten Blick (${when}) nur auf diesem Computer und bleibt verschlossen:`,
    nothing: (when) => `Beim letzten Blick (${when}) war alles gesendet und auf den Servern gesichert.`,
    unknown: 'Ob Ungesendetes oder Entwürfe verschlossen bleiben, lässt sich ohne den Schlüssel nicht sagen.',
    accept: 'Mir ist klar, dass dies ohne den Schlüssel nicht lesbar ist.',
    confirm: 'Beiseitelegen und neu beginnen',
  },
};
