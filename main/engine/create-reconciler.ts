import type { ContinuityMonitor } from './continuity/monitor.ts';
import type { FeatureContext } from './features.ts';
import { CutPauses } from './imap/cut-pauses.ts';
import { balanceOf } from './reconcile/balance.ts';
import { viewContext } from './mirror/view-context.ts';
import { describeChange } from './oplog/describe-op.ts';
import { Reconciler } from './reconcile/reconciler.ts';

/** The reconciliation with what it is lent by the mirror, the journal and the monitor. */
export function createReconciler(context: FeatureContext, monitor: ContinuityMonitor): Reconciler {
  const { deps, store, step, wake, look, states, onEvent, journal } = context;
  const reconciler = new Reconciler({
    ...{ store, step, wake, look, states, clock: deps.clock, log: deps.log, cuts: new CutPauses(deps.clock) },
    describe: (change) => describeChange(store, change),
    view: (id) => viewContext(store, id),
    settled: (id, hadWork) => monitor.reconciled(id, hadWork),
    finished: ({ id, accountId }) => {
      const lines = Object.entries(balanceOf(store.reconcile.counts(id))).flatMap(([kind, line]) =>
        Object.entries(line).map(([name, count]) => [`${kind}.${name}`, count] as const),
      );
      journal.append('reconciled', store.accounts.get(accountId).config.email, { run: id, ...Object.fromEntries(lines) });
    },
    onChanged: () => onEvent('reconcile.changed', null),
  });
  monitor.onChange(({ accountId }) => reconciler.changed(accountId));
  return reconciler;
}
