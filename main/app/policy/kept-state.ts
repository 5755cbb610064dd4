import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { packError } from '../../../shared/errors.ts';
import { policySchema } from '../../../shared/policy/schema.ts';
import { policyPlaceNames } from '../../../shared/policy/state.ts';
import { seal, unseal } from '../../keys/seal.ts';
import { writeFileAtomic } from '../../keys/write-file.ts';
import type { AppLog } from '../log-file.ts';

const PURPOSE = 'policy 1';

/** What outlives a restart: the last policy that was right, and what was done by it. */
export const keptStateSchema = z.strictObject({
  policy: policySchema,
  from: z.record(z.string(), z.enum(policyPlaceNames)),
  /** Which escrow has the recovery key: a digest of key and place. */
  escrowed: z.string().nullable().default(null),
  /** Addresses of the accounts that follow a template. */
  followed: z.array(z.string()).default([]),
});
export type KeptState = z.infer<typeof keptStateSchema>;

/** The file in the profile that holds it, sealed under the store's key: a person cannot write themselves another policy. */
export class KeptStateFile {
  readonly #file: string;
  readonly #log: AppLog;

  constructor(file: string, log: AppLog) {
    this.#file = file;
    this.#log = log;
  }

  get exists(): boolean {
    return existsSync(this.#file);
  }

  /** Null where there is none, or none that this key has sealed. Never throws. */
  read(storeKey: Uint8Array): KeptState | null {
    try {
      return this.exists ? keptStateSchema.parse(JSON.parse(unseal(PURPOSE, readFileSync(this.#file), storeKey))) : null;
    } catch (error) {
      // Damaged, or of a store that was set aside: the policy itself is read anew all the same.
      this.#log.write('warn', { ev: 'policy.kept-unusable', kind: packError(error).detail });
      return null;
    }
  }

  /** Never throws: without it a wrong policy at the next start finds none before it. */
  write(storeKey: Uint8Array, state: KeptState): void {
    try {
      writeFileAtomic(this.#file, seal(PURPOSE, JSON.stringify(state), storeKey));
    } catch (error) {
      this.#log.write('error', { ev: 'policy.not-kept', kind: packError(error).detail });
    }
  }
}
