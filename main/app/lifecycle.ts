import path from 'node:path';
import { app, type BrowserWindow } from 'electron';
import { packError } from '../../shared/errors.ts';
import type { AppLog } from './log-file.ts';

/**
 * One instance per profile: a second start brings the first one's window to the front, and hands over the enrolment file that it
 * was started with. False: this is the second.
 */
export function isFirstInstance(enrolmentFile: string | undefined, onSecondStart: (enrolmentFile: string | undefined) => void): boolean {
  const given = { enrolmentFile: enrolmentFile ? path.resolve(enrolmentFile) : '' };
  if (!app.requestSingleInstanceLock(given)) return false;
  app.on('second-instance', (_event, _argv, _directory, data) => {
    const file = (data as Partial<typeof given> | null)?.enrolmentFile;
    onSecondStart(typeof file === 'string' && file !== '' ? file : undefined);
  });
  return true;
}

export function bringToFront(window: BrowserWindow | null): void {
  if (!window || window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Lets `drain` end before the app quits, however quitting began. Windows are hidden at once. */
export function drainBeforeQuit(drain: () => Promise<void>, windows: () => readonly BrowserWindow[]): void {
  let state: 'running' | 'draining' | 'drained' = 'running';
  app.on('before-quit', (event) => {
    if (state === 'drained') return;
    event.preventDefault();
    if (state === 'draining') return;
    state = 'draining';
    for (const window of windows()) window.hide();
    void drain().finally(() => {
      state = 'drained';
      app.quit();
    });
  });
}

/**
 * An error that nobody caught ends the app, engine included, without Electron's dialog: its text could quote mail, and a
 * process in an unknown state must not go on.
 */
export function exitOnUncaught(log: AppLog): void {
  const end = (error: unknown) => {
    log.write('error', { ev: 'app.uncaught', kind: packError(error).detail });
    app.exit(1);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
