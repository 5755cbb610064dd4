import { createHash } from 'node:crypto';
import { MailError } from '../../../shared/errors.ts';
import { asUid, type Uid } from '../../../shared/model/ids.ts';
import { limits } from '../../../shared/limits.ts';
import { wholeSeconds } from '../core/whole-seconds.ts';
import type { ImapSession, MessagePieces, RemoteSummary } from './gateway.ts';
import { isKept } from './kept-flags.ts';

/** What has to be known before a message is filed, so that a repeated try can tell its own copy from older ones. */
export interface AppendNote {
  /** UIDNEXT before the first try: whatever is found from there on is ours or newer. */
  readonly floor: number;
  /** UIDVALIDITY to which the floor belongs. */
  readonly epoch: number;
  /** The server has said OK once: from then on it is only looked for, never sent again. */
  readonly isAcknowledged: boolean;
}

/** A note as values of a journal's step result; its place is packed as a floor is. */
export const packAppendNote = ({ floor, epoch, isAcknowledged }: AppendNote): { floor: number; epoch: number; acknowledged: number } => ({
  ...{ floor, epoch, acknowledged: Number(isAcknowledged) },
});

/** Reverse of packAppendNote(); null where none was noted. */
export function unpackAppendNote({ floor, epoch, acknowledged }: Readonly<Record<string, string | number | null>>): AppendNote | null {
  return typeof floor === 'number' && typeof epoch === 'number' ? { floor, epoch, isAcknowledged: acknowledged === 1 } : null;
}

export interface AppendIntent {
  readonly path: string;
  readonly raw: Uint8Array | MessagePieces;
  readonly flags: readonly string[];
  /** Milliseconds since 1970. */
  readonly internalDate: number;
  /** With its angle brackets; null where the message has none. */
  readonly messageId: string | null;
  /** What an earlier try noted; null for the first. */
  readonly noted: AppendNote | null;
  /** Makes a note durable before it returns. */
  record(note: AppendNote): void;
}

export interface AppendProof {
  readonly uid: Uid;
  readonly epoch: number;
  /** False where a message with this Message-ID but other bytes was found: the server rewrote ours, or somebody else filed it. */
  readonly isExact: boolean;
  /** It has other bytes and the internal date that ours was given: ours, in the form that the server keeps it in. */
  readonly isRewritten: boolean;
  /** Found from an earlier try: nothing was sent now. */
  readonly isFound: boolean;
}

/**
 * Files a message exactly once, over any number of tries: UIDNEXT is noted first (durable), an earlier try is looked for by
 * Message-ID and digest, and only what is not there is sent. An OK without APPENDUID (RFC 4315) is proved by a search. With it, `isExact`
 * says that it is the message sent, not that the server keeps its bytes.
 * @throws MailError of scope connection (try again later), mailbox-missing, over-quota, command-refused; answer-incomplete
 * where the server said OK and does not show the message (it is never sent again).
 */
export async function provedAppend(session: ImapSession, intent: AppendIntent): Promise<AppendProof> {
  const { uidValidity, uidNext } = await session.status(intent.path);
  const epoch = Number(uidValidity);
  const noted = intent.noted;
  // A floor of another epoch says nothing: then the whole mailbox is looked through.
  const floor = noted === null ? uidNext : asUid(noted.epoch === epoch ? noted.floor : 1);
  if (noted === null) intent.record({ floor, epoch, isAcknowledged: false });
  const earlier = noted === null ? null : await findAppended(session, intent, floor, uidNext);
  if (earlier !== null) return { ...earlier, epoch, isFound: true };
  if (noted?.isAcknowledged === true) throw notShown(session);
  const answer = await session.append(intent.path, intent.raw, await keptFlags(session, intent), intent.internalDate);
  intent.record({ floor, epoch, isAcknowledged: true });
  if (answer.uid !== null && answer.uidValidity !== null) {
    return { uid: answer.uid, epoch: Number(answer.uidValidity), isExact: true, isRewritten: false, isFound: false };
  }
  const after = await session.status(intent.path);
  const proof = await findAppended(session, intent, floor, after.uidNext);
  if (proof === null) throw notShown(session);
  return { ...proof, epoch, isFound: false };
}

/** Without the keywords that the mailbox does not keep: some servers refuse the whole command for one. */
async function keptFlags(session: ImapSession, { path, flags }: AppendIntent): Promise<readonly string[]> {
  if (flags.every((flag) => flag.startsWith('\\'))) return flags;
  const selected = await session.select(path, { forChange: true });
  return flags.filter((flag) => isKept(selected, flag));
}

function notShown(session: ImapSession): MailError {
  return new MailError('answer-incomplete', { scope: 'message', retry: 'later', side: session.side, detail: 'filed, but not shown' });
}

/** Selects the mailbox and looks for the message from the floor on: equal bytes first, then the same Message-ID. */
async function findAppended(
  session: ImapSession,
  { path, raw, messageId, internalDate }: AppendIntent,
  floor: Uid,
  uidNext: Uid,
): Promise<Pick<AppendProof, 'uid' | 'isExact' | 'isRewritten'> | null> {
  if (uidNext <= floor) return null;
  const { sizeBytes, pieces } = raw instanceof Uint8Array ? { sizeBytes: raw.length, pieces: () => [raw] } : raw;
  await session.select(path);
  const added =
    messageId === null ? await session.searchUidRange(floor, asUid(uidNext - 1)) : await session.searchMessageId(messageId, floor);
  if (added.length === 0) return null;
  const alike: RemoteSummary[] = [];
  const equalSize: Uid[] = [];
  for await (const one of session.fetchSummaries(added)) {
    if ('error' in one) continue;
    if (one.sizeBytes === sizeBytes) equalSize.push(one.uid);
    if (messageId !== null && one.messageId === messageId) alike.push(one);
  }
  const digest = equalSize.length === 0 ? null : digestOf(pieces());
  for (const uid of equalSize) {
    if (digest !== null && (await storedDigest(session, uid, sizeBytes)).equals(digest)) return { uid, isExact: true, isRewritten: false };
  }
  const isOfOurDate = (one: RemoteSummary): boolean => one.internalDate === wholeSeconds(internalDate);
  const found = alike.find((one) => isOfOurDate(one)) ?? alike[0];
  return found === undefined ? null : { uid: found.uid, isExact: false, isRewritten: isOfOurDate(found) };
}

function digestOf(pieces: Iterable<Uint8Array>): Buffer {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

/** Of a message that should have so many bytes; one more is asked for, so that a longer one is not taken for it. */
async function storedDigest(session: ImapSession, uid: Uid, sizeBytes: number): Promise<Buffer> {
  const hash = createHash('sha256');
  for (let at = 0; at <= sizeBytes; at += limits.sliceBytes) {
    const slice = await session.fetchSlice(uid, at, Math.min(limits.sliceBytes, sizeBytes + 1 - at));
    hash.update(slice);
    if (slice.length < limits.sliceBytes) break;
  }
  return hash.digest();
}
