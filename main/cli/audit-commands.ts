import type { AuditFault } from '../../shared/model/audit.ts';
import type { ContinuityEngine } from '../engine/engine.ts';
import { table } from './format.ts';
import type { Output } from './mail-commands.ts';

const words: Readonly<Record<AuditFault['what'], string>> = {
  altered: 'is not what was written',
  missing: 'is missing',
  'not-noted': 'and those before it have no second record to be compared with',
};

/** Checks every entry of the audit journal. Ends with 1 where one was altered, is missing or was put elsewhere. */
export function verifyAudit(engine: ContinuityEngine, { print, isJson }: Output): number {
  const verdict = engine.journal.verify();
  if (isJson) print(JSON.stringify(verdict, null, 2));
  else {
    for (const { seq, what } of verdict.faults) print(`entry ${seq} ${words[what]}`);
    print(`entries ${verdict.entries}, faults ${verdict.faults.length}, head ${verdict.head || '-'}`);
  }
  return verdict.faults.length === 0 ? 0 : 1;
}

/** Prints the journal, oldest first: one JSON object a line, or a table. */
export function exportAudit(engine: ContinuityEngine, { print, isJson }: Output): number {
  if (isJson) {
    for (const entry of engine.journal.entries()) print(JSON.stringify({ ...entry, at: new Date(entry.at).toISOString() }));
    return 0;
  }
  const rows = [...engine.journal.entries()].map(({ seq, at, kind, account, data }) => [
    ...[String(seq), new Date(at).toISOString(), kind, account ?? ''],
    Object.entries(data)
      .map(([name, value]) => `${name}=${value ?? ''}`)
      .join(' '),
  ]);
  print(table([['entry', 'at', 'kind', 'account', 'facts'], ...rows]));
  return 0;
}
