import { MailError } from '../../../shared/errors.ts';
import type { Account, Side } from '../../../shared/model/account.ts';
import type { ImapGateway, ImapSession } from '../imap/gateway.ts';
import type { CredentialProvider } from './credential-provider.ts';

export interface LogInDeps {
  readonly imap: ImapGateway;
  readonly credentials: CredentialProvider;
}

type ConnectOptions = Omit<Parameters<ImapGateway['connect']>[2], 'side'>;

/**
 * Connects one side of an account with fresh credentials. An access token that the server refuses before its time is renewed
 * and tried once more: it may have been withdrawn, or the clocks differ.
 * @throws MailError of the gateway, the token endpoint or the secret store; config-invalid where there is no such side.
 */
export async function logIn(
  { imap, credentials }: LogInDeps,
  account: Account,
  side: Side,
  options: ConnectOptions = {},
): Promise<ImapSession> {
  const endpoint = account.config[side]?.imap;
  if (!endpoint) throw new MailError('config-invalid', { scope: 'account', retry: 'never', side, detail: 'no such side' });
  const first = await credentials.get(account, side, 'imap');
  try {
    return await imap.connect(endpoint, first, { ...options, side });
  } catch (error) {
    const isRefused = error instanceof MailError && error.code === 'auth-rejected';
    if (!isRefused || first.type !== 'token') throw error;
    credentials.reject(account, side, 'imap', first);
    const renewed = await credentials.get(account, side, 'imap');
    return imap.connect(endpoint, renewed, { ...options, side });
  }
}
