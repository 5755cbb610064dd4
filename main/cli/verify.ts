import { MailError, packError } from '../../shared/errors.ts';
import { connectSide, sidesOf } from '../engine/account-mirror.ts';
import type { ContinuityEngine } from '../engine/engine.ts';
import { isVerified, verifySide, type VerifiedMailbox, type VerifyCounts } from '../engine/mirror/verify.ts';
import { explain } from './explain.ts';
import { table } from './format.ts';
import type { Output } from './mail-commands.ts';

const COUNTS: readonly (readonly [keyof VerifyCounts, string])[] = [
  ['onServer', 'on server'],
  ['equal', 'equal'],
  ['missing', 'missing'],
  ['surplus', 'surplus'],
  ['flagsDiffer', 'flags differ'],
  ['datesDiffer', 'date or size differs'],
  ['bytesDiffer', 'bytes differ'],
  ['bodyMissing', 'body missing'],
  ['tooLarge', 'too large'],
  ['unreadable', 'unreadable'],
];

type Row = VerifiedMailbox & { readonly account: string; readonly side: string };
interface Failure {
  readonly account: string;
  readonly side: string;
  readonly code: string;
  readonly text: string;
}

async function compareAll(engine: ContinuityEngine): Promise<{ rows: Row[]; failures: Failure[] }> {
  const rows: Row[] = [];
  const failures: Failure[] = [];
  for (const account of engine.store.accounts.list()) {
    const { email } = account.config;
    for (const side of sidesOf(account)) {
      try {
        const session = await connectSide(engine, account.id, side, new AbortController().signal);
        try {
          const found = await verifySide(engine.store, session, { account, side, clock: engine.deps.clock });
          rows.push(...found.map((one) => ({ account: email, side, ...one })));
        } finally {
          await session.close();
        }
      } catch (error) {
        const packed = packError(error);
        failures.push({ account: email, side, code: packed.code, text: explain({ ...packed, side: null }, error) });
      }
    }
  }
  return { rows, failures };
}

function totalsOf(
  rows: readonly Row[],
): Record<keyof VerifyCounts | 'mailboxesNotHere' | 'mailboxesNotOnServer' | 'mailboxesLeftOut', number> {
  const sum = (key: keyof VerifyCounts) => rows.reduce((total, row) => total + row[key], 0);
  const places = (place: Row['place']) => rows.filter((one) => one.place === place).length;
  return {
    ...(Object.fromEntries(COUNTS.map(([key]) => [key, sum(key)])) as Record<keyof VerifyCounts, number>),
    mailboxesNotHere: places('not-here'),
    mailboxesNotOnServer: places('not-on-server'),
    mailboxesLeftOut: places('left-out'),
  };
}

function printTable(rows: readonly Row[], totals: ReturnType<typeof totalsOf>, print: (line: string) => void): void {
  const head = ['account', 'side', 'mailbox', 'where', ...COUNTS.map(([, title]) => title), 'error'];
  const lines = rows.map((row) => [row.account, row.side, row.path, row.place, ...COUNTS.map(([key]) => row[key]), row.error ?? '']);
  print(table([head, ...lines, ['', '', 'total', '', ...COUNTS.map(([key]) => totals[key]), '']]));
  const { mailboxesNotHere, mailboxesNotOnServer, mailboxesLeftOut } = totals;
  print(`mailboxes: ${mailboxesNotHere} not here, ${mailboxesNotOnServer} not on the server, ${mailboxesLeftOut} left out`);
}

/** Compares all sides of all accounts with their servers; exit code 0 only when everything is equal. */
export async function verifyAll(engine: ContinuityEngine, { print, isJson }: Output): Promise<number> {
  if (engine.store.accounts.list().length === 0) throw new MailError('account-missing', { scope: 'account', retry: 'ask' });
  const { rows, failures } = await compareAll(engine);
  const totals = totalsOf(rows);
  if (isJson) print(JSON.stringify({ mailboxes: rows, totals, failures: failures.map(({ text: _text, ...rest }) => rest) }, null, 2));
  else {
    for (const { account, side, text } of failures) print(`${account} ${side}: ${text}`);
    printTable(rows, totals, print);
  }
  return failures.length === 0 && rows.every(isVerified) ? 0 : 1;
}
