import { setTimeout } from 'node:timers/promises';
import { MailError, unpackError } from '../../shared/errors.ts';
import type { UnsentNote } from '../../shared/model/account.ts';
import type { CallArgs, CallName, EngineCall } from '../../shared/ipc/contract.ts';
import type { AppToEngine } from '../../shared/ipc/engine-port.ts';
import type { EngineState, SideSyncState } from '../../shared/model/sync.ts';
import type { EngineLink } from './engine-link.ts';
import type { HeldRules, SaveRequest } from './engine-link-types.ts';
import type { EngineProcess } from './engine-process.ts';
import type { FirstView, Overview } from './first-view.ts';
import type { LeaseKeeper } from './lease/lease-gate.ts';
import type { StoreAccess } from './store-access.ts';

const SECOND = 1000;
/** How long each kind of call may take, milliseconds; all others have `DEFAULT_TIMEOUT_MS`. */
const TIMEOUTS_MS: Partial<Record<EngineCall, number>> = {
  'enrol.discover': 20 * SECOND,
  'enrol.test': 60 * SECOND,
  'accounts.enrol': 60 * SECOND,
  'signIn.begin': 60 * SECOND,
  'signIn.password': 60 * SECOND,
  // What is left after that goes all the same, with the next start where the app ends.
  'accounts.remove': 1_800 * SECOND,
  'attachments.preview': 60 * SECOND,
  // Of all that a mail server has lost.
  'messages.settleLost': 600 * SECOND,
};
/** What the window may still do when the app was just locked, or the lease has just ended: save what was being written. */
export const SAVING: ReadonlySet<CallName> = new Set<EngineCall>(['drafts.save', 'drafts.addFile', 'drafts.removeFile']);
const DEFAULT_TIMEOUT_MS = 30 * SECOND;
const SAVE_TIMEOUT_MS = 300 * SECOND;
const START_WAIT_MS = 15 * SECOND;

/** Keys and engine together, as the window sees them: one state, and calls that say clearly why they cannot be made. */
export class EngineService {
  readonly #access: StoreAccess;
  readonly #engine: EngineProcess;
  readonly #profileDir: string;
  readonly #onState: (state: EngineState) => void;
  readonly #firstView: Promise<FirstView> | FirstView | null;
  readonly #beforeStart: ((storeKey: Uint8Array) => Promise<void>) | null;
  #opening: Promise<void> | null = null;
  #locale = 'en';
  #hasRun = false;
  /** Locked by idleness, by the screen or by sleep: the window is refused, and in a moment there is no key any more. */
  #isAppLocked = false;
  /** What IT holds is known for this key. */
  #prepared: { readonly key: Uint8Array; readonly done: Promise<void> | undefined } | null = null;
  /** Null where IT sets none. */
  lease: LeaseKeeper | null = null;
  /** The engine as it is behind a lease that is over: for the app's own work, which shows nobody any mail. */
  readonly behind = {
    state: (): EngineState => this.#stateBehind(),
    call: async <N extends EngineCall>(name: N, args: CallArgs<N>): Promise<unknown> => this.#ask(await this.#whenRunning(), name, args),
  };

  constructor(options: {
    access: StoreAccess;
    engine: EngineProcess;
    profileDir: string;
    onState: (state: EngineState) => void;
    firstView?: Promise<FirstView> | FirstView;
    /** Looks at what IT holds, as soon as the store's key is there. */
    beforeStart?: (storeKey: Uint8Array) => Promise<void>;
  }) {
    this.#beforeStart = options.beforeStart ?? null;
    this.#firstView = options.firstView ?? null;
    this.#access = options.access;
    this.#engine = options.engine;
    this.#profileDir = options.profileDir;
    this.#onState = options.onState;
  }

  /** Begins to open the keys, ahead of start(): a keyring needs nothing of the app. */
  openKeysAhead(): void {
    this.#opening ??= this.#access.open();
  }

  /** Makes the engine's process ahead of its key. Call when the app is ready. */
  warmUp(): void {
    this.#engine.warmUp();
  }

  /**
   * Opens the keys and starts the engine; afterwards `state()` says how far that went.
   * @param locale BCP 47, known once the app is ready.
   */
  async start(locale: string): Promise<EngineState> {
    this.#locale = locale;
    const opening = (this.#opening ??= this.#access.open());
    await opening;
    this.#opening = null;
    return this.#startEngine();
  }

  state(): EngineState {
    const state = this.#stateBehind();
    const notice = this.lease?.notice;
    if (!notice || state.phase === 'locked' || state.phase === 'failed') return state;
    return { ...state, lease: notice, ...(this.lease?.isOver ? { phase: 'locked', lock: 'lease-over' } : {}) };
  }

  #stateBehind(): EngineState {
    const lock = this.#access.lock;
    if (lock !== 'none') return { phase: 'locked', error: this.#access.error, lock };
    if (this.#isAppLocked) return { phase: 'locked', error: null, lock: 'app-locked' };
    const phase = this.#engine.phase;
    if (this.#isKeyWrong()) return { phase: 'locked', error: this.#engine.error, lock: 'key-lost' };
    if (phase === 'idle' || phase === 'stopped') {
      const error = this.#opening ? null : this.#access.error;
      return { phase: error ? 'failed' : 'starting', error, lock };
    }
    return { phase, error: this.#engine.error, lock };
  }

  /** Null while it is not open. */
  get storeKey(): Uint8Array | null {
    return this.#access.keys?.storeKey ?? null;
  }

  /** @throws MailError `passphrase-wrong`, `call-rejected` */
  async unlock(passphrase: string): Promise<EngineState> {
    await this.#access.unlock(passphrase, 'enter-passphrase');
    this.#isAppLocked = false;
    return this.#startEngine();
  }

  /** @throws MailError `passphrase-weak`, `call-rejected` */
  async choosePassphrase(passphrase: string): Promise<EngineState> {
    await this.#access.unlock(passphrase, 'choose-passphrase');
    return this.#startEngine();
  }

  /** After a failure that a person has remedied: a locked keyring, a full disk, a second copy of the app. */
  async retry(): Promise<EngineState> {
    if (this.#engine.phase === 'running') this.#engine.notify({ type: 'store.retry' });
    this.#isAppLocked = false;
    // The keyring may have been put right meanwhile.
    if (this.#isKeyWrong()) await this.#access.forget();
    return this.start(this.#locale);
  }

  /** @throws MailError `recovery-key-wrong`, `passphrase-weak`, `call-rejected` where the store is not waiting for a key */
  async recover(recoveryKey: string, passphrase: string | null): Promise<EngineState> {
    this.#refuseUnlessLocked();
    await this.#access.recover(recoveryKey, passphrase);
    return this.#startEngine();
  }

  /** How much is nowhere but in the store whose key is lost; null where that cannot be known. */
  async unsent(): Promise<UnsentNote | null> {
    return (await import('../keys/set-aside.ts')).readUnsentNote(this.#profileDir);
  }

  /** Moves the store whose key is lost out of the way, and begins anew. @throws MailError `call-rejected` */
  async setAside(): Promise<EngineState> {
    this.#refuseUnlessLocked();
    (await import('../keys/set-aside.ts')).setAsideStore(this.#profileDir, Date.now());
    await this.#access.forget();
    return this.start(this.#locale);
  }

  /** The key of the open store as text. @throws MailError `store-locked` */
  async recoveryKey(): Promise<string> {
    const { keys } = this.#access;
    await this.admit('store.showRecoveryKey');
    if (keys === null || this.#engine.phase !== 'running') throw new MailError('store-locked', { scope: 'store', retry: 'ask' });
    return (await import('../keys/recovery-key.ts')).toRecoveryKey(keys.storeKey);
  }

  /**
   * Locks the app: the window shows it at once and saves the drafts that are open, then the engine closes the store and the key is
   * overwritten. False where there was nothing to lock.
   * @param saved resolves when the window has had time to save
   */
  async lockApp(timeoutMs: number, saved: () => Promise<void>): Promise<boolean> {
    if (this.#isAppLocked || this.#access.keys === null) return false;
    this.#isAppLocked = true;
    this.announce();
    await saved();
    await this.#engine.pause(timeoutMs);
    await this.#access.close();
    this.#prepared = null;
    // A passphrase is asked for as at a start; a keyring only when the person comes back.
    if ((await import('../keys/vault.ts')).Vault.exists((await import('../keys/profile-id.ts')).vaultPath(this.#profileDir)))
      await this.#access.open();
    this.announce();
    return true;
  }

  #isKeyWrong(): boolean {
    return this.#engine.phase === 'failed' && this.#engine.error?.code === 'store-key-wrong';
  }

  #refuseUnlessLocked(): void {
    const { lock } = this.#stateBehind();
    if (lock !== 'none' && lock !== 'choose-passphrase' && lock !== 'app-locked') return;
    throw new MailError('call-rejected', { scope: 'store', retry: 'never', detail: 'store is not waiting for this' });
  }

  /**
   * Lets a call of the window pass, or one that is made for it. Every call comes by here, whoever answers it.
   * @throws MailError `lease-over` while IT's lease is over, but for what brings contact back
   */
  async admit(name: CallName): Promise<void> {
    const { keys } = this.#access;
    if (keys) await this.#prepare(keys.storeKey);
    this.lease?.check(name);
  }

  /** @throws MailError of the engine, `lease-over`, `store-locked` while there is no key, `internal` while it is down or too slow. */
  async call<N extends EngineCall>(name: N, args: CallArgs<N>): Promise<unknown> {
    await this.admit(name);
    const kept = name === 'overview.get' ? await this.#keptView() : null;
    if (kept !== null) return kept;
    const link = this.#isAppLocked && SAVING.has(name) ? await this.#engine.whenRunning(0) : await this.#whenRunning();
    await this.admit(name);
    const answer = await this.#ask(link, name, args);
    // It may have ended meanwhile.
    await this.admit(name);
    return name === 'sync.state' && this.lease ? this.lease.shown(answer as SideSyncState[]) : answer;
  }

  #ask<N extends EngineCall>(link: EngineLink, name: N, args: CallArgs<N>): Promise<unknown> {
    return link.call(name, args, TIMEOUTS_MS[name] ?? DEFAULT_TIMEOUT_MS);
  }

  /** The view of the last run, while the engine is still on its way to a better answer. */
  async #keptView(): Promise<Overview | null> {
    if (this.#firstView === null || this.#hasRun) return null;
    await this.#whenKeysAnswered();
    await this.admit('overview.get');
    const { keys } = this.#access;
    const isOnItsWay = keys !== null && this.#engine.phase !== 'running' && this.#engine.phase !== 'failed';
    return isOnItsWay ? (await this.#firstView).read(keys.storeKey) : null;
  }

  /** Keeps what the window would show first for the next start. Call before stop(). */
  async keepFirstView(rows: number, timeoutMs: number): Promise<void> {
    const { keys } = this.#access;
    if (this.#firstView === null || keys === null || this.#engine.phase !== 'running' || this.lease?.isOver) return;
    try {
      const link = await this.#engine.whenRunning(timeoutMs);
      (await this.#firstView).write(keys.storeKey, (await link.call('overview.get', [{ rows }], timeoutMs)) as Overview);
    } catch {
      // The next start is half a second slower, no more; an older view may show what is gone meanwhile
      (await this.#firstView).forget();
    }
  }

  /** An account went: nothing of it may be shown by the next start. */
  forgetFirstView(): void {
    void Promise.resolve(this.#firstView).then((view) => view?.forget());
  }

  /** @throws like call() */
  async save(request: SaveRequest): Promise<void> {
    const link = await this.#whenRunning();
    await this.admit('messages.saveAs');
    await link.save(request, SAVE_TIMEOUT_MS);
  }

  /** IT holds these values of an enrolled account's behaviour. @throws like call() */
  async setPolicy(email: string, rules: HeldRules): Promise<void> {
    const link = await this.#whenRunning();
    await link.setPolicy(email, rules, DEFAULT_TIMEOUT_MS);
  }

  notify(message: Extract<AppToEngine, { type: 'power' | 'network' | 'lease' }>): void {
    this.#engine.notify(message);
  }

  stop(timeoutMs: number): Promise<void> {
    return this.#engine.stop(timeoutMs);
  }

  /** Called by the engine process whenever its phase changed. */
  announce(): void {
    if (this.#engine.phase === 'running') this.#hasRun = true;
    this.#onState(this.state());
  }

  async #startEngine(): Promise<EngineState> {
    const keys = this.#access.keys;
    if (keys) await this.#prepare(keys.storeKey);
    if (keys) this.#engine.start({ ...keys, profileDir: this.#profileDir, locale: this.#locale });
    this.announce();
    return this.state();
  }

  /** Once for each key, and before anything is read with it. */
  async #prepare(key: Uint8Array): Promise<void> {
    if (this.#prepared?.key !== key) this.#prepared = { key, done: this.#beforeStart?.(key) };
    await this.#prepared.done;
  }

  /** The window asks for its lists while the keyring is still being opened; a keyring may also wait for a person. */
  async #whenKeysAnswered(): Promise<void> {
    if (this.#opening) await Promise.race([this.#opening, setTimeout(START_WAIT_MS, undefined, { ref: false })]);
  }

  async #whenRunning(): Promise<EngineLink> {
    await this.#whenKeysAnswered();
    const { lock, phase, error } = this.#stateBehind();
    if (lock !== 'none') throw new MailError('store-locked', { scope: 'store', retry: 'ask', detail: lock });
    if (phase === 'failed' && error) throw unpackError(error);
    return this.#engine.whenRunning(START_WAIT_MS);
  }
}
