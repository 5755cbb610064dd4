export const spelling = {
  title: (word: string) => `Rechtschreibung von „${word}“`,
  none: 'Keine Vorschläge',
  learn: 'Zu meinen Wörtern hinzufügen',
  choice: 'Rechtschreibung prüfen',
  choices: { both: 'Auf Deutsch und Englisch', de: 'Auf Deutsch', en: 'Auf Englisch', off: 'Gar nicht' },
  hint: 'Falsche Wörter werden beim Schreiben unterstrichen. Strg + Punkt oder ein Rechtsklick zeigt, was gemeint sein könnte.',
  own: 'Meine Wörter',
  ownWhy: 'Diese hält Holdover für richtig. Sie liegen verschlüsselt auf diesem Computer.',
  remove: (word: string) => `„${word}“ entfernen`,
};
