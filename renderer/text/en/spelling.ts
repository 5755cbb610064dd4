export const spelling = {
  title: (word: string) => `Spelling of “${word}”`,
  none: 'No suggestions',
  learn: 'Add to my words',
  choice: 'Check spelling',
  choices: { both: 'In German and English', de: 'In German', en: 'In English', off: 'Not at all' },
  hint: 'Wrong words are underlined while you write. Ctrl + full stop, or a right click, shows what may be meant.',
  own: 'My words',
  ownWhy: 'Holdover takes these for right. They are kept encrypted on this computer.',
  remove: (word: string) => `Remove “${word}”`,
};
