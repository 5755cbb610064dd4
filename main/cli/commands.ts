import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { enrolmentFileSchema } from '../../shared/model/account.ts';
import { MailError, packError } from '../../shared/errors.ts';
import { asEntryId } from '../../shared/model/ids.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import type { ContinuityEngine } from '../engine/engine.ts';
import { openMessage, readSource } from '../engine/read/read-message.ts';
import { search } from '../engine/read/search.ts';
import { parseListKey, viewMailboxes } from '../engine/read/view-mailboxes.ts';
import { printReports, runDrill } from './continuity-commands.ts';
import { explain } from './explain.ts';
import { openProfile } from './open-profile.ts';
import { formatRow, formatView, formatState, table } from './format.ts';
import { verifyAll } from './verify.ts';

const OPTIONS = {
  profile: { type: 'string' },
  'passphrase-file': { type: 'string' },
  file: { type: 'string' },
  mailbox: { type: 'string' },
  limit: { type: 'string', default: '50' },
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  source: { type: 'boolean', default: false },
  account: { type: 'string' },
  send: { type: 'string', default: 'self' },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new MailError('config-invalid', { scope: 'account', retry: 'ask', detail: (error as Error).message });
  }
}
type Parsed = ReturnType<typeof parse>;
type Command = (engine: ContinuityEngine, parsed: Parsed) => Promise<number>;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

const enrol: Command = async (engine, { values }) => {
  if (!values.file) throw new MailError('config-invalid', { scope: 'account', retry: 'ask', detail: '--file FILE is needed' });
  const parsed = enrolmentFileSchema.safeParse(JSON.parse(readFileSync(values.file, 'utf8')));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const detail = `${values.file}: ${issue?.path.join('.')}: ${issue?.message}`;
    throw new MailError('config-invalid', { scope: 'account', retry: 'ask', detail });
  }
  for (const { config, secrets } of parsed.data.accounts) {
    const account = await engine.enrol(config, secrets);
    print(`enrolled account ${account.id}`);
  }
  return 0;
};

const mirror: Command = async (engine, { values }) => {
  if (engine.store.accounts.list().length === 0) throw new MailError('account-missing', { scope: 'account', retry: 'ask' });
  const runs = await engine.mirrorOnce();
  const isFailed = runs.some((run) => run.result === null || run.result.failed > 0);
  if (values.json) printJson(runs.map(({ error, ...run }) => ({ ...run, error: error === null ? null : packError(error) })));
  else {
    for (const run of runs) {
      const { result } = run;
      if (result === null) print(`${run.side}: ${explain({ ...packError(run.error), side: null }, run.error)}`);
      else
        print(
          `${run.side}: ${result.passed} mailboxes read, ${result.unchanged} unchanged, ${result.recorded} new, ${result.vanished} gone, ${result.failed} failed`,
        );
    }
  }
  return isFailed ? 1 : 0;
};

const watch: Command = async (engine) => {
  engine.start();
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  return 0;
};

const list: Command = async (engine, { values }) => {
  if (!values.mailbox) {
    const views = viewMailboxes(engine.store);
    if (values.json) printJson(views);
    else
      print(
        table([
          ['key', 'mailbox', 'role', 'side', 'messages', 'unread', 'bodies missing'],
          ...views.map((one) => [one.key, one.path, one.role, one.side ?? '', one.total, one.unseen, one.missingBodies]),
        ]),
      );
    return 0;
  }
  const page = engine.store.lists.page(parseListKey(values.mailbox), 'all', 0, Number(values.limit));
  if (values.json) printJson(page);
  else page.rows.forEach((row) => print(formatRow(row)));
  return 0;
};

const show: Command = async (engine, { values, positionals }) => {
  const id = asEntryId(Number(positionals[0] ?? 0));
  if (values.source) process.stdout.write(Buffer.from(readSource(engine.store, id).text, 'latin1'));
  else {
    const view = await openMessage(engine.store, engine.deps.ingest, id);
    if (values.json) printJson(view);
    else print(formatView(view));
  }
  return 0;
};

const find: Command = async (engine, { values, positionals }) => {
  const query = { text: positionals.join(' '), mailboxKey: values.mailbox ?? null, limit: Number(values.limit) };
  const found = search(engine.store, engine.deps.clock, query);
  if (values.json) printJson(found);
  else {
    found.rows.forEach((row) => print(formatRow(row)));
    print(`${found.rows.length}${found.hasMore ? '+' : ''} found in ${found.tookMs.toFixed(1)} ms`);
  }
  return 0;
};

const verify: Command = (engine, { values }) =>
  verifyAll(engine, (value) => (values.json ? printJson(value) : undefined), values.json ? undefined : print);

const continuity = ({ values }: Parsed) => ({ account: values.account, send: values.send, json: values.json });
const drill: Command = (engine, parsed) => runDrill(engine, continuity(parsed), print);
const reports: Command = (engine, parsed) => Promise.resolve(printReports(engine, continuity(parsed), print));

/** Every command with its line of help. */
export const commands = {
  enrol: { run: enrol, help: 'enrol --file FILE      enrols the accounts of an enrolment file' },
  mirror: { run: mirror, help: 'mirror                 looks at every server once and fetches all that is missing' },
  watch: { run: watch, help: 'watch                  mirrors until stopped (Ctrl-C)' },
  list: { run: list, help: 'list [--mailbox KEY]   mailboxes, or the messages of one' },
  show: { run: show, help: 'show ID [--source]     one message' },
  search: { run: find, help: 'search WORDS...        from: to: subject: file: restrict a word' },
  verify: { run: verify, help: 'verify                 compares every message of the window with the servers' },
  drill: { run: drill, help: 'drill [--send none]    plays an outage on this device only and gives marks' },
  reports: { run: reports, help: 'reports                outages and what was carried back after each' },
} as const;

export function usage(): string {
  const lines = Object.values(commands).map((one) => `  ${one.help}`);
  return `usage: npm run engine -- COMMAND [options]\n\n${lines.join('\n')}\n\noptions: --profile DIR  --account ADDRESS  --passphrase-file FILE  --limit N  --json  --verbose\n`;
}

const lastPhase = new Map<string, string>();

function printState(state: SideSyncState): void {
  const line = formatState(state);
  const key = `${state.accountId}/${state.side}`;
  if (lastPhase.get(key) === line) return;
  lastPhase.set(key, line);
  print(line);
}

/** Opens the profile, runs the command, closes whatever happens. */
export async function runCommand(name: keyof typeof commands, args: readonly string[]): Promise<number> {
  const parsed = parse(args);
  const { values } = parsed;
  const engine = await openProfile({
    profile: values.profile,
    passphraseFile: values['passphrase-file'],
    isVerbose: values.verbose,
    onEvent: (event, payload) => {
      if (name === 'watch' && event === 'sync.state') (payload as SideSyncState[]).forEach(printState);
    },
  });
  try {
    return await commands[name].run(engine, parsed);
  } finally {
    await engine.stop();
  }
}
