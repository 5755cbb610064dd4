import { z } from 'zod';

/** Names the kind and the version of an alert. */
export const ALERT_FORMAT = 'holdover-alert-1';

/**
 * What IT is told of at once. `primary-down`: confirmed, no drill and not forced. `relay-fails`: the relay lets nobody in or cannot be
 * reached. `coverage-behind`: the copy is not complete, or nothing was fetched for a day. `reconcile-exceptions`: something could not be
 * carried back. `store-damaged`: the store cannot be opened or written. `send-uncertain`: nobody knows whether a mail was taken.
 * `alerts-lost`: more were waiting than can be kept.
 */
export const alertKindSchema = z.enum([
  'primary-down',
  'relay-fails',
  'coverage-behind',
  'reconcile-exceptions',
  'store-damaged',
  'send-uncertain',
  'alerts-lost',
]);
export type AlertKind = z.infer<typeof alertKindSchema>;

/** One alert as it is posted; syslog carries the same. */
export const alertSchema = z.strictObject({
  format: z.literal(ALERT_FORMAT),
  /** The same in every attempt to deliver it. */
  id: z.uuid(),
  kind: alertKindSchema,
  state: z.enum(['raised', 'cleared']),
  at: z.iso.datetime(),
  device: z.string().min(1).max(253),
  profile: z.uuid(),
  version: z.string().max(60),
  /** Address of the account; null where it is about the device. */
  account: z.string().max(320).nullable(),
  /** Error code or cause. */
  code: z.string().max(60).nullable(),
  /** How many mails, changes or alerts. */
  count: z.number().int().nonnegative().nullable(),
});
export type Alert = z.infer<typeof alertSchema>;
