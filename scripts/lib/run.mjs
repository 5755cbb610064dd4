import { spawn } from 'node:child_process';
import { SetupError } from './steps.mjs';

/** Lines of a failed command's output that are worth showing. */
const TAIL_LINES = 40;
const MAX_KEPT_BYTES = 256 * 1024;

const isWindows = process.platform === 'win32';

/** npm is a batch file on Windows, which only a shell can start. */
function spawnOptions(command, options) {
  return { shell: isWindows && command === 'npm', ...options };
}

/**
 * Runs a command to its end, keeping its output to itself.
 * @returns {Promise<{ code: number, output: string }>} the exit code (128 + signal number as 137 when killed) and the end of stdout and stderr together
 */
export function capture(command, args, { cwd, env, timeoutMs, input, maxKeptBytes = MAX_KEPT_BYTES } = {}) {
  return new Promise((resolve, reject) => {
    const stdin = input === undefined ? 'ignore' : 'pipe';
    const child = spawn(command, args, spawnOptions(command, { cwd, env: env ?? process.env, stdio: [stdin, 'pipe', 'pipe'] }));
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-maxKeptBytes);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    if (input !== undefined) child.stdin.end(input);
    const timer = timeoutMs ? setTimeout(() => child.kill('SIGKILL'), timeoutMs) : undefined;
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 137, output });
    });
  });
}

/**
 * Like capture, for a command that must succeed.
 * @returns {Promise<string>} its output
 * @throws {SetupError} with the last lines of the output
 */
export async function mustRun(command, args, options) {
  const { code, output } = await capture(command, args, options).catch((error) => ({ code: 127, output: String(error) }));
  if (code === 0) return output;
  const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  throw new SetupError(`${tail}\n\n${command} ${args.join(' ')}: exit code ${code}`);
}

/**
 * Runs a command on this terminal. Ctrl-C reaches it by the terminal itself; a signal to us alone is passed on.
 * @param output descriptor of an open file that takes all it writes instead
 * @returns {Promise<number>} its exit code
 */
export function runInherited(command, args, { cwd, env, output } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = output === undefined ? 'inherit' : ['inherit', output, output];
    const child = spawn(command, args, spawnOptions(command, { cwd, env: env ?? process.env, stdio }));
    const pass = (signal) => child.kill(signal);
    const signals = ['SIGTERM', 'SIGHUP'];
    const ignoreInterrupt = () => undefined;
    for (const signal of signals) process.on(signal, pass);
    process.on('SIGINT', ignoreInterrupt);
    const finish = () => {
      for (const signal of signals) process.off(signal, pass);
      process.off('SIGINT', ignoreInterrupt);
    };
    child.once('error', (error) => (finish(), reject(error)));
    child.once('close', (code) => (finish(), resolve(code ?? 137)));
  });
}
