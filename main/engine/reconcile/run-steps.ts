import type { Side } from '../../../shared/model/account.ts';
import { continuityInForce } from '../../../shared/model/continuity-config.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import type { Outage } from '../store/outages.ts';
import type { RunChange, RunRow } from '../store/reconcile.ts';
import { balanceOf, isBalanced } from './balance.ts';
import { gather } from './gather.ts';
import { noteDoubles } from './doubles.ts';
import { newItems, planItems } from './plan.ts';
import type { ReconcilerOptions } from './reconciler.ts';
import { refreshItems } from './refresh.ts';
import { isUnderWay, nextRunState, type RunEvent } from './run-state.ts';

/** An outage whose primary is back. */
type PastOutage = Outage & { readonly backAt: number };

export interface Advance {
  readonly hasChanged: boolean;
  /** When to look again, if nothing happens before; milliseconds since 1970. */
  readonly dueAt: number | null;
  /** There is work for the sessions now. */
  readonly wakes: boolean;
}

/** A mailbox that cannot be read must not hold up the others' mail for ever: then the plan is made from what is known. */
const LOOK_PATIENCE_MS = 10 * 60_000;
const RELAY_PATIENCE_MS = 2 * 60_000;
const LOOK_AGAIN_MS = 5_000;
/** What others carry out tells when it is done; this is in case it did not. */
const CHECK_MS = 30_000;
/** A step makes the next one possible; there are no more than a few in a row. */
const MAX_STEPS = 8;

/** Makes the steps of runs, each in its own transaction. */
export class RunSteps {
  readonly #options: ReconcilerOptions;
  /** When the last complete look at a side ended, milliseconds since 1970; by account and side. */
  readonly #lookedAt = new Map<string, number>();
  /** Since when a look is awaited, on the monotonic clock, and the last ones before; by outage and return of the primary. */
  readonly #awaited = new Map<string, { readonly since: number; readonly before: Readonly<Record<Side, number | undefined>> }>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Takes note of a complete look; true when it is a new one. */
  hasLookEnded({ accountId, side, lastCompleteAt }: SideSyncState): boolean {
    const key = `${accountId}/${side}`;
    if (lastCompleteAt === null || lastCompleteAt === this.#lookedAt.get(key)) return false;
    this.#lookedAt.set(key, lastCompleteAt);
    return true;
  }

  /** Makes every step that can be made at this moment. */
  advance(outage: PastOutage): Advance {
    let hasChanged = false;
    let wakes = false;
    for (let n = 0; n < MAX_STEPS; n += 1) {
      const made = this.#once(outage);
      if (made === 'ended') return { hasChanged: true, dueAt: null, wakes: false };
      if (typeof made !== 'string') return { hasChanged: hasChanged || made.hasChanged, dueAt: made.dueAt, wakes };
      hasChanged = true;
      wakes ||= made === 'begun';
    }
    return { hasChanged, wakes, dueAt: this.#options.clock.now() + LOOK_AGAIN_MS };
  }

  /** Lets a run begin whose preview or approval was waited for; false when it was in another state. */
  begin(run: RunRow): boolean {
    if (isUnderWay(run.state) || run.state === 'finished') return false;
    const { clock, step, store } = this.#options;
    const outage = store.outages.get(run.outageId);
    // What was changed while the preview was shown is carried over with the rest.
    if (outage !== null && outage.backAt !== null) this.#addPlanned(run, { ...outage, backAt: outage.backAt });
    this.#move(run, 'begin', { begunAt: clock.now(), continuesAt: null });
    step('reconcile.begun');
    return true;
  }

  #once(outage: PastOutage): 'moved' | 'begun' | 'ended' | { hasChanged: boolean; dueAt: number | null } {
    const { store } = this.#options;
    const run = store.reconcile.runOfOutage(outage.id);
    if (run === null || run.primaryBackAt !== outage.backAt) return this.#plan(outage, run);
    const changes = refreshItems(this.#options, run) + noteDoubles(this.#options, run);
    if (run.state === 'finished') return this.#end(run, true);
    if (isBalanced(balanceOf(store.reconcile.counts(run.id)))) return this.#finish(run, outage);
    const now = this.#options.clock.now();
    if (!isUnderWay(run.state)) {
      const { reconcile, previewSeconds } = continuityInForce(store.accounts.get(run.accountId).config);
      if (run.state === 'preview' && reconcile === 'ask') {
        this.#move(run, 'approval-wanted', { continuesAt: null });
        return 'moved';
      }
      const longestAt = now + previewSeconds * 1000;
      // The clock was put back: it is shown anew, and not for the difference.
      if (run.state === 'preview' && (run.continuesAt ?? 0) > longestAt) {
        store.handle.tx('reconcile.preview-anew', () => store.reconcile.changeRun(run.id, { continuesAt: longestAt }));
        return { hasChanged: true, dueAt: longestAt };
      }
      if (run.state === 'preview' && (run.continuesAt ?? 0) <= now) return this.begin(run) ? 'begun' : 'moved';
      return { hasChanged: changes > 0, dueAt: run.continuesAt };
    }
    return this.#goOn(run, now, changes > 0);
  }

  /** A complete look at the primary first, so that the plan is made of what is there now. */
  #plan(outage: PastOutage, run: RunRow | null): 'moved' | 'ended' | { hasChanged: boolean; dueAt: number } {
    const { clock, store } = this.#options;
    if (!this.#hasLooked(outage)) return { hasChanged: false, dueAt: clock.now() + LOOK_AGAIN_MS };
    if (run !== null) {
      this.#planAgain(run, outage);
      return 'moved';
    }
    const { accountId } = outage;
    const items = planItems(this.#gather(outage));
    if (items.length === 0) return this.#end({ accountId }, false);
    const { previewSeconds, reconcile } = continuityInForce(store.accounts.get(accountId).config);
    const now = clock.now();
    store.handle.tx('reconcile.plan', () => {
      const made = store.reconcile.addRun({
        ...{ accountId, outageId: outage.id, outageStartedAt: outage.troubleAt, primaryBackAt: outage.backAt, createdAt: now },
        state: reconcile === 'ask' ? 'awaiting-approval' : 'preview',
        relayClockMs: store.relayClock.offsetMs(accountId),
        continuesAt: reconcile === 'ask' ? null : now + previewSeconds * 1000,
      });
      store.reconcile.addItems(made.id, items, now);
    });
    this.#options.step('reconcile.planned');
    this.#options.log.info({ ev: 'reconcile.planned', account: accountId, items: items.length });
    return 'moved';
  }

  /** The outage had a second part: what came with it is added, and has to be shown or approved as the first part was. */
  #planAgain(run: RunRow, outage: PastOutage): void {
    const { store, clock, step, log } = this.#options;
    const now = clock.now();
    const { previewSeconds, reconcile, deliveryGraceSeconds } = continuityInForce(store.accounts.get(run.accountId).config);
    store.handle.tx('reconcile.plan-again', () => {
      const open = this.#addPlanned(run, outage);
      for (const item of store.reconcile.items(run.id, ['planned', 'running'])) {
        // Delivery begins anew with the primary's return.
        if (item.kind === 'received' && item.state === 'planned' && item.dueAt !== null) {
          store.reconcile.changeItem(item.id, { dueAt: Math.max(item.dueAt, outage.backAt + deliveryGraceSeconds * 1000) }, now);
        }
      }
      const event: RunEvent | null = open === 0 ? null : reconcile === 'ask' ? 'more-to-approve' : 'more-planned';
      const state = event === null ? run.state : nextRunState(run.state, event);
      const continuesAt = state === 'preview' ? now + previewSeconds * 1000 : null;
      const finishedAt = state === 'finished' ? run.finishedAt : null;
      const relayClockMs = store.relayClock.offsetMs(run.accountId);
      store.reconcile.changeRun(run.id, {
        state,
        continuesAt,
        finishedAt,
        primaryBackAt: outage.backAt,
        acknowledgedAt: null,
        relayClockMs,
      });
      log.info({ ev: 'reconcile.planned-again', run: run.id, open, state });
    });
    step('reconcile.planned-again');
  }

  /** Adds what is not in the run yet; returns how many of it have to be done. */
  #addPlanned(run: RunRow, outage: PastOutage): number {
    const { store, clock, step } = this.#options;
    const known = new Set(store.reconcile.items(run.id).map((one) => one.key));
    const added = newItems(planItems(this.#gather(outage)), known);
    if (added.length === 0) return 0;
    store.handle.tx('reconcile.add-items', () => store.reconcile.addItems(run.id, added, clock.now()));
    step('reconcile.items-added');
    return added.filter((one) => one.state === 'planned').length;
  }

  #gather(outage: PastOutage): ReturnType<typeof gather> {
    const { store, clock, describe } = this.#options;
    const { accountId, troubleAt: startedAt, backAt: primaryBackAt, relayMark } = outage;
    return gather(store, { accountId, startedAt, relayMark, primaryBackAt, now: clock.now(), describe });
  }

  #goOn(run: RunRow, now: number, hasChanged: boolean): 'moved' | 'begun' | { hasChanged: boolean; dueAt: number } {
    const { store } = this.#options;
    const open = store.reconcile.items(run.id, ['planned', 'running']);
    const awaited = new Set(open.filter((one) => one.kind === 'received').map((one) => one.entryId));
    const later = open.filter((one) => one.dueAt !== null && one.dueAt > now);
    const next = later.length === 0 ? null : Math.min(...later.map((one) => one.dueAt!));
    // A change to mail that is still awaited waits with it.
    const canAct = open.some((one) => !later.includes(one) && (one.opId === null || !awaited.has(one.entryId)));
    const state = nextRunState(run.state, canAct ? 'can-act' : 'must-wait');
    if (state !== run.state || run.continuesAt !== next) this.#move(run, canAct ? 'can-act' : 'must-wait', { continuesAt: next });
    if (state === 'running' && run.state === 'waiting') return 'begun';
    if (state !== run.state) return 'moved';
    return { hasChanged, dueAt: Math.min(next ?? Infinity, now + CHECK_MS) };
  }

  #finish(run: RunRow, outage: PastOutage): 'moved' | 'ended' {
    // Sent, changed or received since the plan was made.
    if (this.#addPlanned(run, outage) > 0) return 'moved';
    const { clock, step, log } = this.#options;
    this.#move(run, 'settled', { finishedAt: clock.now(), continuesAt: null, outageEndedAt: outage.backAt });
    this.#options.finished(run);
    step('reconcile.finished');
    log.info({ ev: 'reconcile.finished', run: run.id, account: run.accountId });
    return this.#end(run, true);
  }

  #end({ accountId }: Pick<RunRow, 'accountId'>, hadWork: boolean): 'ended' {
    this.#options.settled(accountId, hadWork);
    return 'ended';
  }

  #move(run: RunRow, event: RunEvent, change: RunChange): void {
    const { store } = this.#options;
    store.handle.tx('reconcile.move', () => store.reconcile.changeRun(run.id, { ...change, state: nextRunState(run.state, event) }));
  }

  #hasLooked({ id, accountId, backAt }: PastOutage): boolean {
    const { states, look, clock } = this.#options;
    const lastOf = (side: Side): number | undefined => this.#lookedAt.get(`${accountId}/${side}`);
    const key = `${id}/${backAt}`;
    const known = this.#awaited.get(key);
    const awaited = known ?? { since: clock.monotonic(), before: { primary: lastOf('primary'), relay: lastOf('relay') } };
    this.#awaited.set(key, awaited);
    // A clock that is put back after the return dates every look before it: then what came since we wait counts, and running time.
    const waited = Math.max(clock.now() - backAt, clock.monotonic() - awaited.since);
    const isLooked = (side: Side, patienceMs: number): boolean => {
      const state = states().find((one) => one.accountId === accountId && one.side === side);
      if ((lastOf(side) ?? 0) >= backAt || lastOf(side) !== awaited.before[side]) return true;
      // A relay that is away can tell nothing; the primary has to.
      if (side === 'relay' && state?.isConnected !== true) return true;
      return waited > patienceMs && state?.isConnected === true;
    };
    const isDone = isLooked('primary', LOOK_PATIENCE_MS) && isLooked('relay', RELAY_PATIENCE_MS);
    if (!isDone && known === undefined) look(accountId);
    return isDone;
  }
}
