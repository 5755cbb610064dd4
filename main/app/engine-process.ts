import { MailError, isStoreFault, packError, unpackError, type PackedError } from '../../shared/errors.ts';
import type { AppToEngine, EngineEventName, EnginePort } from '../../shared/ipc/engine-port.ts';
import { windowLimits as limits } from '../../shared/window-limits.ts';
import { EngineLink } from './engine-link.ts';
import type { FindWay } from './engine-link-types.ts';
import type { AppLog } from './log-file.ts';
import type { Secrets } from './secrets.ts';

/** A started engine process, or what stands in for it in tests. */
export interface EngineChild extends EnginePort<AppToEngine, unknown> {
  readonly pid: number | undefined;
  onExit(listener: (code: number) => void): void;
  kill(): void;
}

export type EnginePhase = 'idle' | 'starting' | 'running' | 'restarting' | 'failed' | 'stopped';

export interface EngineStart {
  readonly profileDir: string;
  readonly storeKey: Uint8Array;
  readonly locale: string;
  readonly secrets: Secrets;
}

export interface EngineProcessOptions {
  readonly fork: () => EngineChild;
  readonly log: AppLog;
  readonly findWay?: FindWay;
  readonly onPhase: (phase: EnginePhase, error: PackedError | null) => void;
  readonly onEvent: (name: EngineEventName, payload: unknown) => void;
  /** Waits before start number 2, 3, ... after a crash, milliseconds; the last one repeats. */
  readonly restartDelaysMs?: readonly number[];
  /** Waits before a store that could not be opened is tried again, milliseconds; the last one repeats. */
  readonly retryDelaysMs?: readonly number[];
  /** A life this long proves the engine well: the next crash restarts at once again. */
  readonly provenLifeMs?: number;
}

const RESTART_DELAYS_MS = [250, 1_000, 3_000, 10_000, 30_000];
const PROVEN_LIFE_MS = 60_000;

/** What may pass by itself: the disk is full or away, another program holds the files. */
const mayPass = ({ code }: PackedError): boolean => isStoreFault(code) || code === 'store-in-use';

interface Waiter {
  readonly resolve: (link: EngineLink) => void;
  readonly reject: (error: MailError) => void;
}

/**
 * Keeps one engine process alive: starts it, starts it again with backoff when it dies, ends it. While it is down the
 * window lives on; calls wait for it a while, and those under way when it died are rejected with retry `now`.
 */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  #start: EngineStart | null = null;
  #phase: EnginePhase = 'idle';
  #error: PackedError | null = null;
  #child: EngineChild | null = null;
  /** A process that was made ahead and has not been told to start. */
  #warm: EngineChild | null = null;
  #link: EngineLink | null = null;
  #crashes = 0;
  /** Starts that found the store not to be opened, one after the other. */
  #refusals = 0;
  /** A store was open in this life of the app: where it is absent later, it was taken away. */
  #hasRun = false;
  #restartTimer: NodeJS.Timeout | undefined;
  #waiters = new Set<Waiter>();
  #ended: (() => void) | null = null;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
  }

  get phase(): EnginePhase {
    return this.#phase;
  }

  get error(): PackedError | null {
    return this.#error;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Makes the process while its key is being fetched: its code loads longer than a keyring answers. */
  warmUp(): void {
    if (this.#child || this.#warm || this.#phase !== 'idle') return;
    try {
      const child = this.#options.fork();
      this.#warm = child;
      child.onExit(() => {
        if (this.#warm === child) this.#warm = null;
      });
    } catch (error) {
      // start() tries again, and says what is wrong
      this.#options.log.write('warn', { ev: 'engine.warm-up-failed', kind: packError(error).detail });
    }
  }

  /** Starts the engine, also again after it failed. Does nothing while one is running. */
  start(start: EngineStart): void {
    // The try that is under way already is shown as what the person asked for.
    if (this.#child && this.#phase === 'failed') return this.#setPhase('starting', null);
    if (this.#child || this.#phase === 'stopped') return;
    clearTimeout(this.#restartTimer);
    this.#start = start;
    this.#crashes = 0;
    this.#refusals = 0;
    this.#launch('starting');
  }

  /**
   * The link of a running engine; waits for one that is starting, or has yet to be started.
   * @throws MailError the engine's own start error, or `internal` when it is not up in time.
   */
  whenRunning(timeoutMs: number): Promise<EngineLink> {
    if (this.#phase === 'running' && this.#link) return Promise.resolve(this.#link);
    // Idle: the window goes first where it has something to show, and the engine is started in a moment.
    if (this.#phase === 'failed' || this.#phase === 'stopped') return Promise.reject(this.#unavailable());
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve: (link) => (clearTimeout(timer), resolve(link)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(this.#unavailable());
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  /** Tells a running engine something that needs no answer; dropped when there is none. */
  notify(message: Extract<AppToEngine, { type: 'power' | 'network' | 'lease' | 'store.retry' }>): void {
    if (this.#phase === 'running') this.#link?.send(message);
  }

  /** Lets the engine close its store, for at most `timeoutMs`, then ends the process. Never throws. */
  async stop(timeoutMs: number): Promise<void> {
    clearTimeout(this.#restartTimer);
    this.#setPhase('stopped', null);
    this.#warm?.kill();
    const child = this.#child;
    if (!child) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#options.log.write('warn', { ev: 'engine.stop-timeout', timeoutMs });
        child.kill();
        resolve();
      }, timeoutMs);
      this.#ended = () => (clearTimeout(timer), resolve());
      this.#link?.send({ type: 'stop' });
    });
  }

  /** Ends the process as stop() does, and forgets with what it was started; start() begins anew. Never throws. */
  async pause(timeoutMs: number): Promise<void> {
    await this.stop(timeoutMs);
    this.#link?.close();
    this.#link = this.#child = this.#start = this.#ended = null;
    this.#setPhase('idle', null);
  }

  /** `failed`: without a word, while the window says why the store cannot be opened. */
  #launch(phase: 'starting' | 'restarting' | 'failed'): void {
    const start = this.#start;
    if (!start) return;
    if (phase !== 'failed') this.#setPhase(phase, null);
    try {
      const warm = this.#warm;
      this.#warm = null;
      this.#adopt(warm ?? this.#options.fork(), start);
    } catch (error) {
      this.#options.log.write('error', { ev: 'engine.fork-failed', kind: packError(error).detail });
      this.#restartLater();
    }
  }

  #adopt(child: EngineChild, start: EngineStart): void {
    const startedAt = Date.now();
    const link = new EngineLink({
      port: child,
      secrets: start.secrets,
      findWay: this.#options.findWay,
      log: this.#options.log,
      listener: {
        onReady: (notice) => this.#onReady(link, notice),
        onFailed: (error) => this.#onFailed(child, link, error),
        onStopped: () => child.kill(),
        onStoreHealth: (fault) => this.#phase === 'running' && this.#setPhase('running', fault),
        onEvent: (name, payload) => this.#options.onEvent(name, payload),
      },
    });
    this.#child = child;
    this.#link = link;
    child.onExit((code) => this.#onExit(child, link, code, Date.now() - startedAt));
    const { profileDir, storeKey, locale } = start;
    link.send({ type: 'start', profileDir, storeKey, locale, mayCreate: !this.#hasRun });
  }

  #onReady(link: EngineLink, notice: PackedError | null): void {
    if (this.#phase === 'stopped') return;
    this.#hasRun = true;
    this.#refusals = 0;
    this.#setPhase('running', notice);
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.resolve(link);
  }

  /** The engine could not start: its process is let go, so that a new start need not wait. */
  #onFailed(child: EngineChild, link: EngineLink, error: PackedError): void {
    if (child !== this.#child) return;
    this.#child = null;
    this.#link = null;
    link.close();
    child.kill();
    this.#ended?.();
    if (this.#phase === 'stopped') return;
    this.#setPhase('failed', error);
    if (mayPass(error)) this.#retryLater();
  }

  #onExit(child: EngineChild, link: EngineLink, code: number, livedMs: number): void {
    if (child !== this.#child) return;
    this.#child = null;
    this.#link = null;
    link.close();
    this.#ended?.();
    if (this.#phase === 'stopped') return;
    this.#options.log.write('error', { ev: 'engine.died', code, livedMs, crashes: this.#crashes });
    if (livedMs >= (this.#options.provenLifeMs ?? PROVEN_LIFE_MS)) this.#crashes = 0;
    this.#restartLater();
  }

  #retryLater(): void {
    const delays = this.#options.retryDelaysMs ?? limits.storeRetryMs;
    const delayMs = delays[Math.min(this.#refusals, delays.length - 1)] ?? 0;
    this.#refusals += 1;
    this.#restartTimer = setTimeout(() => this.#launch('failed'), delayMs);
  }

  #restartLater(): void {
    const delays = this.#options.restartDelaysMs ?? RESTART_DELAYS_MS;
    const delayMs = delays[Math.min(this.#crashes, delays.length - 1)] ?? 0;
    this.#crashes += 1;
    this.#setPhase('restarting', null);
    this.#restartTimer = setTimeout(() => this.#launch('restarting'), delayMs);
  }

  #setPhase(phase: EnginePhase, error: PackedError | null): void {
    this.#phase = phase;
    this.#error = error;
    if (phase === 'failed' || phase === 'stopped') {
      const waiters = [...this.#waiters];
      this.#waiters.clear();
      for (const waiter of waiters) waiter.reject(this.#unavailable());
    }
    this.#options.onPhase(phase, error);
  }

  #unavailable(): MailError {
    if (this.#error) return unpackError(this.#error);
    return new MailError('internal', { scope: 'store', retry: 'now', detail: `engine-${this.#phase}` });
  }
}
