import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurable } from '../engine/core/durable-file.ts';
import { AdminError } from './admin-error.ts';
import { faultsOf } from './rollout-config.ts';

const personSchema = z.strictObject({
  id: z.string().min(1).max(100),
  dn: z.string().max(4096),
  change: z.string().max(100),
  mail: z.string().max(320).nullable(),
  aliases: z.array(z.string().max(320)),
  isDisabled: z.boolean(),
  fields: z.record(z.string(), z.string()),
});

const fileSchema = z.strictObject({ file: z.string().regex(/^[a-z0-9@._+%-]{1,255}\.json$/u), sha256: z.string().length(64) });

const enrolledSchema = z.strictObject({ person: personSchema, className: z.string().nullable(), ...fileSchema.shape });
export type Enrolled = z.infer<typeof enrolledSchema>;

/** What the last run left behind, beside the enrolment files. */
const stateSchema = z.strictObject({
  version: z.literal(1),
  /** When that run began to read, ISO 8601. */
  readAt: z.iso.datetime(),
  /** Of the domain controller that was read; null where its marks are times. */
  invocationId: z.string().nullable(),
  enrolled: z.array(enrolledSchema),
  /** Files that were to be written or removed when the run was cut off; null after a whole one. */
  pending: z.strictObject({ write: z.array(fileSchema), remove: z.array(fileSchema.shape.file) }).nullable(),
});
export type RolloutState = z.infer<typeof stateSchema>;

const STATE_FILE = 'rollout-state.json';

/** The state of an output folder, or null at the first run. @throws AdminError state-damaged, folder-unwritable */
export function readState(folder: string): RolloutState | null {
  const path = join(folder, STATE_FILE);
  if (!existsSync(path)) return null;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new AdminError('state-damaged', path, error);
  }
  const parsed = stateSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AdminError('state-damaged', `${path}: ${faultsOf(parsed.error)}`);
}

/** Durable on return. */
export const writeState = (folder: string, state: RolloutState): void => writeDurable(join(folder, STATE_FILE), JSON.stringify(state));
