import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { packError } from '../../../shared/errors.ts';
import { accountReportSchema } from '../../../shared/readiness/report.ts';
import { seal, unseal } from '../../keys/seal.ts';
import { writeFileAtomic } from '../../keys/write-file.ts';
import type { AppLog } from '../log-file.ts';
import { queuedSchema } from './alert-queue.ts';
import { watchedSchema } from './alert-watch.ts';

const PURPOSE = 'readiness 1';
export const READINESS_FILE = 'readiness.sealed';

/** What of reports and alerts outlives a restart. Times in milliseconds since 1970. */
const stateSchema = z.strictObject({
  reportedAt: z.number().nullable(),
  /** Where to; another place has had none yet. */
  reportedTo: z.string().nullable(),
  policy: z.strictObject({ digest: z.string(), since: z.number() }).nullable(),
  /** As last reported or seen: told while the store is not open. */
  accounts: z.array(accountReportSchema).readonly(),
  watched: z.array(watchedSchema).readonly(),
  queue: z.strictObject({ items: z.array(queuedSchema).readonly(), lost: z.number() }),
});
export type ReadinessState = z.infer<typeof stateSchema>;

export const emptyState: ReadinessState = {
  ...{ reportedAt: null, reportedTo: null, policy: null, accounts: [], watched: [] },
  queue: { items: [], lost: 0 },
};

/** The file in the profile that holds it, sealed under the store's key since it names accounts. */
export class ReadinessStateFile {
  readonly #file: string;
  readonly #log: AppLog;
  #written = '';

  constructor(file: string, log: AppLog) {
    this.#file = file;
    this.#log = log;
  }

  /** Empty where there is none, or none that this key has sealed. Never throws. */
  read(storeKey: Uint8Array): ReadinessState {
    try {
      if (!existsSync(this.#file)) return emptyState;
      return stateSchema.parse(JSON.parse(unseal(PURPOSE, readFileSync(this.#file), storeKey)));
    } catch (error) {
      this.#log.write('warn', { ev: 'readiness.state-unusable', kind: packError(error).detail.slice(0, 60) });
      return emptyState;
    }
  }

  /** Only where it is another than was written last. Never throws: without it something is told twice. */
  write(storeKey: Uint8Array, state: ReadinessState): void {
    const text = JSON.stringify(state);
    if (text === this.#written) return;
    try {
      writeFileAtomic(this.#file, seal(PURPOSE, text, storeKey));
      this.#written = text;
    } catch (error) {
      this.#log.write('warn', { ev: 'readiness.state-not-kept', kind: packError(error).detail.slice(0, 60) });
    }
  }
}
