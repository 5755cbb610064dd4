import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AppLogEntry } from '../../main/app/log-file.ts';
import { Speller } from '../../main/app/spelling/speller.ts';
import { until } from '../support/until.ts';

/** Answers as the words say: with themselves, not at all, with its end, or that there is no dictionary. */
const WORKER = `
import { parentPort, workerData } from 'node:worker_threads';
parentPort.on('message', ({ id, words, word, languages }) => {
  const asked = words ?? [word];
  if (asked.includes('hang')) return;
  if (asked.includes('die')) process.exit(3);
  if (asked.includes('throw')) throw new Error('secret word');
  parentPort.postMessage({ id, words: asked.includes('none') ? null : [...asked, ...languages, workerData.folder] });
});
`;

let folder: string;
let speller: Speller;
let events: unknown[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-speller-'));
  writeFileSync(path.join(folder, 'worker.mjs'), WORKER);
  events = [];
});
afterEach(async () => {
  await speller.close();
  rmSync(folder, { recursive: true, force: true });
});
function open(waits: { idleMs?: number; answerMs?: number } = {}): Speller {
  const log = { write: (_level: unknown, entry: AppLogEntry) => void events.push(entry) };
  return (speller = new Speller({ workerFile: path.join(folder, 'worker.mjs'), folder: 'dictionaries', log, ...waits }));
}

it('starts its worker with the first question, and gives each its own answer', async () => {
  open();
  expect(await speller.wrong([], ['de'])).toEqual([]);
  expect(await speller.suggest('a', [])).toEqual([]);
  expect(speller.isRunning).toBe(false);
  const answers = await Promise.all([speller.wrong(['a'], ['de']), speller.suggest('b', ['en']), speller.wrong(['c'], ['de', 'en'])]);
  expect(answers).toEqual([
    ['a', 'de', 'dictionaries'],
    ['b', 'en', 'dictionaries'],
    ['c', 'de', 'en', 'dictionaries'],
  ]);
});

it('ends it when nobody has asked for long, and starts another for the next question', async () => {
  open({ idleMs: 20 });
  await speller.wrong(['a'], ['de']);
  await until('the worker has ended', () => !speller.isRunning);
  expect(await speller.wrong(['b'], ['de'])).toContain('b');
});

it.each(['hang', 'die', 'throw', 'none'])('fails the question and no other where the worker does: %s', async (word) => {
  // A new worker has to start within the time, too, on a machine that has other work.
  open({ answerMs: word === 'hang' ? 3_000 : 30_000 });
  await expect(speller.wrong([word], ['de'])).rejects.toMatchObject({ code: 'internal' });
  expect(await speller.wrong(['b'], ['de'])).toContain('b');
  expect(JSON.stringify(events)).not.toContain('secret word');
});
