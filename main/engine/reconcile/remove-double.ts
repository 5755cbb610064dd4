import { MailError, packError } from '../../../shared/errors.ts';
import { asMailboxId, asPlacementId, asUid, type AccountId } from '../../../shared/model/ids.ts';
import { MAX_LONE_CUTS } from '../imap/cut-pauses.ts';
import { isSameMessage } from '../imap/same-message.ts';
import type { ImapSession, RemoteSummary } from '../imap/gateway.ts';
import { hasFlag } from '../imap/has-flag.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import { removeOne } from '../imap/remove-one.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { flagsFromText, flagsToText } from '../store/flags.ts';
import { hasLabels, isSameLabelled } from '../store/labels.ts';
import type { Placement } from '../store/placements.ts';
import type { ItemRow, RunRow } from '../store/reconcile.ts';
import type { ReconcileContext } from './context.ts';
import { appendedCopyOf, doubleNoteOf, doubleStep, type AppendedCopy, type DeliveredCopy, type DoubleNote } from './step-result.ts';

/** Doubles of a run whose removal a person has asked for. */
export function removalsOf(store: EngineStore, run: RunRow): ItemRow[] {
  return store.reconcile
    .items(run.id, ['exception'])
    .filter((one) => one.operation === 'note-double' && (doubleNoteOf(one)?.removal ?? 'none') !== 'none');
}

/** Notes the person's wish. @throws MailError not-found, operation-unsafe where the two are not equal. */
export function requestRemoval({ store, clock, cuts, step }: ReconcileContext, item: ItemRow | null): void {
  const note = item?.operation === 'note-double' && item.state === 'exception' ? doubleNoteOf(item) : null;
  if (item === null || note === null) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  if (!note.isEqual) throw unsafe('the two are not equal');
  if (item.reason === 'filed-twice') throw unsafe('each device removes its own later copy, and no other');
  if (note.removal !== 'none') return;
  const stepResult = doubleStep({ ...note, removal: 'requested' });
  const change = { stepResult, error: null, attempts: 0 };
  store.handle.tx('reconcile.request-removal', () => store.reconcile.changeItem(item.id, change, clock.now()));
  cuts.forget(item.id);
  step('reconcile.removal-requested');
}

const unsafe = (detail: string): MailError =>
  new MailError('operation-unsafe', { scope: 'message', retry: 'never', side: 'primary', detail });

const changed = (detail: string): MailError =>
  new MailError('changed-on-both-sides', { scope: 'message', retry: 'ask', side: 'primary', detail });

/**
 * Removes our copy, see removeDouble(). Where the connection ends, it is begun anew with the next; a server that ends it each time, with
 * nothing else wrong, is taken at its word in the end, over restarts too: the person is told, and may ask again.
 * @param lookedAt when the last complete look at the primary ended, milliseconds since 1970; null where there was none
 * @throws MailError as removeDouble() does
 */
export async function removeBounded(
  context: ReconcileContext,
  session: ImapSession,
  item: ItemRow,
  lookedAt: () => number | null,
): Promise<void> {
  const watch = { lookedAt, onCut: (isAlone: boolean) => isAlone && noteCut(context, item.id) };
  await context.cuts.around(item.id, session, () => removeDouble(context, session, item), watch);
}

function noteCut({ store, clock, step, log }: ReconcileContext, id: number): void {
  const item = store.reconcile.item(id);
  const note = item === null ? null : doubleNoteOf(item);
  if (item === null || note === null || note.removal === 'none') return;
  const attempts = item.attempts + 1;
  const isFinal = attempts >= MAX_LONE_CUTS;
  const error = new MailError('server-hangs-up', { scope: 'message', retry: 'ask', side: 'primary', detail: `${attempts} times` });
  const ended = { attempts, error: packError(error), stepResult: doubleStep({ ...note, removal: 'none' }) };
  store.handle.tx('reconcile.removal-cut', () => {
    store.reconcile.changeItem(id, isFinal ? ended : { attempts }, clock.now());
    // The person has seen a report that is not true any more.
    if (isFinal) store.reconcile.changeRun(item.runId, { acknowledgedAt: null });
  });
  step('reconcile.removal-cut');
  log.warn({ ev: 'reconcile.removal-cut', item: id, cuts: attempts, isFinal });
}

/**
 * Removes the copy that we filed, and no other: only while it is as we filed it (having been read does not count), and only after
 * the delivered one was seen at the primary a moment ago. Delete comes last.
 * @throws MailError of scope connection, account or store: taken up again later.
 */
export async function removeDouble(context: ReconcileContext, session: ImapSession, item: ItemRow): Promise<void> {
  const { store, clock, step } = context;
  const note = doubleNoteOf(item)!;
  const own = store.reconcile.item(note.itemId);
  const copy = own === null ? null : appendedCopyOf(own);
  try {
    if (copy === null || own === null) throw unsafe('nothing of ours is known');
    const isSeen = await proveOther(session, store, note.other, own);
    const ours = await findOurs(session, store, copy, own);
    let isExpunged = session.caps.uidplus;
    if (ours === null) {
      // Gone already: by the try that a kill interrupted, or by somebody else.
      if (note.removal !== 'removing') throw changed('our copy is not where we filed it');
    } else {
      if (!isUntouched(ours, copy)) throw changed('our copy was changed');
      if (note.removal !== 'removing') {
        const stepResult = doubleStep({ ...note, removal: 'removing' });
        store.handle.tx('reconcile.removing', () => store.reconcile.changeItem(item.id, { stepResult }, clock.now()));
        step('reconcile.removing');
      }
      await handOnSeen(session, store, note.other, ours, isSeen);
      await session.select(pathOf(store, copy.mailboxId), { forChange: true });
      isExpunged = await removeOne(session, pathOf(store, copy.mailboxId), asUid(copy.uid));
    }
    step('reconcile.removed');
    confirmRemoval(context, item, note, own, copy, isExpunged);
  } catch (error) {
    if (!isLesserFailure(error, session)) throw error;
    const stepResult = doubleStep({ ...note, removal: 'none' });
    store.handle.tx('reconcile.removal-refused', () =>
      store.reconcile.changeItem(item.id, { stepResult, error: packError(error) }, clock.now()),
    );
    step('reconcile.removal-refused');
  }
}

const pathOf = (store: EngineStore, mailboxId: number): string => {
  const mailbox = store.mailboxes.get(asMailboxId(mailboxId));
  if (mailbox && mailbox.vanishedAt === null) return mailbox.path;
  throw new MailError('mailbox-missing', { scope: 'mailbox', retry: 'never', side: 'primary' });
};

const summaryOf = async (session: ImapSession, uid: number): Promise<RemoteSummary | null> =>
  (await readSummaries(session, [asUid(uid)])).find((one) => one.uid === uid) ?? null;

/** The delivered copy stands at the primary now: same epoch, same message. Tells whether it was read. */
async function proveOther(session: ImapSession, store: EngineStore, other: DeliveredCopy, own: ItemRow): Promise<boolean> {
  const placement = store.placements.get(asPlacementId(other.placementId));
  const { uidValidity } = await session.select(pathOf(store, other.mailboxId));
  const found = Number(uidValidity) === other.epoch ? await summaryOf(session, other.uid) : null;
  if (found === null || placement === null || found.messageId !== own.messageId || !isSameMessage(placement, found)) {
    throw changed('the delivered copy is not where it was');
  }
  if (hasFlag(found.flags, '\\deleted')) throw changed('the delivered copy is marked as deleted');
  return hasFlag(found.flags, '\\seen');
}

/** A server that keeps messages in a form of its own tells another size; the date it was given stays. */
const isAsFiled = (found: RemoteSummary, copy: AppendedCopy): boolean =>
  found.sizeBytes === copy.sizeBytes || found.internalDate === copy.internalDate;

async function findOurs(session: ImapSession, store: EngineStore, copy: AppendedCopy, own: ItemRow): Promise<RemoteSummary | null> {
  const { uidValidity } = await session.select(pathOf(store, copy.mailboxId));
  if (Number(uidValidity) !== copy.epoch) throw changed('the mailbox has another epoch');
  const found = await summaryOf(session, copy.uid);
  if (found !== null && (found.messageId !== own.messageId || !isAsFiled(found, copy))) throw unsafe('another message has this UID');
  return found;
}

/** \Deleted may be our own mark of an earlier try. */
const NOT_COUNTED = new Set(['\\seen', '\\recent', '\\deleted']);

function isUntouched(ours: RemoteSummary, copy: AppendedCopy): boolean {
  const rest = (flags: readonly string[]): string => flagsToText(flags.filter((flag) => !NOT_COUNTED.has(flag.toLowerCase())));
  return rest(ours.flags) === rest(flagsFromText(copy.flags)) && ours.internalDate === copy.internalDate;
}

/** What the person has read in our copy is read. */
async function handOnSeen(
  session: ImapSession,
  store: EngineStore,
  other: DeliveredCopy,
  ours: RemoteSummary,
  isOtherSeen: boolean,
): Promise<void> {
  if (isOtherSeen || !hasFlag(ours.flags, '\\seen')) return;
  await session.select(pathOf(store, other.mailboxId), { forChange: true });
  await session.storeFlags([asUid(other.uid)], 'add', ['\\Seen']);
}

/** The other places of the very message, where mailboxes are labels: they go where it goes. */
const labelsOf = (store: EngineStore, accountId: AccountId, of: Placement): Placement[] =>
  hasLabels(store, accountId) ? store.placements.ofEntry(of.entryId).filter((one) => one.id !== of.id && isSameLabelled(one, of)) : [];

/** One entry again: the delivered copy takes the place of ours beside the relay's. */
function confirmRemoval(
  { store, clock, step, view }: ReconcileContext,
  item: ItemRow,
  note: DoubleNote,
  own: ItemRow,
  copy: AppendedCopy,
  isExpunged: boolean,
): void {
  const { accountId } = store.reconcile.run(item.runId)!;
  store.handle.tx('reconcile.confirm-removal', () => {
    const context = view(accountId);
    const places = own.entryId === null ? [] : store.placements.ofEntry(own.entryId);
    const ours = places.find((one) => one.side === 'primary' && one.mailboxId === copy.mailboxId && one.uid === copy.uid);
    const other = store.placements.get(asPlacementId(note.other.placementId));
    let entryId = item.entryId;
    if (ours && !isExpunged) store.placements.setFlags(ours.id, flagsToText([...flagsFromText(ours.flags), '\\Deleted']), null);
    if (isExpunged) {
      if (ours) for (const one of [ours, ...labelsOf(store, accountId, ours)]) store.placements.remove(one.id);
      if (ours && ours.sourceId !== null) store.sources.removeUnreferenced([ours.sourceId]);
      if (other && own.entryId !== null && other.entryId !== own.entryId && !store.ops.hasOpen(other.entryId) && places.length > 0) {
        for (const one of [other, ...labelsOf(store, accountId, other)]) store.placements.setEntry(one.id, own.entryId);
        store.entries.refresh(other.entryId, context);
        entryId = own.entryId;
      }
    }
    if (own.entryId !== null) store.entries.refresh(own.entryId, context);
    const detail = isExpunged ? `${item.detail}, removed` : `${item.detail}, marked as deleted`;
    const stepResult = doubleStep({ ...note, removal: 'none' });
    store.reconcile.changeItem(item.id, { state: 'confirmed', error: null, detail, stepResult, entryId }, clock.now());
  });
  step('reconcile.removal-confirmed');
}
