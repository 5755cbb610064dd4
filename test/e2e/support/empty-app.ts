import { vi } from 'vitest';
import { startApp, type RunningApp } from './start-app.ts';

let shared: Promise<RunningApp> | null = null;

/** One app without an account, for all tests of a file that need no other: a start takes longer than most of them. The file ends it. */
export function emptyApp(): Promise<RunningApp> {
  shared ??= startApp().then(async (app) => {
    await vi.waitFor(async () => {
      if (!(await app.call('accounts.list')).ok) throw new Error('the engine does not answer yet');
    }, 20_000);
    // The window writes down its place shortly after it was shown.
    await app.window.waitForTimeout(1_000);
    return app;
  });
  return shared;
}

/** Ends it, if it was started. */
export async function endEmptyApp(): Promise<void> {
  await (await shared)?.dispose();
  shared = null;
}
