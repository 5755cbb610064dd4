import type { FailedChange } from '../../../shared/model/action.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { Contact } from '../../../shared/model/compose.ts';
import type { AccountId, DraftId, OutboxId } from '../../../shared/model/ids.ts';
import { undeliverable } from '../../../shared/model/outbox.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import { Throttle } from '../core/throttle.ts';
import { CutPauses } from '../imap/cut-pauses.ts';
import type { MessagePieces } from '../imap/gateway.ts';
import type { SideJob } from '../imap/side-job.ts';
import type { Ingest } from '../ingest/protocol.ts';
import { bccField } from '../store/bcc-header.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { DraftCopy } from '../store/draft-copies.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { FrozenMessage } from '../store/frozen-message.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import { senderOf } from './check-draft.ts';
import { ContactWalk } from './contact-walk.ts';
import { DraftDesk } from './draft-desk.ts';
import { FILE_AFTER_MS, hasUnfiledWords, isDue, type FilingContext } from './filing-context.ts';
import { FilingJob } from './filing-job.ts';
import { msUntilRetry, msUntilTry } from './filing-refusal.ts';
import { forgetLeftovers, leftoversOf } from './leftovers.ts';
import { newMessageId } from './message-id.ts';
import { addressKey } from './reply-recipients.ts';

/** What writing mail is lent; other parts of the engine are reached through functions only. */
export interface ComposeContext {
  readonly store: EngineStore;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** BCP 47: words and dates of quotations. */
  readonly locale: string;
  /** Puts a mail in the outbox; called inside a transaction of its database. */
  enqueue(frozen: FrozenMessage): OutboxId;
  mayReplay(accountId: AccountId): boolean;
  /** A copy of a draft that was discarded or sent stays at the primary, as others have made it. */
  copyKept(accountId: AccountId, draftId: DraftId): void;
  view(accountId: AccountId): DeriveContext;
  noteListsChanged(ids: readonly Mailbox['id'][]): void;
  /** Lets the jobs of a side run soon. */
  wake(accountId: AccountId, side: Side): void;
  states(): readonly SideSyncState[];
  /** The window is told to ask again. */
  changed(): void;
  /** The same for what could not be carried over. */
  leftoversChanged(): void;
  /** Called after each durable step with its name. */
  step(name: string): void;
}

/** The window is told at most this often that drafts changed. */
const EVENT_MS = 250;
const UPKEEP_MS = 3_600_000;
/** Drafts of sent mail are let go after this: servers give up after five days, and by then have told whom they could not reach. */
const KEPT_AFTER_SENT_MS = 6 * 86_400_000;
/** How long the end of the app waits for the last copies. */
const CLOSING_MS = 2_000;
const CLOSING_POLL_MS = 50;

/** Writing mail. A Feature of the engine (main/engine/feature.ts). */
export class Compose {
  readonly desk: DraftDesk;
  readonly #context: ComposeContext;
  readonly #walk: ContactWalk;
  readonly #filing: FilingContext;
  readonly #events: Throttle;
  #cancelTimer: (() => void) | null = null;
  #cancelUpkeep: (() => void) | null = null;
  #isClosing = false;

  constructor(context: ComposeContext) {
    this.#context = context;
    const { store, ingest, clock, random, log, locale } = context;
    const step = (name: string): void => context.step(name);
    this.#walk = new ContactWalk(store, clock, log);
    this.#events = new Throttle(clock, EVENT_MS, () => context.changed());
    const enqueue = (frozen: FrozenMessage): OutboxId => context.enqueue(frozen);
    const hooks = { onChanged: () => this.#noteChanged(), leftoversChanged: () => context.leftoversChanged() };
    this.desk = new DraftDesk({ store, ingest, clock, random, locale, enqueue, step, ...hooks });
    this.#filing = {
      ...{ store, clock, log, step, cuts: new CutPauses(clock), removalCuts: new CutPauses(clock) },
      mayFile: (id) => context.mayReplay(id),
      lookedAt: (id) => context.states().find((one) => one.accountId === id && one.side === 'primary')?.lastCompleteAt ?? null,
      isClosing: () => this.#isClosing,
      newMessageId: (id) => newMessageId(random, senderOf(store.accounts.get(id)).domain),
      render: async (row, messageId, date) => {
        const { raw, bcc } = await this.desk.render(row, messageId, date);
        return withField(bccField(bcc), raw);
      },
      view: (id) => context.view(id),
      onListsChanged: (ids) => context.noteListsChanged(ids),
      onDraftChanged: () => this.#events.trigger(),
      onRefused: () => this.#noteChanged(),
      onKept: (accountId, id) => context.copyKept(accountId, id),
      onLeftoversChanged: () => context.leftoversChanged(),
    };
  }

  start(): void {
    this.#adopt();
    this.#walk.start();
    this.#upkeep();
    this.#armTimer();
  }

  async stop(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#cancelUpkeep?.();
    this.#walk.stop();
    await this.#fileLast();
    this.#events.cancel();
  }

  accountAdded(): void {
    this.#adopt();
  }

  accountRemoved(id: AccountId): void {
    this.#context.store.drafts.removeAccount(id);
    this.#events.trigger();
  }

  /** Drafts with words that no server has. */
  countUnfiled(id: AccountId): number {
    return this.#context.store.drafts.openOf(id).filter(hasUnfiledWords).length;
  }

  /** Older copies of drafts that the primary does not let go, newest first. */
  leftovers(): FailedChange[] {
    return leftoversOf(this.#context.store);
  }

  /** The person has seen what is left of this draft. */
  dismissLeftovers(id: DraftId): void {
    const { store, leftoversChanged } = this.#context;
    store.outboxHandle.tx('drafts.dismiss-leftovers', () => forgetLeftovers(store, id));
    leftoversChanged();
  }

  jobs(accountId: AccountId, side: Side): readonly SideJob[] {
    return side === 'primary' ? [new FilingJob(this.#filing, accountId)] : [];
  }

  complete(text: string, accountId: AccountId | null, limit: number): Contact[] {
    const { store, clock } = this.#context;
    this.#walk.catchUp();
    return store.contacts.complete(text, accountId, this.#walk.own(), limit, clock.now());
  }

  /**
   * Opens the draft of a mail that was taken back or refused; inside the transaction of the outbox that lets it go.
   * @param draftId draft the mail was made from
   * @param only recipients it is still to go to, when others have it already
   */
  reopen(outboxId: OutboxId, draftId: DraftId | null, only: readonly string[] | null): DraftId | null {
    const { store, clock } = this.#context;
    const keys = only && new Set(only.map(addressKey));
    const left = <T extends { address: string }>(list: T[]): T[] => list.filter(({ address }) => !keys || keys.has(addressKey(address)));
    const opened = store.drafts.reopen(outboxId, clock.now(), (content) => ({
      ...content,
      ...{ to: left(content.to), cc: left(content.cc), bcc: left(content.bcc) },
    }));
    if (opened !== null) this.#noteChanged();
    // It may be open already: taken back before, and now to be changed.
    return opened ?? (draftId !== null && store.drafts.find(draftId)?.state === 'open' ? draftId : null);
  }

  /** The store of mirrored mail may have been made anew: drafts of before find their account again. */
  #adopt(): void {
    const { store } = this.#context;
    store.drafts.adopt(store.accounts.list().map(({ id, config }) => ({ id, email: config.email })));
  }

  #noteChanged(): void {
    this.#events.trigger();
    this.#armTimer();
  }

  /** One timer: when it rings, drafts that nobody has written on for a while are filed, and those that were refused once more. */
  #armTimer(ms = FILE_AFTER_MS): void {
    if (this.#isClosing) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#context.clock.after(ms, () => {
      this.#cancelTimer = null;
      this.#wakeDue();
      const nextMs = this.#msUntilRetry();
      if (nextMs !== null) this.#armTimer(Math.max(FILE_AFTER_MS, nextMs));
    });
  }

  /** Until the first of the drafts that were refused may be tried again; null where none waits for its time. */
  #msUntilRetry(): number | null {
    const { store, clock } = this.#context;
    const now = clock.now();
    const kept = store.accounts.list().flatMap(({ id }) => store.drafts.copies.inState(id, 'removing'));
    const waits = [...store.drafts.open().map((row) => msUntilTry(row, now)), ...kept.map((one) => msUntilRetry(one.refusal, now))];
    const next = Math.min(...waits.filter((ms) => ms > 0));
    return Number.isFinite(next) ? next : null;
  }

  #wakeDue(): AccountId[] {
    const { store, wake } = this.#context;
    const ids = store.accounts
      .list()
      .map(({ id }) => id)
      .filter((id) => this.#hasWork(id));
    for (const id of ids) wake(id, 'primary');
    return ids;
  }

  #hasWork(id: AccountId): boolean {
    const { store, clock } = this.#context;
    const { drafts } = store;
    const isRemovable = (one: DraftCopy): boolean => msUntilRetry(one.refusal, clock.now()) === 0;
    return drafts.copies.inState(id, 'removing').some(isRemovable) || drafts.openOf(id).some((row) => isDue(this.#filing, row));
  }

  /** The last words are filed before the app ends, where that is quick; they are safe here in any case. */
  async #fileLast(): Promise<void> {
    const { states, mayReplay, store, clock } = this.#context;
    this.#isClosing = true;
    const isReachable = (id: AccountId): boolean =>
      mayReplay(id) && states().some((one) => one.accountId === id && one.side === 'primary' && one.isConnected);
    const isOpen = (id: AccountId): boolean => store.drafts.openOf(id).some((row) => isDue(this.#filing, row));
    const waiting = this.#wakeDue().filter(isReachable);
    for (let waited = 0; waited < CLOSING_MS && waiting.some((id) => isReachable(id) && isOpen(id)); waited += CLOSING_POLL_MS) {
      await clock.sleep(CLOSING_POLL_MS);
    }
  }

  #upkeep(): void {
    const { store, clock, log } = this.#context;
    try {
      for (const row of store.drafts.handedOver()) if (this.#isOver(row.outboxId)) store.drafts.forget(row.id);
    } catch (error) {
      // Nothing is lost by what is kept longer.
      log.warn({ ev: 'drafts.upkeep-failed', kind: error instanceof Error ? error.name : typeof error });
    }
    this.#cancelUpkeep = clock.after(UPKEEP_MS, () => this.#upkeep());
  }

  /** Somebody did not get it, and may be written to again. */
  #isUndeliverable(id: OutboxId): boolean {
    return undeliverable(this.#context.store.outbox.evidence.notices(id)).size > 0;
  }

  /** Sent to everybody a while ago, or taken off the list: it cannot come back. */
  #isOver(outboxId: OutboxId | null): boolean {
    const { store, clock } = this.#context;
    const item = outboxId === null ? null : store.outbox.find(outboxId);
    if (item === null || item.dismissedAt !== null) return true;
    const isSent = item.state === 'filed' && item.recipients.every((one) => one.state === 'accepted') && !this.#isUndeliverable(item.id);
    return isSent && item.endedAt !== null && clock.now() - item.endedAt > KEPT_AFTER_SENT_MS;
  }
}

/** A large draft is not copied for the sake of one line in front of it. */
const withField = (field: Uint8Array, raw: Uint8Array): MessagePieces => ({
  sizeBytes: field.length + raw.length,
  pieces: () => [field, raw],
});
