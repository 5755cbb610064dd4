import { MailError, packError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { AccountId, DraftId, EntryId, ReconcileRunId } from '../../../shared/model/ids.ts';
import type { ReconcileItem, ReconcileRun } from '../../../shared/model/reconcile.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import { Throttle } from '../core/throttle.ts';
import type { ImapSession } from '../imap/gateway.ts';
import type { SideJob } from '../imap/side-job.ts';
import type { Outage } from '../store/outages.ts';
import type { RunRow } from '../store/reconcile.ts';
import { balanceOf } from './balance.ts';
import { carryReceived } from './carry-received.ts';
import type { ReconcileContext } from './context.ts';
import { noteDoubles } from './doubles.ts';
import { standingOf } from './arrival.ts';
import { isDelivered, removalKey } from './plan.ts';
import { refreshItems } from './refresh.ts';
import { removalsOf, removeBounded, requestRemoval } from './remove-double.ts';
import { reportOf, type Report } from './report.ts';
import { isUnderWay } from './run-state.ts';
import { RunSteps } from './run-steps.ts';

export interface ReconcilerOptions extends ReconcileContext {
  /** Lets the jobs of a side run soon. */
  readonly wake: (accountId: AccountId, side?: Side) => void;
  /** A complete look at a side soon. */
  readonly look: (accountId: AccountId, side?: Side) => void;
  readonly states: () => readonly SideSyncState[];
  /** The outage is over, and everything done in it is with the primary (`hadWork`: there was something). */
  readonly settled: (accountId: AccountId, hadWork: boolean) => void;
  /** Every item of a run is confirmed or listed as an exception. */
  readonly finished: (run: RunRow) => void;
  /** Runs or items changed: the window asks again. */
  readonly onChanged: () => void;
}

const EVENT_MS = 250;
const TICK_MS = 500;
/** After a store that failed. */
const RETRY_MS = 30_000;
/** A copy of ours that the mirror has not seen after this long is not going to be seen. */
const SEEN_MS = 86_400_000;
/** Finished runs that are still watched for late deliveries and late endings; older ones have left the retention window. */
const WATCHED_RUNS = 5;
const DAY_MS = 86_400_000;

/** Carries back what was done in an outage, and proves it. A Feature of the engine (main/engine/feature.ts). */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #steps: RunSteps;
  readonly #events: Throttle;
  readonly #ticks = new Map<AccountId, Throttle>();
  readonly #timers = new Map<AccountId, () => void>();
  readonly #advancing = new Set<AccountId>();
  /** Mail for which changes have been told to wait. */
  readonly #awaited = new Map<EntryId, AccountId>();
  #isStopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#events = new Throttle(options.clock, EVENT_MS, () => options.onChanged());
    this.#steps = new RunSteps(options);
  }

  start(): void {
    const { store, clock } = this.#options;
    for (const { id, config } of store.accounts.list()) {
      const keptDays = Math.max(config.retention.incomingDays, config.retention.outgoingDays);
      store.handle.tx('reconcile.forget', () => store.reconcile.forgetSubjects(id, clock.now() - keptDays * DAY_MS));
      this.changed(id);
    }
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    this.#events.cancel();
    for (const tick of this.#ticks.values()) tick.cancel();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    return Promise.resolve();
  }

  accountRemoved(id: AccountId): void {
    this.#ticks.get(id)?.cancel();
    this.#ticks.delete(id);
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  sideChanged(state: SideSyncState): void {
    if (this.#steps.hasLookEnded(state) || state.phase === 'watching') this.changed(state.accountId);
  }

  /** The mode, the outbox, the journal or the drafts of an account say something new. */
  changed(accountId: AccountId): void {
    if (this.#isStopped) return;
    const known = this.#ticks.get(accountId);
    const tick = known ?? new Throttle(this.#options.clock, TICK_MS, () => this.#advance(accountId));
    if (!known) this.#ticks.set(accountId, tick);
    tick.trigger();
  }

  /** A copy that had to go stays at the primary, as somebody has made or marked it. Told before that copy is forgotten. */
  draftCopyKept(accountId: AccountId, draftId: DraftId): void {
    const { store, clock, step } = this.#options;
    const runs = store.reconcile.runs(accountId).slice(0, WATCHED_RUNS);
    const items = runs.flatMap((run) => store.reconcile.itemByKey(run.id, removalKey(draftId)) ?? []);
    const error = new MailError('changed-on-both-sides', { scope: 'message', retry: 'ask', side: 'primary' });
    const change = { state: 'exception', error: packError(error), reason: 'changed-on-both-sides' } as const;
    store.handle.tx('reconcile.draft-copy-kept', () => {
      for (const one of items) if (one.state !== 'confirmed') store.reconcile.changeItem(one.id, change, clock.now());
    });
    step('reconcile.draft-copy-kept');
    this.changed(accountId);
  }

  jobs(accountId: AccountId, side: Side): readonly SideJob[] {
    if (side !== 'primary') return [];
    return [{ name: 'reconcile', run: (session) => this.#work(accountId, session) }];
  }

  /** False from the confirmation of an outage until its run has begun; false again while the outage goes on. */
  mayReplay(accountId: AccountId): boolean {
    const outage = this.#options.store.outages.current(accountId);
    return outage === null || this.#isOpen(outage);
  }

  /** The newest run of an account whose outage is not over; null when there is none. */
  current(accountId: AccountId): ReconcileRun | null {
    const { store } = this.#options;
    const outage = store.outages.current(accountId);
    const run = outage === null ? null : store.reconcile.runOfOutage(outage.id);
    return run === null ? null : this.#show(run);
  }

  /** True while mail that only the relay holds has yet to reach the primary: changes to it wait for that. */
  awaitsPrimary(entryId: EntryId): boolean {
    const isAwaited = this.#isAwaited(entryId);
    const accountId = isAwaited ? this.#options.store.entries.flags(entryId)?.accountId : undefined;
    if (accountId !== undefined) this.#awaited.set(entryId, accountId);
    return isAwaited;
  }

  #isAwaited(entryId: EntryId): boolean {
    const { store, clock } = this.#options;
    const placements = store.placements.ofEntry(entryId);
    if (placements.length === 0 || placements.some((one) => one.side === 'primary')) return false;
    const item = store.reconcile.receivedItemOf(entryId);
    if (item?.state === 'exception') return false;
    // Filed by us and not yet mirrored; what lies in a mailbox that is not mirrored never will be.
    if (item?.state === 'confirmed') return item.stepResult['uid'] !== undefined && clock.now() - (item.doneAt ?? 0) < SEEN_MS;
    const accountId = store.entries.flags(entryId)?.accountId;
    const outage = accountId === undefined ? null : store.outages.current(accountId);
    if (outage === null) return false;
    if (item !== null) return true;
    const relay = store.reconcileFacts.relayMailOf(entryId, outage.relayMark);
    if (relay === null || !isDelivered(relay.roles)) return false;
    const relayClockMs = store.relayClock.offsetMs(outage.accountId);
    return standingOf(relay, { startedAt: outage.troubleAt, relayClockMs, now: clock.now() }) !== 'older';
  }

  /** Newest first, all accounts. */
  list(): ReconcileRun[] {
    return this.#options.store.reconcile.runs().map((run) => this.#show(run));
  }

  /** @throws MailError not-found */
  items(runId: ReconcileRunId, offset: number, limit: number): { total: number; items: ReconcileItem[] } {
    const { total, items } = this.#options.store.reconcile.page(this.#run(runId).id, offset, limit);
    return { total, items: items.map(showItem) };
  }

  /** Begins a plan that waits for approval or for the end of its preview. @throws MailError not-found */
  approve(runId: ReconcileRunId): ReconcileRun {
    const { accountId } = this.#run(runId);
    if (this.#steps.begin(this.#run(runId))) this.#options.wake(accountId);
    this.#advance(accountId);
    return this.#show(this.#run(runId));
  }

  /** The closing notice was seen. @throws MailError not-found */
  acknowledge(runId: ReconcileRunId): void {
    const { store, clock } = this.#options;
    const run = this.#run(runId);
    store.handle.tx('reconcile.acknowledge', () => store.reconcile.changeRun(run.id, { acknowledgedAt: clock.now() }));
    this.#events.trigger();
  }

  /** @throws MailError not-found */
  report(runId: ReconcileRunId, format: 'csv' | 'json'): Report {
    const run = this.#run(runId);
    return reportOf(this.#show(run), this.#options.store.reconcile.items(run.id).map(showItem), format);
  }

  /** Asks for the removal of our copy of a noted double. @throws MailError not-found, operation-unsafe */
  removeDouble(runId: ReconcileRunId, itemId: number): void {
    const run = this.#run(runId);
    const item = this.#options.store.reconcile.item(itemId);
    requestRemoval(this.#options, item?.runId === run.id ? item : null);
    this.#options.wake(run.accountId, 'primary');
    this.#events.trigger();
  }

  #run(id: ReconcileRunId): RunRow {
    const run = this.#options.store.reconcile.run(id);
    if (run) return run;
    throw new MailError('not-found', { scope: 'account', retry: 'never' });
  }

  #show(run: RunRow): ReconcileRun {
    const {
      id,
      accountId,
      outageId,
      state,
      outageStartedAt,
      outageEndedAt,
      createdAt,
      continuesAt,
      finishedAt,
      acknowledgedAt,
      relayClockMs,
    } = run;
    const balance = balanceOf(this.#options.store.reconcile.counts(id));
    const times = { outageStartedAt, outageEndedAt, createdAt, continuesAt, finishedAt };
    return { id, accountId, outageId, state, ...times, balance, relayClockMs, isAcknowledged: acknowledgedAt !== null };
  }

  #isOpen(outage: Outage): boolean {
    if (outage.backAt === null) return false;
    const run = this.#options.store.reconcile.runOfOutage(outage.id);
    return run !== null && run.primaryBackAt === outage.backAt && isUnderWay(run.state);
  }

  /** Makes every step that can be made now. A store that fails stops nothing else; it is tried again. */
  #advance(accountId: AccountId): void {
    if (this.#isStopped || this.#advancing.has(accountId)) return;
    this.#advancing.add(accountId);
    try {
      this.#advanceNow(accountId);
    } catch (error) {
      this.#options.log.error({ ev: 'reconcile.failed', account: accountId, code: packError(error).code });
      this.#later(accountId, this.#options.clock.now() + RETRY_MS);
    } finally {
      this.#advancing.delete(accountId);
    }
  }

  #advanceNow(accountId: AccountId): void {
    const { store } = this.#options;
    const outage = store.outages.current(accountId);
    this.#watchFinished(accountId);
    // Arrived, or not to be waited for any more: the changes that wait for it go on.
    const arrived = [...this.#awaited].filter(([entryId, of]) => of === accountId && !this.#isAwaited(entryId));
    for (const [entryId] of arrived) this.#awaited.delete(entryId);
    if (arrived.length > 0) this.#options.wake(accountId);
    if (outage === null || outage.backAt === null) return;
    const { hasChanged, dueAt, wakes } = this.#steps.advance({ ...outage, backAt: outage.backAt });
    if (hasChanged) this.#events.trigger();
    if (wakes) this.#options.wake(accountId);
    this.#later(accountId, dueAt);
  }

  /** Late deliveries, and exceptions that come right after all. */
  #watchFinished(accountId: AccountId): void {
    const { store, clock } = this.#options;
    const { retention } = store.accounts.get(accountId).config;
    const since = clock.now() - retention.incomingDays * DAY_MS;
    const runs = store.reconcile.runs(accountId).filter((run) => run.state === 'finished' && (run.finishedAt ?? 0) >= since);
    for (const run of runs.slice(0, WATCHED_RUNS)) {
      const refreshed = refreshItems(this.#options, run);
      const noted = noteDoubles(this.#options, run);
      // One that another device has filed, too, may be ours to remove.
      if (noted > 0) this.#options.wake(accountId, 'primary');
      if (refreshed + noted > 0) this.#events.trigger();
    }
  }

  #later(accountId: AccountId, dueAt: number | null): void {
    this.#timers.get(accountId)?.();
    this.#timers.delete(accountId);
    if (dueAt === null || this.#isStopped) return;
    const { clock } = this.#options;
    const wait = Math.max(dueAt - clock.now(), 0) + 1;
    this.#timers.set(
      accountId,
      clock.after(wait, () => this.#advance(accountId)),
    );
  }

  /** On the primary's session: what was asked to be removed, then what is due to be filed. */
  async #work(accountId: AccountId, session: ImapSession): Promise<void> {
    const { store, cuts, states } = this.#options;
    this.#advance(accountId);
    const mayGoOn = (): boolean => !this.#isStopped && this.mayReplay(accountId);
    const isPrimary = (one: SideSyncState): boolean => one.accountId === accountId && one.side === 'primary';
    const lookedAt = (): number | null => states().find(isPrimary)?.lastCompleteAt ?? null;
    if (!mayGoOn()) return;
    for (const run of store.reconcile.runs(accountId).slice(0, WATCHED_RUNS)) {
      for (const item of removalsOf(store, run)) {
        if (!cuts.isPaused(item.id)) await removeBounded(this.#options, session, item, lookedAt);
      }
      if (!isUnderWay(run.state)) continue;
      // Seen by the mirror soon, so that what waits for it can go on.
      if ((await carryReceived(this.#options, session, run, mayGoOn)) > 0) this.#options.look(accountId, 'primary');
    }
    this.#advance(accountId);
    this.#events.trigger();
  }
}

function showItem(item: ReconcileItem): ReconcileItem {
  const { id, kind, operation, reason, state, entryId, subject, detail, error, doneAt } = item;
  return { id, kind, operation, reason, state, entryId, subject, detail, error, doneAt };
}
