import type { HandlersOf } from './handlers-of.ts';
import type { continuityCalls } from '../../../shared/ipc/calls/continuity.ts';
import { MailError } from '../../../shared/errors.ts';

const missing = (): never => {
  throw new MailError('internal', { scope: 'account', retry: 'never', detail: 'not built yet' });
};

export const continuityHandlers: HandlersOf<typeof continuityCalls> = {
  'continuity.state': (engine) => engine.features.monitor.states(),
  'continuity.control': (engine, { accountId, control }) => engine.features.monitor.setControl(accountId, control),
  'continuity.failover': (engine, { accountId }) => engine.features.monitor.confirmFailover(accountId),
  'continuity.probe': (engine, { accountId }) => engine.features.monitor.probeNow(accountId),
  'continuity.history': (engine, { accountId, limit }) => engine.features.monitor.history(accountId, limit),
  'continuity.configure': (engine, { accountId, continuity, signature }) => engine.configureContinuity(accountId, continuity, signature),
  'drill.start': missing,
  'drill.cancel': missing,
  'drill.list': missing,
};
