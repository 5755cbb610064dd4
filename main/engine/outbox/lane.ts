import { packError } from '../../../shared/errors.ts';
import type { Account, Side } from '../../../shared/model/account.ts';
import type { AccountId, OutboxId } from '../../../shared/model/ids.ts';
import type { HoldReason } from '../../../shared/model/outbox.ts';
import { limits } from '../../../shared/limits.ts';
import type { OutboxRow } from '../store/outbox-item.ts';
import type { OutboxContext } from './context.ts';
import { DueTimes } from './due-times.ts';
import { recoverClaim } from './recover.ts';
import { isLogInError, retryDelayMs } from './retry.ts';
import { decideDeparture } from './route.ts';
import type { Settlement } from './settle.ts';
import { Submission } from './submission.ts';
import { Wakeup } from './wakeup.ts';

/** Longer than any undo window: what is further away is a clock that jumped. */
const MAX_UNDO_MS = 5 * 60_000;
/** A server that fails is asked again after at most this long, whoever's fault it is. */
const MAX_PAUSE_MS = 5 * 60_000;
/** Later mail to a recipient waits behind an earlier one that was put off this often, and no longer: one mail must not block a person. */
const ORDERED_RETRIES = 3;
/** A store that refuses is asked again after this time. */
const STORE_RETRY_MS = 30_000;
/** A body on its way is given this long to end when the engine stops. */
const STOP_WAIT_MS = 5_000;

/** What the lane does next. */
type Next = { readonly row: OutboxRow; readonly side: Side } | { readonly inMs: number | null };

const openRecipients = (row: OutboxRow): string[] =>
  row.recipients.filter((one) => one.state === 'pending' || one.state === 'transient').map((one) => one.address);

/** A drill's test is such a mail, and no other that it may send another way. */
const isToSelf = ({ recipients, accountEmail }: OutboxRow): boolean =>
  recipients.every((one) => one.address.toLowerCase() === accountEmail.toLowerCase());

/** The mail of one account, one submission at a time, in the order it was handed over. */
export class AccountLane {
  readonly #context: OutboxContext;
  readonly #accountId: AccountId;
  readonly #wakeup: Wakeup;
  readonly #undo: DueTimes;
  readonly #retry: DueTimes;
  #current: Submission | null = null;
  /** Ended by a store that failed, with its claim still noted. */
  #unsettled: Submission | null = null;
  #running: Promise<void> | null = null;
  #isStopped = false;
  #failures = 0;
  /** On the monotonic clock. */
  #pausedUntil = 0;
  #pauseReason: HoldReason = 'retry';

  constructor(context: OutboxContext, accountId: AccountId) {
    this.#context = context;
    this.#accountId = accountId;
    this.#wakeup = new Wakeup(context.clock);
    this.#undo = new DueTimes(context.clock, { maxMs: MAX_UNDO_MS, trustsWall: false });
    this.#retry = new DueTimes(context.clock, { maxMs: limits.submitMaxRetryMs, trustsWall: true });
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  /** Something changed: look again. `afresh`: the way to a server may have changed, its failures are forgotten. */
  wake(afresh = false): void {
    if (afresh) this.#clearPause();
    this.#wakeup.wake();
  }

  /** Its times were set anew by a person. */
  forgetTimes(id: OutboxId): void {
    this.#undo.forget(id);
    this.#retry.forget(id);
  }

  /** Ends the conversation about a mail that was taken back; its body can begin no more. */
  abort(id: OutboxId): void {
    if (this.#current?.row.id === id) this.#current.abort();
  }

  /** What is on its way is given a moment to end. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wakeup.wake();
    const current = this.#current;
    if (current && !current.isBodyStarted) current.abort();
    const cancel = this.#context.clock.after(STOP_WAIT_MS, () => this.#current?.abort());
    await this.#running;
    cancel();
  }

  async #loop(): Promise<void> {
    while (!this.#isStopped) {
      try {
        this.#takeUp();
        const next = this.#next();
        if ('row' in next) await this.#submit(next.row, next.side);
        else await this.#wakeup.wait(next.inMs);
      } catch (error) {
        const { code, detail } = packError(error);
        this.#context.log.error({ ev: 'outbox.lane-failed', account: this.#accountId, code, detail });
        await this.#wakeup.wait(STORE_RETRY_MS);
      }
    }
  }

  /** Left claimed, the mail would be shown as on its way until the next start. */
  #takeUp(): void {
    if (this.#unsettled === null) return;
    const { row, claim } = this.#unsettled;
    recoverClaim(this.#context, row.id, claim);
    this.#unsettled = null;
    this.#context.wake(row.accountId);
    this.#context.changed();
  }

  #account(): Account | null {
    return this.#context.accounts().find((one) => one.id === this.#accountId) ?? null;
  }

  /** The first mail that may leave now; what keeps the others is noted with them. */
  #next(): Next {
    const { store } = this.#context;
    const account = this.#account();
    const rows = store.inStates(this.#accountId, ['queued', 'submitting']);
    const holds: { row: OutboxRow; reason: HoldReason }[] = [];
    const awaited = new Set<string>();
    let inMs: number | null = null;
    let chosen: { row: OutboxRow; side: Side } | null = null;
    for (const row of rows) {
      if (row.state !== 'queued') continue;
      const departure = this.#departure(row, account);
      if (departure.type === 'go') {
        const isFree = openRecipients(row).every((address) => !awaited.has(address));
        if (isFree) chosen ??= { row, side: departure.side };
        // Who waits lets nobody pass either.
        else for (const address of openRecipients(row)) awaited.add(address);
        continue;
      }
      if (departure.reason === 'retry' && row.retries <= ORDERED_RETRIES) {
        for (const address of openRecipients(row)) awaited.add(address);
      }
      if (departure.inMs !== null) inMs = Math.min(inMs ?? Infinity, departure.inMs);
      if (row.hold !== departure.reason && !(departure.reason === 'retry' && row.hold === 'login-refused')) {
        holds.push({ row, reason: departure.reason });
      }
    }
    this.#recordHolds(holds);
    return chosen ?? { inMs };
  }

  #departure(row: OutboxRow, account: Account | null) {
    const { clock } = this.#context;
    const waits = {
      undoMs: this.#undo.waitMs(row.id, row.sendAfter),
      retryMs: this.#retry.waitMs(row.id, row.nextAttemptAt),
      pauseMs: Math.max(0, this.#pausedUntil - clock.monotonic()),
      pauseReason: this.#pauseReason,
    };
    const isOwn = account !== null && account.config.email.toLowerCase() === row.accountEmail.toLowerCase();
    return decideDeparture(row, isOwn, waits, this.#context.route(this.#accountId, isToSelf(row)));
  }

  #recordHolds(holds: readonly { readonly row: OutboxRow; readonly reason: HoldReason }[]): void {
    if (holds.length === 0) return;
    const { handle, store } = this.#context;
    handle.tx('outbox.hold', () => {
      for (const { row, reason } of holds) store.change(row.id, { hold: reason });
    });
    this.#context.changed();
  }

  async #submit(row: OutboxRow, side: Side): Promise<void> {
    const account = this.#account();
    if (account === null) return;
    const submission = new Submission(this.#context, account, row, side);
    this.#current = submission;
    try {
      const settlement = await submission.run();
      if (settlement !== null) this.#settled(row, side, settlement);
    } catch (error) {
      this.#unsettled = submission;
      throw error;
    } finally {
      this.#current = null;
      this.#context.changed();
    }
  }

  #settled(row: OutboxRow, side: Side, settlement: Settlement): void {
    const { event, error, isAcceptedBySome, isServerFailing } = settlement;
    this.#context.log.info({ ev: 'outbox.settled', item: row.id, side, event, code: error?.code ?? null });
    if (event === 'retry' && (isServerFailing || settlement.delayMs === 0)) {
      this.#pause(error !== null && isLogInError(error.code) ? 'login-refused' : 'retry');
    } else this.#clearPause();
    if (isAcceptedBySome) this.#context.wake(row.accountId, 'primary');
    if (event === 'lose') this.#context.wake(row.accountId);
  }

  #pause(reason: HoldReason): void {
    const { clock, random } = this.#context;
    const delayMs = Math.min(MAX_PAUSE_MS, retryDelayMs(this.#failures, random.next()));
    this.#failures += 1;
    this.#pauseReason = reason;
    this.#pausedUntil = clock.monotonic() + delayMs;
  }

  #clearPause(): void {
    this.#failures = 0;
    this.#pausedUntil = 0;
  }
}
