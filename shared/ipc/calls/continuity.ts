import { z } from 'zod';
import { accountSchema } from '../../model/account.ts';
import { continuityConfigSchema, continuityControlSchema } from '../../model/continuity-config.ts';
import { continuityStateSchema, modeChangeSchema } from '../../model/continuity.ts';
import { drillSchema } from '../../model/drill.ts';
import { accountIdSchema } from '../../model/ids.ts';
import { serverAlertSchema } from '../../model/server-alert.ts';
import { call, done, none } from '../call.ts';

/** Mode and health of each account, what its servers want to be told, and the drill. */
export const continuityCalls = {
  'continuity.state': call(
    () => none,
    () => z.array(continuityStateSchema),
  ),
  /** Holds an account to a mode, or lets the evidence decide again. Refused (`held-by-policy`) where IT holds it. */
  'continuity.control': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, control: continuityControlSchema })]),
    () => continuityStateSchema,
  ),
  /** The answer to `asksForFailover`; `stays`: no, where mail is not delivered. */
  'continuity.failover': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, stays: z.boolean().default(false) })]),
    () => continuityStateSchema,
  ),
  /** Looks at every endpoint now. */
  'continuity.probe': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema })]),
    () => continuityStateSchema,
  ),
  'continuity.history': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, limit: z.number().int().min(1).max(500) })]),
    () => z.array(modeChangeSchema),
  ),
  /** Refused (`held-by-policy`) where a value is another one that IT holds. */
  'continuity.configure': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, continuity: continuityConfigSchema, signature: z.string().max(5000) })]),
    () => accountSchema,
  ),
  /** What servers want the person to be told and they have not put away, oldest first. */
  'alerts.list': call(
    () => none,
    () => z.array(serverAlertSchema),
  ),
  'alerts.dismiss': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, id: z.number().int().positive() })]),
    () => done,
  ),
  'drill.start': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, sendTo: z.enum(['self', 'none']) })]),
    () => drillSchema,
  ),
  'drill.cancel': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema })]),
    () => done,
  ),
  /** Newest first. */
  'drill.list': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema })]),
    () => z.array(drillSchema),
  ),
} as const;
