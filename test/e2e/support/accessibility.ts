import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { RunningApp } from './start-app.ts';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** The splitters lie between the panes, which are the landmarks. */
const LEFT_OUT = ['region'];

interface Axe {
  run(options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

/** What axe finds wrong with the page as it is now: the rule and the first element, one line each. */
export async function accessibilityFaults({ window }: RunningApp): Promise<string[]> {
  if (!(await window.evaluate("'axe' in globalThis"))) await window.evaluate(readFileSync(axeFile, 'utf8'));
  return window.evaluate(async (leftOut) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    const rules = Object.fromEntries(leftOut.map((id) => [id, { enabled: false }]));
    // Style sheets and media are loaded before for rules that are off, and for sound that plays by itself: there is none. It is a third of the work.
    const { violations } = await axe.run({ rules, resultTypes: ['violations'], preload: false });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
  }, LEFT_OUT);
}
