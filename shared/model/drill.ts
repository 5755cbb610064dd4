import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { accountIdSchema } from './ids.ts';

export const drillStepNameSchema = z.enum(['coverage', 'failover', 'relay-login', 'read', 'send', 'arrival', 'failback', 'reconcile']);
export type DrillStepName = z.infer<typeof drillStepNameSchema>;

export const drillStepSchema = z.lazy(() =>
  z.strictObject({
    name: drillStepNameSchema,
    status: z.enum(['waiting', 'running', 'passed', 'failed', 'skipped']),
    /** Share of the full marks, 0 to 1. */
    score: z.number().min(0).max(1),
    durationMs: z.number().nonnegative(),
    /** Figures in machine-readable words. */
    detail: z.string().max(300),
    /** Mailboxes, log-ins, mails, where it counted them. */
    count: z.strictObject({ done: z.number().int().nonnegative(), all: z.number().int().nonnegative() }).nullable().default(null),
    /** As in a run. */
    relayClockMs: z.number().default(0),
    error: packedErrorSchema.nullable(),
  }),
);
export type DrillStep = z.infer<typeof drillStepSchema>;

/** "Test my emergency access": only this app treats the primary as gone. */
export const drillSchema = z.lazy(() =>
  z.strictObject({
    id: z.number().int().positive(),
    accountId: accountIdSchema,
    /** `self`: one mail to the person's own address by the relay; `none`: the relay is asked up to the point of sending. */
    sendTo: z.enum(['self', 'none']),
    state: z.enum(['running', 'finished', 'cancelled']),
    startedAt: z.number(),
    endedAt: z.number().nullable(),
    /** 0 to 100; null until finished. */
    score: z.number().min(0).max(100).nullable(),
    steps: z.array(drillStepSchema).max(20),
  }),
);
export type Drill = z.infer<typeof drillSchema>;
