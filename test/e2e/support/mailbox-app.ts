import type { AccountConfigInput } from '../../../shared/model/account.ts';
import { until } from '../../support/until.ts';
import { value } from './enrolled-app.ts';
import { startApp, type RunningApp } from './start-app.ts';

let shared: Promise<RunningApp> | null = null;

/** One app for tests that each bring a mailbox of their own: a start takes longer than a mailbox. The file ends it. */
export function mailboxApp(): Promise<RunningApp> {
  shared ??= startApp({ env: { TZ: 'Europe/Berlin' }, locale: 'en-GB' });
  return shared;
}

/** Nobody listens there. */
export const NOWHERE = 1;

/** Gives it the mailbox on this server as its only one. `smtpPort`: of a server to send by, at once. */
export async function enrolMailbox(app: RunningApp, imapPort: number, password: string, smtpPort: number | null = null): Promise<void> {
  const imap = { host: '127.0.0.1', port: imapPort, security: 'plain' as const, user: 'alice' };
  const known = { type: 'password' as const, password };
  const secret = smtpPort === null ? { imap: known } : { imap: known, smtp: known };
  const smtp = smtpPort === null ? null : { ...imap, port: smtpPort };
  const continuity = { undoSendSeconds: 0 };
  const config: AccountConfigInput = { email: 'alice@example.com', primary: { imap, smtp }, relay: null, continuity };
  await value(app.call('accounts.enrol', { config, secrets: { primary: secret, relay: null } }));
}

/** Takes it away again, with all that is kept of it. */
export async function removeMailbox(app: RunningApp): Promise<void> {
  for (const { id } of await value(app.call('accounts.list'))) {
    await value(app.call('accounts.remove', { accountId: id, acceptLosses: true }));
  }
  await until('no mail is left', async () => (await value(app.call('mailboxes.list'))).length === 0);
  await app.window.reload();
}

/** Ends it, if it was started. */
export async function endMailboxApp(): Promise<void> {
  await (await shared)?.dispose();
  shared = null;
}
