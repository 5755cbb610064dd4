import { z } from 'zod';
import { errorCodeSchema } from '../errors.ts';
import { serviceSchema, sideSchema } from './account.ts';
import { continuityControlSchema } from './continuity-config.ts';
import { accountIdSchema, outageIdSchema } from './ids.ts';

/**
 * How an account works now. `degraded`: something of the primary fails, but work goes on through it (or a person has yet to
 * agree to leave it). `continuity`: the primary is gone, mail goes through the relay. `recovering`: the primary is back, what was
 * done meanwhile is carried over. `offline`: this machine's own network is gone; nothing can be said of any server.
 */
export const continuityModeSchema = z.enum(['normal', 'degraded', 'continuity', 'recovering', 'offline']);
export type ContinuityMode = z.infer<typeof continuityModeSchema>;

/** What is wrong, on evidence. */
export const outageCauseSchema = z.enum([
  'network-down',
  'primary-unreachable',
  'primary-login-refused',
  'primary-not-accepting',
  'primary-not-delivering',
  'relay-down',
  'forced',
  'drill',
]);
export type OutageCause = z.infer<typeof outageCauseSchema>;

/** One service of one side. */
export const endpointRefSchema = z.strictObject({ side: sideSchema, service: serviceSchema });
export type EndpointRef = z.infer<typeof endpointRefSchema>;

/** One thing seen that speaks for or against an endpoint. */
export const evidenceSchema = z.lazy(() =>
  z.strictObject({
    /** Milliseconds since 1970. */
    at: z.number(),
    endpoint: endpointRefSchema.nullable(),
    source: z.enum(['live', 'probe', 'submission', 'delivery', 'network', 'person', 'policy', 'drill']),
    isGood: z.boolean(),
    code: errorCodeSchema.nullable(),
    /** So many mails that the relay took since then never came to the primary. */
    undelivered: z.strictObject({ count: z.number().int().positive(), since: z.number() }).optional(),
  }),
);
export type Evidence = z.infer<typeof evidenceSchema>;

/** `suspect`: failed, not yet confirmed. */
export const endpointHealthSchema = z.enum(['unknown', 'up', 'suspect', 'down']);
export type EndpointHealth = z.infer<typeof endpointHealthSchema>;

export const endpointStateSchema = z.lazy(() =>
  z.strictObject({
    endpoint: endpointRefSchema,
    health: endpointHealthSchema,
    since: z.number(),
    lastGoodAt: z.number().nullable(),
    lastError: errorCodeSchema.nullable(),
  }),
);
export type EndpointState = z.infer<typeof endpointStateSchema>;

/** Why the mode is what it is; words are in renderer/text. */
export const modeReasonSchema = z.enum([
  'started',
  'all-well',
  'primary-suspect',
  'submission-fails',
  'relay-fails',
  'primary-down-confirmed',
  'login-refused-confirmed',
  'not-accepting-confirmed',
  'waiting-for-person',
  'confirmed-by-person',
  'declined-by-person',
  'forced-by-person',
  'released-by-person',
  'forced-by-policy',
  'released-by-policy',
  'drill-started',
  'drill-ended',
  'network-lost',
  'network-back',
  'primary-back',
  'primary-lost-again',
  'reconciled',
  'nothing-to-reconcile',
]);
export type ModeReason = z.infer<typeof modeReasonSchema>;

export const continuityStateSchema = z.lazy(() =>
  z.strictObject({
    accountId: accountIdSchema,
    mode: continuityModeSchema,
    reason: modeReasonSchema,
    cause: outageCauseSchema.nullable(),
    /** Milliseconds since 1970: since when the mode holds. */
    since: z.number(),
    /** First sign of the present trouble, and when it was confirmed ("down since 09:41, confirmed 09:41:12"). */
    troubleSince: z.number().nullable(),
    confirmedAt: z.number().nullable(),
    /** What decided, newest last, at most 10. */
    evidence: z.array(evidenceSchema).max(10),
    endpoints: z.array(endpointStateSchema).max(4),
    control: continuityControlSchema,
    /** IT decides about the mode, not the person. */
    isHeldByPolicy: z.boolean(),
    /** The primary seems to be gone and the configuration asks before mail leaves through the relay; or it seems not to deliver. */
    asksForFailover: z.boolean(),
    outageId: outageIdSchema.nullable(),
    isDrill: z.boolean(),
  }),
);
export type ContinuityState = z.infer<typeof continuityStateSchema>;

/** One change of the mode, kept. */
export const modeChangeSchema = z.strictObject({
  at: z.number(),
  from: continuityModeSchema,
  to: continuityModeSchema,
  reason: modeReasonSchema,
  cause: outageCauseSchema.nullable(),
});
export type ModeChange = z.infer<typeof modeChangeSchema>;
