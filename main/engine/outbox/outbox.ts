import { MailError, packError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { AccountId, DraftId, OutboxId } from '../../../shared/model/ids.ts';
import type { DeliveryReport, OutboxItem } from '../../../shared/model/outbox.ts';
import { CutPauses } from '../imap/cut-pauses.ts';
import type { SideJob } from '../imap/side-job.ts';
import type { FrozenMessage } from '../store/frozen-message.ts';
import type { OutboxRow } from '../store/outbox-item.ts';
import { askForCopy, cancelMail, dismissMail, editMail, markSent, resendMail, sendNow } from './commands.ts';
import type { OutboxContext } from './context.ts';
import { copyDueInMs } from './copy-refusal.ts';
import { DueTimes } from './due-times.ts';
import { AccountLane } from './lane.ts';
import { LookUpJob, lookUpInMs } from './look-up.ts';
import { presentItem } from './present.ts';
import { recoverSubmitting } from './recover.ts';
import { noteReport } from './note-report.ts';
import { OWN_COPY_MS, SentCopyJob } from './sent-copy.ts';
import { Upkeep } from './upkeep.ts';

const SIDES: readonly Side[] = ['primary', 'relay'];
/** A look-up that a person asked for is awaited this long; its outcome shows later otherwise. */
const LOOK_UP_WAIT_MS = 15_000;
const LOOK_UP_POLL_MS = 250;
/** After a store that failed, what another machine left is taken up again. */
const RECOVER_AGAIN_MS = 30_000;
/** Jobs are woken at most this often. */
const SHORTEST_TIMER_MS = 1_000;

/** Mail handed over, until every recipient's fate is known and one copy stands in Sent. A Feature of the engine (main/engine/feature.ts). */
export class Outbox {
  readonly #context: OutboxContext;
  readonly #lanes = new Map<AccountId, AccountLane>();
  readonly #deadlines: DueTimes;
  readonly #wanted = new Map<OutboxId, number>();
  readonly #upkeep: Upkeep;
  readonly #cuts: CutPauses;
  #cancelTimer: (() => void) | null = null;
  /** What the timer is for; running time. */
  #due: { readonly at: number; readonly wake: () => void } | null = null;
  #cancelRecovery: (() => void) | null = null;
  #isRunning = false;

  constructor(context: OutboxContext) {
    this.#context = { ...context, changed: () => this.#noteChanged() };
    this.#onChanged = () => context.changed();
    this.#deadlines = new DueTimes(context.clock, { maxMs: OWN_COPY_MS, trustsWall: true });
    this.#upkeep = new Upkeep(this.#context);
    this.#cuts = new CutPauses(context.clock);
  }

  readonly #onChanged: () => void;

  start(): void {
    const { store, accounts } = this.#context;
    store.adopt(accounts().map(({ id, config }) => ({ id, email: config.email })));
    this.#recover();
    this.#isRunning = true;
    this.#upkeep.start();
    for (const { id } of accounts()) {
      this.#markOriginals(id);
      this.#lane(id).start();
    }
    this.#armTimer();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelTimer?.();
    this.#cancelRecovery?.();
    this.#upkeep.stop();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()));
    this.#lanes.clear();
    this.#context.closed();
  }

  accountAdded(id: AccountId): void {
    const { store, accounts } = this.#context;
    // The store of mirrored mail was made anew: unsent mail of before finds its account again.
    store.adopt(accounts().map((one) => ({ id: one.id, email: one.config.email })));
    if (this.#isRunning) this.#lane(id).start();
    this.#context.changed();
  }

  async accountRemoved(id: AccountId): Promise<void> {
    await this.#lanes.get(id)?.stop();
    this.#lanes.delete(id);
    this.#context.store.removeAccount(id);
    this.#context.changed();
  }

  networkChanged(isOnline: boolean): void {
    if (isOnline) for (const lane of this.#lanes.values()) lane.wake(true);
  }

  powerChanged(isSuspended: boolean): void {
    if (!isSuspended) for (const lane of this.#lanes.values()) lane.wake(true);
  }

  /** The way mail goes, or whether its copies may be filed, may be another one. */
  routeChanged(id: AccountId): void {
    this.#lanes.get(id)?.wake(true);
    this.#context.wake(id, 'primary');
  }

  jobs(accountId: AccountId, side: Side): readonly SideJob[] {
    const lookUp = new LookUpJob(this.#context, accountId, side, this.#wanted, () => this.#lanes.get(accountId)?.wake());
    return side === 'primary' ? [lookUp, new SentCopyJob(this.#context, accountId, this.#deadlines, this.#cuts)] : [lookUp];
  }

  /** Keeps a mail to be sent; durable on return, or with the transaction it is called in. @throws MailError account-missing, store-* */
  enqueue(frozen: FrozenMessage): OutboxId {
    const { accounts, store, clock } = this.#context;
    const account = accounts().find((one) => one.id === frozen.accountId);
    if (!account) throw new MailError('account-missing', { scope: 'account', retry: 'never' });
    const id = store.add(frozen, account.config.email, clock.now());
    this.#context.step('outbox.enqueued');
    this.#wake(frozen.accountId);
    return id;
  }

  items(): OutboxItem[] {
    const { store, clock } = this.#context;
    return store.shown(clock.now() - this.#upkeep.keptMs()).map((row) => presentItem(store, row));
  }

  /** @throws MailError not-found */
  item(id: OutboxId): OutboxItem {
    return presentItem(this.#context.store, this.#context.store.get(id));
  }

  /** Unsent mail that would go with the account. */
  countUnsent(id: AccountId): number {
    return this.#context.store.countUnsent(id);
  }

  /** Sent, but not in Sent yet; what a person has put away is not counted. */
  countUncopied(id: AccountId): number {
    const { store } = this.#context;
    const isGivenUp = ({ sentCopy, dismissedAt }: OutboxRow): boolean => sentCopy === 'failed' && dismissedAt === null;
    return store.awaitingCopy(id).length + store.inStates(id, ['accepted']).filter(isGivenUp).length;
  }

  /** A report about the delivery of a mail has come in; `at` is its date. */
  noteReport(accountId: AccountId, report: DeliveryReport, at: number): void {
    if (noteReport(this.#context, accountId, report, at)) this.#context.changed();
  }

  cancel(id: OutboxId): DraftId | null {
    const { accountId } = this.#context.store.get(id);
    const draftId = cancelMail(this.#context, id);
    this.#lanes.get(accountId)?.abort(id);
    this.#wake(accountId);
    // Where some have it, its copy is due.
    this.#context.wake(accountId, 'primary');
    return draftId;
  }

  sendNow(id: OutboxId): OutboxItem {
    sendNow(this.#context, id);
    return this.#again(id);
  }

  resend(id: OutboxId): OutboxItem {
    resendMail(this.#context, id);
    return this.#again(id);
  }

  markSent(id: OutboxId): OutboxItem {
    markSent(this.#context, id);
    const item = this.#again(id);
    this.#context.wake(item.accountId, 'primary');
    return item;
  }

  edit(id: OutboxId): DraftId {
    const draftId = editMail(this.#context, id);
    this.#context.changed();
    return draftId;
  }

  dismiss(id: OutboxId): void {
    dismissMail(this.#context, id);
    this.#context.changed();
  }

  /** Searches both sides now, as far as they can be reached; for a copy in Sent that was refused or given up: tries again. */
  async lookUp(id: OutboxId): Promise<OutboxItem> {
    const { store, clock } = this.#context;
    const row = store.get(id);
    if (askForCopy(this.#context, row)) {
      this.#cuts.forget(id);
      this.#context.changed();
    }
    const askedAt = clock.now();
    this.#wanted.set(id, askedAt);
    this.#context.wake(row.accountId);
    const sides = SIDES.filter((side) => this.#hasSide(row.accountId, side));
    const isAnswered = (): boolean => sides.every((side) => store.evidence.searched(id, side, askedAt).count > 0);
    for (let waited = 0; waited < LOOK_UP_WAIT_MS && row.state === 'unknown' && this.#isRunning; waited += LOOK_UP_POLL_MS) {
      if (store.get(id).state !== 'unknown' || isAnswered()) break;
      await clock.sleep(LOOK_UP_POLL_MS);
    }
    return this.item(id);
  }

  #hasSide(id: AccountId, side: Side): boolean {
    return (this.#context.accounts().find((one) => one.id === id)?.config[side] ?? null) !== null;
  }

  #again(id: OutboxId): OutboxItem {
    const { accountId } = this.#context.store.get(id);
    const lane = this.#lanes.get(accountId);
    lane?.forgetTimes(id);
    lane?.wake(true);
    this.#context.changed();
    return this.item(id);
  }

  #wake(id: AccountId): void {
    this.#lanes.get(id)?.wake();
    this.#context.changed();
  }

  #lane(id: AccountId): AccountLane {
    const lane = this.#lanes.get(id) ?? new AccountLane(this.#context, id);
    this.#lanes.set(id, lane);
    return lane;
  }

  #recover(): void {
    const nextMs = recoverSubmitting(this.#context);
    if (nextMs !== null) this.#cancelRecovery = this.#context.clock.after(nextMs, () => this.#recoverAgain());
  }

  #recoverAgain(): void {
    if (!this.#isRunning) return;
    try {
      this.#recover();
    } catch (error) {
      this.#context.log.warn({ ev: 'outbox.not-recovered', code: packError(error).code });
      this.#cancelRecovery = this.#context.clock.after(RECOVER_AGAIN_MS, () => this.#recoverAgain());
      return;
    }
    for (const lane of this.#lanes.values()) lane.wake();
    this.#context.changed();
  }

  /** After anything that changed: originals of what was accepted, the next time a job has something to do, and the window. */
  #noteChanged(): void {
    if (this.#isRunning) {
      for (const { id } of this.#context.accounts()) this.#markOriginals(id);
      this.#armTimer();
    }
    this.#onChanged();
  }

  /** Marks what was answered or forwarded; noted afterwards, so that a kill in between marks it once more. */
  #markOriginals(id: AccountId): void {
    const { store, handle, markOriginal, step, log } = this.#context;
    for (const row of store.unmarked(id)) {
      try {
        markOriginal(row);
        step('outbox.original-marked');
        handle.tx('outbox.original-marked', () => store.change(row.id, { originalMarked: true }));
        step('outbox.original-noted');
      } catch (error) {
        log.warn({ ev: 'outbox.original-not-marked', item: row.id, code: packError(error).code }); // again at the next change
      }
    }
  }

  /** Wakes the sides' sessions when the next look is due. */
  #armTimer(): void {
    this.#cancelTimer?.();
    const { store, accounts, clock, wake } = this.#context;
    // Whoever comes before a timer that is due takes its place.
    if (this.#due !== null && clock.monotonic() >= this.#due.at) this.#due.wake();
    const due: { ms: number; id: AccountId; side: Side }[] = [];
    for (const { id } of accounts()) {
      for (const row of store.inStates(id, ['unknown'])) {
        for (const side of SIDES) due.push({ ms: lookUpInMs(this.#context, row, side, this.#wanted) ?? Infinity, id, side });
      }
      for (const row of store.awaitingCopy(id)) due.push({ ms: copyDueInMs(row, clock.now()), id, side: 'primary' });
    }
    const next = due.filter((one) => one.ms > 0 && one.ms < Infinity).sort((a, b) => a.ms - b.ms)[0];
    this.#due = null;
    this.#cancelTimer = null;
    if (!next) return;
    const ms = Math.max(SHORTEST_TIMER_MS, next.ms);
    this.#due = { at: clock.monotonic() + ms, wake: () => wake(next.id, next.side) };
    this.#cancelTimer = clock.after(ms, () => {
      this.#due = null;
      wake(next.id, next.side);
      this.#armTimer();
    });
  }
}
