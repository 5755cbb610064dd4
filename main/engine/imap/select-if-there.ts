import { MailError } from '../../../shared/errors.ts';
import type { ImapSession, SelectedMailbox } from './gateway.ts';

/**
 * SELECT of a mailbox that may be gone. Null only where the server's list does not have it either: a refusal alone proves nothing, and
 * what lies there would be taken for gone.
 * @throws MailError command-refused (retry later) where the list has it all the same
 */
export async function selectIfThere(
  session: ImapSession,
  path: string,
  options: Parameters<ImapSession['select']>[1] = {},
): Promise<SelectedMailbox | null> {
  try {
    return await session.select(path, options);
  } catch (error) {
    if (!(error instanceof MailError) || error.code !== 'mailbox-missing') throw error;
    if (!(await session.list()).some((one) => one.path === path && one.isSelectable)) return null;
    throw new MailError('command-refused', { scope: 'mailbox', retry: 'later', side: session.side, detail: error.detail });
  }
}
