import { parseArgs } from 'node:util';
import { UsageError } from '../cli/usage-error.ts';
import { systemClock } from '../engine/core/clock.ts';
import { keepBindSecret, systemSecretPlaces } from './bind-secret.ts';
import { runEnrol } from './enrol-command.ts';
import { readRolloutConfig } from './rollout-config.ts';

const OPTIONS = {
  config: { type: 'string' },
  yes: { type: 'boolean', default: false },
  vanish: { type: 'string' },
  full: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
type Parsed = ReturnType<typeof parse>;

interface Command {
  readonly help: string;
  /** @throws UsageError, AdminError */
  readonly run: (parsed: Parsed) => Promise<number>;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function configOf({ values, positionals }: Parsed): string {
  if (positionals.length > 0) throw new UsageError(`unexpected word: ${positionals[0]}`);
  if (values.config) return values.config;
  throw new UsageError('--config FILE is needed');
}

function vanishOf({ values: { vanish } }: Parsed): number | null {
  if (vanish === undefined) return null;
  const percent = Number(vanish);
  if (/^\d{1,3}(\.\d+)?$/u.test(vanish) && percent <= 100) return percent;
  throw new UsageError('--vanish is a percentage from 0 to 100');
}

/** Every command with its line of help. */
export const commands: Readonly<Record<string, Command>> = {
  enrol: {
    help: 'enrol --config FILE [--yes]      reads the directory and shows what would change; --yes writes the enrolment files',
    run: (parsed) => {
      const { yes, full, json } = parsed.values;
      const options = { config: configOf(parsed), isConfirmed: yes, vanish: vanishOf(parsed), isFull: full, isJson: json };
      return runEnrol(options, { print, secrets: systemSecretPlaces(), now: () => systemClock.now() });
    },
  },
  secret: {
    help: "secret --config FILE             keeps the password of the directory account in this user's keyring",
    run: async (parsed) => {
      await keepBindSecret(readRolloutConfig(configOf(parsed)).directory, systemSecretPlaces());
      return 0;
    },
  },
};

export function usage(): string {
  const lines = Object.values(commands).map((one) => `  ${one.help}`);
  return `usage: npm run admin -- COMMAND [options]\n\n${lines.join('\n')}\n\noptions: --vanish PERCENT  --full  --json\n`;
}

/** @throws UsageError, AdminError and what the keyring throws */
export const runCommand = (command: Command, args: readonly string[]): Promise<number> => command.run(parse(args));
