import type { EntryId } from '../../shared/model/ids.ts';
import { MailError, packError } from '../../shared/errors.ts';
import type { AccountConfig, AccountSecrets, EnrolmentFile } from '../../shared/model/account.ts';
import { ownFields, templateFields } from '../../shared/model/account-template.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import type { ContinuityEngine } from '../engine/engine.ts';
import { openMessage, readSource } from '../engine/read/read-message.ts';
import { search } from '../engine/read/search.ts';
import { parseListKey, viewMailboxes } from '../engine/read/view-mailboxes.ts';
import { readEnrolmentFile } from '../keys/enrolment-file.ts';
import { explain } from './explain.ts';
import { handOver } from './hand-over.ts';
import { formatRow, formatState, formatView, table } from './format.ts';

export interface Output {
  readonly print: (text: string) => void;
  readonly isJson: boolean;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** The accounts of an enrolment file. @throws MailError config-invalid with the path of the file */
export function readAccounts(file: string): EnrolmentFile['accounts'] {
  try {
    return readEnrolmentFile(file).accounts;
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    throw new MailError(error.code, { scope: error.scope, retry: error.retry, detail: `${file}: ${error.detail}`, cause: error });
  }
}

async function enrolOne(engine: ContinuityEngine, config: AccountConfig, secrets: AccountSecrets | null): Promise<string> {
  try {
    const { id } = await engine.enrol(config, secrets);
    engine.setPolicy(config.email, config.managed, ownFields(config));
    return `enrolled account ${id}`;
  } catch (error) {
    if (!(error instanceof MailError && error.code === 'account-exists')) throw error;
    const { id } = engine.setPolicy(config.email, config.managed, ownFields(config));
    await engine.followTemplate(config.email, templateFields(config), secrets);
    return `account ${id} was enrolled before; its servers and what IT holds of it are as in the file`;
  }
}

/** The same by the app that has the profile open. False where nobody did it. */
export async function enrolElsewhere(profileDir: string, file: string, { print }: Output): Promise<boolean> {
  const isDone = await handOver(profileDir, JSON.stringify({ accounts: readAccounts(file) }));
  if (isDone) print('handed over to the app that has this profile open');
  return isDone;
}

/** Enrols these accounts, or takes over what is said of those that are there, one after the other; one that is refused leaves those before it. */
export async function enrolAll(
  engine: ContinuityEngine,
  accounts: EnrolmentFile['accounts'],
  signsIn: boolean,
  { print }: Output,
): Promise<number> {
  for (const { config, secrets } of accounts) {
    print(await enrolOne(engine, config, secrets));
  }
  if (signsIn) {
    const emails = accounts.filter(({ secrets }) => secrets === null).map(({ config }) => config.email);
    await (await import('./sign-in-commands.ts')).signInEnrolled(engine, emails, print);
  }
  return 0;
}

/** Looks at every server once. */
export async function mirrorOnce(engine: ContinuityEngine, { print, isJson }: Output): Promise<number> {
  if (engine.store.accounts.list().length === 0) throw new MailError('account-missing', { scope: 'account', retry: 'ask' });
  const runs = await engine.mirrorOnce();
  if (isJson) print(json(runs.map(({ error, ...run }) => ({ ...run, error: error === null ? null : packError(error) }))));
  else {
    for (const { side, result, error } of runs) {
      print(
        result === null
          ? `${side}: ${explain({ ...packError(error), side: null }, error)}`
          : `${side}: ${result.passed} mailboxes read, ${result.unchanged} unchanged, ${result.recorded} new, ${result.vanished} gone, ${result.failed} failed`,
      );
    }
  }
  return runs.some((run) => run.result === null || run.result.failed > 0) ? 1 : 0;
}

/** Mirrors until it is told to end. */
export async function watchUntilStopped(engine: ContinuityEngine): Promise<number> {
  engine.start();
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  return 0;
}

export function listMailboxes(engine: ContinuityEngine, { print, isJson }: Output): number {
  const views = viewMailboxes(engine.store);
  const rows = views.map((one) => [one.key, one.path, one.role, one.side ?? '', one.total, one.unseen, one.missingBodies]);
  print(isJson ? json(views) : table([['key', 'mailbox', 'role', 'side', 'messages', 'unread', 'bodies missing'], ...rows]));
  return 0;
}

/** @throws MailError not-found */
export function listMessages(engine: ContinuityEngine, key: string, limit: number, { print, isJson }: Output): number {
  if (!viewMailboxes(engine.store).some((one) => one.key === key)) {
    throw new MailError('not-found', { scope: 'mailbox', retry: 'never', detail: 'no mailbox with this key' });
  }
  const page = engine.store.lists.page(parseListKey(engine.store, key), 'all', 0, limit);
  if (isJson) print(json(page));
  else page.rows.forEach((row) => print(formatRow(row)));
  return 0;
}

/** @throws MailError not-found, message-missing */
export async function showMessage(engine: ContinuityEngine, id: EntryId, isSource: boolean, { print, isJson }: Output): Promise<number> {
  if (isSource) {
    process.stdout.write(Buffer.from(readSource(engine.store, id).text, 'latin1'));
    return 0;
  }
  const view = await openMessage(engine.store, engine.deps.ingest, id);
  print(isJson ? json(view) : formatView(view));
  return 0;
}

export function find(engine: ContinuityEngine, words: string, mailboxKey: string | null, limit: number, { print, isJson }: Output): number {
  const found = search(engine.store, engine.deps.clock, { text: words, mailboxKey, limit });
  if (isJson) print(json(found));
  else {
    found.rows.forEach((row) => print(formatRow(row)));
    print(`${found.rows.length}${found.hasMore ? '+' : ''} found in ${found.tookMs.toFixed(1)} ms`);
  }
  return 0;
}

/** Prints the states of the sides as they change. */
export function statePrinter(print: (text: string) => void): (states: readonly SideSyncState[]) => void {
  const last = new Map<string, string>();
  return (states) => {
    for (const state of states) {
      const line = formatState(state);
      const key = `${state.accountId}/${state.side}`;
      if (last.get(key) !== line) print(line);
      last.set(key, line);
    }
  };
}
