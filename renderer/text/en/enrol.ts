import { counted } from '../counted.ts';

const n = counted('en');

export const settings = {
  title: 'Settings',
  back: 'Back to mail',
  general: 'General',
  accounts: 'Accounts',
  about: 'About',
  language: 'Language',
  languages: { system: 'Like the computer', de: 'Deutsch', en: 'English' },
  theme: 'Appearance',
  themes: { system: 'Like the computer', light: 'Light', dark: 'Dark' },
  density: 'Message list',
  densities: { comfortable: 'Comfortable', compact: 'Compact' },
  listView: 'Lists show',
  listViews: { messages: 'Single messages', conversations: 'Conversations' },
  previewLines: 'Preview in the list',
  previews: ['No preview', 'One line', 'Two lines'],
  markSeen: 'Mark as read',
  markSeenChoices: { 0: 'At once', 1500: 'After 1.5 seconds', 3000: 'After 3 seconds', 10000: 'After 10 seconds' },
  saved: 'Saved.',
  addAccount: 'Add an account',
  retention: 'Mail kept on this computer',
  applyRetention: 'Apply',
  shorterWarning: 'Mail older than this leaves this computer. It stays on the servers.',
  remove: 'Remove account',
  removeTitle: (email: string) => `Remove ${email}?`,
  removeText: (count: number) =>
    n(
      count,
      '# message is deleted from this computer, together with the saved passwords. Mail on the servers stays as it is.',
      '# messages are deleted from this computer, together with the saved passwords. Mail on the servers stays as it is.',
    ),
  removeRecoverable: (count: number) =>
    n(
      count,
      '# of them exists on this computer only and is lost for good.',
      '# of them exist on this computer only and are lost for good.',
    ),
  removeLosses: 'This is lost for good, because it exists only here:',
  lostMails: (count: number) =>
    n(
      count,
      '# message in the outbox that was not sent, or not for certain',
      '# messages in the outbox that were not sent, or not for certain',
    ),
  lostDrafts: (count: number) => n(count, '# draft', '# drafts'),
  lostChanges: (count: number) =>
    n(count, '# change that has not reached the mail server yet', '# changes that have not reached the mail server yet'),
  removeAnyway: 'I no longer need any of it.',
  removeConfirm: 'Remove account',
  cancel: 'Cancel',
  removing: (count: number) => `Being removed. ${n(count, '# message', '# messages')} left …`,
  removed: (email: string) => `${email} was removed from this computer.`,
  reports: 'Show the reports',
  version: 'Version',
  platform: 'System',
  demo: 'Demonstration with sample mail',
  recoveryKey: 'Recovery key',
  recoveryKeyWhy: 'It opens your mail on this computer if the keyring or your passphrase is ever lost.',
  showRecoveryKey: 'Show the recovery key',
  recoveryKeySaved: (name: string) => `Saved as ${name}. Keep it apart from this computer.`,
  showShortcuts: 'Keyboard shortcuts',
};
