import { MailError, packError, type PackedError } from '../../../shared/errors.ts';
import type { Account, ContinuityConfig, Side } from '../../../shared/model/account.ts';
import type { ContinuityControl, ContinuityState, EndpointRef, OutageCause } from '../../../shared/model/continuity.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { Route } from '../../../shared/model/outbox.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Log } from '../core/log.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { AccountEndpoints, endpointsOf, isOnLoopback } from './account-endpoints.ts';
import { decide, eventOf, isPrimaryStable, type Verdict, type Weather } from './decide.ts';
import { EndpointWatch } from './endpoint-watch.ts';
import { EvidenceLog } from './evidence-log.ts';
import type { Health, Look } from './health.ts';
import { liveLook } from './live-look.ts';
import type { ModeEvent } from './mode.ts';
import { ModeKeeper } from './mode-keeper.ts';
import type { ProbeOutcome } from './probe.ts';
import { routeOf } from './route.ts';
import { SubmissionLooks } from './submission-looks.ts';

export interface AccountMonitorOptions {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly accountId: AccountId;
  readonly step: (name: string) => void;
  readonly probe: (account: Account, endpoint: EndpointRef) => Promise<ProbeOutcome>;
  /** Ends a mirror's wait for its next attempt. */
  readonly look: (side: Side) => void;
  /** Another account has a connection that stands. */
  readonly isWitnessed: () => boolean;
  /** Something of the state is new. */
  readonly onChange: () => void;
}

/** After the network came back or the machine woke up, names and tunnels take this long; failures on the way mean little. */
const SETTLE_MS = 15_000;
/** A system that says there is no network can be wrong: whether the primary answers is looked at after this. */
const DOUBT_MS = 5_000;
/** A busy connection of which nothing has been heard for this long is looked after. */
const QUIET_MS = 20_000;
/** Submission is asked at once when its side is back, but not at every flicker. */
const BACK_GAP_MS = 10_000;
/** One change can make another possible, and no more than a few. */
const MAX_STEPS = 5;

/** Decides about one account: takes looks, judges, steps through the mode table, and says when to judge again. */
export class AccountMonitor {
  readonly #options: AccountMonitorOptions;
  readonly #keeper: ModeKeeper;
  readonly #endpoints: AccountEndpoints;
  readonly #evidence = new EvidenceLog();
  readonly #sides = new Map<Side, SideSyncState>();
  readonly #quiet = new Map<Side, () => void>();
  readonly #submissions = { primary: new SubmissionLooks(), relay: new SubmissionLooks() };
  readonly #isOnLoopback: boolean;
  #account: Account;
  #control: ContinuityControl;
  #verdict: Verdict = { kind: 'settling', cause: null };
  #networkLost: { at: number; t: number } | null = null;
  #settlesAt = -Infinity;
  #isPaused = false;
  #cancelJudge: (() => void) | null = null;

  constructor(options: AccountMonitorOptions) {
    this.#options = options;
    const { store, accountId } = options;
    this.#keeper = new ModeKeeper(options);
    this.#control = store.outages.control(accountId);
    this.#account = store.accounts.get(accountId);
    this.#isOnLoopback = isOnLoopback(this.#account);
    this.#endpoints = new AccountEndpoints(endpointsOf(this.#account).map((endpoint) => this.#makeWatch(endpoint)));
  }

  start(): void {
    this.#keeper.recordStart();
    this.#endpoints.start();
    this.judge();
  }

  stop(): void {
    this.#endpoints.pause();
    for (const cancel of this.#quiet.values()) cancel();
    this.#quiet.clear();
    this.#cancelJudge?.();
    this.#cancelJudge = null;
  }

  get keeper(): Pick<ModeKeeper, 'mode' | 'reason' | 'outage' | 'phase'> {
    return this.#keeper;
  }

  get control(): ContinuityControl {
    return this.#control;
  }

  /** A live connection of this account stands and answers. */
  get isConnected(): boolean {
    return this.#endpoints.isConnected;
  }

  get route(): Route {
    const { mode, reason, outage } = this.#keeper;
    const isPrimaryBarred = outage?.isDrill === true || this.#control === 'forced-continuity';
    return routeOf(this.#weather(), { mode, reason, isPrimaryBarred });
  }

  get asksForFailover(): boolean {
    return this.#keeper.mode === 'degraded' && this.#keeper.reason === 'waiting-for-person' && this.#verdict.kind === 'down';
  }

  get state(): ContinuityState {
    const { mode, reason, since, outage } = this.#keeper;
    return {
      ...{ accountId: this.#options.accountId, mode, reason, since, control: this.#control },
      cause: this.#cause(),
      troubleSince: outage?.troubleAt ?? this.#troubleAt(),
      confirmedAt: outage?.startedAt ?? (this.asksForFailover ? this.#endpoints.downSince : null),
      evidence: [...this.#evidence.list],
      endpoints: this.#endpoints.states,
      ...{ asksForFailover: this.asksForFailover, outageId: outage?.id ?? null, isDrill: outage?.isDrill ?? false },
    };
  }

  sideChanged(state: SideSyncState): void {
    const before = this.#sides.get(state.side) ?? null;
    this.#sides.set(state.side, state);
    if (this.#isPaused) return;
    this.#awaitProgress(state);
    const look = liveLook(before, state);
    const watch = this.#endpoints.get(state.side, 'imap');
    watch?.setLive(state.isConnected);
    if (look === null || !watch) return;
    watch.take({ source: 'live', isGood: look.isGood, code: look.isGood ? null : look.code });
  }

  /** Takes the outcome of a submission; `mail`: its refusal may be about this mail alone. */
  report(side: Side, error: Pick<PackedError, 'code' | 'retry'> | null, mail: number | null): void {
    const look = this.#submissions[side].take(error, mail);
    if (look !== null) this.#endpoints.get(side, 'smtp')?.take(look);
  }

  /** The system says that the machine's network went or came. */
  networkChanged(isOnline: boolean): void {
    if (this.#isOnLoopback || (this.#networkLost === null) === isOnline) return;
    const { clock } = this.#options;
    this.#evidence.add(clock.now(), 'network', isOnline);
    this.#networkLost = isOnline ? null : { at: clock.now(), t: clock.monotonic() };
    if (isOnline) this.#settle();
    else this.#endpoints.get('primary', 'imap')?.probeSoon(DOUBT_MS);
    this.judge();
  }

  powerChanged(isSuspended: boolean): void {
    if (isSuspended === this.#isPaused) return;
    this.#isPaused = isSuspended;
    if (isSuspended) return this.stop();
    this.#settle();
    this.#endpoints.start();
    // The states told while asleep are as old as the sleep.
    for (const state of this.#sides.values()) this.#endpoints.get(state.side, 'imap')?.setLive(state.isConnected);
    this.judge();
  }

  setControl(control: ContinuityControl): void {
    const { store, accountId, clock, step } = this.#options;
    if (control === this.#control) return;
    store.handle.tx('continuity.control', () => store.outages.setControl(accountId, control));
    step('continuity.control');
    this.#control = control;
    this.#evidence.add(clock.now(), 'person', true);
    this.#apply(
      ({ automatic: 'person-releases', 'forced-continuity': 'person-forces-continuity', 'forced-normal': 'person-forces-normal' } as const)[
        control
      ],
    );
    this.judge();
  }

  /** A person agrees to leave the primary. Without effect where nobody was asked. */
  confirmFailover(): void {
    if (!this.asksForFailover) return;
    this.#evidence.add(this.#options.clock.now(), 'person', true);
    this.#apply('person-confirms', this.#verdict.cause);
    this.judge();
  }

  /** @throws MailError call-rejected in real trouble, and where a person holds the mode. */
  startDrill(): void {
    this.#evidence.add(this.#options.clock.now(), 'drill', false);
    if (this.#control !== 'automatic' || !this.#apply('drill-started', 'drill'))
      throw new MailError('call-rejected', { scope: 'account', retry: 'later', detail: 'no drill in real trouble' });
    this.judge();
  }

  endDrill(): void {
    if (this.#keeper.outage?.isDrill !== true) return;
    this.#evidence.add(this.#options.clock.now(), 'drill', true);
    this.#apply('drill-ended');
    this.judge();
  }

  /** Everything that was done in the outage is with the primary. */
  reconciled(hadWork: boolean): void {
    this.#apply(hadWork ? 'reconciled' : 'nothing-to-reconcile');
    this.judge();
  }

  /** The account's configuration is another one. */
  configChanged(): void {
    this.#account = this.#options.store.accounts.get(this.#options.accountId);
    this.judge();
  }

  async probeAll(): Promise<void> {
    await this.#endpoints.probeAll();
    for (const side of ['primary', 'relay'] as const) if (!this.#sides.get(side)?.isConnected) this.#options.look(side);
  }

  /** Judges the evidence, makes the steps it calls for, and sees to it that time alone is judged, too. */
  judge(): void {
    if (this.#isPaused) return;
    this.#safely(() => this.#judgeNow());
  }

  #judgeNow(): void {
    for (let n = 0; n < MAX_STEPS; n += 1) {
      const weather = this.#weather();
      this.#verdict = decide(weather);
      const { mode, outage } = this.#keeper;
      const asks = this.#config().failover === 'ask';
      const will = { mode, asks, control: this.#control, isDrill: outage?.isDrill === true, cause: outage?.cause ?? null };
      const event = eventOf(this.#verdict, isPrimaryStable(weather), will);
      if (event === null || !this.#apply(event, this.#verdict.cause)) break;
    }
    if (this.#verdict.kind === 'well') this.#endpoints.settle();
    this.#judgeLater();
    this.#options.onChange();
  }

  /** A store that fails stops nothing here: the mode stays what the rows say, and the next look judges again. */
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      const { log, accountId } = this.#options;
      log.error({ ev: 'continuity.failed', account: accountId, code: packError(error).code });
    }
  }

  #apply(event: ModeEvent, cause: OutageCause | null = null): boolean {
    const { clock } = this.#options;
    const before = this.#keeper.mode;
    const hasChanged = this.#keeper.apply(event, { cause, troubleAt: this.#troubleAt() ?? clock.now() });
    if (!hasChanged) return false;
    const { mode } = this.#keeper;
    if (event === 'failover-waits' || (mode === 'continuity' && before !== 'continuity')) this.#evidence.hold();
    else if (mode === 'normal') this.#evidence.release();
    // Whatever failed meanwhile may have been our own network.
    if (event === 'network-back') this.#settle();
    if (mode === 'continuity') this.#endpoints.get('relay', 'smtp')?.probeSoon(0);
    if (event === 'primary-stable') this.#endpoints.settle('primary');
    return true;
  }

  #settle(): void {
    this.#settlesAt = this.#options.clock.monotonic() + SETTLE_MS;
    this.#endpoints.forget();
  }

  /** Runs when what is good now will have been good long enough, or when the relay has been waited for. */
  #judgeLater(): void {
    const { clock } = this.#options;
    const t = clock.monotonic();
    const due = this.#endpoints.nextVerdictAt(t, this.#stableMs());
    this.#cancelJudge?.();
    this.#cancelJudge = due === null ? null : clock.after(Math.ceil(due - t), () => this.judge());
  }

  #onLook(watch: EndpointWatch, look: Look, before: Health): void {
    const { endpoint } = watch;
    const isNews = !look.isGood || (before.health !== 'up' && before.health !== 'unknown');
    if (isNews) this.#evidence.add(look.at, look.source, look.isGood, { endpoint, code: look.code });
    if (look.isGood && !before.hasWorked) this.#safely(() => this.#recordLogin(endpoint, look.at));
    if (look.isGood) this.#followGood(endpoint, before);
    else if (endpoint.side === 'primary') this.#followBad(endpoint);
    this.judge();
  }

  /** Is it the primary or our network, and how does its other service fare? */
  #followBad({ service }: EndpointRef): void {
    this.#endpoints.get('relay', 'imap')?.askToTell();
    this.#endpoints.get('primary', service === 'imap' ? 'smtp' : 'imap')?.askToTell();
  }

  #followGood({ side, service }: EndpointRef, before: Health): void {
    if (before.health === 'up') return;
    if (service === 'imap') {
      const smtp = this.#endpoints.get(side, 'smtp');
      if (smtp?.health.hasFailed) smtp.probeSoon(0, BACK_GAP_MS);
    }
    if (this.#sides.get(side)?.phase === 'waiting-to-retry') this.#options.look(side);
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
      this.#options.clock.after(QUIET_MS, () => this.#endpoints.get(side, 'imap')?.probeSoon(0)),
    );
  }

  #cause(): OutageCause | null {
    const { mode, outage } = this.#keeper;
    if (mode === 'offline') return 'network-down';
    if (mode === 'normal') return null;
    return outage?.cause ?? this.#verdict.cause;
  }

  #troubleAt(): number | null {
    return this.#networkLost?.at ?? this.#endpoints.troubleAt;
  }

  #weather(): Weather {
    const { clock, isWitnessed } = this.#options;
    const networkLostAt = this.#networkLost?.t ?? null;
    return this.#endpoints.weather({ networkLostAt, isWitnessed: isWitnessed(), t: clock.monotonic(), stableMs: this.#stableMs() });
  }

  #stableMs(): number {
    return this.#config().stableSeconds * 1000;
  }

  #config(): ContinuityConfig {
    return this.#account.config.continuity;
  }

  #makeWatch(endpoint: EndpointRef): EndpointWatch {
    const { store, clock, random, accountId, probe } = this.#options;
    const hasWorked = store.outages.hasLoggedIn(accountId, endpoint.side, endpoint.service);
    // In the middle of an outage the primary has to prove itself, whatever it was before the restart.
    const hasFailed = endpoint.side === 'primary' && this.#keeper.phase === 'open';
    return new EndpointWatch({
      ...{ endpoint, clock, random, past: { hasWorked, hasFailed } },
      stableMs: () => this.#stableMs(),
      settlesAt: () => this.#settlesAt,
      probe: (of) => probe(this.#account, of),
      onLook: (watch, look, before) => this.#onLook(watch, look, before),
    });
  }
}
