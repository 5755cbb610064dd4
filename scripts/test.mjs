import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { onVirtualDisplay } from './lib/display.mjs';
import { keyringSession } from './lib/keyring.mjs';
import { inModules, rootDir } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain, SetupError } from './lib/steps.mjs';
import { tierPackages, tiers } from './lib/tiers.mjs';

/** Seed of this version; any other by HOLDOVER_SEED. */
const DEFAULT_SEED = '20261124';

function chosenTiers(argv) {
  const names = argv.filter((argument) => !argument.startsWith('--'));
  const unknown = names.find((name) => !tiers.some((tier) => tier.name === name));
  if (unknown) throw new SetupError(`There is no tier "${unknown}". Tiers: ${tiers.map((tier) => tier.name).join(', ')}`);
  return names.length === 0 ? tiers : tiers.filter((tier) => names.includes(tier.name));
}

async function runTier(tier, { env, runDir }) {
  const outputFile = path.join(runDir, `${tier.name}.json`);
  const command = process.execPath;
  const args = [
    inModules('vitest/vitest.mjs'),
    'run',
    '--project',
    tier.name,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${outputFile}`,
  ];
  const plain = { command, args, env: { ...env, HOLDOVER_TIER: tier.name } };
  const startedAt = performance.now();
  process.stdout.write(`\n== ${tier.name}: ${tier.what}\n`);
  const session = tier.session ? keyringSession(onVirtualDisplay(plain)) : { launch: plain, dispose: () => undefined };
  let code = 1;
  try {
    code = await runInherited(session.launch.command, session.launch.args, { cwd: rootDir, env: session.launch.env });
  } finally {
    session.dispose();
  }
  return { ...tier, ...readResult(outputFile), code, seconds: (performance.now() - startedAt) / 1000 };
}

/** A tier that ended without a report, or without a test, has failed. */
function readResult(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: todo,
    numFailedTestSuites: suites,
  } = report;
  const isEmpty = passed + failed === 0;
  return { passed, failed: failed === 0 && (isEmpty || (suites > 0 && !report.success)) ? 1 : failed, skipped: pending + todo };
}

function readFigures(runDir) {
  const file = path.join(runDir, 'figures.jsonl');
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
}

function printFigures(figures) {
  if (figures.length === 0) return;
  process.stdout.write('\nFigures\n');
  for (const { tier, bar, figure } of figures) {
    const text = Object.entries(figure)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
    process.stdout.write(`  ${tier.padEnd(7)} ${bar.padEnd(36)} ${text}\n`);
  }
}

function firstLine(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0];
  } catch {
    return 'not found'; // a tool that is missing has no version
  }
}

function versions() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(rootDir, 'package.json'), 'utf8'));
  const { imapflow, mailparser } = dependencies;
  return {
    node: process.versions.node,
    imapflow,
    mailparser,
    sqlite: dependencies['better-sqlite3'],
    electron: devDependencies.electron,
    dovecot: firstLine('dovecot', ['--version']),
    commit: firstLine('git', ['rev-parse', 'HEAD']),
  };
}

/** Results of a full run, one file a tier, kept with what they were measured on. */
function keepResults(results, figures, seed) {
  const folder = path.join(rootDir, 'test/results');
  mkdirSync(folder, { recursive: true });
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
  };
  for (const { name, passed, failed, skipped, seconds } of results) {
    const own = figures.filter((one) => one.tier === name).map(({ bar, figure }) => ({ bar, ...figure }));
    const result = {
      tier: name,
      date: new Date().toISOString(),
      seed,
      machine,
      versions: versions(),
      passed,
      failed,
      skipped,
      seconds: Math.round(seconds),
      figures: own,
    };
    writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  }
}

await runMain(async () => {
  const argv = process.argv.slice(2);
  const isFull = argv.includes('--full');
  const chosen = chosenTiers(argv);
  await ensureSetup({ packages: tierPackages, electron: true });
  const seed = process.env.HOLDOVER_SEED ?? DEFAULT_SEED;
  const runDir = mkdtempSync(path.join(tmpdir(), 'holdover-test-'));
  // A log keeps escape sequences for every dot that a terminal would show as one.
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  const env = { ...process.env, ...plain, HOLDOVER_SEED: seed, HOLDOVER_RUN_DIR: runDir, ...(isFull ? { HOLDOVER_FULL: '1' } : {}) };
  process.stdout.write(`seed ${seed}${isFull ? ', full case counts' : ''}\n`);
  const results = [];
  try {
    for (const tier of chosen) results.push(await runTier(tier, { env, runDir }));
    const figures = readFigures(runDir);
    printFigures(figures);
    if (isFull) keepResults(results, figures, seed);
  } finally {
    rmSync(runDir, { recursive: true, force: true });
  }
  process.stdout.write('\nTiers\n');
  for (const { name, passed, failed, skipped, seconds } of results) {
    process.stdout.write(
      `  ${name.padEnd(7)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${String(skipped).padStart(4)} skipped ${seconds.toFixed(0).padStart(5)} s\n`,
    );
  }
  const sum = (key) => results.reduce((total, one) => total + one[key], 0);
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
  return sum('failed') > 0 || results.some((one) => one.code !== 0) ? 1 : 0;
});
