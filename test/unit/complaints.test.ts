import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const tests = path.join(import.meta.dirname, '..');

/** Complaints about other products that a test has to play through with real parts. */
const PLAYED = [1, 3, 4, 6, 9, 10, 11, 12, 15, 17, 19, 20, 28, ...Array.from({ length: 12 }, (_, n) => 31 + n)];

/** Tiers that run against real servers, or the real app. */
const TIERS = ['live', 'e2e'];

const sources = TIERS.flatMap((tier) =>
  readdirSync(path.join(tests, tier))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(path.join(tests, tier, name), 'utf8')),
);

it.each(PLAYED)('complaint %i is played through by a test of its name', (number) => {
  const named = new RegExp(String.raw`\b(?:it|describe)(?:\.each\([^)]*\))?\(\s*['"\x60]complaint ${number}: `, 'u');
  expect(sources.some((text) => named.test(text))).toBe(true);
});

it('no test of a complaint is skipped or reduced to a promise', () => {
  for (const text of sources) expect(text).not.toMatch(/\.(?:skip|todo|fails)\([^)]*complaint/u);
});
