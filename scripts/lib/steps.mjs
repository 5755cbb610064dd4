/** A step that cannot go on, with what the person at the keyboard can do about it. Printed without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Prints one line before and one after each step that has work to do; steps already done print nothing.
 * @param {{ isQuiet?: boolean }} options quiet: on the error stream, so that a command's own output stays clean
 */
export function stepPrinter({ isQuiet = false } = {}) {
  const stream = isQuiet ? process.stderr : process.stdout;
  return {
    /** @param {string} text */
    note(text) {
      stream.write(`[setup] ${text}\n`);
    },
    /**
     * @template T
     * @param {string} title
     * @param {() => Promise<T> | T} work
     * @returns {Promise<T>}
     */
    async step(title, work) {
      const startedAt = performance.now();
      stream.write(`[setup] ${title} ...\n`);
      const result = await work();
      stream.write(`[setup] ${title}: done in ${seconds(performance.now() - startedAt)}\n`);
      return result;
    },
  };
}

/**
 * Runs a script's main function: its number is the exit code, a SetupError is told in plain words.
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(error instanceof SetupError ? `\n${error.message}\n` : `\n${error?.stack ?? error}\n`);
    // exitCode alone is overruled by what electron-builder leaves to be run at the end.
    process.exit(1);
  }
}
