import { writeFileSync } from 'node:fs';

/**
 * Keeps the memory of a process out of core dumps (Linux: core(5), coredump_filter 0 dumps no mapping). Elsewhere a no-op:
 * Windows and macOS write user dumps only where an administrator asked for them.
 *
 * @returns whether it was set.
 */
export function excludeMemoryFromCoreDumps(pid: number | 'self', platform: NodeJS.Platform = process.platform): boolean {
  if (platform !== 'linux') return false;
  try {
    writeFileSync(`/proc/${pid}/coredump_filter`, '0');
    return true;
  } catch {
    // best effort: the process may have ended already, or /proc may be hidden
    return false;
  }
}
