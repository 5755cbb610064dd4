import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../main/engine/core/clock.ts';
import { search } from '../../main/engine/read/search.ts';
import { seededRandom } from '../support/random.ts';
import { fillStore, type BenchMessage } from './filled-store.ts';
import { percentile, type BenchResult } from './report.ts';

const ROWS = 50;
const QUERIES = 400;

/** Search in a store that holds these messages. */
export async function benchSearch(messages: AsyncIterable<BenchMessage>, seed: number): Promise<BenchResult[]> {
  const dir = mkdtempSync(join(tmpdir(), 'holdover-bench-search-'));
  const { store, count, words, close } = await fillStore(dir, randomBytes(32), messages);
  const random = seededRandom(seed);
  const list = words.filter((word) => word.length > 3);
  // What people type: beginnings of words, whole words, parts of words, two words, a person.
  const kinds: (() => string)[] = [
    () => random.pick(list).slice(0, 2),
    () => random.pick(list).slice(0, 3),
    () => random.pick(list),
    () => random.pick(list).slice(1),
    () => `${random.pick(list)} ${random.pick(list)}`,
    () => `from:${random.pick(list).slice(0, 4)}`,
  ];
  const took: number[] = [];
  for (let n = 0; n < QUERIES; n += 1) {
    const text = kinds[n % kinds.length]!();
    const startedAt = performance.now();
    search(store, systemClock, { text, mailboxKey: null, limit: ROWS });
    took.push(performance.now() - startedAt);
  }
  close();
  rmSync(dir, { recursive: true, force: true });
  const note = `${count} messages, ${QUERIES} queries, ${ROWS} rows each`;
  return [
    { bar: 'search, p95', unit: 'ms', ours: percentile(took, 0.95), runs: [percentile(took, 0.95)], atMost: 30, note },
    { bar: 'search, p50', unit: 'ms', ours: percentile(took, 0.5), runs: [percentile(took, 0.5)], atMost: 30, note },
  ];
}
