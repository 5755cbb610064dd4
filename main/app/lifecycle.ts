import path from 'node:path';
import { app, type BrowserWindow } from 'electron';
import { z } from 'zod';
import { packError } from '../../shared/errors.ts';
import type { AppLog } from './log-file.ts';

const startSchema = z.strictObject({ enrolmentFile: z.string().max(4096), mailLink: z.string().max(100_000), isHidden: z.boolean() });

export interface StartRequest {
  readonly enrolmentFile: string | undefined;
  readonly mailLink: string | undefined;
  /** By the system, at log-in. */
  readonly isHidden: boolean;
}

/** One instance per profile: a second start hands over what it was asked to do. False: this is the second. */
export function isFirstInstance(
  { enrolmentFile, mailLink = '', isHidden }: StartRequest,
  onSecondStart: (asked: StartRequest) => void,
): boolean {
  const given = { enrolmentFile: enrolmentFile ? path.resolve(enrolmentFile) : '', mailLink, isHidden };
  if (!app.requestSingleInstanceLock(given)) return false;
  app.on('second-instance', (_event, _argv, _directory, data) => {
    const asked = startSchema.safeParse(data).data ?? { enrolmentFile: '', mailLink: '', isHidden: false };
    onSecondStart({ ...asked, enrolmentFile: asked.enrolmentFile || undefined, mailLink: asked.mailLink || undefined });
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
