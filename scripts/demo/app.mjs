import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { _electron } from 'playwright-core';
import { resolveElectron } from '../lib/electron.mjs';
import { rootDir } from '../lib/paths.mjs';
import { SetupError } from '../lib/steps.mjs';

/** Starts the same app, but not before Playwright has attached: a window that loads meanwhile makes it wait for ever. */
const bootstrap = path.join(rootDir, 'test/e2e/support/bootstrap');
const WAIT_MS = 120_000;
const SETTLE_MS = 700;

/** The real app on a demo world, driven from outside. */
export async function startDemoApp(world, { width = 1320, height = 820, lang = 'en-US', isEnrolled = true } = {}) {
  const { executablePath, args, env } = resolveElectron();
  const { HOLDOVER_ENROL_FILE: _file, ...kept } = world.env;
  const electron = await _electron.launch({
    executablePath,
    args: [...args, bootstrap, '--profile', world.profile, `--lang=${lang}`],
    env: { ...process.env, ...env, ...(isEnrolled ? world.env : kept) },
    timeout: WAIT_MS,
  });
  const window = await electron.firstWindow({ timeout: WAIT_MS });
  await electron.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w, h), [width, height]);
  const call = (name, ...given) => window.evaluate(([called, list]) => globalThis.continuity.calls[called](...list), [name, given]);
  return {
    electron,
    window,
    call,
    /** Resolves when every mailbox of both sides is here with all its bodies. */
    async untilComplete() {
      const end = Date.now() + WAIT_MS;
      for (;;) {
        const states = await call('sync.state');
        const boxes = await call('mailboxes.list');
        const isDone =
          states.ok &&
          boxes.ok &&
          states.value.length > 0 &&
          states.value.every((one) => one.lastCompleteAt !== null) &&
          boxes.value.every((one) => one.isComplete);
        if (isDone) return;
        if (Date.now() > end) throw new SetupError(`the mirror was not complete in time: ${JSON.stringify(states)}`);
        await sleep(200);
      }
    },
    async openFirstMessage() {
      await window.waitForSelector('[role=option]', { timeout: WAIT_MS });
      await window.click('[role=option]');
      await sleep(SETTLE_MS);
    },
    async picture(file) {
      await sleep(SETTLE_MS);
      await window.screenshot({ path: file });
    },
    quit: () => electron.close(),
  };
}
