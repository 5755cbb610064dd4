import { MailError } from '../../../shared/errors.ts';
import type { ImapSession } from './gateway.ts';

/**
 * Whether a failure concerns one message or mailbox only, on a session that stands: the work's own to settle. Everything else
 * ends the session and is thrown on (see SideJob).
 */
export function isLesserFailure(error: unknown, session: Pick<ImapSession, 'isOpen'>): error is MailError {
  return error instanceof MailError && session.isOpen && (error.scope === 'message' || error.scope === 'mailbox');
}
