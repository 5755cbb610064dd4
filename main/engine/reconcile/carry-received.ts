import { MailError, packError } from '../../../shared/errors.ts';
import { asMailboxId, asSourceId, type AccountId, type EntryId, type SourceId } from '../../../shared/model/ids.ts';
import { wholeSeconds } from '../core/whole-seconds.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import { packAppendNote, provedAppend } from '../imap/proved-append.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { FLAG_ANSWERED, FLAG_FLAGGED, FLAG_FORWARDED, FLAG_SEEN, flagsFromText, flagsToText } from '../store/flags.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { ItemChange, ItemRow, RunRow } from '../store/reconcile.ts';
import type { ReconcileContext } from './context.ts';
import { evidenceOf } from './gather.ts';
import { lookAtPrimary, lookOnward, passOwn, type LookResult, type Sighting, type WantedMail } from './look-at-primary.ts';
import { traceDigest } from './own-copy.ts';
import { appendNoteOf, targetOf, withCopy } from './step-result.ts';

/** Mail carried in one go; what is left waits for the next, so that other work on the session gets its turn. */
const BATCH = 25;
/** A try that ends without a verdict is repeated this often before a person has to look. */
const MAX_ATTEMPTS = 8;
const FIRST_RETRY_MS = 60_000;
const MAX_RETRY_MS = 3_600_000;
/** A mailbox that cannot be looked into holds the others' mail up for this many tries. */
const PATIENT_ATTEMPTS = 3;

/** Mail that waits for nothing but us. */
export function dueItems(store: EngineStore, run: RunRow, now: number): ItemRow[] {
  return store.reconcile
    .items(run.id, ['planned', 'running'])
    .filter((one) => one.kind === 'received' && one.operation !== 'note-double' && (one.dueAt ?? 0) <= now);
}

/**
 * Carries mail that only the relay has to the primary, once its grace is over: looks for it everywhere at the primary, then
 * files the stored source, proved. Returns how many were filed; a mail that fails never holds up another.
 * @throws MailError of scope connection, account or store: the rest waits, and is taken up where it was.
 */
export async function carryReceived(context: ReconcileContext, session: ImapSession, run: RunRow, mayGoOn: () => boolean): Promise<number> {
  const { store, clock, step, cuts } = context;
  const items = dueItems(store, run, clock.now())
    .filter(({ id }) => !cuts.isPaused(id))
    .slice(0, BATCH);
  if (items.length === 0) return 0;
  store.handle.tx('reconcile.claim', () => {
    const claim = { state: 'running', operation: 'append-received', reason: 'grace-over' } as const;
    for (const one of items) store.reconcile.changeItem(one.id, isUncertain(one) ? { state: 'running' } : claim, clock.now());
  });
  step('reconcile.claimed');
  const mailboxes = store.mailboxes.list(run.accountId, 'primary');
  const wanted = items.filter((one) => appendNoteOf(one)?.isAcknowledged !== true);
  const look = await lookAtPrimary(
    session,
    mailboxes,
    wanted.flatMap((one) => wantedMail(context, one)),
  );
  step('reconcile.looked');
  let filed = 0;
  for (const { id } of items) {
    if (!mayGoOn()) break;
    const item = store.reconcile.item(id)!;
    try {
      if (await cuts.around(id, session, () => carryOne(context, session, run, item, look))) filed += 1;
    } catch (error) {
      if (!isLesserFailure(error, session)) throw error;
      noteFailure(context, id, error);
    }
  }
  return filed;
}

/** It may have been received before the outage, and be gone from the primary because somebody deleted it. */
const isUncertain = ({ reason }: ItemRow): boolean => reason === 'time-uncertain';

function wantedMail({ store }: ReconcileContext, item: ItemRow): WantedMail[] {
  const evidence = item.entryId === null ? null : evidenceOf(store, item.entryId);
  if (evidence === null || item.entryId === null) return [];
  const { accountId, outageStartedAt } = store.reconcile.run(item.runId)!;
  const relay = store.reconcileFacts.relayMailOf(item.entryId, 0);
  // Mail without a Message-ID is looked for from here on: the earlier of the two readings of the relay's clock.
  const internalDate = relay === null ? outageStartedAt : relay.internalDate - Math.max(0, store.relayClock.offsetMs(accountId));
  const isOwn = store.reconcile.items(item.runId).some((one) => one.outboxId !== null && one.messageId === item.messageId);
  return [{ ...evidence, itemId: item.id, isOwn, internalDate }];
}

async function carryOne(context: ReconcileContext, session: ImapSession, run: RunRow, item: ItemRow, look: LookResult): Promise<boolean> {
  const place = (look.found.get(item.id) ?? []).find((one) => !mayBeOurs(context.store, item, one));
  if (place) {
    settleFound(context, item.id, place.path);
    return false;
  }
  if (look.unsearched.length > 0 && item.attempts < PATIENT_ATTEMPTS) {
    throw new MailError('command-refused', {
      scope: 'mailbox',
      retry: 'later',
      side: 'primary',
      detail: 'a mailbox cannot be looked into',
    });
  }
  if (isUncertain(item)) {
    settle(context, item.id, { state: 'exception', detail: 'not found' });
    return false;
  }
  const target = targetMailbox(context.store, run.accountId, item);
  // Seldom more than a question: nothing has come there since the look.
  if (appendNoteOf(item) === null && (await isThereMeanwhile(context, session, item, target.path, look))) {
    settleFound(context, item.id, target.path);
    return false;
  }
  return file(context, session, target, item, look);
}

async function isThereMeanwhile(
  context: ReconcileContext,
  session: ImapSession,
  item: ItemRow,
  path: string,
  look: LookResult,
): Promise<boolean> {
  const [wanted] = wantedMail(context, item);
  return wanted !== undefined && (await lookOnward(session, path, wanted, look)).length > 0;
}

function mayBeOurs(store: EngineStore, item: ItemRow, place: Sighting): boolean {
  const note = appendNoteOf(item);
  const target = targetOf(item);
  if (note === null || target === null) return false;
  return store.mailboxes.get(asMailboxId(target))?.path === place.path && place.epoch === note.epoch && place.uid >= note.floor;
}

async function file(context: ReconcileContext, session: ImapSession, target: Mailbox, item: ItemRow, look: LookResult): Promise<boolean> {
  const { store, clock, step } = context;
  const { raw, internalDate, flags } = sourceOf(store, item.entryId!);
  let stepResult = { ...item.stepResult, target: target.id as number };
  const proof = await provedAppend(session, {
    ...{ path: target.path, raw, flags, internalDate, messageId: item.messageId, noted: appendNoteOf(item) },
    record: (note) => {
      stepResult = { ...stepResult, ...packAppendNote(note), target: target.id };
      store.handle.tx('reconcile.append-note', () => store.reconcile.changeItem(item.id, { stepResult }, clock.now()));
      step(note.isAcknowledged ? 'reconcile.append-acknowledged' : 'reconcile.append-noted');
    },
  });
  if (!proof.isExact && !proof.isRewritten) {
    // Delivered after we had looked and before we could file it.
    settleFound(context, item.id, target.path);
    return false;
  }
  passOwn(look, target.path, proof);
  const copy = {
    mailboxId: target.id,
    sizeBytes: raw.length,
    internalDate: wholeSeconds(internalDate),
    flags: flagsToText(flags),
    trace: traceDigest([raw]),
  };
  settle(context, item.id, {
    ...{ state: 'confirmed', detail: `appended ${target.path}`, error: null },
    stepResult: withCopy(stepResult, proof, copy),
  });
  return true;
}

/** It stands at the primary, and not by us. */
const settleFound = (context: ReconcileContext, id: number, path: string): void =>
  settle(context, id, { state: 'confirmed', reason: 'already-at-primary', detail: `found ${path}`, error: null });

function settle({ store, clock, step }: ReconcileContext, id: number, change: ItemChange): void {
  store.handle.tx('reconcile.confirm', () => store.reconcile.changeItem(id, change, clock.now()));
  step('reconcile.confirmed');
}

function noteFailure(context: ReconcileContext, id: number, error: MailError): void {
  const { store, clock, log } = context;
  const item = store.reconcile.item(id)!;
  const { attempts } = item;
  // Once the server has said OK only the proof is left: given up now, what stands there would be told as missing.
  const isFiled = appendNoteOf(item)?.isAcknowledged === true;
  const isFinal = attempts + 1 >= MAX_ATTEMPTS || (!isFiled && (error.retry === 'never' || error.retry === 'ask'));
  const wait = Math.min(FIRST_RETRY_MS * 2 ** attempts, MAX_RETRY_MS);
  log.warn({ ev: 'reconcile.item-failed', item: id, code: error.code, isFinal });
  const next = isFinal ? { state: 'exception' as const } : { dueAt: clock.now() + wait };
  settle(context, id, { ...next, attempts: attempts + 1, error: packError(error) });
}

/**
 * Where the person put it meanwhile, if that mailbox is mirrored, else the inbox: from there the person's own changes carry it on.
 * A repeated try keeps to the mailbox of the first.
 */
function targetMailbox(store: EngineStore, accountId: AccountId, item: ItemRow): Mailbox {
  const all = store.mailboxes.list(accountId, 'primary').filter((one) => one.isMirrored && one.isSelectable);
  const noted = targetOf(item);
  const place = store.ops.pendingOf(item.entryId!).place;
  const movedTo = place === null || 'deletedAt' in place ? null : 'movedTo' in place ? place.movedTo : place.restoredTo;
  const wished = all.find((one) => one.id === (noted ?? movedTo));
  const target = wished ?? all.find((one) => one.role === 'inbox');
  if (target && (noted === null || target.id === noted)) return target;
  throw new MailError('mailbox-missing', { scope: 'mailbox', retry: 'later', side: 'primary', detail: 'no mailbox to file it in' });
}

function sourceOf(store: EngineStore, entryId: EntryId): { raw: Buffer; internalDate: number; flags: string[] } {
  const relay = store.placements.ofEntry(entryId).filter((one) => one.side === 'relay');
  const held = relay.find((one) => one.bodyState === 'complete' && one.sourceId !== null) ?? null;
  const source: SourceId | null = held?.sourceId ?? null;
  if (held === null || source === null) throw noSource(relay.map((one) => one.bodyState));
  const keywords = flagsFromText(held.flags).filter((flag) => !flag.startsWith('\\') && flag.toLowerCase() !== '$forwarded');
  const flags = [...systemFlags(store.entries.flags(entryId)?.bits ?? 0), ...keywords];
  return { raw: Buffer.concat([...store.sources.raw(asSourceId(source))]), internalDate: held.internalDate, flags };
}

function noSource(states: readonly string[]): MailError {
  if (states.includes('too-large')) {
    return new MailError('message-too-large', { scope: 'message', retry: 'never', side: 'relay', detail: 'not kept here' });
  }
  // Its download is the mirror's; it is asked for again with each try.
  return new MailError('message-unreadable', { scope: 'message', retry: 'later', side: 'relay', detail: 'its source is not here yet' });
}

/** As the person sees it: read here is read there. */
function systemFlags(bits: number): string[] {
  const names: readonly (readonly [number, string])[] = [
    [FLAG_SEEN, '\\Seen'],
    [FLAG_FLAGGED, '\\Flagged'],
    [FLAG_ANSWERED, '\\Answered'],
    [FLAG_FORWARDED, '$Forwarded'],
  ];
  return names.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
}
