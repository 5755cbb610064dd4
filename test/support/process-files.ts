import { readdirSync, readFileSync } from 'node:fs';

/** Ids of all processes. Some may have ended when they are looked at. */
export const processIds = (): number[] => readdirSync('/proc').filter((name) => /^\d+$/u.test(name)).map(Number); // prettier-ignore

/** A file of the kernel about a process; null where the process has ended. */
export function readProcessFile(pid: number, file: 'stat' | 'status' | 'cmdline' | 'environ'): Buffer | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
