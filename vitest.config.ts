import { join } from 'node:path';
import type { PluginOption } from 'vite';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const runDir = process.env['HOLDOVER_RUN_DIR'];
const isFull = process.env['HOLDOVER_FULL'] === '1';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** How long an expected state is waited for, milliseconds. How fast the app is, benchmarks measure: on a busy machine a test that waits too short says nothing. */
const POLL = { timeout: 20 * SECOND, interval: 50 };

interface Tier {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** Time limit of one test in the sampled run, milliseconds. */
  readonly timeoutMs: number;
  /** The same with HOLDOVER_FULL=1. */
  readonly fullTimeoutMs: number;
  /** Whether files may run side by side; no where they measure time. */
  readonly isParallel: boolean;
  /** Files of one worker share what they import, which is then read once; not where a test measures the memory of its own process. */
  readonly isShared?: boolean;
  /** Tiers of a higher group begin when those before have ended. */
  readonly group?: number;
  /** Built or started once for all files. */
  readonly globalSetup?: string;
  /** Runs in each worker before its file. */
  readonly setupFile?: string;
  /** Whether its tests import components, or modules with runes: the compiler of Svelte takes half a second to load. */
  readonly hasSvelte?: boolean;
  /** How often an expected state is asked for, milliseconds, where that costs more than a look. */
  readonly pollMs?: number;
}

/**
 * Files that measure how long something takes, some of them by a clock that runs faster: a neighbour would be measured too. Memory is that
 * of each file's own process.
 */
const ALONE = 'test/bars/**/*.alone.test.ts';
/** Files that measure the memory of their own process. */
const MEASURED = ['imap-edited-dovecot', 'imap-hostile', 'mime-robustness', 'mirror-lies', 'submission-bytes'].map(
  (name) => `test/bars/${name}.test.ts`,
);

/** One project a tier, and more for files of a tier that run alone or in a process of their own; scripts/lib/tiers.mjs says what each needs around it. */
const tiers: Readonly<Record<string, Tier>> = {
  unit: {
    include: ['test/unit/**/*.test.ts', 'test/arch/**/*.test.ts'],
    timeoutMs: 30 * SECOND,
    fullTimeoutMs: 10 * MINUTE,
    isParallel: true,
    isShared: true,
    hasSvelte: true,
  },
  engine: { include: ['test/engine/**/*.test.ts'], timeoutMs: 30 * SECOND, fullTimeoutMs: 30 * MINUTE, isParallel: true, isShared: true },
  live: { include: ['test/live/**/*.test.ts'], timeoutMs: 5 * MINUTE, fullTimeoutMs: 30 * MINUTE, isParallel: true, isShared: true },
  crash: {
    include: ['test/crash/**/*.test.ts'],
    timeoutMs: 5 * MINUTE,
    fullTimeoutMs: 180 * MINUTE,
    isParallel: true,
    isShared: true,
    globalSetup: 'test/crash/build-children.ts',
  },
  bars: {
    include: ['test/bars/**/*.test.ts'],
    exclude: [ALONE, ...MEASURED],
    timeoutMs: 5 * MINUTE,
    fullTimeoutMs: 180 * MINUTE,
    isParallel: true,
    isShared: true,
  },
  'bars-measured': { include: MEASURED, timeoutMs: 5 * MINUTE, fullTimeoutMs: 180 * MINUTE, isParallel: true },
  // Beside each other they only wait; beside files that work, the work would be measured.
  'bars-alone': { include: [ALONE], timeoutMs: 5 * MINUTE, fullTimeoutMs: 180 * MINUTE, isParallel: true, group: 1 },
  package: { include: ['test/package/**/*.test.ts'], timeoutMs: 2 * MINUTE, fullTimeoutMs: 30 * MINUTE, isParallel: false },
  // In the real app, by scripts/bench.mjs.
  bench: { include: ['test/bench/**/*.test.ts'], timeoutMs: 10 * MINUTE, fullTimeoutMs: 10 * MINUTE, isParallel: false },
  app: {
    include: ['test/e2e/**/*.test.ts'],
    timeoutMs: 2 * MINUTE,
    fullTimeoutMs: 30 * MINUTE,
    isParallel: true,
    isShared: true,
    setupFile: 'test/e2e/support/own-display.ts',
    // Each question goes through three processes, which have better things to do meanwhile.
    pollMs: 120,
  },
};

/** The projects that are to be run, where some are named; null for all. */
function named(): readonly string[] | null {
  const names = process.argv.flatMap((one, n) =>
    one === '--project' ? [process.argv[n + 1] ?? ''] : (/^--project=(.*)$/u.exec(one)?.[1] ?? []),
  );
  return names.length === 0 ? null : names;
}

async function svelteFor(name: string, tier: Tier): Promise<PluginOption[]> {
  if (!tier.hasSvelte || named()?.includes(name) === false) return [];
  const { svelte } = await import('@sveltejs/vite-plugin-svelte');
  return [svelte({ configFile: false })];
}

async function project(name: string, tier: Tier): Promise<TestProjectConfiguration> {
  const timeout = isFull ? tier.fullTimeoutMs : tier.timeoutMs;
  return {
    plugins: await svelteFor(name, tier),
    test: {
      name,
      environment: 'node',
      include: [...tier.include],
      exclude: [...(tier.exclude ?? [])],
      testTimeout: timeout,
      hookTimeout: timeout,
      fileParallelism: tier.isParallel,
      isolate: tier.isShared !== true,
      ...(tier.group ? { sequence: { groupOrder: tier.group } } : {}),
      ...(tier.globalSetup ? { globalSetup: tier.globalSetup } : {}),
      setupFiles: ['test/support/equal-bytes.ts', ...(tier.setupFile ? [tier.setupFile] : [])],
      pool: 'forks',
      restoreMocks: true,
      // Of a long log the end is what is kept: what was found instead stands there whole.
      chaiConfig: { truncateThreshold: 0 },
      expect: { poll: { interval: tier.pollMs ?? POLL.interval, timeout: Math.min(POLL.timeout, tier.timeoutMs / 2) } },
    },
  };
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    maxConcurrency: 3,
    passWithNoTests: false,
    teardownTimeout: 30 * SECOND,
    sequence: { sequencer: LongestFirst },
    projects: await Promise.all(Object.entries(tiers).map(([name, tier]) => project(name, tier))),
    // What one tier has read the next one need not read again. Only within a run: it ends with the folder of the run.
    ...(runDir ? { experimental: { fsModuleCache: true, fsModuleCachePath: join(runDir, 'modules') } } : {}),
  },
});
