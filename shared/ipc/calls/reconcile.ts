import { z } from 'zod';
import { accountIdSchema, reconcileRunIdSchema } from '../../model/ids.ts';
import { reconcileItemSchema, reconcileRunSchema } from '../../model/reconcile.ts';
import { call, done, none } from '../call.ts';

const ref = z.strictObject({ runId: reconcileRunIdSchema });

/** Carrying back what was done in an outage. */
export const reconcileCalls = {
  /** Newest first, all accounts; the first of an account is the one at work, if any. */
  'reconcile.list': call(
    () => none,
    () => z.array(reconcileRunSchema),
  ),
  'reconcile.items': call(
    () =>
      z.tuple([z.strictObject({ runId: reconcileRunIdSchema, offset: z.number().int().min(0), limit: z.number().int().min(1).max(1000) })]),
    () => z.strictObject({ total: z.number().int(), items: z.array(reconcileItemSchema) }),
  ),
  /** Begins a plan that waits for approval or for the end of its preview. */
  'reconcile.approve': call(
    () => z.tuple([ref]),
    () => reconcileRunSchema,
  ),
  /** The closing notice was seen. */
  'reconcile.acknowledge': call(
    () => z.tuple([ref]),
    () => done,
  ),
  /** The report as text, for saving. */
  'reconcile.report': call(
    () => z.tuple([z.strictObject({ runId: reconcileRunIdSchema, format: z.enum(['csv', 'json']) })]),
    () => z.strictObject({ fileName: z.string().max(200), text: z.string() }),
  ),
  /** Asks the person for a place; null when cancelled, else the file name chosen. Answered by the app process. */
  'reports.save': call(
    () =>
      z.tuple([
        z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('reconcile'), runId: reconcileRunIdSchema, format: z.enum(['csv', 'json']) }),
          z.strictObject({ kind: z.literal('drill'), accountId: accountIdSchema, drillId: z.number().int().positive() }),
        ]),
      ]),
    () => z.strictObject({ savedAs: z.string().nullable() }),
  ),
  /** Opens nothing and changes nothing: how many doubles were found after a run, with the call that removes ours. */
  'reconcile.removeDouble': call(
    () => z.tuple([z.strictObject({ runId: reconcileRunIdSchema, itemId: z.number().int().positive() })]),
    () => done,
  ),
} as const;
