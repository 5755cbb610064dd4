import { packError } from '../shared/errors.ts';
import { AdminError } from './admin/admin-error.ts';
import { commands, runCommand, usage } from './admin/commands.ts';
import { remedies } from './admin/remedies.ts';
import { explain } from './cli/explain.ts';
import { UsageError } from './cli/usage-error.ts';

function told(error: unknown): string {
  if (error instanceof AdminError) return `${error.code}: ${error.detail}\n  ${remedies[error.code]}`;
  return explain(packError(error), error);
}

/** Exit codes: 0 done, 1 failed and nothing written, 2 wrong usage. */
async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help') {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`unknown command: ${name}\n\n${usage()}`);
    return 2;
  }
  try {
    return await runCommand(command, rest);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `${error.message}\n\n  ${command.help}\n` : `${told(error)}\n`);
    return isUsage ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
