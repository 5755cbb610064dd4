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

/** Given by the launchers on Linux: root has no sandbox, and a command needs no processes that wait to become windows. */
const LAUNCHER_SWITCHES = ['--no-sandbox', '--no-zygote', '--log-level=3'];

/**
 * `--engine` or `--admin` in front of all but the launcher's switches: a link that is handed over by another program comes
 * first, whatever it holds. A `--` behind it keeps Chromium from reading what follows.
 */
export function findShellCommand(argv: readonly string[]): ShellCommand | null {
  const at = argv.findIndex((one) => !LAUNCHER_SWITCHES.includes(one));
  const name = argv[at] === '--engine' ? 'engine' : argv[at] === '--admin' ? 'admin' : null;
  return name === null ? null : { name, args: argv.slice(argv[at + 1] === '--' ? at + 2 : at + 1) };
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
  // As main/cli.ts; what IT's command makes is for others, too.
  process.umask(0o077);
  return (await import('./cli/engine-command.ts')).runEngineCommand(args);
}

/**
 * Runs the command line that the arguments name in place of the app and ends the process with its exit code; returns where they
 * name none. Electron waits for the start-up module before it goes on: until then no display is opened, no window's process
 * started, no lock taken, no profile touched.
 * @param refuseSwitches ends the process when there is a switch that a released build does not start with; null in a checkout
 */
export async function runShellCommand(argv: readonly string[], refuseSwitches: ((argv: readonly string[]) => void) | null): Promise<void> {
  const command = findShellCommand(argv);
  if (command === null) return;
  refuseSwitches?.(argv.filter((one) => !LAUNCHER_SWITCHES.includes(one)));
  setCalledAs(`${path.basename(process.execPath)} --*`);
  // Nothing else may name the place of what the package brings.
  if (refuseSwitches) process.env['HOLDOVER_RESOURCES'] = process.resourcesPath;
  const code = await run(command);
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit(code);
}
