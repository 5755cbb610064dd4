import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bridgeCallNames } from '../../../shared/ipc/bridge.ts';
import { reportFigure } from '../../support/figures.ts';
import { isFull, seed } from '../../support/this-run.ts';
import { callOf } from '../support/page-script.ts';
import { callAsForeigners, LONG_TEXT } from '../support/foreign-calls.ts';
import { emptyApp } from '../support/empty-app.ts';
import type { RunningApp } from '../support/start-app.ts';

/** Of so many calls one gets the longest text, forty megabytes; another seed has others. */
const LONG_EACH = isFull ? 1 : 40;

const ARGUMENTS: readonly (readonly unknown[])[] = [
  [],
  [42],
  [{ extra: true }],
  [{ entryId: -1, accountId: NaN, index: 0 }],
  [{ entryId: '../../etc/passwd' }],
  [{ mailboxKey: "'; DROP TABLE entries; --" }],
  [{ url: LONG_TEXT }],
  [{ constructor: {} }],
  [null, null],
];

let app: RunningApp;
beforeAll(async () => void (app = await emptyApp()));

function storeDigest(): string {
  const hash = createHash('sha256');
  for (const name of ['mail.db', 'mail.db-wal', 'outbox.db', 'outbox.db-wal', 'settings.json']) {
    const file = path.join(app.profile, name);
    hash.update(existsSync(file) ? readFileSync(file) : name);
  }
  return hash.digest('hex');
}

describe('calls from anybody but the main frame', () => {
  it('are rejected before anything happens, for every call and every kind of argument', async () => {
    const before = storeDigest();
    const counts = await callAsForeigners(
      app,
      bridgeCallNames.flatMap((name) => ARGUMENTS.map((args) => ({ name, args }))),
    );
    expect(counts.answered).toEqual([]);
    expect(storeDigest()).toBe(before);
    reportFigure('E5 calls from foreign frames', { tried: counts.tried, answered: counts.answered.length });
  });

  it('are rejected in a window that has our preload, but is not ours', async () => {
    const preload = path.join(process.env['HOLDOVER_TEST_DIST'] ?? path.join(import.meta.dirname, '../../../dist'), 'preload/index.cjs');
    const outcome = await app.electron.evaluate(async ({ BrowserWindow, webContents }, file) => {
      const own = webContents.getAllWebContents().find((contents) => contents.getURL().startsWith('app://'));
      const other = new BrowserWindow({
        show: false,
        webPreferences: { preload: file, sandbox: true, contextIsolation: true, ...(own ? { session: own.session } : {}) },
      });
      await other.loadURL('app://holdover/index.html');
      const answer: unknown = await other.webContents.executeJavaScript(
        "continuity.calls['app.info']().then(() => 'answered', (error) => String(error))",
      );
      other.destroy();
      return String(answer);
    }, preload);
    expect(outcome).toContain('call-rejected');
  });

  it('malformed arguments are rejected for the right sender too', async () => {
    const before = storeDigest();
    const outcome = (await app.window.evaluate(callOf('malformed-calls', bridgeCallNames, LONG_EACH, seed % LONG_EACH))) as {
      tried: number;
      accepted: string[];
    };
    expect(outcome.accepted).toEqual([]);
    expect(storeDigest()).toBe(before);
    reportFigure('E5 malformed arguments', { tried: outcome.tried, accepted: outcome.accepted.length });
  });
});
