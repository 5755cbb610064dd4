import { z } from 'zod';
import type { LeaseNotice } from '../../../shared/model/sync.ts';

export const DAY_MS = 86_400_000;
/** How much of the lease passes before anything is said, and how much is left when it is. */
const FIFTH = 1 / 5;

/** What is kept of the lease, milliseconds. */
export const leaseRecordSchema = z.strictObject({
  /** When a server was last reached. Since 1970. */
  contactAt: z.number(),
  /** The latest time that is known to have come. Since 1970. */
  seenAt: z.number(),
  /** How long the computer had been running then. */
  uptimeMs: z.number().nonnegative(),
});
export type LeaseRecord = z.infer<typeof leaseRecordSchema>;

/** What the computer says of the time, milliseconds: its clock, which anybody may set, and how long it has been running, sleep included. */
export interface TimeReading {
  readonly now: number;
  readonly uptimeMs: number;
}

/**
 * The record with the time that has passed since: at least as much as the computer has been running, whatever its clock says, and never less
 * than before. A computer that was started anew since then has run at least since its start. Pure.
 */
export function advance(record: LeaseRecord, { now, uptimeMs }: TimeReading): LeaseRecord {
  const ranMs = uptimeMs >= record.uptimeMs ? uptimeMs - record.uptimeMs : uptimeMs;
  return { ...record, seenAt: Math.max(record.seenAt + ranMs, now), uptimeMs };
}

/**
 * The record at a contact, which begins the lease anew by the clock as it is now: one that was set forward and back does not lock for ever. Pure.
 */
export const renewed = ({ now, uptimeMs }: TimeReading): LeaseRecord => ({ contactAt: now, seenAt: now, uptimeMs });

export interface LeaseStanding extends LeaseNotice {
  readonly phase: 'kept' | 'ends-soon' | 'over';
}

/**
 * How a lease of so many days stands. Its end is told in its last fifth, and at least a day before; of a short one not before a fifth
 * has passed, or the warning would never go. No record: it was taken away, and only contact can bring one. Pure.
 */
export function standingOf(record: LeaseRecord | null, days: number): LeaseStanding {
  if (record === null) return { phase: 'over', contactAt: null, endsAt: null };
  const { contactAt, seenAt } = record;
  const lengthMs = days * DAY_MS;
  const endsAt = contactAt + lengthMs;
  const told = Math.max(endsAt - Math.max(DAY_MS, lengthMs * FIFTH), contactAt + lengthMs * FIFTH);
  return { phase: seenAt >= endsAt ? 'over' : seenAt >= told ? 'ends-soon' : 'kept', contactAt, endsAt };
}
