import { MailError } from '../../../shared/errors.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import type { SideJob } from '../imap/side-job.ts';
import type { DraftCopy } from '../store/draft-copies.ts';
import type { DraftRow } from '../store/draft-row.ts';
import { primaryMailbox } from '../store/primary-mailbox.ts';
import { fileDraft } from './file-copy.ts';
import { isDue, NO_PATH, type FilingContext } from './filing-context.ts';
import { msUntilRetry, nextRefusal, refusalAfter } from './filing-refusal.ts';
import { isLeftover, isLeftoverGone } from './leftovers.ts';
import { removeCopy } from './remove-copy.ts';

/**
 * Keeps one copy of each open draft in the primary's Drafts, so that other programs can go on with it, and removes those of drafts that
 * were replaced, sent or discarded. The new copy is proved before the old one goes.
 */
export class FilingJob implements SideJob {
  readonly name = 'drafts';
  readonly #context: FilingContext;
  readonly #accountId: AccountId;

  constructor(context: FilingContext, accountId: AccountId) {
    this.#context = context;
    this.#accountId = accountId;
  }

  /** @throws MailError of scope connection, account or store */
  async run(session: ImapSession): Promise<void> {
    const { store, mayFile, cuts, removalCuts, clock } = this.#context;
    if (!mayFile(this.#accountId)) return;
    const due = store.drafts.openOf(this.#accountId).filter((one) => isDue(this.#context, one) && !cuts.isPaused(one.id));
    const mailbox = primaryMailbox(store, this.#accountId, 'drafts');
    if (mailbox === null) this.#noteHomeless(due);
    else for (const row of due) await this.#file(session, row, mailbox.path);
    for (const copy of store.drafts.copies.inState(this.#accountId, 'removing')) {
      if (isLeftover(copy)) this.#forgetGone(copy);
      if (removalCuts.isPaused(copy.id) || msUntilRetry(copy.refusal, clock.now()) > 0) continue;
      await this.#removeBounded(session, copy);
    }
  }

  async #file(session: ImapSession, row: DraftRow, path: string): Promise<void> {
    const { cuts, lookedAt } = this.#context;
    const watch = {
      lookedAt: () => lookedAt(row.accountId),
      onCut: (isAlone: boolean) => isAlone && this.#noteRefused(row, path, hangsUp()),
    };
    try {
      await cuts.around(row.id, session, () => fileDraft(this.#context, session, row, path), watch);
    } catch (error) {
      if (!isLesserFailure(error, session)) throw error;
      this.#noteRefused(row, path, error);
      return;
    }
    // What was told of it is over.
    if (row.filingRefusal !== null) this.#context.onDraftChanged(row.id);
  }

  /** The primary was looked at, and has no mailbox for drafts. */
  #noteHomeless(due: readonly DraftRow[]): void {
    if (this.#context.store.mailboxes.list(this.#accountId, 'primary').length === 0) return;
    const error = new MailError('mailbox-missing', { scope: 'mailbox', retry: 'never', side: 'primary', detail: 'no mailbox for drafts' });
    for (const row of due) this.#noteRefused(row, NO_PATH, error);
  }

  /** Told with the draft, which is safe here; tried again when that makes sense. */
  #noteRefused({ id: draft, revision }: DraftRow, path: string, error: MailError): void {
    const { store, clock, step, log, onRefused } = this.#context;
    const refusal = store.outboxHandle.tx('drafts.note-refused', () => {
      const row = store.drafts.find(draft);
      if (row?.state !== 'open') return null;
      // Of the version that was tried: another may have been saved meanwhile.
      const noted = refusalAfter({ ...row, revision }, path, error, clock.now());
      store.drafts.noteRefused(draft, noted);
      return noted;
    });
    if (refusal === null) return;
    log.warn({ ev: 'drafts.filing-refused', draft, code: refusal.error.code, tries: refusal.tries, isFinal: refusal.isFinal });
    step('compose.refusal-noted');
    onRefused(draft);
  }

  async #remove(session: ImapSession, copy: DraftCopy): Promise<void> {
    const { store, clock, step, onDraftChanged, onKept } = this.#context;
    const fate = await removeCopy(this.#context, session, copy);
    if (fate === 'waiting') return;
    const isOpen = store.drafts.find(copy.draftId)?.state === 'open';
    // Gone or changed without our doing: somebody wrote on elsewhere. Nothing of theirs is touched, and the person is told.
    const isConflict = isOpen && (fate === 'changed' || (fate === 'gone' && copy.uid !== null && !copy.isProved));
    if (!isOpen && fate === 'changed') onKept(copy.accountId, copy.draftId);
    store.outboxHandle.tx('drafts.copy-settled', () => {
      store.drafts.copies.forget(copy.id);
      if (isConflict) store.drafts.noteConflict(copy.draftId, clock.now());
    });
    step('compose.copy-settled');
    if (isConflict) onDraftChanged(copy.draftId);
  }

  /** A failure that concerns one message or the mailbox is noted, and tried again for a bounded time. */
  async #removeBounded(session: ImapSession, copy: DraftCopy): Promise<void> {
    const { removalCuts, lookedAt } = this.#context;
    const watch = {
      lookedAt: () => lookedAt(copy.accountId),
      onCut: (isAlone: boolean) => isAlone && this.#noteKept(copy.id, hangsUp()),
    };
    try {
      await removalCuts.around(copy.id, session, () => this.#remove(session, copy), watch);
    } catch (error) {
      if (!isLesserFailure(error, session)) throw error;
      this.#noteKept(copy.id, error);
    }
  }

  /** It stays on the primary for now; for good once that was so often enough, and then the person is told where. */
  #noteKept(id: number, error: MailError): void {
    const { store, clock, step, log, onRefused, onLeftoversChanged } = this.#context;
    const { copies } = store.drafts;
    const kept = store.outboxHandle.tx('drafts.note-kept', () => {
      const copy = copies.get(id);
      if (copy === null) return null;
      const refusal = nextRefusal(copy.refusal, error, clock.now());
      copies.noteRefused(id, refusal);
      return { ...refusal, draftId: copy.draftId };
    });
    if (kept === null) return;
    log.warn({ ev: 'drafts.removal-refused', draft: kept.draftId, code: kept.error.code, tries: kept.tries, isFinal: kept.isFinal });
    step('compose.removal-refused');
    onRefused(kept.draftId);
    if (kept.isFinal) onLeftoversChanged();
  }

  /** The person, or another program, has removed what we could not. */
  #forgetGone(copy: DraftCopy): void {
    const { store, onLeftoversChanged } = this.#context;
    if (!isLeftoverGone(store, copy)) return;
    store.outboxHandle.tx('drafts.forget-leftover', () => store.drafts.copies.forget(copy.id));
    onLeftoversChanged();
  }
}

/** A server that ends the connection in place of a refusal: told as one, and bounded as one. */
const hangsUp = (): MailError => new MailError('server-hangs-up', { scope: 'message', retry: 'later', side: 'primary' });
