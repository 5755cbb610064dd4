import { parseArgs } from 'node:util';
import { asEntryId, type EntryId } from '../../shared/model/ids.ts';
import { UsageError } from './usage-error.ts';

const OPTIONS = {
  profile: { type: 'string' },
  'passphrase-file': { type: 'string' },
  'recovery-key-file': { type: 'string' },
  file: { type: 'string' },
  'private-key-file': { type: 'string' },
  mailbox: { type: 'string' },
  limit: { type: 'string', default: '50' },
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  source: { type: 'boolean', default: false },
  'accept-losses': { type: 'boolean', default: false },
  'sign-in': { type: 'boolean', default: false },
  account: { type: 'string' },
  proxy: { type: 'string' },
  send: { type: 'string', default: 'self' },
} as const;
const MAX_LIMIT = 10_000;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
/** What was typed after the name of the command. */
export type Parsed = ReturnType<typeof parse>;

/** @throws UsageError */
export const parseOptions = (args: readonly string[]): Parsed => parse(args);

/** @throws UsageError where the command takes none. */
export function refuseWords({ positionals }: Parsed): void {
  if (positionals.length > 0) throw new UsageError(`unexpected word: ${positionals[0]}`);
}

/** @throws UsageError */
export function limitOf({ values }: Parsed): number {
  const limit = Number(values.limit);
  if (/^\d+$/u.test(values.limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new UsageError(`--limit is a number from 1 to ${MAX_LIMIT}`);
}

/** @throws UsageError */
export function entryIdOf({ positionals }: Parsed): EntryId {
  const [text = ''] = positionals;
  const id = /^\d+$/u.test(text) ? Number(text) : 0;
  if (positionals.length === 1 && id > 0 && Number.isSafeInteger(id)) return asEntryId(id);
  throw new UsageError('ID is one number, as list and search print it');
}

/** @throws UsageError */
export function required(parsed: Parsed, name: 'file' | 'recovery-key-file' | 'private-key-file'): string {
  const value = parsed.values[name];
  if (value) return value;
  throw new UsageError(`--${name} FILE is needed`);
}
