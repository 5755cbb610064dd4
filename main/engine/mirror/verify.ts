import { createHash } from 'node:crypto';
import type { Retention, Side } from '../../../shared/model/account.ts';
import { asUid, type AccountId, type Uid } from '../../../shared/model/ids.ts';
import { limits } from '../../../shared/limits.ts';
import type { Clock } from '../core/clock.ts';
import type { ImapSession, RemoteSummary } from '../imap/gateway.ts';
import { hasFlag } from '../imap/has-flag.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { flagsToText } from '../store/flags.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import { isInWindow, mailboxWindowStart } from './window.ts';

/** Counts of one mailbox compared with the server, message by message. */
export interface VerifiedMailbox {
  readonly mailbox: Mailbox;
  readonly onServer: number;
  readonly equal: number;
  /** In the window on the server, not here. */
  readonly missing: number;
  /** Here as present, not on the server. */
  readonly surplus: number;
  readonly flagsDiffer: number;
  readonly bytesDiffer: number;
  readonly bodyMissing: number;
}

const isFlagged = (summary: RemoteSummary): boolean => hasFlag(summary.flags, '\\flagged');

async function summariesInWindow(session: ImapSession, since: number): Promise<Map<Uid, RemoteSummary>> {
  const uids = await session.searchWindow(since, true);
  const found = new Map<Uid, RemoteSummary>();
  if (uids.length === 0) return found;
  for await (const one of session.fetchSummaries(uids)) {
    if ('error' in one || !isInWindow(one.internalDate, since, isFlagged(one))) continue;
    found.set(one.uid, one);
  }
  return found;
}

async function digests(session: ImapSession, uids: readonly Uid[], sizes: Map<Uid, RemoteSummary>): Promise<Map<Uid, Buffer>> {
  const found = new Map<Uid, Buffer>();
  const small = uids.filter((uid) => (sizes.get(uid)?.sizeBytes ?? 0) <= limits.wholeFetchBytes);
  for (let start = 0; start < small.length; start += limits.batchMessages) {
    for await (const one of session.fetchSources(small.slice(start, start + limits.batchMessages))) {
      if (!('error' in one)) found.set(one.uid, createHash('sha256').update(one.raw).digest());
    }
  }
  for (const uid of uids) if (!found.has(uid)) found.set(uid, await slicedDigest(session, uid));
  return found;
}

async function slicedDigest(session: ImapSession, uid: Uid): Promise<Buffer> {
  const hash = createHash('sha256');
  for (let offset = 0; ; offset += limits.sliceBytes) {
    const slice = await session.fetchSlice(uid, offset, limits.sliceBytes);
    hash.update(slice);
    if (slice.byteLength < limits.sliceBytes) return hash.digest();
  }
}

async function verifyMailbox(store: EngineStore, session: ImapSession, mailbox: Mailbox, since: number): Promise<VerifiedMailbox> {
  const selected = await session.select(mailbox.path);
  const remote = await summariesInWindow(session, since);
  const local = new Map(
    store.placements
      .known(mailbox.id, selected.uidValidity)
      .filter((one) => one.state === 'present')
      .map((one) => [one.uid, one]),
  );
  const count = { equal: 0, missing: 0, surplus: 0, flagsDiffer: 0, bytesDiffer: 0, bodyMissing: 0 };
  const sums = await digests(
    session,
    [...remote.keys()].filter((uid) => local.has(uid)),
    remote,
  );
  for (const [uid, summary] of remote) {
    const known = local.get(uid);
    const placement = known ? store.placements.get(known.id) : null;
    if (!known || !placement) count.missing += 1;
    else if (known.flags !== flagsToText(summary.flags)) count.flagsDiffer += 1;
    else if (placement.sourceId === null || placement.bodyState !== 'complete') count.bodyMissing += 1;
    else if (!isSameSource(store, placement.sourceId, sums.get(uid))) count.bytesDiffer += 1;
    else count.equal += 1;
  }
  const older = [...local.keys()].filter((uid) => !remote.has(uid));
  count.surplus = await countGone(session, older);
  return { mailbox, onServer: remote.size, ...count };
}

/** Hashes what is stored, piece by piece, and does not trust the digest noted at download. */
function isSameSource(store: EngineStore, sourceId: Parameters<EngineStore['sources']['raw']>[0], expected: Buffer | undefined): boolean {
  const hash = createHash('sha256');
  for (const piece of store.sources.raw(sourceId)) hash.update(piece);
  return expected !== undefined && hash.digest().equals(expected);
}

/** Kept longer than the window is right; kept although the server has it no more is not. */
async function countGone(session: ImapSession, uids: readonly Uid[]): Promise<number> {
  if (uids.length === 0) return 0;
  const sorted = [...uids].sort((a, b) => a - b);
  const existing = new Set(await session.searchUidRange(sorted[0]!, asUid(sorted.at(-1)!)));
  return uids.filter((uid) => !existing.has(uid)).length;
}

/** Compares every message of the window with the server: flags, and bytes by SHA-256. Changes nothing. */
export async function verifySide(
  store: EngineStore,
  session: ImapSession,
  of: { accountId: AccountId; side: Side; retention: Retention; clock: Clock },
): Promise<VerifiedMailbox[]> {
  const verified: VerifiedMailbox[] = [];
  for (const mailbox of store.mailboxes.list(of.accountId, of.side).filter((one) => one.isMirrored)) {
    const since = mailboxWindowStart(of.clock.now(), of.retention, mailbox);
    verified.push(await verifyMailbox(store, session, mailbox, since));
  }
  return verified;
}
