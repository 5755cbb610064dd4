import { asUid, type Uid } from '../../../shared/model/ids.ts';
import type { ImapSession, SelectedMailbox } from '../imap/gateway.ts';
import { isKept } from '../imap/kept-flags.ts';
import { removeOne } from '../imap/remove-one.ts';
import { selectIfThere } from '../imap/select-if-there.ts';
import { mailboxOfCopy } from '../store/copy-placement.ts';
import type { DraftCopy } from '../store/draft-copies.ts';
import { primaryMailbox } from '../store/primary-mailbox.ts';
import { AUTOMATIC_FLAGS } from '../store/flags.ts';
import { hasLabels, otherLabels } from '../store/labels.ts';
import type { FilingContext } from './filing-context.ts';
import { remoteDigest } from './read-whole.ts';

/** A copy whose filing was cut off is looked for this long: a server may finish a command after its connection has gone. */
const LATE_MS = 10 * 60_000;

/** What became of our copy on the server. */
export type CopyFate = 'removed' | 'changed' | 'gone' | 'waiting';

/**
 * Removes a copy of ours, if it is still byte for byte what we filed (three-way: a message that another program put in its place
 * stays). Doing it twice does no harm. Without UIDPLUS it is only marked: EXPUNGE would take other mail along. What was discarded here and
 * has a mark goes to the Trash.
 */
export async function removeCopy(context: FilingContext, session: ImapSession, copy: DraftCopy): Promise<CopyFate> {
  const selected = await selectIfThere(session, copy.path, { forChange: true });
  if (selected === null) return 'gone';
  const found = await candidates(session, selected, copy);
  let fate: CopyFate = fateSoFar(context, copy, selected, found);
  for (const uid of found) {
    const { digest } = await remoteDigest(session, uid, copy.sizeBytes);
    if (!digest.equals(copy.digest)) continue;
    const marks = await marksOf(session, selected, uid);
    const isCaredFor = marks.length > 0 && isDiscarded(context, copy);
    const trash = isCaredFor ? trashOf(context, session, copy) : null;
    // There is nowhere to put it.
    if (isCaredFor && trash === null) continue;
    await handOnMarks(context, session, selected, { copy, marks });
    context.store.outboxHandle.tx('drafts.note-proved', () => context.store.drafts.copies.noteProved(copy.id));
    context.step('compose.copy-proved');
    const isExpunged = trash === null ? await removeOne(session, copy.path, uid) : await throwAway(session, trash, uid);
    context.step('compose.copy-removed');
    if (isExpunged) forgetPlacement(context, copy, selected, uid);
    fate = 'removed';
  }
  return fate;
}

/** Before anything is done now. What was proved and is no longer in its place was removed by us, whatever else has its Message-ID. */
function fateSoFar(context: FilingContext, copy: DraftCopy, selected: SelectedMailbox, found: readonly Uid[]): CopyFate {
  const isInEpoch = copy.uid !== null && copy.epoch === Number(selected.uidValidity);
  if (copy.isProved && isInEpoch && !found.includes(asUid(copy.uid))) return 'removed';
  if (found.length > 0) return 'changed';
  return isOverdue(context, copy) ? 'gone' : 'waiting';
}

/** Once it was seen there, or never noted, its absence is final; else it may turn up late. */
function isOverdue({ clock }: FilingContext, { uid, floor, stateSince }: DraftCopy): boolean {
  return uid !== null || floor === null || Math.abs(clock.now() - stateSince) > LATE_MS;
}

/**
 * UIDs that may be it: by its place while the epoch is the same, and by its Message-ID where it has lost its place or was made by us:
 * a try that was cut off may have left a second one.
 */
async function candidates(session: ImapSession, selected: SelectedMailbox, copy: DraftCopy): Promise<Uid[]> {
  const isSameEpoch = copy.epoch === Number(selected.uidValidity);
  const isSought = copy.messageId !== null && (!isSameEpoch || copy.uid === null || copy.floor !== null);
  const uids = new Set<Uid>(isSought ? await session.searchMessageId(copy.messageId!, asUid(isSameEpoch ? (copy.floor ?? 1) : 1)) : []);
  if (isSameEpoch && copy.uid !== null) {
    const [known] = await session.fetchFlags([asUid(copy.uid)]);
    if (known) uids.add(known.uid);
  }
  return [...uids];
}

/** What every copy of a draft has, or what says nothing of it. */
const NO_MARKS: ReadonlySet<string> = new Set([...AUTOMATIC_FLAGS, '\\draft', '\\seen', '\\deleted']);

/** What the person, or another program, has marked a copy with, as far as the mailbox keeps it. */
async function marksOf(session: ImapSession, selected: SelectedMailbox, uid: Uid): Promise<string[]> {
  const [seen] = await session.fetchFlags([uid]);
  return (seen?.flags ?? []).filter((flag) => !NO_MARKS.has(flag.toLowerCase()) && isKept(selected, flag));
}

const isDiscarded = ({ store }: FilingContext, { draftId }: DraftCopy): boolean => store.drafts.find(draftId) === null;

/** Where a discarded draft goes that somebody has marked, since that may have been done elsewhere and since; null where it cannot. */
function trashOf({ store }: FilingContext, { caps }: ImapSession, { accountId, path }: DraftCopy): string | null {
  const trash = primaryMailbox(store, accountId, 'trash');
  return trash === null || !caps.move || trash.path === path ? null : trash.path;
}

async function throwAway(session: ImapSession, trash: string, uid: Uid): Promise<boolean> {
  await session.move([uid], trash);
  return true;
}

/** The marks of the old copy go to the one that took its place. */
async function handOnMarks(
  { store }: FilingContext,
  session: ImapSession,
  selected: SelectedMailbox,
  { copy, marks }: { readonly copy: DraftCopy; readonly marks: readonly string[] },
): Promise<void> {
  const isHere = ({ state, path, epoch }: DraftCopy): boolean =>
    state === 'filed' && path === copy.path && epoch === Number(selected.uidValidity);
  const next = store.drafts.copies.ofDraft(copy.draftId).find(isHere)?.uid ?? null;
  if (next !== null && marks.length > 0) await session.storeFlags([asUid(next)], 'add', marks);
}

/** Our own doing is no loss: the entry goes with its message instead of being listed as recoverable. */
function forgetPlacement({ store, view, onListsChanged }: FilingContext, copy: DraftCopy, selected: SelectedMailbox, uid: Uid): void {
  const mailbox = mailboxOfCopy(store, copy);
  const placement = mailbox && store.placements.findByUid(mailbox.id, selected.uidValidity, uid);
  if (!placement || store.ops.hasOpen(placement.entryId)) return;
  const changed = store.handle.tx('drafts.forget-placement', () => {
    // Where mailboxes are labels it stood in more of them, and is gone from all.
    const labels = otherLabels(store.placements, hasLabels(store, copy.accountId), placement);
    for (const one of [placement, ...labels]) store.placements.remove(one.id);
    const lists = store.entries.refresh(placement.entryId, view(copy.accountId));
    if (placement.sourceId !== null) store.sources.removeUnreferenced([placement.sourceId]);
    return lists;
  });
  onListsChanged(changed);
}
