import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { expect } from 'vitest';
import { value } from './enrolled-app.ts';
import type { RunningApp } from './start-app.ts';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** The splitters lie between the panes, which are the landmarks. */
const LEFT_OUT = ['region'];

interface Axe {
  run(options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

/** What was looked at: the theme, and the marks of the components that were on the page. */
interface Look {
  readonly theme: string;
  readonly marks: readonly string[];
}

/** Told to the run, which knows in the end what nobody has looked at (scripts/lib/axe-looks.mjs). */
async function noteLook({ window }: RunningApp): Promise<void> {
  const runDir = process.env['HOLDOVER_RUN_DIR'];
  if (!runDir) return;
  const look = await window.evaluate<Look>(`({
    theme: document.documentElement.dataset.theme,
    marks: [...new Set([...document.querySelectorAll('[class*=svelte-]')].flatMap((one) => [...one.classList]).filter((name) => name.startsWith('svelte-')))],
  })`);
  appendFileSync(path.join(runDir, 'axe.jsonl'), `${JSON.stringify(look)}\n`);
}

/** What axe finds wrong with the page as it is now: the rule and the first element, one line each. */
export async function accessibilityFaults(app: RunningApp): Promise<string[]> {
  const { window } = app;
  await noteLook(app);
  if (!(await window.evaluate("'axe' in globalThis"))) await window.evaluate(readFileSync(axeFile, 'utf8'));
  return window.evaluate(async (leftOut) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    const rules = Object.fromEntries(leftOut.map((id) => [id, { enabled: false }]));
    // Style sheets and media are loaded before for rules that are off, and for sound that plays by itself: there is none. It is a third of the work.
    const { violations } = await axe.run({ rules, resultTypes: ['violations'], preload: false });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
  }, LEFT_OUT);
}

/** The same in the one theme and in the other; it ends as it was. */
export async function faultsInBothThemes(app: RunningApp): Promise<string[]> {
  const { theme: before } = await value(app.call('settings.get'));
  const found: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await value(app.call('settings.set', { theme }));
    await expect.poll(() => app.window.evaluate('document.documentElement.dataset.theme')).toBe(theme);
    found.push(...(await accessibilityFaults(app)).map((fault) => `${theme} ${fault}`));
  }
  await value(app.call('settings.set', { theme: before }));
  return found;
}
