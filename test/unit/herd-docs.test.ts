import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { herdTable, HERD_OUTAGES, HERD_PLOTS, withHerdTable, type HerdResults } from '../support/herd-docs.ts';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const docs = read('docs/herd.md');
const results = JSON.parse(read('test/results/herd.json')) as HerdResults;
const FLEET = 10_000;

describe('what is said of a fleet that loses its server', () => {
  it('are the figures that the full run found, and nothing else', () => {
    expect(docs).toContain(herdTable(results));
    expect(withHerdTable(docs, results)).toBe(docs);
    expect(() => withHerdTable('# no place', results)).toThrow('herd.md');
  });

  it('is of the whole fleet and below the bar, with a picture of each outage that was played', () => {
    const seconds = { '5 minutes': 300, '4 hours': 4 * 3600, '3 days': 3 * 86_400 };
    const played = HERD_OUTAGES.filter((name) => results[name]);
    expect(played).toEqual(['5 minutes', '4 hours', '3 days']);
    for (const name of played) {
      const { clients, outageS, primary, relay } = results[name]!;
      expect([name, clients, outageS]).toEqual([name, FLEET, seconds[name]]);
      expect(Math.max(primary.logins, relay.logins) / clients).toBeLessThan(0.02);
      expect(existsSync(path.join(root, 'docs', HERD_PLOTS[name])), name).toBe(true);
    }
  });
});
