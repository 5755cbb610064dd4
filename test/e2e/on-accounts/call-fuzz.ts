import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorCodeSchema } from '../../../shared/errors.ts';
import { callNames, contract, type CallName } from '../../../shared/ipc/contract.ts';
import { reportFigure } from '../../support/figures.ts';
import { seededRandom, type SeededRandom } from '../../support/random.ts';
import { hostile, make, spoil } from '../../support/schema-fuzz.ts';
import { isFull } from '../../support/this-run.ts';
import { answerSaveDialog } from '../support/save-dialog.ts';
import { oneAccount } from '../support/shared-accounts.ts';
import type { RunningApp } from '../support/start-app.ts';
import { seed } from '../../support/this-run.ts';

const CALLS = isFull ? 10_000 : 350;
const BATCH = 50;
/** A call that takes longer has no answer. */
const ANSWER_MS = 10_000;
const MEBIBYTE = 1024 * 1024;
/** What caches and lists of the mailbox take; a leak of a kilobyte a call would be seen in the full run. */
const MAY_GROW_BYTES = 160 * MEBIBYTE;
/**
 * Whose right arguments would reach for a server of any name, end the account, or wait for a person at a dialog of the system that no
 * test can answer: these get wrong ones alone.
 */
const WRONG_ONLY: ReadonlySet<CallName> = new Set([
  'enrol.discover',
  'enrol.test',
  'accounts.enrol',
  'accounts.enrolFromFile',
  'accounts.remove',
  'store.showRecoveryKey',
  'app.print',
  'messages.remoteImages',
] satisfies CallName[]);

interface Made {
  readonly name: CallName;
  readonly args: unknown[];
}
type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: { readonly code: string } };

let app: RunningApp;

/** Each name comes in its turn, so that none is left out of a sample. */
function nextCall(random: SeededRandom, name: CallName): Made {
  const right = make(contract[name].args, random) as unknown[];
  const given = random.bool(0.4) ? right : spoil(right, random);
  const args = Array.isArray(given) ? (given as unknown[]) : [given];
  const isForbidden = WRONG_ONLY.has(name) && contract[name].args.safeParse(args).success;
  return { name, args: isForbidden ? [hostile(random), hostile(random), 'one too many'] : args };
}

const callAll = (batch: readonly Made[]): Promise<Answer[]> =>
  app.window.evaluate(
    ({ calls, limitMs }) => {
      const { continuity } = globalThis as unknown as { continuity: { calls: Record<string, (...args: unknown[]) => Promise<Answer>> } };
      const late = (): Promise<Answer> =>
        new Promise((resolve) => setTimeout(() => resolve({ ok: false, error: { code: 'no answer' } }), limitMs));
      return Promise.all(calls.map(({ name, args }) => Promise.race([continuity.calls[name]!(...args), late()])));
    },
    { calls: batch.map(({ name, args }) => ({ name, args })), limitMs: ANSWER_MS },
  );

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** What an answer says that no contract has; null where it fits. */
function strange({ name, args }: Made, answer: Answer): string | null {
  const isRight = contract[name].args.safeParse(args).success;
  if (answer.ok) {
    if (!isRight) return `${name}: answered although the arguments are wrong`;
    return contract[name].result.safeParse(answer.value).success ? null : `${name}: an answer that is not in the contract`;
  }
  if (!errorCodeSchema.safeParse(answer.error.code).success) return `${name}: ${answer.error.code}: ${JSON.stringify(args).slice(0, 300)}`;
  if (!isRight && answer.error.code !== 'call-rejected') return `${name}: wrong arguments went as far as ${answer.error.code}`;
  return isRight && answer.error.code === 'internal'
    ? `${name}: internal: ${JSON.stringify(answer.error)} ${JSON.stringify(args).slice(0, 300)}`
    : null;
}

describe('a window that was taken over', () => {
  beforeAll(async () => {
    ({ app } = await oneAccount());
    await answerSaveDialog(app, null);
    await app.electron.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = (url) => Promise.resolve(void opened.push(url));
    });
  }, 120_000);

  it('crashes nothing and gets nothing outside the contract, whatever it calls (E6)', async () => {
    const random = seededRandom(seed);
    const names = random.shuffle(callNames);
    const pids = [app.electron.process().pid!, (await app.enginePid())!];
    const before = pids.map(residentBytes);
    const found: string[] = [];
    const counts = { calls: 0, answered: 0, rejected: 0, refused: 0 };
    while (counts.calls < CALLS) {
      const batch = Array.from({ length: BATCH }, (_, n) => nextCall(random, names[(counts.calls + n) % names.length]!));
      const answers = await callAll(batch);
      answers.forEach((answer, n) => {
        counts.calls += 1;
        counts[answer.ok ? 'answered' : answer.error.code === 'call-rejected' ? 'rejected' : 'refused'] += 1;
        const said = strange(batch[n]!, answer);
        if (said !== null) found.push(said);
      });
    }
    const grown = pids.map((pid, n) => residentBytes(pid) - before[n]!);
    reportFigure('E6 calls of a hostile window', { ...counts, strange: found.length, grownMb: Math.round(Math.max(...grown) / MEBIBYTE) });
    expect(found).toEqual([]);
    expect(await app.enginePid()).toBe(pids[1]);
    expect(app.log().filter(({ ev }) => ev === 'app.uncaught' || ev === 'engine.exit')).toEqual([]);
    for (const bytes of grown) expect(bytes).toBeLessThan(MAY_GROW_BYTES);
    // A share of all calls must have been right, or nothing behind the check was tried.
    expect(counts.answered).toBeGreaterThan(CALLS / 20);
    expect(counts.rejected).toBeGreaterThan(CALLS / 5);
  });

  it('has one channel and no name beside those of the contract', async () => {
    const outcome = await app.electron.evaluate(async ({ ipcMain, webContents }) => {
      const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>> })
        ._invokeHandlers;
      const own = webContents.getAllWebContents().find((contents) => contents.getURL().startsWith('app://'))!;
      const event = { sender: own, senderFrame: own.mainFrame };
      const names = [
        '',
        '__proto__',
        'constructor',
        'toString',
        'app.info ',
        'APP.INFO',
        'store.key',
        'engine.call',
        7,
        null,
        {},
        ['app.info'],
      ];
      const answers = await Promise.all(names.map((name) => handlers.get('holdover:call')!(event, name).then(JSON.stringify, String)));
      return { channels: [...handlers.keys()], answers };
    });
    expect(outcome.channels).toEqual(['holdover:call']);
    for (const answer of outcome.answers) expect(answer).toMatch(/call-rejected/u);
  });

  it('opened nothing but pages and mail', async () => {
    const opened = await app.electron.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
    expect(opened.filter((url) => !/^(?:https?|mailto):/u.test(url))).toEqual([]);
    expect((await app.call('accounts.list')).ok).toBe(true);
  });
});
