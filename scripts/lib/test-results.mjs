import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { resolveElectron } from './electron.mjs';
import { rootDir } from './paths.mjs';

const folder = path.join(rootDir, 'test/results');
const tallyNames = ['cases', 'lost', 'duplicated', 'stuck'];
const counts = ['passed', 'failed', 'skipped', 'seconds'];

/** Adds up one key of many. */
export const sumOf = (list, key) => list.reduce((total, one) => total + one[key], 0);

/** What became of all cases that were tallied; null where none was. */
export function tallyOf(figures) {
  const tallies = figures.flatMap(({ tally }) => (tally ? [tally] : []));
  return tallies.length === 0 ? null : Object.fromEntries(tallyNames.map((name) => [name, sumOf(tallies, name)]));
}

/** `cases 540, lost 0, duplicated 0, stuck 0` */
export const tallyLine = (tally) => tallyNames.map((name) => `${name} ${tally[name]}`).join(', ');

/** Part k of n of the long lists, as HOLDOVER_SLICE says it; null for the whole. */
export const slice = () => process.env.HOLDOVER_SLICE ?? null;

function firstLine(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0];
  } catch {
    return 'not found'; // a tool that is missing has no version
  }
}

function versions() {
  const { dependencies } = JSON.parse(readFileSync(path.join(rootDir, 'package.json'), 'utf8'));
  const { imapflow, mailparser } = dependencies;
  return {
    node: process.versions.node,
    imapflow,
    mailparser,
    sqlite: dependencies['better-sqlite3'],
    // The runtime at hand need not be the one that package.json asks for.
    electron: resolveElectron().version ?? 'not told',
    dovecot: firstLine('dovecot', ['--version']),
    commit: firstLine('git', ['rev-parse', 'HEAD']),
    hasOwnChanges: firstLine('git', ['status', '--porcelain', '--', ':!test/results']) !== '',
  };
}

/** Files of a vitest report, each with what came of it. */
export function filesOf(report) {
  return report.testResults.map(({ name, startTime, endTime, status, assertionResults }) => {
    const count = (...states) => assertionResults.filter((one) => states.includes(one.status)).length;
    const failed = count('failed');
    return {
      file: path.relative(rootDir, name).split(path.sep).join('/'),
      passed: count('passed'),
      // A file that breaks before its first test has failed, too.
      failed: failed === 0 && status === 'failed' ? 1 : failed,
      skipped: count('pending', 'skipped', 'todo'),
      seconds: Math.round((endTime - startTime) / 1000),
    };
  });
}

const SHOWN_CHARS = 800;
const ownLine = (line) => (line.includes('node_modules') ? undefined : line.split(`${rootDir}${path.sep}`)[1]?.match(/^[^\s:]+:\d+/u)?.[0]);

/** The failed tests of a vitest report, each with the begin of its reason and the first line of the project that it passed through. */
export function failuresOf(report) {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = path.relative(rootDir, name).split(path.sep).join('/');
    const failed = assertionResults.filter((one) => one.status === 'failed');
    const told = failed.map(({ fullName, failureMessages }) => ({ file, test: fullName, why: whyOf(failureMessages.join('\n')) }));
    return told.length === 0 && status === 'failed'
      ? [{ file, test: 'before its first test', why: whyOf(message) || 'the log says why, where its tier ran' }]
      : told;
  });
}

function whyOf(message) {
  const [head, ...stack] = message.split(/\n(?=\s+at )/u);
  const place = stack.map(ownLine).find((found) => found !== undefined);
  const said = head.replaceAll(/\s+/gu, ' ').slice(0, SHOWN_CHARS);
  return place === undefined ? said : `${said} (${place})`;
}

/**
 * Keeps what a full run found, one part for each file of tests and each slice of it, with what it was measured on; then sums
 * up the parts of the tier. So a tier that takes hours can be run file by file, and slice by slice.
 */
export function keepResults(tier, report, { figures, seed }) {
  mkdirSync(folder, { recursive: true });
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
  };
  const of = slice();
  const ran = { slice: of, date: new Date().toISOString(), seed, machine, versions: versions() };
  for (const result of filesOf(report)) {
    const own = figures.filter((one) => one.tier === tier.name && one.file === result.file);
    const part = {
      ...{ tier: tier.name, ...result, ...ran },
      ...{ tally: tallyOf(own), figures: own.map(({ bar, figure }) => ({ bar, ...figure })) },
    };
    const name = path.basename(result.file, '.test.ts');
    const suffix = of === null ? '' : `.${of.replace('/', '-of-')}`;
    writeJson(`${tier.name}.${name}${suffix}.json`, part);
  }
  writeJson(`${tier.name}.json`, summary(tier));
}

const writeJson = (name, value) => writeFileSync(path.join(folder, name), `${JSON.stringify(value, null, 2)}\n`);

/** A whole run counts before slices; slices count together when each of them is there. */
function partsOf(tier, file) {
  const prefix = `${tier.name}.${path.basename(file, '.test.ts')}.`;
  const parts = readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')))
    .filter((part) => part.file === file);
  const whole = parts.filter((part) => part.slice === null);
  if (whole.length > 0) return { parts: whole, isComplete: true };
  const counts = new Set(parts.map((part) => Number(part.slice.split('/')[1])));
  const isComplete = counts.size === 1 && new Set(parts.map((part) => part.slice)).size === [...counts][0];
  return { parts, isComplete };
}

/** The parts of a tier put together, and which are missing: parts may be of different days and commits, and say so. */
function summary(tier) {
  const files = tier.folders.flatMap((one) =>
    readdirSync(path.join(rootDir, one), { recursive: true })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `${one}/${name.split(path.sep).join('/')}`),
  );
  const found = files.map((file) => ({ file, ...partsOf(tier, file) }));
  const parts = found.flatMap((one) => one.parts);
  return {
    tier: tier.name,
    missing: found.filter((one) => !one.isComplete).map((one) => one.file),
    ...Object.fromEntries(counts.map((name) => [name, sumOf(parts, name)])),
    tally: tallyOf(parts),
    parts: parts.map(({ file, slice: of, date, seed, versions: { commit }, passed, failed }) => ({
      file,
      slice: of,
      date,
      seed,
      commit,
      passed,
      failed,
    })),
  };
}

/** The report that vitest wrote, or null where it wrote none. */
export const readReport = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null);
