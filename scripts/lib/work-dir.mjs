import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const PREFIX = '.work-';

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Folders of runs that were killed. */
function sweep(parent) {
  for (const name of readdirSync(parent)) {
    const isStale = name.startsWith(PREFIX) && !isRunning(Number(name.slice(PREFIX.length)));
    if (isStale) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

/**
 * Gives work a folder on the same disk as its result, so that the result gets its place by one rename, and removes it after.
 * @template T
 * @param {string} parent
 * @param {(workDir: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withWorkDir(parent, work) {
  mkdirSync(parent, { recursive: true });
  sweep(parent);
  const workDir = path.join(parent, `${PREFIX}${process.pid}`);
  mkdirSync(workDir);
  try {
    return await work(workDir);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}
