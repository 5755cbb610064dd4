import type { HandlersOf } from './handlers-of.ts';
import type { actionCalls } from '../../../shared/ipc/calls/actions.ts';
import { MailError } from '../../../shared/errors.ts';

const missing = (): never => {
  throw new MailError('internal', { scope: 'account', retry: 'never', detail: 'not built yet' });
};

export const actionHandlers: HandlersOf<typeof actionCalls> = {
  'messages.move': missing,
  'messages.archive': missing,
  'messages.delete': missing,
  'messages.restore': missing,
  'actions.undo': missing,
  'actions.failed': missing,
  'actions.dismiss': missing,
  'actions.open': missing,
};
