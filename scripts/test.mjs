import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onVirtualDisplays } from './lib/display.mjs';
import { keyringSession } from './lib/keyring.mjs';
import { memoryFolder } from './lib/memory-folder.mjs';
import { inModules, rootDir } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain, SetupError } from './lib/steps.mjs';
import { failuresOf, filesOf, keepResults, readReport, slice, sumOf, tallyLine, tallyOf } from './lib/test-results.mjs';
import { tierPackages, tiers } from './lib/tiers.mjs';

/** Seed of this version; any other by HOLDOVER_SEED. */
const DEFAULT_SEED = '20261124';

/** Files of a tier that are named with their seconds; all of them by HOLDOVER_SLOWEST=1000. */
const SLOWEST = Number(process.env.HOLDOVER_SLOWEST ?? 6);

const isTestFile = (argument) => argument.endsWith('.test.ts');

function chosenTiers(argv) {
  const names = argv.filter((argument) => !argument.startsWith('--') && !isTestFile(argument));
  const unknown = names.find((name) => !tiers.some((tier) => tier.name === name));
  if (unknown) throw new SetupError(`There is no tier "${unknown}". Tiers: ${tiers.map((tier) => tier.name).join(', ')}`);
  if (argv.some(isTestFile) && names.length !== 1) throw new SetupError('Name the one tier that the files belong to.');
  return names.length === 0 ? tiers : tiers.filter((tier) => names.includes(tier.name));
}

/** Runs a tier; where `isQuiet`, what it writes is shown when it has ended. */
async function runTier(tier, { env, runDir, files }, isQuiet = false) {
  const outputFile = path.join(runDir, `${tier.name}.json`);
  const command = process.execPath;
  const args = [
    inModules('vitest/vitest.mjs'),
    'run',
    ...(tier.projects ?? [tier.name]).map((project) => `--project=${project}`),
    ...files,
    ...(tier.workers ? [`--maxWorkers=${tier.workers}`] : []),
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${outputFile}`,
  ];
  const plain = { command, args, env: { ...env, HOLDOVER_TIER: tier.name } };
  const startedAt = performance.now();
  const head = `\n== ${tier.name}: ${tier.what}\n`;
  const log = isQuiet ? path.join(runDir, `${tier.name}.log`) : null;
  const output = log === null ? undefined : openSync(log, 'w');
  if (log === null) process.stdout.write(head);
  const session = tier.session ? keyringSession(onVirtualDisplays(plain, tier.workers ?? 1)) : { launch: plain, dispose: () => undefined };
  let code = 1;
  try {
    code = await runInherited(session.launch.command, session.launch.args, { cwd: rootDir, env: session.launch.env, output });
  } finally {
    session.dispose();
    if (output !== undefined) closeSync(output);
  }
  if (log !== null) process.stdout.write(`${head}${readFileSync(log, 'utf8')}`);
  const report = readReport(outputFile);
  return { ...tier, ...countsOf(report), report, code, seconds: (performance.now() - startedAt) / 1000 };
}

/** Runs the tiers one after the other, but for those that run beside others: from the first of these to the last. In the order of `chosen`. */
async function runTiers(chosen, run) {
  const hostsOf = ({ beside = [] }) => chosen.filter(({ name }) => beside.includes(name));
  const guests = chosen.filter((tier) => hostsOf(tier).length > 0);
  const results = new Map();
  const note = async (running) => {
    const one = await running;
    results.set(one.name, one);
  };
  const started = new Map();
  for (const tier of chosen.filter((one) => !guests.includes(one))) {
    const startsNow = guests.filter((guest) => hostsOf(guest)[0] === tier);
    for (const guest of startsNow) started.set(guest, note(runTier(guest, run, true)));
    await note(runTier(tier, run));
    await Promise.all(guests.filter((guest) => hostsOf(guest).at(-1) === tier).map((guest) => started.get(guest)));
  }
  return chosen.map(({ name }) => results.get(name));
}

/** A tier that ended without a report, or without a test, has failed. */
function countsOf(report) {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
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

/** Where the time of a tier goes. */
function slowestOf({ report }) {
  const files = report === null ? [] : filesOf(report);
  const slowest = files.sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  return slowest.map(({ file, seconds }) => `${path.basename(file, '.test.ts')} ${seconds}`).join(', ');
}

/** What failed, once more at the end: of a long log, that is what everybody reads. */
function printFailures(results) {
  const failures = results.flatMap(({ name, report }) =>
    report === null ? [{ file: name, test: 'ended without a report', why: '' }] : failuresOf(report),
  );
  if (failures.length === 0) return;
  process.stdout.write('\nFailed\n');
  for (const { file, test, why } of failures) process.stdout.write(`  ${file} > ${test}\n      ${why}\n`);
}

/** Kills, cuts and refusals that a run of the whole crash tier counts at least. */
const LEAST_CASES = 500;

/** What the kills, cuts and refusals of the crash tier came to; true unless something was lost, doubled or left undone, or too few were tried. */
function printTally(figures, isWholeTier) {
  const tally = tallyOf(figures.filter((one) => one.tier === 'crash'));
  if (tally === null) return true;
  process.stdout.write(`${tallyLine(tally)}\n`);
  const isEnough = !isWholeTier || tally.cases >= LEAST_CASES;
  if (!isEnough) process.stdout.write(`too few cases: at least ${LEAST_CASES} are wanted\n`);
  return isEnough && tally.lost + tally.duplicated + tally.stuck === 0;
}

/** Components of the window that axe has not met in each theme, after all tests of the app; true where there is none. */
async function printLooks(runDir) {
  const { lookReport } = await import('./lib/axe-looks.mjs');
  const { line, missing } = lookReport(runDir);
  process.stdout.write(`${line}\n${missing.map((one) => `  ${one}\n`).join('')}`);
  return missing.length === 0;
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
  const scratch = memoryFolder();
  const env = {
    ...process.env,
    ...plain,
    ...(scratch ? { TMPDIR: scratch } : {}),
    HOLDOVER_SEED: seed,
    HOLDOVER_RUN_DIR: runDir,
    ...(isFull ? { HOLDOVER_FULL: '1' } : {}),
  };
  process.stdout.write(`seed ${seed}${isFull ? ', full case counts' : ''}\n`);
  const files = argv.filter(isTestFile);
  let results = [];
  let figures = [];
  let isLookedAt = true;
  const isWholeTier = (tier) => files.length === 0 && slice() === null && chosen.some(({ name }) => name === tier);
  try {
    results = await runTiers(chosen, { env, runDir, files });
    figures = readFigures(runDir);
    printFigures(figures);
    if (isWholeTier('app')) isLookedAt = await printLooks(runDir);
    if (isFull) for (const one of results) if (one.report !== null) keepResults(one, one.report, { figures, seed });
  } finally {
    rmSync(runDir, { recursive: true, force: true });
  }
  process.stdout.write('\nTiers\n');
  for (const result of results) {
    const { name, passed, failed, skipped, seconds } = result;
    process.stdout.write(
      `  ${name.padEnd(7)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${String(skipped).padStart(4)} skipped ${seconds.toFixed(0).padStart(5)} s   slowest: ${slowestOf(result)}\n`,
    );
  }
  printFailures(results);
  process.stdout.write('\n');
  const isWhole = printTally(figures, isWholeTier('crash'));
  process.stdout.write(`${['passed', 'failed', 'skipped'].map((key) => `${sumOf(results, key)} ${key}`).join(', ')}\n`);
  return !isWhole || !isLookedAt || sumOf(results, 'failed') > 0 || results.some((one) => one.code !== 0) ? 1 : 0;
});
