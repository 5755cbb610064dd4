import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Facts of one measured bar: counts, milliseconds, bytes (units in the names), or a word. */
export type Figure = Readonly<Record<string, number | string>>;

/**
 * Hands a measured figure to the run: `npm test` collects them in a table, and a full run keeps them under
 * test/results. Without a run around (vitest called by hand) it is printed at once.
 *
 * @param bar what was measured, beginning with the bar's letter and number where there is one: `I5 capability matrix`
 */
export function reportFigure(bar: string, figure: Figure): void {
  const line = JSON.stringify({ tier: process.env['HOLDOVER_TIER'] ?? 'none', bar, figure });
  const runDir = process.env['HOLDOVER_RUN_DIR'];
  if (runDir) appendFileSync(join(runDir, 'figures.jsonl'), `${line}\n`);
  else process.stdout.write(`figure ${line}\n`);
}
