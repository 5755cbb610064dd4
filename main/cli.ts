import { commands, runCommand, usage } from './cli/commands.ts';
import { packError } from '../shared/errors.ts';
import { explain } from './cli/explain.ts';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help') {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  if (!(name in commands)) {
    process.stderr.write(`unknown command: ${name}\n\n${usage()}`);
    return 2;
  }
  try {
    return await runCommand(name as keyof typeof commands, rest);
  } catch (error) {
    process.stderr.write(`${explain(packError(error), error)}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
