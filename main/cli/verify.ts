import { packError } from '../../shared/errors.ts';
import { connectSide, sidesOf } from '../engine/account-mirror.ts';
import type { ContinuityEngine } from '../engine/engine.ts';
import { verifySide, type VerifiedMailbox } from '../engine/mirror/verify.ts';
import { explain } from './explain.ts';
import { table } from './format.ts';

const isClean = (one: VerifiedMailbox): boolean => one.missing + one.surplus + one.flagsDiffer + one.bytesDiffer + one.bodyMissing === 0;

/** Compares all sides of all accounts with their servers; exit code 0 only when everything is equal. */
export async function verifyAll(
  engine: ContinuityEngine,
  printJson: (value: unknown) => void,
  print: ((line: string) => void) | undefined,
): Promise<number> {
  const all: (VerifiedMailbox & { side: string })[] = [];
  let isFailed = false;
  for (const account of engine.store.accounts.list()) {
    for (const side of sidesOf(account)) {
      try {
        const session = await connectSide(engine, account.id, side, new AbortController().signal);
        try {
          const of = { accountId: account.id, side, retention: account.config.retention, clock: engine.deps.clock };
          all.push(...(await verifySide(engine.store, session, of)).map((one) => ({ ...one, side })));
        } finally {
          await session.close();
        }
      } catch (error) {
        isFailed = true;
        print?.(`${side}: ${explain({ ...packError(error), side: null }, error)}`);
      }
    }
  }
  const rows = all.map(({ mailbox, side, ...counts }) => ({ side, path: mailbox.path, ...counts }));
  const sum = (key: 'onServer' | 'equal' | 'missing' | 'surplus' | 'flagsDiffer' | 'bytesDiffer' | 'bodyMissing') =>
    rows.reduce((total, row) => total + row[key], 0);
  const totals = {
    onServer: sum('onServer'),
    equal: sum('equal'),
    missing: sum('missing'),
    surplus: sum('surplus'),
    flagsDiffer: sum('flagsDiffer'),
    bytesDiffer: sum('bytesDiffer'),
    bodyMissing: sum('bodyMissing'),
  };
  const head = ['side', 'mailbox', 'on server', 'equal', 'missing', 'surplus', 'flags differ', 'bytes differ', 'body missing'];
  printJson({ mailboxes: rows, totals });
  print?.(table([head, ...rows.map((row) => Object.values(row)), ['', 'total', ...Object.values(totals)]]));
  return !isFailed && all.every(isClean) ? 0 : 1;
}
