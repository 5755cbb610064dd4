import { MailError } from '../../../shared/errors.ts';
import type { ImapSession } from './gateway.ts';

/** Whether an error concerns one message or mailbox only, and not the session. */
export function isMailboxError(error: unknown): error is MailError {
  return error instanceof MailError && (error.scope === 'message' || error.scope === 'mailbox');
}

/** The same on a session that stands: the work's own to settle. Everything else ends the session and is thrown on (see SideJob). */
export function isLesserFailure(error: unknown, session: Pick<ImapSession, 'isOpen'>): error is MailError {
  return session.isOpen && isMailboxError(error);
}
