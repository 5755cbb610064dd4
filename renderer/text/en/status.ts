import type { AccountLosses } from '../../../shared/model/account.ts';
import { counted } from '../counted.ts';
import { lazily } from '../lazily.ts';

const n = counted('en');
const figures = lazily(() => new Intl.NumberFormat('en'));

export const sides = { primary: 'Mail server', relay: 'Relay' };

export const status = {
  label: 'State of your mail',
  connected: 'connected',
  silent: 'does not answer',
  connecting: 'connecting …',
  checking: 'checking for changes …',
  copyingHeaders: 'copying the list of messages …',
  copyingBodies: 'copying messages …',
  retryAt: (time: string) => `not reachable, next try at ${time}`,
  retrySoon: 'not reachable, trying again …',
  offline: 'no network',
  offlineUntil: (time: string) => `no network, next try at ${time}`,
  stopped: 'stopped',
  needsYou: 'needs your attention',
  notSetUp: 'not set up',
  of: (side: string, state: string) => `${side}: ${state}`,
  completeSince: (day: string) => `Complete back to ${day}`,
  firstCopy: 'First copy is being made',
  headers: (done: number, total: number) => `Message list ${figures().format(done)} of ${figures().format(total)}`,
  bodies: (done: number, total: number) => `Messages ${figures().format(done)} of ${figures().format(total)}`,
  progress: 'Progress of the copy',
  lastSync: (when: string) => `Last checked ${when}`,
  justSynced: 'Checked just now',
  neverSynced: 'Not checked yet',
  details: 'Details',
  detailsTitle: 'State of each account',
  close: 'Close',
  syncNow: 'Check now',
  otherAccounts: (count: number) => n(count, '# other account needs attention', '# other accounts need attention'),
  engine: {
    starting: 'Starting …',
    locked: 'Locked',
    restarting: 'The background service is restarting. You can go on reading.',
    failed: 'The background service has stopped.',
    failedHint: 'What is on screen stays readable. Nothing was deleted.',
  },
  /** What waited in a file that is gone, as it was last noted. */
  missingHeld: (losses: AccountLosses | null, isMirror: boolean) => {
    if (losses === null) return 'How much waited in it cannot be known.';
    if (isMirror)
      return n(
        losses.changes,
        '# change that had not reached the mail server was in it.',
        '# changes that had not reached the mail server were in it.',
      );
    const mails = n(losses.mails, '# message that was not sent', '# messages that were not sent');
    const drafts = n(losses.drafts, '# draft', '# drafts');
    return `As last noted, it held ${mails}, and ${drafts} that existed only here. They may be lost.`;
  },
  tryAgain: 'Try again',
  mailboxesFailed: (names: readonly string[]) =>
    names.length === 1 ? `The folder “${names[0]}” cannot be read` : `These folders cannot be read: ${names.join(', ')}`,
  readingOffline: 'Everything copied so far can be read and searched.',
};

export const unlock = {
  chooseTitle: 'Choose a passphrase',
  chooseWhy:
    'This computer has no keyring that could guard the key to your mail. A passphrase guards it instead. You enter it each time the app starts.',
  chooseWarning:
    'Nobody can recover a forgotten passphrase. Only the recovery key opens your mail then: you find it in the settings. Keep it apart from this computer.',
  enterTitle: 'Unlock your mail',
  enterWhy: 'Your mail on this computer is encrypted. Enter your passphrase to open it.',
  passphrase: 'Passphrase',
  repeat: 'Repeat passphrase',
  show: 'Show passphrase',
  hide: 'Hide passphrase',
  tooShort: (least: number) => `At least ${least} characters, please. Several words make a good passphrase.`,
  notEqual: 'The two entries are not the same.',
  choose: 'Set passphrase',
  unlock: 'Unlock',
  working: 'One moment …',
  keyringTitle: 'The keyring cannot be reached',
  keyringWhy:
    'The key to your mail lies in the keyring of this computer, which is locked or does not answer at the moment. Nothing was changed or deleted.',
  keyringSteps: [
    'Unlock the keyring, usually by logging out of the computer and in again.',
    'Check that a keyring service is running (Linux: GNOME Keyring or KWallet).',
    'Then try again here.',
  ],
  tryAgain: 'Try again',
  troubleTitle: 'Your mail cannot be opened right now',
  nothingWiped: 'Nothing was deleted.',
  technical: 'Technical details',
  code: 'Code',
};
