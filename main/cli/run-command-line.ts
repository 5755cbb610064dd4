import { UsageError } from './usage-error.ts';

export interface CommandLine<C extends { readonly help: string }> {
  readonly commands: Readonly<Record<string, C>>;
  readonly usage: () => string;
  readonly run: (command: C, name: string, rest: readonly string[]) => Promise<number>;
  /** What is said of a failure, with its remedy. */
  readonly told: (error: unknown) => string;
}

/** Runs the command that the arguments name. Exit codes: 0 done, 1 failed, 2 wrong usage. */
export async function runCommandLine<C extends { readonly help: string }>(
  argv: readonly string[],
  { commands, usage, run, told }: CommandLine<C>,
): Promise<number> {
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
    return await run(command, name, rest);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `${error.message}\n\n  ${command.help}\n` : `${told(error)}\n`);
    return isUsage ? 2 : 1;
  }
}
