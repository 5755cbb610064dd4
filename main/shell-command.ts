import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import runtime from '../shared/engine-runtime.json';
import { setCalledAs } from './cli/called-as.ts';

/** A command line that the installed program runs in place of its window. */
export interface ShellCommand {
  readonly name: 'engine' | 'admin';
  readonly args: readonly string[];
}

/** What whoever reads from a pipe has not taken yet is lost when the process ends. */
const drained = (stream: NodeJS.WriteStream): Promise<void> => new Promise((done) => void stream.write('', () => done()));

/** As `scripts/engine.mjs` starts it: memory goes back while a large mailbox is mirrored. */
function tune(): void {
  for (const flag of runtime.v8Flags) setFlagsFromString(flag);
  globalThis.gc = runInNewContext('gc') as NonNullable<typeof globalThis.gc>;
}

async function run({ name, args }: ShellCommand): Promise<number> {
  if (name === 'admin') return (await import('./admin/admin-command.ts')).runAdminCommand(args);
  tune();
  return (await import('./cli/engine-command.ts')).runEngineCommand(args);
}

/**
 * Runs one of our command lines in place of the app and ends the process with its exit code. Electron waits for the start-up
 * module before it goes on: until then no display is opened, no window's process started, no lock taken, no profile touched.
 * @param resourcesDir folder `resources` of the installed app, where a policy may lie; null in a checkout
 */
export async function runShellCommand(command: ShellCommand, resourcesDir: string | null): Promise<never> {
  setCalledAs(`${path.basename(process.execPath)} --*`);
  // Nothing else may name the place of what the package brings.
  if (resourcesDir !== null) process.env['HOLDOVER_RESOURCES'] = resourcesDir;
  const code = await run(command);
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  return process.exit(code);
}
