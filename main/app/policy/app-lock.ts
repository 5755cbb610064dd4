import { setTimeout as wait } from 'node:timers/promises';
import { powerMonitor, type WebContents } from 'electron';
import type { EngineService } from '../engine-service.ts';
import type { AppLog } from '../log-file.ts';

const LOOK_MS = 10_000;
const CLOSE_MS = 5_000;
/** The window hears of the lock, and gives what was typed in the last second to the engine. */
const SAVE_MS = 700;

/** When the app locks, by the word of IT or else of the person; 0 minutes for never. */
export interface LockRules {
  readonly afterIdleMinutes: number;
  readonly onSystemLock: boolean;
  readonly onSuspend: boolean;
}

export interface AppLockOptions {
  readonly engine: Pick<EngineService, 'lockApp'>;
  readonly log: AppLog;
  readonly rules: () => LockRules;
  readonly contents: () => WebContents | null;
  readonly onLocked: () => void;
}

/**
 * Locks the app as IT or the person wants it: after so long without input, with the screen, with sleep. While it is locked the engine does not run:
 * nothing is mirrored, nothing is sent, no outage is noticed.
 */
export class AppLock {
  readonly #options: AppLockOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AppLockOptions) {
    this.#options = options;
  }

  /** Call after ready. */
  watch(): void {
    powerMonitor.on('lock-screen', () => this.#options.rules().onSystemLock && void this.lock('screen'));
    powerMonitor.on('suspend', () => this.#options.rules().onSuspend && void this.lock('sleep'));
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const minutes = this.#options.rules().afterIdleMinutes;
    if (minutes > 0 && powerMonitor.getSystemIdleTime() >= minutes * 60) void this.lock('idle');
  }

  /** Closes the store and drops the keys; the page is loaded anew, so that nothing of a mail stays in its memory. */
  async lock(reason: 'screen' | 'sleep' | 'idle'): Promise<void> {
    const { engine, log, contents, onLocked } = this.#options;
    if (!(await engine.lockApp(CLOSE_MS, () => wait(SAVE_MS)))) return;
    log.write('info', { ev: 'app.locked', reason });
    onLocked();
    contents()?.reload();
  }
}
