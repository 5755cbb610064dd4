import type { ErrorCode, PackedError } from '../../../../shared/errors.ts';
import { lossFigures } from '../../../../shared/loss-figures.ts';
import { endReport, readReport } from './journal.ts';

/** Where the two stores of a profile lie. */
export interface StorePaths {
  readonly outbox: string;
  readonly mirror: string;
}

const CODES = {
  outbox: { whole: 'outbox-mended', partly: 'outbox-partly-lost', missing: 'outbox-missing' },
  mirror: { whole: 'mirror-mended', partly: 'mirror-partly-lost', missing: 'mirror-missing' },
} as const satisfies Record<keyof StorePaths, Record<string, ErrorCode>>;

const codeOf = (paths: StorePaths, store: keyof StorePaths): ErrorCode | null => {
  const report = readReport(paths[store]);
  if (report === null) return null;
  if (report.isMissing) return CODES[store].missing;
  return report.isWhole ? CODES[store].whole : CODES[store].partly;
};

/** What a person has to be told about a store that was damaged; the unsent mail first, the other at the next start. */
export function damageNotice(paths: StorePaths): PackedError | null {
  const code = codeOf(paths, 'outbox') ?? codeOf(paths, 'mirror');
  if (code === null) return null;
  const report = readReport(code.startsWith('outbox') ? paths.outbox : paths.mirror);
  return { code, scope: 'store', retry: 'never', side: null, detail: lossFigures(report?.losses ?? null) };
}

/** The app has told it and was ended by the person. */
export function endDamageNotice(paths: StorePaths, told: PackedError): void {
  for (const store of ['outbox', 'mirror'] as const) if (codeOf(paths, store) === told.code) endReport(paths[store]);
}
