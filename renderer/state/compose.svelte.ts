import { SvelteSet } from 'svelte/reactivity';
import type { CallArgs } from '../../shared/ipc/contract.ts';
import type { Draft } from '../../shared/model/compose.ts';
import type { AccountId, DraftId, EntryId, OutboxId } from '../../shared/model/ids.ts';
import { asOutboxId } from '../../shared/model/ids.ts';
import { call, listen } from '../api.ts';
import type { OpenDraft } from '../compose/open-draft.svelte.ts';
import { outbox } from './outbox.svelte.ts';
import { session } from './session.svelte.ts';
import { toasts } from './toasts.svelte.ts';

const DISCARD_UNDO_MS = 10_000;
const SHORT_NOTICE_MS = 4_000;
/** Drafts saved this recently were being written when the window was last closed, or died. */
const RESUME_MS = 12 * 3_600_000;
const MAX_RESUMED = 3;
/** Every save is told; the list of drafts is not asked for as often. */
const LIST_PAUSE_MS = 1_500;
type Start = CallArgs<'compose.start'>[0];

/** Mails being written in this window. The engine holds what was saved of them. */
class Compose {
  drafts = $state.raw<readonly OpenDraft[]>([]);
  /** Drafts kept on this computer, newest first, open here or not. */
  stored = $state.raw<readonly Draft[]>([]);
  activeId = $state<DraftId | null>(null);
  /** Raised when the composer has to take the focus. */
  focusCount = $state(0);
  /** Account of the mailbox that is open: a new mail is written from there. */
  accountId: AccountId | null = null;
  #isStarting = false;
  #isRestored = false;
  #listTimer: ReturnType<typeof setTimeout> | undefined;

  active: OpenDraft | null = $derived(this.drafts.find((one) => one.id === this.activeId) ?? null);

  /** Brings back what was being written when the window was closed, without opening it. */
  async restore(): Promise<void> {
    if (this.#isRestored) return;
    this.#isRestored = true;
    listen('drafts.changed', () => {
      clearTimeout(this.#listTimer);
      this.#listTimer = setTimeout(() => void this.#list(), LIST_PAUSE_MS);
    });
    this.stored = await call('drafts.list').catch(() => []);
    const recent = this.stored.filter((one) => one.savedAt > Date.now() - RESUME_MS).slice(0, MAX_RESUMED);
    for (const draft of recent.toReversed()) await this.#add(draft);
  }

  /** Kept on this computer and not open in this window. */
  get shelved(): readonly Draft[] {
    return this.stored.filter((one) => !this.drafts.some(({ id }) => id === one.id) && !this.#discarding.has(one.id));
  }
  readonly #discarding = new SvelteSet<DraftId>();

  /** Whether a draft is kept here, open or not. */
  has(id: DraftId): boolean {
    return this.drafts.some((one) => one.id === id) || this.stored.some((one) => one.id === id);
  }

  new(mailto: string | null = null): Promise<void> {
    return this.#start({ kind: 'new', accountId: this.accountId ?? session.accounts[0]?.id ?? null, mailto });
  }

  answer(kind: 'reply' | 'reply-all' | 'forward', entryId: EntryId): Promise<void> {
    return this.#start({ kind, entryId, format: 'rich' });
  }

  edit(entryId: EntryId): Promise<void> {
    return this.#start({ kind: 'edit', entryId });
  }

  async #start(what: Start): Promise<void> {
    if (this.#isStarting) return;
    this.#isStarting = true;
    await session.attempt(async () => this.#show(await call('compose.start', what)));
    this.#isStarting = false;
  }

  /** Opens a draft that is stored. */
  async open(draftId: DraftId): Promise<void> {
    await session.attempt(async () => this.#show(await call('drafts.get', { draftId })));
  }

  async #show(draft: Draft): Promise<void> {
    await this.#add(draft);
    this.show(draft.id);
  }

  /** Brings an open one to the front. */
  show(id: DraftId): void {
    session.view = 'mail';
    outbox.isShown = false;
    this.activeId = id;
    this.focusCount += 1;
  }

  /** Puts the composer away; what is written stays open. */
  putAside(): void {
    void this.active?.saveNow();
    this.activeId = null;
  }

  /** Ends the writing for now: what was written is among the drafts, and nothing is left of an empty one. */
  async close(draft: OpenDraft): Promise<void> {
    if (draft.isEmpty) return this.#discardNow(draft);
    if (!(await draft.saveNow())) return;
    this.#remove(draft);
    void this.#list();
    toasts.show({
      text: session.words.compose.keptAsDraft,
      countdown: null,
      action: null,
      endsAt: Date.now() + SHORT_NOTICE_MS,
      onEnd: null,
    });
  }

  /** Throws it away, unless that is taken back. */
  async discard(draft: OpenDraft): Promise<void> {
    if (draft.isEmpty) return this.#discardNow(draft);
    await draft.saveNow();
    this.#remove(draft);
    this.#discarding.add(draft.id);
    const words = session.words.compose;
    // Until the time is over nothing is lost: a window that dies meanwhile comes back with the draft.
    toasts.show({
      text: words.discarded,
      countdown: null,
      action: { label: words.undo, run: () => void this.#keep(draft.id) },
      endsAt: Date.now() + DISCARD_UNDO_MS,
      onEnd: () => void this.#discardNow(draft),
    });
  }

  #keep(id: DraftId): Promise<void> {
    this.#discarding.delete(id);
    return this.open(id);
  }

  async #discardNow(draft: OpenDraft): Promise<void> {
    await draft.stop();
    this.#remove(draft);
    await session.attempt(async () => void (await call('drafts.discard', { draftId: draft.id })));
    this.stored = this.stored.filter((one) => one.id !== draft.id);
    this.#discarding.delete(draft.id);
  }

  /** Sends it and offers to take that back while it may be. */
  async send(draft: OpenDraft): Promise<void> {
    try {
      const { outboxId, sendsAt } = await draft.send();
      this.#remove(draft);
      this.#offerUndo(asOutboxId(outboxId), sendsAt);
    } catch {
      // The draft shows why, at its field.
    }
  }

  #offerUndo(outboxId: OutboxId, sendsAt: number): void {
    const words = session.words.compose;
    const hasTime = sendsAt > Date.now() + 500;
    toasts.show({
      text: hasTime ? words.sendingSoon : words.handedOver,
      countdown: hasTime ? words.inSeconds : null,
      action: hasTime ? { label: words.undo, run: () => void this.takeBack(outboxId) } : null,
      endsAt: hasTime ? sendsAt : Date.now() + SHORT_NOTICE_MS,
      onEnd: null,
      isOver: () => hasTime && outbox.items.some((one) => one.id === outboxId && !one.canCancel),
    });
  }

  /** Takes a mail back out of the outbox and goes on writing it. */
  async takeBack(outboxId: OutboxId): Promise<void> {
    await session.attempt(async () => {
      const { draftId } = await call('outbox.cancel', { outboxId });
      // Nobody is to see it as about to be sent any more.
      await outbox.load();
      if (draftId !== null) await this.#show(await call('drafts.get', { draftId }));
    });
  }

  /** A refused or cancelled mail as a new draft. */
  async editAgain(outboxId: OutboxId): Promise<void> {
    await session.attempt(async () => {
      const { draftId } = await call('outbox.edit', { outboxId });
      await this.#show(await call('drafts.get', { draftId }));
    });
  }

  async #add(draft: Draft): Promise<void> {
    // Not before somebody writes: the first rows need none of it.
    const { OpenDraft } = await import('../compose/open-draft.svelte.ts');
    if (!this.drafts.some((one) => one.id === draft.id)) this.drafts = [...this.drafts, new OpenDraft(draft)];
  }

  #remove(draft: OpenDraft): void {
    if (this.activeId === draft.id) this.activeId = null;
    this.drafts = this.drafts.filter((one) => one !== draft);
    draft.images.dispose();
  }

  /** What was sent or thrown away elsewhere is no longer open here. */
  async #list(): Promise<void> {
    const stored = await call('drafts.list').catch(() => null);
    if (stored === null) return;
    this.stored = stored;
    const known = new Map(stored.map((one) => [one.id, one]));
    for (const draft of this.drafts) {
      const one = known.get(draft.id);
      if (one) {
        draft.hasConflict = one.hasConflict;
        draft.notFiled = one.notFiled;
      } else if (!draft.isSending && draft.saveState === 'saved') this.#remove(draft);
    }
  }
}

export const compose = new Compose();
