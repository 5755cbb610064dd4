import { packError } from '../shared/errors.ts';
import { commands, runCommand, usage } from './cli/commands.ts';
import { explain } from './cli/explain.ts';
import { runCommandLine } from './cli/run-command-line.ts';

const told = (error: unknown): string => explain(packError(error), error);

process.exitCode = await runCommandLine(process.argv.slice(2), { commands, usage, run: runCommand, told });
