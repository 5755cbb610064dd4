import { fork, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** The entry of the build. */
export const CLI = join(import.meta.dirname, '../../dist/main/cli.js');
const CHILD = join(import.meta.dirname, 'command-line-child.mjs');

/** What a shell sees of a command. */
export interface EndedCommand {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command as a process of its own. */
export function runAlone(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<EndedCommand> {
  const child = spawn(process.execPath, [CLI, ...args], { env });
  const chunks: Record<'out' | 'err', Buffer[]> = { out: [], err: [] };
  child.stdout.on('data', (chunk: Buffer) => void chunks.out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => void chunks.err.push(chunk));
  const text = (of: 'out' | 'err'): string => Buffer.concat(chunks[of]).toString();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out: text('out'), err: text('err') }));
  });
}

/**
 * The command line in a process that stays: a start of Node.js and the reading of the engine cost more than most commands do. One command at
 * a time. That a command ends by itself, and how its process is seen from outside, `runAlone` shows.
 */
export class CommandLine {
  readonly #child: ChildProcess = fork(CHILD, [CLI], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });

  /** Runs a command with these arguments in this environment. */
  run(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<EndedCommand> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`the command line ended (exit code ${code}) at: ${args.join(' ')}`));
      this.#child.once('exit', onExit);
      this.#child.once('message', (ended: EndedCommand) => {
        this.#child.off('exit', onExit);
        resolve(ended);
      });
      this.#child.send({ args, env });
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await ended;
  }
}
