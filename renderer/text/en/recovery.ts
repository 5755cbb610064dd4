export const recovery = {
  lostTitle: 'The key to your mail is lost',
  lostWhy:
    'Your mail on this computer is encrypted, and the keyring does not hold the key that fits it. Nothing was changed or deleted. If the keyring comes back, try again; otherwise enter the recovery key.',
  recover: {
    title: 'Enter the recovery key',
    forgotten: 'Passphrase forgotten?',
    noKeyring: 'The keyring cannot be brought back?',
    why: 'The recovery key was shown or saved in the settings: 56 letters and digits. Capitals, spaces and hyphens make no difference.',
    key: 'Recovery key',
    newPassphrase: 'New passphrase',
    passwordsGone: 'Your account passwords are asked for once more afterwards: add each account again. What is on this computer stays.',
    open: 'Open with the recovery key',
  },
  setAside: {
    title: 'No recovery key either?',
    why: 'You can begin anew with an empty copy: the mail is fetched from the servers again. The locked files are set aside in the profile folder, never deleted, and open as soon as their key turns up.',
    known: (when: string) => `This was only on this computer when it was last looked at (${when}), and stays locked away:`,
    nothing: (when: string) => `When it was last looked at (${when}), everything had been sent and saved on the servers.`,
    unknown: 'Whether mail not sent or drafts stay locked away cannot be known without the key.',
    accept: 'I understand that this cannot be read without the key.',
    confirm: 'Set aside and begin anew',
  },
};
