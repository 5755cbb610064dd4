import { parseArgs } from 'node:util';
import { calledAs } from '../cli/called-as.ts';
import { UsageError } from '../cli/usage-error.ts';
import { systemClock } from '../engine/core/clock.ts';
import { keepBindSecret, systemSecretPlaces } from './bind-secret.ts';
import { runEnrol } from './enrol-command.ts';
import { languages, type Language } from './readiness/words.ts';
import { runReadiness } from './readiness/readiness-command.ts';
import { readRolloutConfig } from './rollout-config.ts';

const OPTIONS = {
  config: { type: 'string' },
  yes: { type: 'boolean', default: false },
  vanish: { type: 'string' },
  full: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  reports: { type: 'string' },
  enrolment: { type: 'string' },
  html: { type: 'string' },
  lang: { type: 'string', default: 'en' },
  'max-age': { type: 'string', default: '72' },
  require: { type: 'string' },
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

function percentOf(name: 'vanish' | 'require', { values }: Parsed): number | null {
  const given = values[name];
  if (given === undefined) return null;
  const percent = Number(given);
  if (/^\d{1,3}(\.\d+)?$/u.test(given) && percent <= 100) return percent;
  throw new UsageError(`--${name} is a percentage from 0 to 100`);
}

const isLanguage = (name: string): name is Language => languages.some((one) => one === name);

function readinessOptions(parsed: Parsed) {
  const { reports, enrolment, html, lang, json, 'max-age': age } = parsed.values;
  if (parsed.positionals.length > 0) throw new UsageError(`unexpected word: ${parsed.positionals[0]}`);
  if (!reports) throw new UsageError('--reports FOLDER is needed');
  if (!isLanguage(lang)) throw new UsageError(`--lang is ${languages.join(' or ')}`);
  if (!/^[1-9]\d{0,4}$/u.test(age)) throw new UsageError('--max-age is a number of hours from 1 to 99999');
  const places = { reports, enrolment: enrolment ?? null, html: html ?? null };
  return { ...places, language: lang, maxAgeHours: Number(age), require: percentOf('require', parsed), isJson: json };
}

/** Every command with its line of help. */
export const commands: Readonly<Record<string, Command>> = {
  enrol: {
    help: 'enrol --config FILE [--yes]      reads the directory and shows what would change; --yes writes the enrolment files',
    run: (parsed) => {
      const { yes, full, json } = parsed.values;
      const options = { config: configOf(parsed), isConfirmed: yes, vanish: percentOf('vanish', parsed), isFull: full, isJson: json };
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
  readiness: {
    help: 'readiness --reports FOLDER        says who would be covered if the primary died now; --html writes a page of it',
    run: (parsed) => {
      const complain = (line: string): void => void process.stderr.write(`${line}\n`);
      return Promise.resolve(runReadiness(readinessOptions(parsed), { print, complain, now: () => systemClock.now() }));
    },
  },
};

export function usage(): string {
  const lines = Object.values(commands).map((one) => `  ${one.help}`);
  return `usage: ${calledAs('admin')} COMMAND [options]\n\n${lines.join('\n')}\n\noptions of enrol: --vanish PERCENT  --full  --json\noptions of readiness: --enrolment FOLDER  --html FILE  --lang en|de  --max-age HOURS  --require PERCENT  --json\n\nThe directory is reached directly, whatever proxies there are; nothing else is reached.\n`;
}

/** @throws UsageError, AdminError and what the keyring throws */
export const runCommand = (command: Command, args: readonly string[]): Promise<number> => command.run(parse(args));
