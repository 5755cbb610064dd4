import { ContinuityMonitor } from './continuity/monitor.ts';
import type { FeatureContext } from './features.ts';
import type { Alerts } from './tell-alerts.ts';
import { deliveriesSince, lookForDeliveries } from './reconcile/deliveries.ts';

/** The monitor of health and modes with what it is lent: the mirror's mail tells whether the primary still delivers. */
export function createMonitor(
  { deps, store, credentials, onEvent, step, look, wake }: FeatureContext,
  alerts: Pick<Alerts, 'note'>,
): ContinuityMonitor {
  return new ContinuityMonitor({
    ...{ deps, store, step, look },
    credentials: (...of) => credentials.get(...of),
    reject: (...of) => credentials.reject(...of),
    onAlert: ({ id }, side, text) => alerts.note(id, side, text),
    deliveries: {
      since: (accountId, since) => deliveriesSince(store, accountId, since),
      look: (accountId, session, mails, mayGoOn) => lookForDeliveries(store, accountId, session, mails, mayGoOn),
      wake: (accountId) => wake(accountId, 'primary'),
    },
    onStates: (states) => onEvent('continuity.state', states),
  });
}
