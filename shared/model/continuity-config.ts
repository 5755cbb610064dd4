import { z } from 'zod';

/** Who decides about the mode. */
export const continuityControlSchema = z.enum(['automatic', 'forced-continuity', 'forced-normal']);
export type ContinuityControl = z.infer<typeof continuityControlSchema>;

const seconds = (most: number) => z.number().int().min(0).max(most);
const DAY = 86_400;

/** How long mail of one kind is kept, days. */
export const daysSchema = z.number().int().min(1).max(90);

export const continuityFields = () => ({
  /** `ask`: the window asks before mail goes through the relay; reading and queueing work at once in any case. */
  failover: z.enum(['automatic', 'ask']),
  /** `ask`: nothing is carried back before a person has approved the plan. */
  reconcile: z.enum(['automatic', 'ask']),
  /** The primary has to answer this long before it counts as back. */
  stableSeconds: seconds(3600),
  /** The plan is shown this long before it is carried out by itself. */
  previewSeconds: seconds(3600),
  /** Mail received only by the relay is left to the relay's own queue this long after the primary's return. */
  deliveryGraceSeconds: seconds(7 * DAY),
  /** Sending can be undone for this long. */
  undoSendSeconds: seconds(60),
});

/** How an account behaves in an outage, as its person would have it. */
export const continuityConfigSchema = z.lazy(() => {
  const of = continuityFields();
  return z.strictObject({
    failover: of.failover.default('automatic'),
    reconcile: of.reconcile.default('automatic'),
    stableSeconds: of.stableSeconds.default(60),
    previewSeconds: of.previewSeconds.default(20),
    deliveryGraceSeconds: of.deliveryGraceSeconds.default(30 * 60),
    undoSendSeconds: of.undoSendSeconds.default(10),
  });
});
export type ContinuityConfig = z.infer<typeof continuityConfigSchema>;

/**
 * What IT holds of it. A value here is in force whatever the person has chosen, and they cannot change it; what is left out is
 * theirs. `control` holds the mode itself. Beside it, what IT alone can know or say of an account's mail: `trustedAuthservIds` names
 * the servers whose Authentication-Results count (RFC 8601), `remoteImages` forbids that images are asked of foreign servers,
 * `dangerousAttachments` that what may harm the machine is saved. The days are those of the account's retention.
 */
export const continuityPolicySchema = z.lazy(() =>
  z
    .strictObject({
      ...continuityFields(),
      control: continuityControlSchema,
      trustedAuthservIds: z.array(z.string().regex(/^[\w.:-]{1,253}$/)).max(20),
      remoteImages: z.enum(['ask', 'never']),
      dangerousAttachments: z.enum(['ask', 'never']),
      incomingDays: daysSchema,
      outgoingDays: daysSchema,
      quarantinedDays: daysSchema,
    })
    .partial(),
);
export type ContinuityPolicy = z.infer<typeof continuityPolicySchema>;

/** Days of the retention that IT holds, by kind. Pure. */
export const heldRetention = ({ incomingDays, outgoingDays, quarantinedDays }: ContinuityPolicy): Record<string, number> =>
  Object.fromEntries(
    Object.entries({ incomingDays, outgoingDays, quarantinedDays }).filter((one): one is [string, number] => one[1] !== undefined),
  );

interface Configured {
  readonly continuity: ContinuityConfig;
  readonly managed: ContinuityPolicy;
}

const keys = [
  'failover',
  'reconcile',
  'stableSeconds',
  'previewSeconds',
  'deliveryGraceSeconds',
  'undoSendSeconds',
] as const satisfies readonly (keyof ContinuityConfig)[];

/** What holds: IT's word where there is one, else the person's. Pure. */
export function continuityInForce({ continuity, managed }: Configured): ContinuityConfig {
  const held = keys.filter((key) => managed[key] !== undefined).map((key) => [key, managed[key]] as const);
  return { ...continuity, ...Object.fromEntries(held) };
}

/**
 * The person's choice with what they want changed, or the name of a value that IT holds and that would be another one. A held
 * value may be repeated; what the person chose before is kept for the day IT lets go of it. Pure.
 */
export function changeContinuity(before: Configured, wanted: ContinuityConfig): ContinuityConfig | keyof ContinuityConfig {
  const held = keys.filter((key) => before.managed[key] !== undefined);
  const refused = held.find((key) => wanted[key] !== before.managed[key] && wanted[key] !== before.continuity[key]);
  return refused ?? { ...wanted, ...Object.fromEntries(held.map((key) => [key, before.continuity[key]])) };
}
