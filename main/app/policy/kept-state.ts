import { z } from 'zod';
import { accountConfigSchema } from '../../../shared/model/account.ts';
import { policySchema } from '../../../shared/policy/schema.ts';
import { policyPlaceNames } from '../../../shared/policy/state.ts';
import type { AppLog } from '../log-file.ts';
import { SealedFile } from '../sealed-file.ts';

/** What outlives a restart: the last policy that was right, and what was done by it. */
export const keptStateSchema = z.strictObject({
  policy: policySchema,
  from: z.record(z.string(), z.enum(policyPlaceNames)),
  /** Which escrow has the recovery key: a digest of key and place. */
  escrowed: z.string().nullable().default(null),
  /** Addresses of the accounts that follow a template. */
  followed: z.array(z.string()).default([]),
  /** What the rollout folder last had for this person; without secrets. */
  rollout: z.array(accountConfigSchema).default([]),
  /** A record of the lease is kept beside: one that is gone was taken away. */
  isLeased: z.boolean().default(false),
});
export type KeptState = z.infer<typeof keptStateSchema>;
export type KeptStateFile = SealedFile<KeptState>;

/** Sealed, so that a person cannot write themselves another policy. A damaged one counts as none: the policy itself is read anew all the same. */
export const keptStateFile = (file: string, log: AppLog): KeptStateFile =>
  new SealedFile({ file, purpose: 'policy 1', parse: (value) => keptStateSchema.parse(value), ev: 'policy.kept', log });
