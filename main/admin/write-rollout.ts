import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolderDurable, removeDurably, writeDurable } from '../engine/core/durable-file.ts';
import { AdminError } from './admin-error.ts';
import type { DirectoryIdentity } from './directory/identity.ts';
import type { RolloutPlan, Wanted } from './rollout-plan.ts';
import { writeState, type RolloutState } from './rollout-state.ts';

/** Who gets which file, for the script that lays the files on the devices. */
const INDEX_FILE = 'people.json';

export interface WriteOptions {
  readonly folder: string;
  readonly readAt: string;
  readonly identity: DirectoryIdentity;
  readonly before: RolloutState | null;
  /** Called after each durable step; tests stop there. */
  readonly step?: (name: string) => void;
}

function isThere(folder: string, { file, sha256 }: Pick<Wanted, 'file' | 'sha256'>): boolean {
  const path = join(folder, file);
  return existsSync(path) && createHash('sha256').update(readFileSync(path)).digest('hex') === sha256;
}

const indexOf = (wanted: readonly Wanted[]) =>
  wanted.map(({ person, className, file }) => ({
    ...{ file, mail: person.mail, class: className },
    account: person.fields['samaccountname'] ?? person.fields['uid'] ?? null,
    userPrincipalName: person.fields['userprincipalname'] ?? null,
  }));

/**
 * Carries a plan out: what shall be done is noted, done, then confirmed, so that a run that was cut off is taken up by the next.
 * @throws AdminError folder-unwritable
 */
export function writeRollout(plan: RolloutPlan, { folder, readAt, identity, before, step }: WriteOptions): void {
  const kept = new Set(plan.wanted.map((one) => one.file));
  const leaving = [...plan.removed.map((one) => one.before.file), ...plan.changed.map((one) => one.before.file)];
  // A run that was cut off may have left files, or not written them, whatever its state says.
  const remove = [...new Set([...leaving, ...(before?.pending?.remove ?? []), ...(before?.pending?.write.map((one) => one.file) ?? [])])];
  const gone = remove.filter((file) => !kept.has(file));
  const changed = new Set([...plan.added, ...plan.changed.map((one) => one.after)]);
  const write = plan.wanted.filter((one) => changed.has(one) || (before?.pending && !isThere(folder, one)));
  const enrolled = (before?.enrolled ?? []).slice();
  const { invocationId } = identity;
  const pending = { write: write.map(({ file, sha256 }) => ({ file, sha256 })), remove: gone };
  try {
    makeFolderDurable(folder);
    writeState(folder, { ...(before ?? { version: 1, readAt, invocationId }), enrolled, pending });
    step?.('recorded');
    for (const one of write) {
      writeDurable(join(folder, one.file), one.text);
      step?.('written');
    }
    writeDurable(join(folder, INDEX_FILE), `${JSON.stringify(indexOf(plan.wanted), null, 1)}\n`);
    for (const file of gone) {
      removeDurably(join(folder, file));
      step?.('removed');
    }
    const done = plan.wanted.map(({ text: _text, ...one }) => one);
    writeState(folder, { version: 1, readAt, invocationId, enrolled: done, pending: null });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new AdminError('folder-unwritable', `${folder} (${code})`, error);
  }
}
