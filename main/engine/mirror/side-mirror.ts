import { limits } from '../../../shared/limits.ts';
import { MailError, packError, type PackedError } from '../../../shared/errors.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import type { ImapSession, WatchEvent } from '../imap/gateway.ts';
import type { Backoff } from '../core/backoff.ts';
import type { Placement } from '../store/placements.ts';
import { BodyRunner, type StartDownload } from './body-runner.ts';
import { MirrorCycle, type CycleResult } from './cycle.ts';
import { passOrder } from './mailbox-selection.ts';
import { isSetBack } from './set-back.ts';
import type { MirrorContext, PassCounts } from './mirror-context.ts';
import { mergeIndex } from './upkeep.ts';
import { lookGapMs, Wakeup } from './wakeup.ts';

export interface SideMirrorOptions {
  readonly context: Omit<MirrorContext, 'onProgress'>;
  /** Connects and logs in; asks for fresh credentials each time. */
  readonly connect: (signal: AbortSignal) => Promise<ImapSession>;
  readonly backoff: Backoff;
  readonly onState: (state: SideSyncState) => void;
  /** Carries the user's open changes to the server; called whenever the session is free. */
  readonly replay: (session: ImapSession) => Promise<void>;
  /** Oldest instant back to which everything is here, bodies included. */
  readonly completeSince: () => number | null;
  /** How bodies come; the mirror's own way where it is left out. */
  readonly startDownload?: StartDownload;
}

/** Wait for more news before looking: servers announce a delivery in several lines. */
const SETTLE_MS = 150;
/** What is told as soon as a watch begins came while we were busy; later it has just happened. */
const LIVE_AFTER_MS = 1_000;
/** A full cycle follows soon after a message lost its UID, to tell moves from losses. */
const TRANSIT_MS = 2_000;

/** Keeps the mirror of one side of one account: connect, look at everything, watch, and again after any failure. */
export class SideMirror {
  readonly #options: SideMirrorOptions;
  readonly #context: MirrorContext;
  readonly #stop = new AbortController();
  readonly #wakeup: Wakeup;
  #state: SideSyncState;
  #running: Promise<void> | null = null;
  #watchesAll = false;
  /** When the last look at everything began, milliseconds since 1970. */
  #lookedFrom = 0;

  constructor(options: SideMirrorOptions) {
    this.#options = options;
    const { accountId, side, deps } = options.context;
    this.#wakeup = new Wakeup(deps.clock);
    this.#context = { ...options.context, onProgress: (progress) => this.#progress(progress) };
    const counts = { headersDone: 0, headersTotal: 0, bodiesDone: 0, bodiesTotal: 0 };
    const times = { lastCompleteAt: null, completeSince: options.completeSince(), retryAt: null };
    this.#state = { accountId, side, phase: 'stopped', isConnected: false, error: null, failedMailboxes: [], ...counts, ...times };
  }

  get state(): SideSyncState {
    return this.#state;
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  async stop(): Promise<void> {
    this.#stop.abort(new MailError('cancelled', { scope: 'account', retry: 'never' }));
    this.#wakeup.wake('stop');
    await this.#running;
    this.#patch({ phase: 'stopped', isConnected: false });
  }

  /** Looks at everything now; ends a wait for the next attempt. */
  syncNow(): void {
    this.#wakeup.wake('poll');
  }

  /** The user changed something: carry it over soon, without looking at everything. */
  replayNow(): void {
    this.#wakeup.wake('event', SETTLE_MS);
  }

  /** One complete look with all bodies, for the command line: throws what went wrong. */
  async runOnce(): Promise<CycleResult> {
    const { store, accountId, side } = this.#context;
    store.placements.forgetAttempts(accountId, side);
    const session = await this.#options.connect(this.#stop.signal);
    try {
      const cycle = new MirrorCycle(this.#context, session);
      await this.#options.replay(session);
      const result = await cycle.run();
      await this.#bodyRunner().runOn(session, this.#stop.signal);
      if (this.#unlinked().length > 0) await cycle.run();
      // What waited for a look to find its mail goes on with it, as the running mirror does.
      if (store.ops.countOpen(accountId) > 0) await this.#options.replay(session);
      this.#completed(result);
      return result;
    } finally {
      await session.close();
    }
  }

  #bodyRunner(): BodyRunner {
    return new BodyRunner(this.#context, this.#options.connect, this.#options.startDownload);
  }

  async #loop(): Promise<void> {
    const { deps, store, accountId, side } = this.#context;
    store.placements.forgetAttempts(accountId, side);
    while (!this.#stop.signal.aborted) {
      try {
        await this.#connectAndServe();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const packed = packError(error);
        deps.log.warn({
          ev: 'mirror.side-failed',
          account: accountId,
          side,
          code: packed.code,
          scope: packed.scope,
          detail: packed.detail,
        });
        await this.#wait(packed);
      }
    }
  }

  async #connectAndServe(): Promise<void> {
    this.#patch({ phase: 'connecting', retryAt: null });
    const session = await this.#options.connect(this.#stop.signal);
    this.#options.backoff.connected();
    const bodies = this.#bodyRunner();
    try {
      await this.#serve(session, bodies);
    } catch (error) {
      // Told with its reason at once: ending the session below takes a while.
      if (!this.#stop.signal.aborted) this.#patch({ isConnected: false, error: packError(error) });
      throw error;
    } finally {
      this.#options.backoff.lost();
      await bodies.stop();
      await session.close();
    }
  }

  async #serve(session: ImapSession, bodies: BodyRunner): Promise<void> {
    this.#patch({ isConnected: true, error: null });
    session.onSilence = (isSilent) => this.#patch({ isConnected: !isSilent });
    const cycle = new MirrorCycle(this.#context, session);
    await this.#options.replay(session);
    /** Each with whether it was told as it happened. */
    const changedPaths = new Map<string, boolean>();
    await this.#cycle(cycle);
    while (!this.#stop.signal.aborted) {
      await this.#fetchBodies(session, bodies);
      const reason = await this.#watch(session, cycle, changedPaths);
      if (reason === 'stop') return;
      await this.#options.replay(session);
      if (reason === 'poll') await this.#cycle(cycle);
      else for (const [path, isLive] of [...changedPaths]) await cycle.visitPath(path, isLive);
      changedPaths.clear();
    }
  }

  async #cycle(cycle: MirrorCycle): Promise<void> {
    this.#patch({ phase: 'listing', headersDone: 0, headersTotal: 0 });
    const result = await cycle.run();
    this.#lookedFrom = result.startedAt;
    if (result.settled > 0) this.#wakeup.wake('event');
    this.#completed(result);
  }

  /** Messages in transit: another look at everything settles them. */
  #unlinked(): Placement[] {
    const { store, accountId, side } = this.#context;
    return store.placements.inState(accountId, side, 'unlinked', Infinity);
  }

  /** Whether messages lost their UID since the last look at everything began: only they are worth another one soon. */
  #hasNewlyLost(): boolean {
    return this.#unlinked().some((one) => one.stateSince >= this.#lookedFrom);
  }

  async #fetchBodies(session: ImapSession, bodies: BodyRunner): Promise<void> {
    const progress = await bodies.kick(session, () => {
      this.#bodiesDone();
      if (bodies.isLeftToFirst) this.#wakeup.wake('event');
    });
    if (progress === 'ended') this.#bodiesDone();
    // The next portion, when news and changes have had their turn.
    if (progress === 'more') this.#wakeup.wake('event');
  }

  #bodiesDone(): void {
    const { completeSince } = this.#options;
    void mergeIndex(this.#context, this.#stop.signal);
    this.#patch({ completeSince: completeSince(), ...(this.#state.phase === 'bodies' ? { phase: 'watching' as const } : {}) });
  }

  /** Watches until there is something to do. What came while we were busy is told first, taken in meanwhile or not. */
  async #watch(session: ImapSession, cycle: MirrorCycle, changedPaths: Map<string, boolean>): Promise<'poll' | 'event' | 'stop'> {
    await this.#selectForWatch(session);
    const leave = new AbortController();
    const { clock } = this.#context.deps;
    const since = clock.monotonic();
    let isListChanged = false;
    const onEvent = (event: WatchEvent): void => {
      if (event.type === 'list-changed') isListChanged = true;
      else if (cycle.isTakenIn(event)) return;
      else if (!changedPaths.has(event.path)) changedPaths.set(event.path, clock.monotonic() - since >= LIVE_AFTER_MS);
      this.#wakeup.wake('event', SETTLE_MS);
    };
    const watching = session.watch(onEvent, leave.signal, {
      onReady: (all) => {
        this.#watchesAll = all;
      },
    });
    // A watch that ends by itself ends the session: its error is what the caller gets.
    const ended = watching.then(() => 'ended' as const);
    if (this.#state.phase !== 'bodies') this.#patch({ phase: 'watching' });
    const reason = await Promise.race([ended, this.#wakeup.wait(this.#pollMs())]).finally(() => {
      this.#wakeup.cancel();
      leave.abort();
    });
    await watching;
    if (this.#stop.signal.aborted) return 'stop';
    return reason === 'event' && !isListChanged ? 'event' : 'poll';
  }

  #pollMs(): number {
    if (this.#hasNewlyLost()) return TRANSIT_MS;
    return lookGapMs(this.#context.account().config.pollSeconds * 1000, this.#watchesAll);
  }

  /** INBOX, or the first mailbox that can be read where it cannot. */
  async #selectForWatch(session: ImapSession): Promise<void> {
    const { store, accountId, side } = this.#context;
    const mirrored = store.mailboxes.list(accountId, side).filter((one) => one.isMirrored);
    mirrored.sort((a, b) => passOrder(a.role) - passOrder(b.role));
    for (const [n, { path }] of mirrored.entries()) {
      try {
        await session.select(path);
        return;
      } catch (error) {
        const isLast = n === mirrored.length - 1;
        if (isLast || !(error instanceof MailError) || error.scope !== 'mailbox') throw error;
      }
    }
  }

  async #wait(error: PackedError): Promise<void> {
    const { clock } = this.#context.deps;
    // Nothing changes by knocking more often at a door that asks for another key.
    const delay = error.retry === 'ask' ? limits.backoffMaxMs : this.#options.backoff.nextDelayMs();
    this.#patch({ phase: 'waiting-to-retry', isConnected: false, error, retryAt: clock.now() + delay });
    await this.#wakeup.wait(delay);
  }

  #completed(result: CycleResult): void {
    const { store, accountId, side, deps } = this.#context;
    const failing = store.mailboxes.list(accountId, side).filter((one) => one.isMirrored && one.lastError !== null);
    const held = store.mailboxes.list(accountId, side, true).some((one) => one.heldSince !== null);
    const lost = side === 'primary' && isSetBack(store, accountId) ? 'server-set-back' : held ? 'mass-vanish-held' : null;
    const notice: PackedError | null = lost === null ? null : { code: lost, scope: 'mailbox', retry: 'ask', side, detail: '' };
    this.#patch({
      error: failing[0]?.lastError ?? notice,
      failedMailboxes: failing.map((one) => one.path),
      completeSince: this.#options.completeSince(),
      ...(result.isBlind ? {} : { lastCompleteAt: deps.clock.now() }),
    });
  }

  #progress({ phase, done, total }: PassCounts): void {
    if (phase === 'headers') this.#patch({ phase, headersDone: done, headersTotal: total });
    else if (phase === 'bodies') this.#patch({ ...(done < total ? { phase } : {}), bodiesDone: done, bodiesTotal: total });
  }

  #patch(change: Partial<SideSyncState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.onState(this.#state);
  }
}
