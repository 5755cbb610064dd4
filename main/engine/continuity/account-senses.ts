import type { PackedError } from '../../../shared/errors.ts';
import type { Account, Side } from '../../../shared/model/account.ts';
import type { EndpointRef } from '../../../shared/model/continuity.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { AccountEndpoints, endpointsOf, isOnLoopback } from './account-endpoints.ts';
import type { Weather } from './decide.ts';
import { EndpointWatch } from './endpoint-watch.ts';
import { EvidenceLog } from './evidence-log.ts';
import type { Health, Look } from './health.ts';
import { liveLook } from './live-look.ts';
import type { ProbeOutcome } from './probe.ts';
import { returnSpreadMs } from './schedule.ts';
import { SubmissionLooks } from './submission-looks.ts';

/** What is read and kept of an account. */
export interface SensesStore {
  readonly accounts: Pick<EngineStore['accounts'], 'get'>;
  readonly outages: Pick<EngineStore['outages'], 'hasLoggedIn' | 'recordLogin'>;
  readonly handle: Pick<EngineStore['handle'], 'tx'>;
}

export interface SensesOptions {
  readonly store: SensesStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly accountId: AccountId;
  /** `isReachOnly`: it is enough that the server answers; nobody logs in. */
  readonly probe: (account: Account, endpoint: EndpointRef, isReachOnly: boolean) => Promise<ProbeOutcome>;
  /** Ends a mirror's wait for its next attempt. */
  readonly look: (side: Side) => void;
  /** Another account has a connection that stands. */
  readonly isWitnessed: () => boolean;
  readonly stableMs: () => number;
  /** Work on the store whose failure must stop nothing. */
  readonly safely: (work: () => void) => void;
  /** Something was seen that may call for another verdict. */
  readonly onNews: () => void;
}

/** After the network came back or the machine woke up, names and tunnels take this long; failures on the way mean little. */
const SETTLE_MS = 15_000;
/** A system that says there is no network can be wrong: whether the primary answers is looked at after this. */
const DOUBT_MS = 5_000;
/** A busy connection of which nothing has been heard for this long is looked after. */
const QUIET_MS = 20_000;

/** Everything that is seen of one account's servers and of the way to them. Decides nothing. */
export class AccountSenses {
  readonly evidence = new EvidenceLog();
  readonly endpoints: AccountEndpoints;
  readonly #options: SensesOptions;
  readonly #sides = new Map<Side, SideSyncState>();
  readonly #quiet = new Map<Side, () => void>();
  readonly #submissions = { primary: new SubmissionLooks(), relay: new SubmissionLooks() };
  readonly #isOnLoopback: boolean;
  #account: Account;
  #networkLost: { at: number; t: number } | null = null;
  #settlesAt = -Infinity;
  #isPaused = false;
  #cancelLook: (() => void) | null = null;

  /** @param isInOutage the primary has to prove itself, whatever it was before the restart */
  constructor(options: SensesOptions, isInOutage: boolean) {
    this.#options = options;
    this.#account = options.store.accounts.get(options.accountId);
    this.#isOnLoopback = isOnLoopback(this.#account);
    this.endpoints = new AccountEndpoints(endpointsOf(this.#account).map((one) => this.#makeWatch(one, isInOutage)));
  }

  start(): void {
    this.endpoints.start();
  }

  stop(): void {
    this.endpoints.pause();
    this.#cancelLook?.();
    this.#cancelLook = null;
    for (const cancel of this.#quiet.values()) cancel();
    this.#quiet.clear();
  }

  /** Asleep: what is told now means nothing. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Milliseconds since 1970 of the first sign of the trouble that is not over; of one side, or of all. */
  troubleAt(side?: Side): number | null {
    return this.#networkLost?.at ?? this.endpoints.troubleAt(side);
  }

  sideChanged(state: SideSyncState): void {
    const before = this.#sides.get(state.side) ?? null;
    this.#sides.set(state.side, state);
    if (this.#isPaused) return;
    this.#awaitProgress(state);
    const look = liveLook(before, state);
    const watch = this.endpoints.get(state.side, 'imap');
    watch?.setLive(state.isConnected);
    if (look === null || !watch) return;
    watch.take({ source: 'live', isGood: look.isGood, code: look.isGood ? null : look.code });
  }

  /** Takes the outcome of a submission; `mail`: its refusal may be about this mail alone. */
  report(side: Side, error: Pick<PackedError, 'code' | 'retry'> | null, mail: number | null): void {
    const look = this.#submissions[side].take(error, mail);
    if (look !== null) this.endpoints.get(side, 'smtp')?.take(look);
  }

  /** The system says that the machine's network went or came, or that it is connected another way (`hasMoved`). False where that is no news. */
  networkChanged(isOnline: boolean, hasMoved: boolean): boolean {
    const isAsBefore = (this.#networkLost === null) === isOnline;
    if (this.#isOnLoopback || (isAsBefore && !(isOnline && hasMoved))) return false;
    const { clock } = this.#options;
    this.evidence.add(clock.now(), 'network', isOnline);
    this.#networkLost = isOnline ? null : { at: clock.now(), t: clock.monotonic() };
    if (isOnline) this.settle();
    else this.endpoints.get('primary', 'imap')?.probeSoon(DOUBT_MS);
    return true;
  }

  sleep(): void {
    this.#isPaused = true;
    this.stop();
  }

  wake(): void {
    this.#isPaused = false;
    this.settle();
    this.endpoints.start();
    // The states told while asleep are as old as the sleep.
    for (const state of this.#sides.values()) this.endpoints.get(state.side, 'imap')?.setLive(state.isConnected);
  }

  /** Whatever failed may have been our own network. */
  settle(): void {
    this.#settlesAt = this.#options.clock.monotonic() + SETTLE_MS;
    this.endpoints.forget();
  }

  configChanged(account: Account): void {
    this.#account = account;
  }

  async probeAll(): Promise<void> {
    await this.endpoints.probeAll();
    for (const side of ['primary', 'relay'] as const) if (!this.#sides.get(side)?.isConnected) this.#options.look(side);
  }

  weather(): Omit<Weather, 'isStalled'> {
    const { clock, isWitnessed, stableMs } = this.#options;
    const networkLostAt = this.#networkLost?.t ?? null;
    return this.endpoints.weather({ networkLostAt, isWitnessed: isWitnessed(), t: clock.monotonic(), stableMs: stableMs() });
  }

  #onLook(watch: EndpointWatch, look: Look, before: Health): void {
    const { endpoint } = watch;
    const isNews = !look.isGood || (before.health !== 'up' && before.health !== 'unknown');
    if (isNews) this.evidence.add(look.at, look.source, look.isGood, { endpoint, code: look.code });
    if (look.isGood && !before.hasWorked) this.#options.safely(() => this.#recordLogin(endpoint, look.at));
    if (look.isGood) this.#followGood(endpoint, before);
    else if (endpoint.side === 'primary') this.#followBad(endpoint);
    this.#options.onNews();
  }

  /** Is it the primary or our network, and how does its other service fare? */
  #followBad({ service }: EndpointRef): void {
    this.endpoints.get('relay', 'imap')?.askToTell();
    this.endpoints.get('primary', service === 'imap' ? 'smtp' : 'imap')?.askToTell();
  }

  #followGood({ side, service }: EndpointRef, before: Health): void {
    if (before.health === 'up') return;
    const { clock, random, look } = this.#options;
    // Refused log-ins are tried again far apart, so that no fleet is back in one moment.
    const downSince = before.confirmed === 'login' ? null : before.failingSince;
    const spreadMs = downSince === null ? 0 : returnSpreadMs(clock.monotonic() - downSince);
    if (service === 'imap') {
      const smtp = this.endpoints.get(side, 'smtp');
      if (smtp?.health.hasFailed) smtp.probeOnReturn(spreadMs);
    }
    const lookIfWaiting = (): void => {
      if (!this.#isPaused && this.#sides.get(side)?.phase === 'waiting-to-retry') look(side);
    };
    this.#cancelLook?.();
    this.#cancelLook = clock.after(spreadMs * random.next(), lookIfWaiting);
  }

  #recordLogin({ side, service }: EndpointRef, at: number): void {
    const { store, accountId } = this.#options;
    store.handle.tx('continuity.login', () => store.outages.recordLogin(accountId, side, service, at));
  }

  #awaitProgress({ side, phase, isConnected }: SideSyncState): void {
    this.#quiet.get(side)?.();
    this.#quiet.delete(side);
    if (!isConnected || !['listing', 'headers', 'bodies'].includes(phase)) return;
    this.#quiet.set(
      side,
      this.#options.clock.after(QUIET_MS, () => this.endpoints.get(side, 'imap')?.probeSoon(0)),
    );
  }

  #makeWatch(endpoint: EndpointRef, isInOutage: boolean): EndpointWatch {
    const { store, clock, random, accountId, probe, stableMs } = this.#options;
    const hasWorked = store.outages.hasLoggedIn(accountId, endpoint.side, endpoint.service);
    const hasFailed = endpoint.side === 'primary' && isInOutage;
    return new EndpointWatch({
      ...{ endpoint, clock, random, stableMs, past: { hasWorked, hasFailed } },
      settlesAt: () => this.#settlesAt,
      probe: (of, isReachOnly) => probe(this.#account, of, isReachOnly),
      onLook: (watch, look, before) => this.#onLook(watch, look, before),
    });
  }
}
