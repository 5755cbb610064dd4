import type { HandlersOf } from './handlers-of.ts';
import type { continuityCalls } from '../../../shared/ipc/calls/continuity.ts';

export const continuityHandlers: HandlersOf<typeof continuityCalls> = {
  'continuity.state': (engine) => engine.features.monitor.states(),
  'continuity.control': (engine, { accountId, control }) => engine.features.monitor.setControl(accountId, control),
  'continuity.failover': (engine, { accountId, stays }) => engine.features.monitor.answerFailover(accountId, !stays),
  'continuity.probe': (engine, { accountId }) => engine.features.monitor.probeNow(accountId),
  'continuity.history': (engine, { accountId, limit }) => engine.features.monitor.history(accountId, limit),
  'continuity.configure': (engine, { accountId, continuity, signature }) => engine.configureContinuity(accountId, continuity, signature),
  'alerts.list': (engine) => engine.features.alerts.list(),
  'alerts.dismiss': (engine, { accountId, id }) => {
    engine.features.alerts.dismiss(accountId, id);
    return null;
  },
  'drill.start': (engine, { accountId, sendTo }) => engine.features.drills.begin(accountId, sendTo),
  'drill.cancel': async (engine, { accountId }) => {
    await engine.features.drills.cancel(accountId);
    return null;
  },
  'drill.list': (engine, { accountId }) => engine.features.drills.list(accountId),
};
