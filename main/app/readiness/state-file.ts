import { z } from 'zod';
import { accountReportSchema } from '../../../shared/readiness/report.ts';
import type { AppLog } from '../log-file.ts';
import { SealedFile } from '../sealed-file.ts';
import { queuedSchema } from './alert-queue.ts';
import { watchedSchema } from './alert-watch.ts';

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

/** The file in the profile that holds it, sealed since it names accounts. */
export class ReadinessStateFile {
  readonly #file: SealedFile<ReadinessState>;
  #written = '';

  constructor(file: string, log: AppLog) {
    this.#file = new SealedFile({ file, purpose: 'readiness 1', parse: (value) => stateSchema.parse(value), ev: 'readiness.state', log });
  }

  /** Empty where there is none, or none that this key has sealed. Never throws. */
  read(storeKey: Uint8Array): ReadinessState {
    return this.#file.read(storeKey) ?? emptyState;
  }

  /** Only where it is another than was written last. Never throws: without it something is told twice. */
  write(storeKey: Uint8Array, state: ReadinessState): void {
    const text = JSON.stringify(state);
    if (text !== this.#written && this.#file.keep(storeKey, state)) this.#written = text;
  }
}
