import type { HandlersOf } from './handlers-of.ts';
import type { composeCalls } from '../../../shared/ipc/calls/compose.ts';
import { MailError } from '../../../shared/errors.ts';

const missing = (): never => {
  throw new MailError('internal', { scope: 'account', retry: 'never', detail: 'not built yet' });
};

export const composeHandlers: HandlersOf<typeof composeCalls> = {
  'compose.start': missing,
  'drafts.list': missing,
  'drafts.get': missing,
  'drafts.save': missing,
  'drafts.discard': missing,
  'drafts.addFile': missing,
  'drafts.removeFile': missing,
  'drafts.file': missing,
  'drafts.send': missing,
  'contacts.complete': missing,
};
