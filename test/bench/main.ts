import { join } from 'node:path';
import { startDovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { seed } from '../support/this-run.ts';
import { generateBenchMailbox } from './generate-mailbox.mjs';
import { benchInitial, benchUnchanged, MirrorBench } from './mirror-bench.ts';
import { writeReport, type BenchResult } from './report.ts';
import { benchSearch } from './search-bench.ts';

const COUNT = 10_000;
const TOTAL_BYTES = 600e6;
const ROUNDS = Number(process.env['HOLDOVER_BENCH_ROUNDS'] ?? 3);
const SEARCHED = 100_000;
const MAILBOXES = 50;

const children = { engine: process.argv[2]!, imapflow: process.argv[3]! };
const root = process.argv[4]!;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function large(): Promise<BenchResult[]> {
  const server = await startDovecot({ rawlog: false });
  try {
    let rawBytes = 0;
    function* counted() {
      for (const mail of generateBenchMailbox({ seed, count: COUNT, totalBytes: TOTAL_BYTES, now: Date.now() })) {
        rawBytes += mail.raw.length;
        yield mail;
      }
    }
    say(`generating ${COUNT} mails`);
    await seedMailbox(server, 'alice', 'INBOX', counted());
    return await benchInitial(new MirrorBench(server, children), rawBytes, ROUNDS);
  } finally {
    await server.dispose();
  }
}

async function unchanged(): Promise<BenchResult[]> {
  const paths = Array.from({ length: MAILBOXES - 1 }, (_, n) => `Box${n}`);
  const server = await startDovecot({ rawlog: false, mailboxes: paths.map((path) => ({ path, autoSubscribe: true })) });
  try {
    for (const [n, path] of ['INBOX', ...paths].entries()) {
      await seedMailbox(server, 'alice', path, generateBenchMailbox({ seed: seed + n, count: 40, isSmall: true, now: Date.now() }));
    }
    return await benchUnchanged(new MirrorBench(server, children), ROUNDS * 3);
  } finally {
    await server.dispose();
  }
}

async function* searched() {
  yield* generateBenchMailbox({ seed, count: SEARCHED, isSmall: true, now: Date.now() });
}

const wanted = process.argv.slice(5);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const filled = (): Promise<BenchResult[]> => {
  say(`filling a store with ${SEARCHED} mails`);
  return benchSearch(searched(), seed);
};
let areReached = true;
for (const [name, measure] of Object.entries({ mirror: large, unchanged, search: filled })) {
  if (isWanted(name)) areReached = writeReport(root, name, await measure(), seed) && areReached;
}
say(`results: ${join('test', 'results')}`);
process.exitCode = areReached ? 0 : 1;
