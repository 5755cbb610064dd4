import type { HandlersOf } from './handlers-of.ts';
import type { outboxCalls } from '../../../shared/ipc/calls/outbox.ts';
import { MailError } from '../../../shared/errors.ts';

const missing = (): never => {
  throw new MailError('internal', { scope: 'account', retry: 'never', detail: 'not built yet' });
};

export const outboxHandlers: HandlersOf<typeof outboxCalls> = {
  'outbox.list': missing,
  'outbox.cancel': missing,
  'outbox.sendNow': missing,
  'outbox.lookUp': missing,
  'outbox.resend': missing,
  'outbox.markSent': missing,
  'outbox.edit': missing,
  'outbox.dismiss': missing,
};
