import { packError } from '../../../shared/errors.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import type { SideJob } from '../imap/side-job.ts';
import type { DraftCopy } from '../store/draft-copies.ts';
import { fileDraft } from './file-copy.ts';
import { draftsMailbox, isDue, type FilingContext } from './filing-context.ts';
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
    const { store, mayFile, cuts } = this.#context;
    if (!mayFile(this.#accountId)) return;
    const mailbox = draftsMailbox(store, this.#accountId);
    if (mailbox !== null) {
      for (const row of store.drafts.openOf(this.#accountId).filter((one) => isDue(this.#context, one) && !cuts.isPaused(one.id))) {
        await this.#bounded(session, row.id, () => fileDraft(this.#context, session, row, mailbox.path));
      }
    }
    for (const copy of store.drafts.copies.inState(this.#accountId, 'removing')) {
      if (cuts.isPaused(copy.draftId)) continue;
      await this.#bounded(session, copy.draftId, () => this.#remove(session, copy));
    }
  }

  async #remove(session: ImapSession, copy: DraftCopy): Promise<void> {
    const { store, clock, step, onDraftChanged } = this.#context;
    const fate = await removeCopy(this.#context, session, copy);
    if (fate === 'waiting') return;
    const isOpen = store.drafts.find(copy.draftId)?.state === 'open';
    // Gone or changed without our doing: somebody wrote on elsewhere. Nothing of theirs is touched, and the person is told.
    const isConflict = isOpen && (fate === 'changed' || (fate === 'gone' && copy.uid !== null && !copy.isProved));
    store.outboxHandle.tx('drafts.copy-settled', () => {
      store.drafts.copies.forget(copy.id);
      if (isConflict) store.drafts.noteConflict(copy.draftId, clock.now());
    });
    step('compose.copy-settled');
    if (isConflict) onDraftChanged(copy.draftId);
  }

  /** A failure that concerns one message or the mailbox is noted; the next run tries again. */
  async #bounded(session: ImapSession, draft: number, work: () => Promise<void>): Promise<void> {
    try {
      await this.#context.cuts.around(draft, session, work);
    } catch (error) {
      if (!isLesserFailure(error, session)) throw error;
      this.#context.log.warn({ ev: 'drafts.filing-failed', draft, code: packError(error).code });
    }
  }
}
