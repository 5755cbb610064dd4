import type { ErrorTexts } from '../error-words.ts';

const bySelf = 'Nothing to do: it is tried again by itself.';
const askIt = 'If it stays like this, show this notice to your IT department.';
const retried = 'It is tried again by itself, and at once with “Try again”.';

export const errors: ErrorTexts = {
  'dns-failed': {
    what: 'The name of the server could not be looked up.',
    remedy: 'Check the network, and the server name for typing mistakes. It is tried again by itself.',
  },
  'connect-refused': {
    what: 'The server refuses connections.',
    remedy: 'It is probably down, or the port is wrong. It is tried again by itself.',
  },
  'connect-timeout': {
    what: 'The server does not answer.',
    remedy: 'It is probably down or blocked by a firewall. It is tried again by itself.',
  },
  'connection-lost': { what: 'The connection to the server broke off.', remedy: bySelf },
  'server-timeout': { what: 'The server stopped answering.', remedy: bySelf },
  'server-bye': { what: 'The server closed the connection.', remedy: bySelf },
  'server-hangs-up': {
    what: 'The mail server ends the connection whenever this is tried.',
    remedy: 'Everything else goes on. Perhaps the mail is too large for the server, or a filter stops it: ask your IT department.',
  },
  'too-many-connections': {
    what: 'The server allows no more connections.',
    remedy: 'Close other mail programs that use this account, or wait. It is tried again by itself.',
  },
  'protocol-violation': {
    what: 'The server gave an answer that makes no sense.',
    remedy: `Check that host and port are those of a mail server. ${askIt}`,
  },
  'answer-too-large': {
    what: 'The server sent more than is allowed.',
    remedy: `The answer was dropped for safety. ${askIt}`,
  },
  'network-unreachable': {
    what: 'This computer has no network.',
    remedy: 'You can go on reading and searching. The connection is made as soon as there is a network.',
  },
  'proxy-unreachable': {
    what: 'The proxy of your network does not answer.',
    remedy: `Without it no server can be reached. ${bySelf} ${askIt}`,
  },
  'proxy-refused': {
    what: 'The proxy of your network does not allow this connection.',
    remedy: 'Your IT has to allow server and port there, without a log-in at the proxy.',
  },
  'proxy-cannot-reach': {
    what: 'The proxy of your network cannot reach the server.',
    remedy: `The server is down, or the proxy has no network. ${bySelf}`,
  },
  'tls-failed': {
    what: 'No secure connection could be made.',
    remedy: 'Check the port and the kind of protection. No password was sent.',
  },
  'tls-certificate-expired': {
    what: 'The certificate of the server has expired.',
    remedy: 'Your IT department has to renew it. No password was sent. Also check the clock of this computer.',
  },
  'tls-certificate-wrong-host': {
    what: 'The certificate belongs to a different server.',
    remedy: 'Check the server name. If it is right, tell your IT department. No password was sent.',
  },
  'tls-certificate-untrusted': {
    what: 'The certificate of the server is not trusted.',
    remedy:
      'If your company has its own certificates, the certificate of their authority belongs in the certificate store of this computer; or enter the file with it. If browsers accept the certificate, the server leaves out the ones between its own and the authority: IT has to let it send them all. No password was sent.',
  },
  'tls-not-offered': {
    what: 'The server offers no encryption on this port.',
    remedy: 'Choose TLS, usually port 993 for receiving and 465 for sending. No password was sent.',
  },
  'ca-file-unreadable': {
    what: 'The file with the company certificate could not be read.',
    remedy: 'Check the path, and that it is a PEM file.',
  },
  'plain-refused': {
    what: 'An unprotected connection was refused.',
    remedy: 'Choose TLS or STARTTLS.',
  },
  'auth-rejected': {
    what: 'The server did not accept the user name or password.',
    remedy: 'Check both. Some providers ask for an app password instead of the usual one.',
  },
  'auth-mechanism-missing': {
    what: 'The server offers no way of logging in that is supported here.',
    remedy: 'Ask your IT department whether log-in by password or token can be switched on.',
  },
  'token-refresh-failed': {
    what: 'The sign-in has expired and could not be renewed.',
    remedy: 'Sign in again, or ask your IT department for a new enrolment file.',
  },
  'secret-missing': {
    what: 'There is no password for this account in the keyring.',
    remedy: 'Enter it again: the notice above your mail leads there. What is on this computer stays as it is.',
  },
  'sign-in-needed': {
    what: 'Your sign-in with the provider is no longer valid.',
    remedy: 'Sign in again. Everything on this computer stays as it is.',
  },
  'sign-in-denied': {
    what: 'The sign-in was refused at the provider.',
    remedy: 'Sign in again and agree there. If the provider does not allow that, ask your IT department.',
  },
  'sign-in-expired': { what: 'The time for signing in has run out.', remedy: 'Please begin again.' },
  'sign-in-wrong-account': {
    what: 'Another account was signed in at the provider.',
    remedy: 'Sign in there with the address of this account, in a private window of the browser if need be.',
  },
  'sign-in-failed': {
    what: 'The sign-in with the provider did not work.',
    remedy: 'Try again. If it stays like this, your IT department has to check how Holdover is registered with the provider.',
  },
  'command-refused': {
    what: 'The server refused a request.',
    remedy: `The rest goes on. ${askIt}`,
  },
  'mailbox-missing': {
    what: 'A folder no longer exists on the server.',
    remedy: 'Its messages stay on this computer for now, under Recoverable.',
  },
  'mailbox-exists': { what: 'A folder of this name exists already.', remedy: 'Choose a different name.' },
  'uid-validity-changed': {
    what: 'The server has numbered a folder anew.',
    remedy: 'Nothing to do: the folder is compared again by itself.',
  },
  'over-quota': {
    what: 'The mailbox on the server is full.',
    remedy: 'Delete mail on the server, or ask your IT department for more space.',
  },
  'message-missing': {
    what: 'The text of this message is not on this computer yet.',
    remedy: 'It follows as soon as the server can be reached.',
  },
  'message-too-large': {
    what: 'This is too large to be shown here.',
    remedy: 'Save the file instead, or open the message on the server.',
  },
  'message-unreadable': {
    what: 'This message is damaged and could not be read.',
    remedy: 'Look at it as source, or ask the sender to send it again.',
  },
  'operation-unsafe': {
    what: 'The change was not made because it could have harmed other messages.',
    remedy: 'Make the change on the server, for example in the web mail.',
  },
  'answer-incomplete': { what: 'The answer of the server broke off.', remedy: bySelf },
  'server-set-back': {
    what: 'The mail server came back without mail that it had.',
    remedy: 'It is safe here and can be put back.',
  },
  'mass-vanish-held': {
    what: 'Unusually many messages disappeared from the server at once.',
    remedy: 'Your copies stay for seven days. If nobody deleted them on purpose, put them back and tell your IT department.',
  },
  'smtp-refused': {
    what: 'The server for sending refused.',
    remedy: 'Check the sending settings. Your IT department can see the reason in the log of the server.',
  },
  'recipients-refused': {
    what: 'The server refused one or more recipients.',
    remedy: 'Check the addresses that are marked and send the mail to them again.',
  },
  'delivery-unconfirmed': {
    what: "It is not certain whether this mail was sent: the server's answer was lost.",
    remedy: 'Look at the evidence first. Send it again only if it did not arrive.',
  },
  'delivery-given-up': {
    what: 'The mail could not be sent for five days.',
    remedy: 'Check the addresses, then change it and send it again.',
  },
  'message-too-large-for-server': {
    what: 'The mail is larger than this server takes.',
    remedy: 'Send fewer or smaller files.',
  },
  'address-not-supported': {
    what: 'The server does not take addresses with special letters.',
    remedy: 'Use another address of the recipient.',
  },
  'draft-invalid': {
    what: 'Something is missing or wrong in this mail.',
    remedy: 'Check the marked field and send it again.',
  },
  'draft-changed': {
    what: 'This draft was changed in another window.',
    remedy: 'Close this one and go on there.',
  },
  'draft-conflict': {
    what: 'The draft was changed in two places.',
    remedy: 'Both versions were kept. Delete the one you do not need.',
  },
  'too-late': {
    what: 'The mail is on its way already.',
    remedy: 'It cannot be taken back any more.',
  },
  'held-by-policy': {
    what: 'Your IT department has set this.',
    remedy: 'It cannot be changed here. If it stands in your way, ask them.',
  },
  'policy-invalid': {
    what: "Your IT's policy is faulty and was not taken over.",
    remedy: 'The last one stays in force. Show your IT the details under "Policy" in the settings.',
  },
  'drill-not-now': {
    what: 'The test can only begin in normal operation.',
    remedy: 'Please start it when the mail server and the relay both answer and no other test is running.',
  },
  'no-route': {
    what: 'There is no server now through which the mail could be sent.',
    remedy: 'It is kept and sent by itself as soon as one can be reached.',
  },
  'changed-on-both-sides': {
    what: 'This mail was changed here and at the mail server.',
    remedy: "The server's version was kept. Repeat your change if you still want it.",
  },
  'lease-over': {
    what: 'This copy of your mail is locked: there was no contact with your servers for too long.',
    remedy: 'Connect this computer to the network. It opens by itself.',
  },
  'store-locked': { what: 'Your mail on this computer is locked.', remedy: 'Unlock it to go on.' },
  'store-key-missing': {
    what: 'The key to your mail is missing from the keyring.',
    remedy:
      'Restore the keyring of this computer and try again, or enter the recovery key. Without the key the copy cannot be opened; the servers still have your mail.',
  },
  'store-key-wrong': {
    what: 'The key in the keyring does not fit the mail on this computer.',
    remedy: 'Perhaps the profile comes from a different computer. Restore the matching keyring, or enter the recovery key.',
  },
  'store-corrupt': {
    what: 'The mail file on this computer is damaged.',
    remedy: 'It was left untouched, because several damaged files were set aside lately. Have the disk of this computer checked.',
  },
  'outbox-mended': {
    what: 'The file with your unsent mail and drafts was damaged.',
    remedy: 'Everything in it was saved, nothing is missing. The damaged file was kept in the profile folder.',
  },
  'outbox-partly-lost': {
    what: 'The file with your unsent mail and drafts was damaged, and not everything in it could be saved.',
    remedy:
      'Look through your outbox and drafts: the last changes may be missing, and mail that could have left already waits for your decision. The damaged file was kept in the profile folder.',
  },
  'outbox-missing': {
    what: 'The file with your unsent mail and drafts is gone.',
    remedy:
      'It was not removed by this app. If you have a copy of it, quit the app and ask your IT department to put it back. Otherwise check with the recipients what has arrived.',
  },
  'mirror-missing': {
    what: 'The file with the copy of your mail is gone.',
    remedy: 'It was not removed by this app. The mail is being copied from the servers again; unsent mail and drafts are complete.',
  },
  'mirror-mended': {
    what: 'The file with the copy of your mail was damaged.',
    remedy: 'The mail is being copied from the servers again. Your unsent mail, drafts and changes are complete.',
  },
  'mirror-partly-lost': {
    what: 'The file with the copy of your mail was damaged.',
    remedy:
      'The mail is being copied from the servers again; unsent mail and drafts are complete. Some of your changes that had not reached the server yet may be missing, such as read marks or moves. The damaged file was kept in the profile folder.',
  },
  'store-newer-schema': {
    what: 'The mail on this computer was written by a newer version of this app.',
    remedy: 'Install the current version. Until then the file is left untouched.',
  },
  'store-full': {
    what: 'The disk of this computer is full. New mail and changes cannot be kept.',
    remedy: `Free some space. Everything on this computer is still there, unsent mail too. ${retried}`,
  },
  'store-read-only': {
    what: 'The folder for your mail cannot be written to. New mail and changes cannot be kept.',
    remedy: `Allow writing to the profile folder, or ask your IT department. ${retried}`,
  },
  'store-io': {
    what: 'The disk with your mail reports an error. New mail and changes cannot be kept.',
    remedy: `Check its connection. ${retried} If this stays so, have the disk checked by your IT department before it fails for good.`,
  },
  'store-in-use': {
    what: 'Your mail is already open in another window of this app.',
    remedy: 'Use the other window, or close it and try again.',
  },
  'store-busy': {
    what: 'Another program holds the file with your mail, such as a virus scanner or a backup.',
    remedy: `This usually passes within moments. ${retried}`,
  },
  'store-missing': {
    what: 'The folder with your mail is no longer there.',
    remedy: `Connect the drive or network share that holds it. No new one is made in its place. ${retried}`,
  },
  'keyring-unavailable': {
    what: 'This computer has no keyring that answers.',
    remedy: 'Start the keyring service (Linux: GNOME Keyring or KWallet) and try again.',
  },
  'keyring-locked': {
    what: 'The keyring of this computer is locked.',
    remedy: 'Unlock it, usually by logging out and in again, and try again.',
  },
  'passphrase-wrong': { what: 'The passphrase is not right.', remedy: 'Check capital letters and the keyboard layout.' },
  'passphrase-weak': { what: 'This passphrase is too easy to guess.', remedy: 'Choose a longer one; several words are best.' },
  'vault-damaged': {
    what: 'The file in which your passphrase guards the key is damaged.',
    remedy: 'It was left untouched. Enter the recovery key; with it you choose a new passphrase.',
  },
  'recovery-key-wrong': {
    what: 'This recovery key does not open the mail on this computer.',
    remedy: 'Compare every character, and check that the key belongs to this computer.',
  },
  'config-invalid': { what: 'The settings are not complete or do not fit together.', remedy: 'Check the marked fields.' },
  'account-exists': { what: 'This account has been added already.', remedy: 'You find it in the settings.' },
  'account-missing': { what: 'This account no longer exists here.', remedy: 'Add it again if you still need it.' },
  'account-has-unsent': {
    what: 'This account has mail that was not sent, or other work that exists only here.',
    remedy: 'Look at what would be lost, and confirm it before you remove the account.',
  },
  'desktop-refused': {
    what: 'Your system did not accept this setting.',
    remedy: 'Change it in the settings of the system, or ask your IT.',
  },
  'not-found': { what: 'This is no longer here.', remedy: 'It may have been moved or removed in the meantime.' },
  'call-rejected': { what: 'The request was not accepted.', remedy: askIt },
  cancelled: { what: 'Cancelled.', remedy: 'You can start again at any time.' },
  internal: {
    what: 'Something unexpected went wrong.',
    remedy: `Try again. Nothing was deleted. ${askIt}`,
  },
};
