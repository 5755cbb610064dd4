import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { accountIdSchema, entryIdSchema, outageIdSchema, reconcileRunIdSchema } from './ids.ts';

/** What the balance sheet counts. `change`: flags, moves, deletions; `restore`: mail put back by the person. */
export const reconcileKindSchema = z.enum(['sent', 'received', 'change', 'draft', 'restore']);
export type ReconcileKind = z.infer<typeof reconcileKindSchema>;

export const reconcileOperationSchema = z.enum([
  'prove-sent-copy',
  'resolve-unknown',
  'await-delivery',
  'append-received',
  'replay-change',
  'file-draft',
  'remove-draft-copy',
  'restore-message',
  'note-double',
  'note-unsent',
]);
export type ReconcileOperation = z.infer<typeof reconcileOperationSchema>;

export const reconcileReasonSchema = z.enum([
  'sent-by-relay',
  'sent-by-primary',
  'delivery-uncertain',
  'seen-at-relay-only',
  'time-uncertain',
  'grace-over',
  'already-at-primary',
  'changed-here',
  'changed-on-both-sides',
  'written-here',
  'discarded-here',
  'delivered-after-append',
  'filed-twice',
  'not-sent',
]);
export type ReconcileReason = z.infer<typeof reconcileReasonSchema>;

export const reconcileItemStateSchema = z.enum(['planned', 'running', 'confirmed', 'exception']);
export type ReconcileItemState = z.infer<typeof reconcileItemStateSchema>;

export const reconcileItemSchema = z.lazy(() =>
  z.strictObject({
    id: z.number().int().positive(),
    kind: reconcileKindSchema,
    operation: reconcileOperationSchema,
    reason: reconcileReasonSchema,
    state: reconcileItemStateSchema,
    entryId: entryIdSchema.nullable(),
    /** Of the mail it is about. */
    subject: z.string(),
    /** What is done: `flag +seen`, `move Archive`. */
    detail: z.string().max(300),
    error: packedErrorSchema.nullable(),
    doneAt: z.number().nullable(),
  }),
);
export type ReconcileItem = z.infer<typeof reconcileItemSchema>;

const figure = z.lazy(() =>
  z.strictObject({
    expected: z.number().int().nonnegative(),
    confirmed: z.number().int().nonnegative(),
    exceptions: z.number().int().nonnegative(),
  }),
);

/** In the end expected = confirmed + exceptions for each kind, all listed. */
export const balanceSheetSchema = z.record(reconcileKindSchema, figure);
export type BalanceSheet = z.infer<typeof balanceSheetSchema>;

export const reconcileStateSchema = z.enum(['preview', 'awaiting-approval', 'running', 'waiting', 'finished']);
export type ReconcileState = z.infer<typeof reconcileStateSchema>;

export const reconcileRunSchema = z.lazy(() =>
  z.strictObject({
    id: reconcileRunIdSchema,
    accountId: accountIdSchema,
    outageId: outageIdSchema,
    state: reconcileStateSchema,
    outageStartedAt: z.number(),
    outageEndedAt: z.number().nullable(),
    createdAt: z.number(),
    /** When a preview begins by itself, or waiting ends. */
    continuesAt: z.number().nullable(),
    finishedAt: z.number().nullable(),
    balance: balanceSheetSchema,
    /** How far the relay's clock was ahead of ours; 0: right, or not known. */
    relayClockMs: z.number(),
    /** The closing notice was seen. */
    isAcknowledged: z.boolean(),
  }),
);
export type ReconcileRun = z.infer<typeof reconcileRunSchema>;
