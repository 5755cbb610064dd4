import type { ContinuityMonitor } from './continuity/monitor.ts';
import type { FeatureContext } from './features.ts';
import { viewContext } from './mirror/view-context.ts';
import { describeChange } from './oplog/describe-op.ts';
import { Reconciler } from './reconcile/reconciler.ts';

/** The reconciliation with what it is lent by the mirror, the journal and the monitor. */
export function createReconciler(context: FeatureContext, monitor: ContinuityMonitor): Reconciler {
  const { deps, store, step, wake, look, states, onEvent } = context;
  const reconciler = new Reconciler({
    ...{ store, step, wake, look, states, clock: deps.clock, log: deps.log },
    describe: (change) => describeChange(store, change),
    view: (id) => viewContext(store, id),
    settled: (id, hadWork) => monitor.reconciled(id, hadWork),
    onChanged: () => onEvent('reconcile.changed', null),
  });
  monitor.onChange(({ accountId }) => reconciler.changed(accountId));
  return reconciler;
}
