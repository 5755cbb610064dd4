import { readFileSync, statfsSync } from 'node:fs';

const FOLDER = '/dev/shm';
const NEEDED_BYTES = 2 * 2 ** 30;

/**
 * A folder in memory with room for what tests write, or null. Nothing they ask survives or fails to survive by the disk: processes
 * are killed, not machines; and waiting for a disk thousands of times is most of what a store does in them.
 */
export function memoryFolder() {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, at]) => at === FOLDER);
    if (mount?.[2] !== 'tmpfs' || /\b(?:ro|noexec)\b/u.test(mount[3] ?? '')) return null;
    const { bavail, bsize } = statfsSync(FOLDER);
    return bavail * bsize >= NEEDED_BYTES ? FOLDER : null;
  } catch {
    return null; // a system without it
  }
}
