import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const FROM = /(?:^|\n)[ \t]*(?:import|export)\s+(?!type\b)([^;'"]*?)\s*from\s*'([^']+)'/g;
const BARE = /(?:^|\n)[ \t]*import\s+'([^']+)'/g;

/** Whether every name between the braces is a type: such an import loads nothing. */
const isTypesOnly = (names: string): boolean => /^\{(?:\s*type\s[^,}]+,?)+\s*\}$/.test(names);

function staticImports(source: string): string[] {
  const named = [...source.matchAll(FROM)].filter(([, names = '']) => !isTypesOnly(names)).map(([, , from = '']) => from);
  return [...named, ...[...source.matchAll(BARE)].map(([, from = '']) => from)];
}

/** Bytes of code: neither what is said of it nor its indentation keeps anybody waiting. */
const sizeOf = (source: string): number =>
  Buffer.byteLength(source.replaceAll(/^[ \t]*(?:\/\/.*|\/\*[^]*?\*\/[ \t]*)(?:\n|$)/gm, '').replaceAll(/^[ \t]+/gm, ''));

/** What an entry loads before its first line runs: our modules with their size, and the packages by name. */
function loadedBy(entry: string): { modules: Map<string, number>; packages: Set<string> } {
  const modules = new Map<string, number>();
  const packages = new Set<string>();
  const pending = [entry];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (modules.has(name)) continue;
    const source = readFileSync(path.join(root, name), 'utf8');
    modules.set(name, sizeOf(source));
    for (const target of staticImports(source)) {
      if (target.startsWith('.')) pending.push(path.posix.join(path.posix.dirname(name), target));
      else packages.add(target);
    }
  }
  return { modules, packages };
}

const bytesOf = (modules: Map<string, number>): number => [...modules.values()].reduce((sum, size) => sum + size, 0);

/** Raise a limit only for what the first rows need; all else is imported when it is shown. */
const ENTRIES = [
  {
    entry: 'renderer/main.ts',
    atMostBytes: 240_500,
    packages: ['svelte', 'svelte/reactivity', 'zod'],
    without:
      /text\/(?:de|en)\.ts|views\/(?!MailView)|ui\/(?:compose|outbox)\/|sanitize|purifier|ContinuitySettings|DrillPanel|FailedChanges|ReconcileItems|ConnectionSteps/,
  },
  // The longer of the two languages, of which a start loads one.
  { entry: 'renderer/text/de.ts', atMostBytes: 72_000, packages: [], without: /text\/en/ },
  { entry: 'preload/index.ts', atMostBytes: 4_300, packages: ['electron'], without: /shared\/model\/|ipc\/contract/ },
  {
    entry: 'main/index.ts',
    atMostBytes: 147_000,
    packages: ['electron', 'zod'],
    without: /^main\/engine\/(?:store|imap|smtp|mirror|outbox|compose)\//,
  },
];

describe('what is loaded before the first paint', () => {
  it.each(ENTRIES)('$entry stays small, and later views stay out of it', ({ entry, atMostBytes, packages, without }) => {
    const loaded = loadedBy(entry);
    expect([...loaded.modules.keys()].filter((name) => without.test(name))).toEqual([]);
    expect([...loaded.packages].filter((name) => !name.startsWith('node:') && !packages.includes(name))).toEqual([]);
    expect(bytesOf(loaded.modules)).toBeLessThanOrEqual(atMostBytes);
  });

  it('sees every form of import, and leaves out types and what is imported later', () => {
    const source = `import './a.css';\nimport B from './b.ts';\nimport {\n  c,\n  type D,\n} from './c.ts';\nexport { e } from './e.ts';
import type { F } from './f.ts';\nimport { type G, type H } from './g.ts';\nvoid import('./h.ts');\n`;
    expect(staticImports(source).sort()).toEqual(['./a.css', './b.ts', './c.ts', './e.ts']);
  });
});
