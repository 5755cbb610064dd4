import { createHash } from 'node:crypto';
import { MailError, type ErrorCode } from '../../../shared/errors.ts';
import type { Account, Side } from '../../../shared/model/account.ts';
import { asUid, type SourceId, type Uid } from '../../../shared/model/ids.ts';
import { limits } from '../../../shared/limits.ts';
import type { Clock } from '../core/clock.ts';
import type { ImapSession, RemoteSummary } from '../imap/gateway.ts';
import { hasFlag } from '../imap/has-flag.ts';
import { isMailboxError } from '../imap/lesser-failure.ts';
import { readSlices } from '../imap/read-slices.ts';
import { rolesOf } from '../imap/special-use.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { flagsToText } from '../store/flags.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Placement } from '../store/placements.ts';
import { diffListing } from './mailbox-listing.ts';
import { pastAsSent } from './sent-window.ts';
import { isInWindow, mailboxWindowStart } from './window.ts';

/** Counts of one mailbox compared with the server, message by message. A message may count in several of the differences. */
export interface VerifyCounts {
  readonly onServer: number;
  readonly equal: number;
  /** In the window on the server, not here. */
  readonly missing: number;
  /** Here as present, not on the server. */
  readonly surplus: number;
  readonly flagsDiffer: number;
  /** The server's own date (INTERNALDATE) or the size it tells. */
  readonly datesDiffer: number;
  readonly bytesDiffer: number;
  readonly bodyMissing: number;
  /** Listed here with the reason, since the message is larger than is ever fetched; all but its bytes was compared. */
  readonly tooLarge: number;
  /** The server did not tell enough of a message to compare it. */
  readonly unreadable: number;
}

/** Where the mailbox is: on both, or on one only; `left-out` by its kind or the account's settings, and not compared. */
export type MailboxPlace = 'both' | 'not-here' | 'not-on-server' | 'left-out';

export interface VerifiedMailbox extends VerifyCounts {
  readonly path: string;
  readonly place: MailboxPlace;
  /** Why the mailbox could not be compared. */
  readonly error: ErrorCode | null;
}

const NONE: VerifyCounts = {
  ...{ onServer: 0, equal: 0, missing: 0, surplus: 0, flagsDiffer: 0, datesDiffer: 0, bytesDiffer: 0, bodyMissing: 0 },
  ...{ tooLarge: 0, unreadable: 0 },
};

/** Nothing is missing, surplus, different or unknown. What is too large to be fetched is told, and as it should be. */
export const isVerified = (one: VerifiedMailbox): boolean =>
  one.error === null &&
  (one.place === 'both' || one.place === 'left-out') &&
  one.missing + one.surplus + one.flagsDiffer + one.datesDiffer + one.bytesDiffer + one.bodyMissing + one.unreadable === 0;

const isFlagged = (summary: RemoteSummary): boolean => hasFlag(summary.flags, '\\flagged');

interface InWindow {
  readonly found: Map<Uid, RemoteSummary>;
  /** Those the server did not describe, whether in the window or not. */
  readonly unreadable: ReadonlySet<Uid>;
}

async function summariesInWindow(session: ImapSession, since: number): Promise<InWindow> {
  const uids = await session.searchWindow(since, true);
  const found = new Map<Uid, RemoteSummary>();
  const open = new Set(uids);
  if (uids.length > 0) {
    for await (const one of session.fetchSummaries(uids)) {
      if ('error' in one) continue;
      open.delete(one.uid);
      if (isInWindow(one.internalDate, since, isFlagged(one))) found.set(one.uid, one);
    }
  }
  // Expunged since the search is not unreadable.
  const existing = open.size === 0 ? [] : await existingOf(session, [...open]);
  return { found, unreadable: new Set(existing) };
}

/** Null for a message whose bytes the server does not give. */
type Digests = Map<Uid, Buffer | null>;

async function digests(session: ImapSession, uids: readonly Uid[], sizes: Map<Uid, RemoteSummary>): Promise<Digests> {
  const found: Digests = new Map();
  const small = uids.filter((uid) => (sizes.get(uid)?.sizeBytes ?? 0) <= limits.wholeFetchBytes);
  for (let start = 0; start < small.length; start += limits.batchMessages) {
    for await (const one of session.fetchSources(small.slice(start, start + limits.batchMessages))) {
      if (!('error' in one)) found.set(one.uid, createHash('sha256').update(one.raw).digest());
    }
  }
  for (const uid of uids) if (!found.has(uid)) found.set(uid, await slicedDigestOrNull(session, uid));
  return found;
}

async function slicedDigestOrNull(session: ImapSession, uid: Uid): Promise<Buffer | null> {
  try {
    return await slicedDigest(session, uid);
  } catch (error) {
    if (!isMailboxError(error) || error.scope !== 'message') throw error;
    return null;
  }
}

async function slicedDigest(session: ImapSession, uid: Uid): Promise<Buffer> {
  const hash = createHash('sha256');
  for await (const slice of readSlices(session, uid)) hash.update(slice);
  return hash.digest();
}

async function compareMailbox(
  store: EngineStore,
  session: ImapSession,
  mailbox: Mailbox,
  since: number,
  isPast: (summary: RemoteSummary) => boolean,
): Promise<VerifyCounts> {
  const selected = await session.select(mailbox.path);
  const { found: remote, unreadable } = await summariesInWindow(session, since);
  const known = store.placements.known(mailbox.id, selected.uidValidity).filter((one) => one.state === 'present');
  const local = new Map(known.map((one) => [one.uid, store.placements.get(one.id)]));
  for (const [uid, summary] of remote) if (isPast(summary) && !local.has(uid)) remote.delete(uid);
  const isHeld = (uid: Uid) => local.get(uid)?.bodyState === 'complete';
  const sums = await digests(session, [...remote.keys()].filter(isHeld), remote);
  const count = { ...NONE, onServer: remote.size, unreadable: unreadable.size };
  for (const [uid, summary] of remote) {
    const placement = local.get(uid);
    if (placement) addTo(count, compareMessage(store, placement, summary, sums.get(uid)));
    else count.missing += 1;
  }
  const older = [...local.keys()].filter((uid) => !remote.has(uid) && !unreadable.has(uid));
  const existing = new Set(await existingOf(session, older));
  // Kept longer than the window is right; kept although the server has it no more is not.
  return { ...count, surplus: older.filter((uid) => !existing.has(uid)).length };
}

type Difference = 'equal' | 'flagsDiffer' | 'datesDiffer' | 'bytesDiffer' | 'bodyMissing' | 'tooLarge' | 'unreadable';

function addTo(count: Record<keyof VerifyCounts, number>, differences: readonly Difference[]): void {
  for (const one of differences) count[one] += 1;
}

function compareMessage(store: EngineStore, one: Placement, summary: RemoteSummary, sum: Buffer | null | undefined): Difference[] {
  const found: Difference[] = [];
  if (one.flags !== flagsToText(summary.flags)) found.push('flagsDiffer');
  // Where the bytes are compared, a size says nothing more: some servers tell an estimate until they have been asked for the whole.
  const isOfSize = sum instanceof Buffer || one.sizeBytes === summary.sizeBytes;
  if (one.internalDate !== summary.internalDate || !isOfSize) found.push('datesDiffer');
  if (one.bodyState === 'too-large') found.push('tooLarge');
  else if (one.sourceId === null || one.bodyState !== 'complete') found.push('bodyMissing');
  else if (sum === null) found.push('unreadable');
  else if (!isSameSource(store, one.sourceId, sum)) found.push('bytesDiffer');
  return found.length === 0 ? ['equal'] : found;
}

/** Hashes what is stored, piece by piece, and does not trust the digest noted at download. What is damaged here is not the same. */
function isSameSource(store: EngineStore, sourceId: SourceId, expected: Buffer | undefined): boolean {
  const hash = createHash('sha256');
  try {
    for (const piece of store.sources.raw(sourceId)) hash.update(piece);
  } catch (error) {
    if (!(error instanceof MailError) || error.code !== 'store-corrupt' || error.scope !== 'message') throw error;
    return false;
  }
  return expected !== undefined && hash.digest().equals(expected);
}

async function existingOf(session: ImapSession, uids: readonly Uid[]): Promise<Uid[]> {
  if (uids.length === 0) return [];
  const sorted = [...uids].sort((a, b) => a - b);
  const existing = new Set(await session.searchUidRange(sorted[0]!, asUid(sorted.at(-1)!)));
  return uids.filter((uid) => existing.has(uid));
}

async function countNotHere(session: ImapSession, path: string, since: number): Promise<VerifyCounts> {
  await session.select(path);
  const { found, unreadable } = await summariesInWindow(session, since);
  return { ...NONE, onServer: found.size, missing: found.size, unreadable: unreadable.size };
}

/** A mailbox that cannot be read is told by its error; only what ends the connection ends the comparison. */
async function verified(path: string, place: MailboxPlace, work: () => Promise<VerifyCounts>): Promise<VerifiedMailbox> {
  try {
    return { path, place, ...(await work()), error: null };
  } catch (error) {
    if (!isMailboxError(error)) throw error;
    return { path, place, ...NONE, error: error.code };
  }
}

/**
 * Compares a side with its server: which mailboxes there are, and every message of the window by flags, date, size, and bytes
 * (SHA-256). Changes nothing.
 */
export async function verifySide(
  store: EngineStore,
  session: ImapSession,
  of: { account: Account; side: Side; clock: Clock },
): Promise<VerifiedMailbox[]> {
  const { account, side, clock } = of;
  const { id: accountId, config } = account;
  const remote = await session.list();
  const stored = store.mailboxes.list(accountId, side);
  const { found } = diffListing({
    accountId,
    side,
    config,
    stored,
    remote,
    roles: rolesOf(remote),
    hasLabels: side === 'primary' && session.caps.labels,
  });
  const here = new Map(stored.filter((one) => one.isMirrored).map((one) => [one.path, one]));
  const since = (one: Pick<Mailbox, 'kind' | 'role'>) => mailboxWindowStart(clock.now(), config.retention, one);
  const all: VerifiedMailbox[] = [];
  for (const one of found) {
    const known = one.isSelectable ? here.get(one.path) : undefined;
    if (known) here.delete(one.path);
    if (known)
      all.push(
        await verified(one.path, 'both', () =>
          compareMailbox(store, session, known, since(known), pastAsSent(store, account, known, clock.now())),
        ),
      );
    else if (one.isMirrored) all.push(await verified(one.path, 'not-here', () => countNotHere(session, one.path, since(one))));
    else if (one.isSelectable) all.push({ path: one.path, place: 'left-out', ...NONE, error: null });
  }
  for (const [path, mailbox] of here) {
    const surplus = store.placements.inMailbox(mailbox.id, 'present').length;
    all.push({ path, place: 'not-on-server', ...NONE, surplus, error: null });
  }
  return all;
}
