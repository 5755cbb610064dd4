import { isDryMac, isOwnMsi, packages } from './host.mjs';

/** Of which electron-builder makes the folder only: the rest is ours, or Apple's. */
export const isFolderOnly = (job) => isOwnMsi(job) || isDryMac(job);

const reasonOf = (error) => (error instanceof Error ? error.message : String(error)).trim();

/** Jobs that are built in one run: all of a system, since its folder is packed once for them; each of which a folder is made by itself. */
function runsOf(jobs) {
  return Object.keys(packages).flatMap((system) => {
    const own = jobs.filter((job) => job.system === system);
    const together = own.filter((job) => !isFolderOnly(job));
    return [...(together.length > 0 ? [together] : []), ...own.filter(isFolderOnly).map((job) => [job])];
  });
}

/**
 * Builds every job, whatever becomes of the others: where a run of several fails, each of them is tried by itself.
 * @param {readonly object[]} jobs
 * @param {(jobs: readonly object[]) => Promise<string[]>} build places of what it made
 * @param {(line: string) => void} note
 * @returns {Promise<{ made: { file: string, system: string }[], failed: Map<object, string> }>} why, by job
 */
export async function buildAll(jobs, build, note) {
  const made = [];
  const failed = new Map();
  const queue = runsOf(jobs);
  for (let run = queue.shift(); run; run = queue.shift()) {
    const [{ system }] = run;
    try {
      for (const file of await build(run)) made.push({ file, system });
    } catch (error) {
      const names = run.map(titleOf).join(', ');
      note(`failed: ${names}: ${reasonOf(error)}`);
      if (run.length === 1) failed.set(run[0], reasonOf(error));
      else queue.unshift(...run.map((job) => [job]));
    }
  }
  return { made, failed };
}

export const titleOf = ({ system, target, arch }) => `${system} ${target} ${arch}`;

/**
 * What was built and what was not, with the reason of each.
 * @param {readonly { reason: string | null }[]} judged every job, with why it was not tried
 * @param {Map<object, string>} failed
 * @param {(job: object) => string} remark behind the name of what was built
 */
export function outcomeOf(judged, failed, remark) {
  const firstLine = (text) => text.split('\n')[0];
  return judged.map((job) => {
    if (job.reason !== null) return `not built: ${titleOf(job)}: ${job.reason}`;
    const why = failed.get(job);
    return why === undefined ? `built: ${titleOf(job)}${remark(job)}` : `not built: ${titleOf(job)}: failed: ${firstLine(why)}`;
  });
}
