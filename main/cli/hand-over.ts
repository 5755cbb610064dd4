import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DROP_FILE } from '../../shared/store-file.ts';
import { systemClock } from '../engine/core/clock.ts';

const LOOK_MS = 200;
/** The app looks every two seconds, and erases the file when all of it is done. */
const PATIENCE_MS = 30_000;

/**
 * Leaves an enrolment file to the app that has this profile open. False where nobody took it in time, or all of it could not be
 * done: then nothing of it is left behind.
 */
export async function handOver(profileDir: string, text: string): Promise<boolean> {
  const file = join(profileDir, DROP_FILE);
  const part = `${file}.part`;
  writeFileSync(part, text, { mode: 0o600 });
  renameSync(part, file);
  const end = systemClock.monotonic() + PATIENCE_MS;
  while (existsSync(file) && systemClock.monotonic() < end) await systemClock.sleep(LOOK_MS);
  if (!existsSync(file)) return true;
  rmSync(file, { force: true });
  return false;
}
