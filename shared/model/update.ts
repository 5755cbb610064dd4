import { z } from 'zod';

/**
 * `off`: nothing is asked for. `idle`: nothing newer is known. `available`: there is a newer version, and whoever installed this one
 * (software distribution, the package manager) installs that one, too. `waiting`: it is held back. `ready`: it is checked, and
 * installed when the app is quit. `failed`: the last look did not get that far.
 */
const phase = z.enum(['off', 'idle', 'available', 'waiting', 'ready', 'failed']);

/** Why; words are in renderer/text. */
export const updateReasonSchema = z.enum([
  'by-policy',
  'no-server',
  'no-key',
  'outage',
  'unsent',
  'writing',
  'unknown-state',
  'unreachable',
  'proxy',
  'untrusted',
  'damaged',
]);
export type UpdateReason = z.infer<typeof updateReasonSchema>;

export const updateStateSchema = z.lazy(() =>
  z.strictObject({
    phase,
    reason: updateReasonSchema.nullable(),
    /** The newer version. */
    version: z.string().max(80).nullable(),
    /** Milliseconds since 1970: when the server last gave an answer that was proved genuine. */
    checkedAt: z.number().nullable(),
  }),
);
export type UpdateState = z.infer<typeof updateStateSchema>;
