import { MailError, packError, type PackedError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import { continuityInForce, type ContinuityConfig, type ContinuityControl } from '../../../shared/model/continuity-config.ts';
import type { ContinuityState, OutageCause } from '../../../shared/model/continuity.ts';
import type { Route } from '../../../shared/model/outbox.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import type { Log } from '../core/log.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { AccountEndpoints } from './account-endpoints.ts';
import { AccountSenses, type SensesOptions } from './account-senses.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { decide, eventOf, isPrimaryStable, type Verdict } from './decide.ts';
import { DeliveryWatch, type DeliverySource, type Stall } from './delivery-watch.ts';
import type { ModeEvent } from './mode.ts';
import { ModeControl } from './mode-control.ts';
import { ModeKeeper } from './mode-keeper.ts';
import { routeOf, type DrillPart } from './route.ts';

export interface AccountMonitorOptions extends Omit<SensesOptions, 'stableMs' | 'safely' | 'onNews'> {
  readonly store: EngineStore;
  readonly deliveries: DeliverySource;
  readonly log: Log;
  readonly step: (name: string) => void;
  /** Something of the state is new. */
  readonly onChange: () => void;
}

/** One change can make another possible, and no more than a few. */
const MAX_STEPS = 5;

/** Decides about one account: judges what was seen, steps through the mode table, and says when to judge again. */
export class AccountMonitor {
  readonly #options: AccountMonitorOptions;
  readonly #keeper: ModeKeeper;
  readonly #control: ModeControl;
  readonly #senses: AccountSenses;
  readonly #delivery: DeliveryWatch;
  #config: ContinuityConfig;
  #verdict: Verdict = { kind: 'settling', cause: null };
  #cancelJudge: (() => void) | null = null;

  constructor(options: AccountMonitorOptions) {
    this.#options = options;
    const { config } = options.store.accounts.get(options.accountId);
    this.#config = continuityInForce(config);
    this.#keeper = new ModeKeeper(options);
    this.#control = new ModeControl(options, config.managed);
    const hooks = { stableMs: () => this.#stableMs(), safely: this.#safely.bind(this), onNews: () => this.judge() };
    this.#senses = new AccountSenses({ ...options, ...hooks }, this.#keeper.phase === 'open');
    const standing = () => ({ mode: this.#keeper.mode, outage: this.#keeper.outage, isHeld: this.#control.inForce !== 'automatic' });
    this.#delivery = new DeliveryWatch({ ...options, standing, safely: hooks.safely, onNews: () => this.#deliveryNews() });
  }

  start(): void {
    this.#keeper.recordStart();
    // IT's word may be one of the time when nothing ran here.
    if (this.#control.isHeldByPolicy && this.#control.inForce !== 'automatic') this.#obeyControl('policy');
    else this.#followControl();
    this.#senses.start();
    this.#delivery.start();
    this.judge();
  }

  stop(): void {
    this.#senses.stop();
    this.#delivery.stop();
    this.#cancelJudge?.();
    this.#cancelJudge = null;
  }

  get keeper(): Pick<ModeKeeper, 'mode' | 'reason' | 'outage' | 'phase'> {
    return this.#keeper;
  }

  /** A live connection of this account stands and answers. */
  get isConnected(): boolean {
    return this.#endpoints.isConnected;
  }

  /** Where mail leaves now. A drill re-routes nothing but its own test. */
  route(part: DrillPart): Route {
    const { mode, reason, outage } = this.#keeper;
    const isDrill = outage?.isDrill === true;
    if (isDrill && part === 'other' && mode === 'continuity')
      return routeOf(this.#senses.weather(), { mode: 'normal', reason, isPrimaryBarred: false });
    return routeOf(this.#senses.weather(), { mode, reason, isPrimaryBarred: isDrill || this.#control.inForce === 'forced-continuity' });
  }

  get asksForFailover(): boolean {
    return this.#keeper.mode === 'degraded' && this.#keeper.reason === 'waiting-for-person' && this.#verdict.kind === 'down';
  }

  get state(): ContinuityState {
    const { mode, reason, since, outage } = this.#keeper;
    return {
      ...{ accountId: this.#options.accountId, mode, reason, since, control: this.#control.inForce },
      isHeldByPolicy: this.#control.isHeldByPolicy,
      cause: this.#cause(),
      troubleSince: outage?.troubleAt ?? this.#stallAsked?.since ?? this.#senses.troubleAt(),
      confirmedAt: outage?.startedAt ?? this.#stallAsked?.toldAt ?? (this.asksForFailover ? this.#endpoints.downSince : null),
      evidence: [...this.#senses.evidence.list],
      endpoints: this.#endpoints.states,
      ...{ asksForFailover: this.asksForFailover, outageId: outage?.id ?? null, isDrill: outage?.isDrill ?? false },
    };
  }

  /** What a person is asked about where it is delivery. */
  get #stallAsked(): Stall | null {
    return this.asksForFailover && this.#verdict.cause === 'primary-not-delivering' ? this.#delivery.stall : null;
  }

  sideChanged(state: SideSyncState): void {
    this.#senses.sideChanged(state);
    this.#delivery.sideChanged(state);
  }

  /** On the primary's session. @throws MailError of scope connection */
  lookForDeliveries(session: ImapSession): Promise<void> {
    return this.#delivery.look(session);
  }

  /** Takes the outcome of a submission; `mail`: its refusal may be about this mail alone. */
  report(side: Side, error: Pick<PackedError, 'code' | 'retry'> | null, mail: number | null): void {
    this.#senses.report(side, error, mail);
  }

  /** The system says that the machine's network went or came, or is another one. */
  networkChanged(isOnline: boolean, hasMoved: boolean): void {
    if (this.#senses.networkChanged(isOnline, hasMoved)) this.judge();
  }

  powerChanged(isSuspended: boolean): void {
    if (isSuspended === this.#senses.isPaused) return;
    if (isSuspended) {
      this.stop();
      this.#senses.sleep();
      return;
    }
    this.#senses.wake();
    this.#delivery.start();
    this.judge();
  }

  /** A person holds the mode, or lets go of it. @throws MailError held-by-policy */
  setControl(control: ContinuityControl): void {
    const isAsked = this.#stallAsked !== null;
    if (!this.#control.choose(control)) return this.#followControl();
    if (isAsked && control === 'forced-normal') this.#declineFailover();
    this.#obeyControl('person');
    this.judge();
  }

  /** The word in force is durable before its step is made: a process or a store that ended in between has left the step to be made. */
  #followControl(): void {
    if (this.#control.inForce !== 'automatic') this.#apply(this.#control.event, null, this.#control.isHeldByPolicy);
  }

  #obeyControl(who: 'person' | 'policy'): void {
    this.#senses.evidence.add(this.#options.clock.now(), who, true);
    this.#apply(this.#control.event, null, who === 'policy');
  }

  /**
   * A person agrees to leave the primary, or wants to go on with it: then nobody is asked again while it is the same trouble. Without
   * effect where nobody was asked; a primary that is gone cannot be gone on with, it is waited for.
   */
  answerFailover(isAgreed: boolean): void {
    if (!isAgreed) {
      if (this.#stallAsked !== null) this.#declineFailover();
      return this.judge();
    }
    if (!this.asksForFailover) return;
    this.#senses.evidence.add(this.#options.clock.now(), 'person', true);
    this.#apply('person-confirms', this.#verdict.cause);
    this.judge();
  }

  #declineFailover(): void {
    this.#senses.evidence.add(this.#options.clock.now(), 'person', true);
    this.#apply('person-declines', 'primary-not-delivering');
    this.#delivery.declined();
  }

  #deliveryNews(): void {
    const { clock } = this.#options;
    const { evidence } = this.#senses;
    const { stall } = this.#delivery;
    if (stall === null) evidence.add(clock.now(), 'delivery', true);
    else if (stall.count > 0) evidence.tellUndelivered(clock.now(), { count: stall.count, since: stall.since });
    this.judge();
  }

  /** @throws MailError call-rejected in real trouble, and where a person or IT holds the mode. */
  startDrill(): void {
    this.#senses.evidence.add(this.#options.clock.now(), 'drill', false);
    if (this.#control.inForce !== 'automatic' || !this.#apply('drill-started', 'drill'))
      throw new MailError('call-rejected', { scope: 'account', retry: 'later', detail: 'no drill in real trouble' });
    this.judge();
  }

  endDrill(): void {
    if (this.#keeper.outage?.isDrill !== true) return;
    this.#senses.evidence.add(this.#options.clock.now(), 'drill', true);
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
    const account = this.#options.store.accounts.get(this.#options.accountId);
    this.#senses.configChanged(account);
    this.#config = continuityInForce(account.config);
    if (this.#control.follow(account.config.managed)) this.#obeyControl('policy');
    this.judge();
  }

  async probeAll(): Promise<void> {
    await this.#senses.probeAll();
  }

  /** Judges the evidence, makes the steps it calls for, and sees to it that time alone is judged, too. */
  judge(): void {
    if (this.#senses.isPaused) return;
    this.#safely(() => this.#judgeNow());
  }

  #judgeNow(): void {
    let judgedAt = this.#options.clock.monotonic();
    for (let n = 0; n < MAX_STEPS; n += 1) {
      const weather = { ...this.#senses.weather(), isStalled: this.#delivery.stall !== null };
      judgedAt = weather.t;
      this.#verdict = decide(weather);
      const { mode, outage } = this.#keeper;
      const asks = this.#config.failover === 'ask';
      const will = { mode, asks, control: this.#control.inForce, isDrill: outage?.isDrill === true, cause: outage?.cause ?? null };
      const event = eventOf(this.#verdict, isPrimaryStable(weather), will);
      if (event === null || !this.#apply(event, this.#verdict.cause)) break;
    }
    if (this.#verdict.kind === 'well') this.#endpoints.settle();
    this.#judgeLater(judgedAt);
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

  #apply(event: ModeEvent, cause: OutageCause | null = null, isPolicy = false): boolean {
    const { clock } = this.#options;
    const before = this.#keeper.mode;
    const { evidence } = this.#senses;
    // What the relay had before is no part of an outage of the primary.
    const stalledSince = cause === 'primary-not-delivering' ? this.#delivery.stall?.since : undefined;
    const troubleAt = stalledSince ?? this.#senses.troubleAt('primary') ?? clock.now();
    const hasChanged = this.#keeper.apply(event, { cause, isPolicy, troubleAt });
    if (!hasChanged) return false;
    const { mode } = this.#keeper;
    if (event === 'failover-waits' || (mode === 'continuity' && before !== 'continuity')) evidence.hold();
    else if (mode === 'normal') evidence.release();
    if (event === 'network-back') this.#senses.settle();
    if (mode === 'continuity') this.#endpoints.get('relay', 'smtp')?.probeBeforeUse();
    if (event === 'primary-stable') this.#endpoints.settle('primary');
    return true;
  }

  /**
   * Runs when what is good now will have been good long enough, or when the relay has been waited for.
   *
   * @param judgedAt the time the verdict is of: what fell due while it was made is due yet
   */
  #judgeLater(judgedAt: number): void {
    const { clock } = this.#options;
    const due = this.#endpoints.nextVerdictAt(judgedAt, this.#stableMs());
    this.#cancelJudge?.();
    this.#cancelJudge = due === null ? null : clock.after(Math.max(0, Math.ceil(due - clock.monotonic())), () => this.judge());
  }

  #cause(): OutageCause | null {
    const { mode, outage } = this.#keeper;
    if (mode === 'offline') return 'network-down';
    if (mode === 'normal') return null;
    return outage?.cause ?? this.#verdict.cause;
  }

  get #endpoints(): AccountEndpoints {
    return this.#senses.endpoints;
  }

  #stableMs(): number {
    return this.#config.stableSeconds * 1000;
  }
}
