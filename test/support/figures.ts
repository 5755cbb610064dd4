import { appendFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';

/** Facts of one measured bar: counts, milliseconds, bytes (units in the names), or a word. */
export type Figure = Readonly<Record<string, number | string>>;

/** What became of the mails, drafts and changes of so many kills, cuts and refusals, as a comparison with the servers found it. */
export interface CaseTally {
  cases: number;
  /** Gone, or told as done though nobody has it. */
  lost: number;
  /** There more often than it should be, or about to be sent once more though somebody has it. */
  duplicated: number;
  /** Left undone, or told as anything else than what it is. */
  stuck: number;
}

export const newTally = (): CaseTally => ({ cases: 0, lost: 0, duplicated: 0, stuck: 0 });

function report(line: { bar: string; figure: Figure; tally?: CaseTally }): void {
  const file = relative(join(import.meta.dirname, '../..'), expect.getState().testPath ?? '');
  const text = JSON.stringify({ tier: process.env['HOLDOVER_TIER'] ?? 'none', file, ...line });
  const runDir = process.env['HOLDOVER_RUN_DIR'];
  if (runDir) appendFileSync(join(runDir, 'figures.jsonl'), `${text}\n`);
  else process.stdout.write(`figure ${text}\n`);
}

/**
 * Hands a measured figure to the run: `npm test` collects them in a table, and a full run keeps them under
 * test/results. Without a run around (vitest called by hand) it is printed at once.
 *
 * @param bar what was measured, beginning with the bar's letter and number where there is one: `I5 capability matrix`
 */
export function reportFigure(bar: string, figure: Figure): void {
  report({ bar, figure });
}

/** As reportFigure, with a tally that is added up over the tier: the last line of `npm run test:crash`. */
export function reportCases(bar: string, tally: CaseTally, figure: Figure = {}): void {
  report({ bar, figure: { ...tally, ...figure }, tally });
}
