import type { HandlersOf } from './handlers-of.ts';
import type { continuityCalls } from '../../../shared/ipc/calls/continuity.ts';
import { MailError } from '../../../shared/errors.ts';

const missing = (): never => {
  throw new MailError('internal', { scope: 'account', retry: 'never', detail: 'not built yet' });
};

export const continuityHandlers: HandlersOf<typeof continuityCalls> = {
  'continuity.state': missing,
  'continuity.control': missing,
  'continuity.failover': missing,
  'continuity.probe': missing,
  'continuity.history': missing,
  'continuity.configure': missing,
  'drill.start': missing,
  'drill.cancel': missing,
  'drill.list': missing,
};
