import type { HandlersOf } from './handlers-of.ts';
import type { reconcileCalls } from '../../../shared/ipc/calls/reconcile.ts';
import { MailError } from '../../../shared/errors.ts';

const missing = (): never => {
  throw new MailError('internal', { scope: 'account', retry: 'never', detail: 'not built yet' });
};

export const reconcileHandlers: HandlersOf<typeof reconcileCalls> = {
  'reconcile.list': missing,
  'reconcile.items': missing,
  'reconcile.approve': missing,
  'reconcile.acknowledge': missing,
  'reconcile.report': missing,
  'reconcile.removeDouble': missing,
};
