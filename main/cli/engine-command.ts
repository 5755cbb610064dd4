import { packError } from '../../shared/errors.ts';
import { commands, runCommand, usage } from './commands.ts';
import { explain } from './explain.ts';
import { runCommandLine } from './run-command-line.ts';

const told = (error: unknown): string => explain(packError(error), error);

/** The engine's command line. Returns the exit code. */
export const runEngineCommand = (args: readonly string[]): Promise<number> =>
  runCommandLine(args, { commands, usage, run: runCommand, told });
