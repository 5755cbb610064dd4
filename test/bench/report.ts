import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

/** One measured bar: ours against a reference of the same run, and what had to be reached. */
export interface BenchResult {
  readonly bar: string;
  readonly unit: string;
  /** Median of the runs. */
  readonly ours: number;
  readonly runs: readonly number[];
  readonly reference?: { readonly name: string; readonly value: number; readonly runs: readonly number[] };
  /** What `ours`, or `ours / reference` where there is one, may be at most. */
  readonly atMost: number;
  readonly note?: string;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
};

const valueOf = (one: BenchResult): number => (one.reference ? one.ours / one.reference.value : one.ours);
export const isReached = (one: BenchResult): boolean => valueOf(one) <= one.atMost;

function firstLine(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, [...args], { encoding: 'utf8' }).split('\n')[0] ?? '';
  } catch {
    return 'not found'; // a version that cannot be told is not worth failing for
  }
}

function versions(root: string): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
  return {
    node: process.version,
    imapflow: dependencies?.['imapflow'] ?? '',
    store: dependencies?.['better-sqlite3'] ?? '',
    // Of the runtime at hand, which need not be the one that package.json asks for; told by scripts/bench.mjs.
    electron: process.env['HOLDOVER_ELECTRON_VERSION'] ?? 'not told',
    dovecot: firstLine('dovecot', ['--version']),
    mbsync: firstLine('mbsync', ['--version']),
    commit: firstLine('git', ['rev-parse', 'HEAD']),
  };
}

/** Writes test/results/bench-<name>.json and prints the table. True when every bar was reached. */
export function writeReport(root: string, name: string, results: readonly BenchResult[], seed: number): boolean {
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? '',
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
  };
  const rows = results.map((one) => ({ ...one, ratio: one.reference ? valueOf(one) : null, isReached: isReached(one) }));
  const file = join(root, `test/results/bench-${name}.json`);
  mkdirSync(join(root, 'test/results'), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ date: new Date().toISOString(), seed, machine, versions: versions(root), results: rows }, null, 2)}\n`,
  );
  const digits = (value: number): string => value.toFixed(value < 10 ? 3 : 1);
  for (const one of rows) {
    const against = one.reference ? ` | ${one.reference.name} ${digits(one.reference.value)} | ratio ${digits(one.ratio ?? 0)}` : '';
    process.stdout.write(
      `${one.isReached ? 'reached' : 'MISSED '} | ${one.bar} | ${digits(one.ours)} ${one.unit}${against} | at most ${one.atMost}${one.note ? ` | ${one.note}` : ''}\n`,
    );
  }
  return rows.every((one) => one.isReached);
}
