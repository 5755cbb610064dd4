import { packError } from '../shared/errors.ts';
import { AdminError } from './admin/admin-error.ts';
import { commands, runCommand, usage } from './admin/commands.ts';
import { remedies } from './admin/remedies.ts';
import { explain } from './cli/explain.ts';
import { runCommandLine } from './cli/run-command-line.ts';

function told(error: unknown): string {
  if (error instanceof AdminError) return `${error.code}: ${error.detail}\n  ${remedies[error.code]}`;
  return explain(packError(error), error);
}

const run = (command: (typeof commands)[string], _name: string, rest: readonly string[]) => runCommand(command, rest);

process.exitCode = await runCommandLine(process.argv.slice(2), { commands, usage, run, told });
