import { MailError } from '../../../shared/errors.ts';
import type { DraftId, EntryId } from '../../../shared/model/ids.ts';
import type { Ingest } from '../ingest/protocol.ts';
import type { CopyPlace, DraftCopy } from '../store/draft-copies.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { leadAtPrimary } from '../store/labels.ts';
import { cleanHtml } from './html.ts';
import { isLeftover } from './leftovers.ts';
import { attachedFiles, loadMail, sourceDigest, TakenImages, type LoadedMail } from './load-mail.ts';
import { reachedBy } from './reply-recipients.ts';

interface Place extends CopyPlace {
  readonly isDrafts: boolean;
}

/** Where the entry lies on the primary now. */
function placeOf(store: EngineStore, entryId: EntryId): Place | null {
  const placement = leadAtPrimary(
    store,
    store.placements.ofEntry(entryId).filter((one) => one.state === 'present'),
  );
  const mailbox = placement && store.mailboxes.get(placement.mailboxId);
  if (!placement || !mailbox) return null;
  const { uid, messageId, uidValidity } = placement;
  return { path: mailbox.path, epoch: Number(uidValidity), uid, messageId, isDrafts: mailbox.role === 'drafts' };
}

export interface EditContext {
  readonly store: EngineStore;
  readonly ingest: Ingest;
  readonly newContentId: (loaded: LoadedMail) => string;
  readonly now: () => number;
}

/**
 * Goes on with a draft that lies in a Drafts mailbox. One that we filed is the open draft itself, not a copy of it; one of another
 * program is read in and linked, so that saving or sending replaces it.
 * @throws MailError not-found, too-late (it is in the outbox), message-missing (not downloaded yet), message-too-large
 */
export async function startEdit(context: EditContext, entryId: EntryId): Promise<DraftId> {
  const { store, ingest } = context;
  const accountId = store.entries.flags(entryId)?.accountId;
  if (accountId === undefined) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  const live = findLive(store, entryId);
  if (live !== null) return live;
  const loaded = await loadMail(store, ingest, entryId);
  const { mail, sourceId } = loaded;
  if (sourceId === null) throw new MailError('message-missing', { scope: 'message', retry: 'later', detail: 'not downloaded yet' });
  const images = new TakenImages(loaded.inlineImages, () => context.newContentId(loaded));
  const html = mail.html === null ? '' : cleanHtml(mail.html, { image: images.address });
  const files = [...images.files(loaded.attachments), ...(await attachedFiles(store, ingest, loaded, images))];
  const { config } = store.accounts.get(accountId);
  const from = reachedBy(config, { from: mail.from, to: [], cc: [] });
  const list = (people: typeof mail.to) => people.slice(0, 500);
  const draft = {
    content: {
      ...(from === undefined ? {} : { from }),
      ...{ accountId, to: list(mail.to), cc: list(mail.cc), bcc: list(mail.bcc), subject: mail.subject.slice(0, 2000) },
      ...{ format: mail.html === null ? ('plain' as const) : ('rich' as const), html, text: mail.text ?? '' },
    },
    ...{ email: config.email, original: null, files },
    thread: { inReplyTo: mail.inReplyTo, references: [...mail.references] },
  };
  return store.outboxHandle.tx('drafts.take-over', () => {
    // Another window may have opened it meanwhile.
    const opened = findLive(store, entryId);
    if (opened !== null) return opened;
    const draftId = store.drafts.create(draft, context.now());
    const left = copyOf(store, entryId);
    if (left !== null) store.drafts.copies.forget(left.id);
    const place = placeOf(store, entryId);
    if (place?.isDrafts) {
      const { path, epoch, uid, messageId } = place;
      const copy = {
        draftId,
        revision: 0,
        messageId,
        path,
        epoch,
        uid,
        date: mail.date,
        ...sourceDigest(store, sourceId),
        state: 'filed' as const,
      };
      store.drafts.copies.add(copy, context.now());
      store.drafts.noteFiled(draftId, 0);
    }
    return draftId;
  });
}

/** The copy of a draft of ours that an entry is; null for all other mail. */
export function copyOf(store: EngineStore, entryId: EntryId): DraftCopy | null {
  const accountId = store.entries.flags(entryId)?.accountId;
  const place = placeOf(store, entryId);
  if (accountId === undefined || place === null) return null;
  const { path, epoch, uid, messageId } = place;
  return store.drafts.copies.at(accountId, { path, epoch, uid, messageId });
}

function findLive(store: EngineStore, entryId: EntryId): DraftId | null {
  const copy = copyOf(store, entryId);
  if (copy === null) return null;
  // Sent or discarded, and the server did not let its copy go: from here on it is as one of another program.
  if (isLeftover(copy) && store.drafts.find(copy.draftId)?.state !== 'open') return null;
  // Discarded: its copy is about to go.
  return store.drafts.getOpen(copy.draftId).id;
}
