import { packError } from '../../shared/errors.ts';
import { explain } from '../cli/explain.ts';
import { runCommandLine } from '../cli/run-command-line.ts';
import { AdminError } from './admin-error.ts';
import { commands, runCommand, usage } from './commands.ts';
import { remedies } from './remedies.ts';

function told(error: unknown): string {
  if (error instanceof AdminError) return `${error.code}: ${error.detail}\n  ${remedies[error.code]}`;
  return explain(packError(error), error);
}

const run = (command: (typeof commands)[string], _name: string, rest: readonly string[]) => runCommand(command, rest);

/** The administrator's command line. Returns the exit code. */
export const runAdminCommand = (args: readonly string[]): Promise<number> => runCommandLine(args, { commands, usage, run, told });
