import type { AdminErrorCode } from './admin-error.ts';

/** What the administrator can do about each kind of error. */
export const remedies: Readonly<Record<AdminErrorCode, string>> = {
  'config-invalid': 'correct the place named in the rollout file',
  'config-unreadable': 'give the rollout file with --config (docs/admin-guide.en.md has one), and let this account read it',
  'directory-unreachable': 'check host, port, network and firewall; nothing was written',
  'directory-untrusted':
    'the connection could not be protected: add the company CA to the store of this machine or give it as directory.caFile, and use the name the certificate is made for',
  'directory-login-refused': 'check directory.bindDn and its secret',
  'directory-refused': 'the directory refused the search; its log says why. The account may lack the right to read there',
  'directory-incomplete':
    'only a part of the answer came, so nothing was written; run again, or raise the size and time limits of this account',
  'base-missing': 'there is no such place in the directory; correct the DN, or let the account read there',
  'group-missing': 'there is no such group, or this account may not read it',
  'nobody-selected': 'the selection is empty; correct select in the rollout file',
  'address-twice': 'two people claim one address; correct the directory, or leave one out by a filter',
  'template-unfilled': 'the directory has no value for this placeholder; fill it there, or change the template',
  'too-many-vanish': 'look at the list: if it is right, run again with a larger --vanish PERCENT. Nothing was written',
  'state-damaged': 'put the state file back from a backup, or move it away: then everyone is compared anew',
  'folder-unwritable': 'make room, or let this account write there; what was begun is finished by the next run',
  'reports-unreadable': 'give the folder into which the devices report, and let this account read it',
  'enrolment-missing': 'give the output folder of `enrol`, in which rollout-state.json lies',
  'page-unwritable': 'make room, or give a file that this account may write',
};
