import { MailError, type PackedError, type ErrorCode } from '../../shared/errors.ts';

/** What a person at a shell can do about it; codes without a line speak for themselves. */
const REMEDY: Partial<Readonly<Record<ErrorCode, string>>> = {
  'auth-rejected': 'the server refused user or password; enrol again with the right ones',
  'secret-missing': 'no password is stored for this side; enrol the account again',
  'store-key-missing': 'the key of this profile is not in the keyring; log in as the user who enrolled, or use the recovery key',
  'store-key-wrong': 'the key does not open this store; nothing was changed. Use the keyring of the user who enrolled',
  'store-corrupt': 'the store is damaged; it was left as it is. See README, "When the store is damaged"',
  'store-newer-schema': 'a newer version of Holdover wrote this store; install that version',
  'store-in-use': 'another Holdover (the app?) has this profile open; quit it first',
  'store-full': 'no space is left on the disk of the profile folder',
  'store-read-only': 'the profile folder cannot be written to; check its permissions',
  'keyring-unavailable': 'no keyring answers; start one, or use --passphrase-file',
  'keyring-locked': 'the keyring is locked; unlock it and try again',
  'tls-not-offered': 'the server does not offer encryption; nothing was sent. Use the TLS port',
  'tls-certificate-untrusted': 'the certificate is signed by nobody this machine trusts; give the company CA as caFile',
  'connect-refused': 'nothing listens at that host and port',
  'dns-failed': 'the host name is not known',
  'account-missing': 'enrol an account first: npm run engine -- enrol --file FILE',
  'config-invalid': 'correct the value named',
};

/** One line for a person: what failed, where, and the remedy. */
export function explain(packed: PackedError, error: unknown): string {
  const where = packed.side ? ` (${packed.side})` : '';
  const detail = packed.detail ? `: ${packed.detail}` : '';
  const remedy = REMEDY[packed.code];
  const stack = !(error instanceof MailError) && process.env['HOLDOVER_DEBUG'] && error instanceof Error ? `\n${error.stack}` : '';
  return `${packed.code}${where}${detail}${remedy ? `\n  ${remedy}` : ''}${stack}`;
}
