import { z } from 'zod';
import { continuityModeSchema } from '../model/continuity.ts';

/** Names the kind and the version of a report; another version is another format. */
export const REPORT_FORMAT = 'holdover-readiness-1';
/** A report of fifty accounts is a tenth of this. */
export const MAX_REPORT_BYTES = 256 * 1024;

const time = z.iso.datetime();
/** An error code of this or a later version; never a server's own words. */
const code = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/);
const count = z.number().int().min(0).max(1_000_000);
const days = z.number().int().min(1).max(90);
const name = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]+$/u, 'must not contain control characters');

/** Whether a server lets us in. `unchecked`: not looked at since the app started, or not known yet. */
export const loginCheckSchema = z.strictObject({
  result: z.enum(['ok', 'failed', 'unchecked']),
  /** When it last went well. */
  goodAt: time.nullable(),
  /** Why it failed. */
  code: code.nullable(),
});
export type LoginCheck = z.infer<typeof loginCheckSchema>;

const sideReportSchema = z.strictObject({
  /** Last look at every mailbox. */
  syncedAt: time.nullable(),
  /** Back to which every mailbox is complete, bodies included. */
  completeSince: time.nullable(),
  code: code.nullable(),
  imap: loginCheckSchema,
  /** Null where this side has no submission. */
  smtp: loginCheckSchema.nullable(),
});
export type SideReport = z.infer<typeof sideReportSchema>;

export const accountReportSchema = z.strictObject({
  /** By which IT knows whose it is. */
  address: z.email().max(320),
  mode: continuityModeSchema,
  modeSince: time.nullable(),
  isDrill: z.boolean(),
  /** How many days are kept. */
  keepsDays: z.strictObject({ incoming: days, outgoing: days }),
  primary: sideReportSchema,
  relay: sideReportSchema.nullable(),
  /** The last one that was finished. */
  drill: z.strictObject({ at: time, score: z.number().min(0).max(100) }).nullable(),
  outbox: z.strictObject({ waiting: count, uncertain: count }),
});
export type AccountReport = z.infer<typeof accountReportSchema>;

/**
 * What a device tells IT of itself. Never of a mail: no subject, no other person's address, no name of a mailbox, no server's words.
 * Times are ISO 8601 in UTC.
 */
export const readinessReportSchema = z.strictObject({
  format: z.literal(REPORT_FORMAT),
  device: name(253),
  /** Tells apart several profiles of one device, and devices of one name. */
  profile: z.uuid(),
  sentAt: time,
  version: name(60),
  platform: z.enum(['win32', 'darwin', 'linux', 'other']),
  store: z.strictObject({ isOpen: z.boolean(), code: code.nullable(), key: z.enum(['keyring', 'passphrase']) }),
  /** What of IT's is in force, as a digest, and since when; how many faults the newest one has that was refused. */
  policy: z.strictObject({ digest: z.string().regex(/^[0-9a-f]{16}$/), since: time, faults: count }),
  /** What IT lets the copy be read without contact, and whether that is over: then the device shows no mail. Null without such a rule. */
  lease: z.strictObject({ days, contactAt: time.nullable(), isOver: z.boolean() }).nullable().default(null),
  /** While the store is not open, as they last were. */
  accounts: z.array(accountReportSchema).max(50),
});
export type ReadinessReport = z.infer<typeof readinessReportSchema>;
