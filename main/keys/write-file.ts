import { existsSync } from 'node:fs';
import { MailError } from '../../shared/errors.ts';
import { writeDurable } from '../engine/core/durable-file.ts';

const REFUSED = ['EACCES', 'EPERM', 'EROFS'];

/** Does something to files of the profile. @throws MailError store-full, store-read-only, store-io in place of what the system says */
export function typed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MailError) throw error;
    const code = (error as NodeJS.ErrnoException | null)?.code ?? 'unknown';
    const named = code === 'ENOSPC' || code === 'EDQUOT' ? 'store-full' : REFUSED.includes(code) ? 'store-read-only' : 'store-io';
    throw new MailError(named, { scope: 'store', retry: 'ask', detail: `the profile folder was not written to (${code})`, cause: error });
  }
}

/** Replaces a file whole or not at all, durable on return; readable by its owner only. @throws MailError as typed() */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  typed(() => writeDurable(path, content));
}

/** The path itself where nothing is there, else with the first number that is free. */
export function freeName(path: string): string {
  let name = path;
  for (let n = 2; existsSync(name); n += 1) name = `${path}-${n}`;
  return name;
}
