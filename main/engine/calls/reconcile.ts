import type { HandlersOf } from './handlers-of.ts';
import type { reconcileCalls } from '../../../shared/ipc/calls/reconcile.ts';

export const reconcileHandlers: HandlersOf<typeof reconcileCalls> = {
  'reconcile.list': ({ features }) => features.reconciler.list(),
  'reconcile.items': ({ features }, { runId, offset, limit }) => features.reconciler.items(runId, offset, limit),
  'reconcile.approve': ({ features }, { runId }) => features.reconciler.approve(runId),
  'reconcile.acknowledge': ({ features }, { runId }) => {
    features.reconciler.acknowledge(runId);
    return null;
  },
  'reconcile.report': ({ features }, { runId, format }) => features.reconciler.report(runId, format),
  'reconcile.removeDouble': ({ features }, { runId, itemId }) => {
    features.reconciler.removeDouble(runId, itemId);
    return null;
  },
};
