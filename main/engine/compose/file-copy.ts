import { createHash } from 'node:crypto';
import type { DraftId, Uid } from '../../../shared/model/ids.ts';
import type { ImapSession, MessagePieces } from '../imap/gateway.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { provedAppend, type AppendNote, type AppendProof } from '../imap/proved-append.ts';
import type { DraftCopy } from '../store/draft-copies.ts';
import type { DraftRow } from '../store/draft-row.ts';
import type { FilingContext } from './filing-context.ts';
import { remoteDigest } from './read-whole.ts';

const FLAGS = ['\\Draft', '\\Seen'] as const;

/** Files a draft as it stands: noted, done, proved, noted; a try that was cut off is found again by its Message-ID. */
export async function fileDraft(context: FilingContext, session: ImapSession, row: DraftRow, path: string): Promise<void> {
  const { store, clock } = context;
  const begun = store.drafts.copies.ofDraft(row.id).find((one) => one.state === 'filing');
  const isSame = begun !== undefined && begun.revision === row.revision && begun.path === path;
  const messageId = isSame ? begun.messageId! : context.newMessageId(row.accountId);
  const date = isSame ? begun.date : clock.now();
  const raw = await context.render(row, messageId, date);
  const digest = digestOf(raw);
  const copy = store.outboxHandle.tx('drafts.note-copy', () => {
    if (isSame) return store.drafts.copies.get(begun.id);
    // Written on since a try was cut off: that copy has to go, wherever it turns up.
    if (begun) store.drafts.copies.setState(begun.id, 'removing', clock.now());
    if (store.drafts.find(row.id)?.state !== 'open') return null;
    const made = { draftId: row.id, revision: row.revision, messageId, path, date, epoch: null, uid: null, digest };
    return store.drafts.copies.add({ ...made, sizeBytes: raw.sizeBytes, state: 'filing' }, clock.now());
  });
  if (copy === null) return;
  context.step('compose.copy-noted');
  const proof = await provedAppend(session, {
    ...{ path, raw, flags: FLAGS, internalDate: date, messageId, noted: noteOf(copy) },
    record: (note) => {
      store.outboxHandle.tx('drafts.note-floor', () => store.drafts.copies.noteFloor(copy.id, note));
      context.step('compose.copy-floor');
    },
  });
  context.step('compose.copy-appended');
  await confirm(context, session, { copy, proof, raw, digest });
}

function digestOf({ pieces }: MessagePieces): Buffer {
  const hash = createHash('sha256');
  for (const piece of pieces()) hash.update(piece);
  return hash.digest();
}

const noteOf = ({ floor, epoch, isAcknowledged }: DraftCopy): AppendNote | null =>
  floor === null || epoch === null ? null : { floor, epoch, isAcknowledged };

interface Filed {
  readonly copy: DraftCopy;
  readonly proof: AppendProof;
  readonly raw: MessagePieces;
  readonly digest: Buffer;
}

/** Whether the server tells the size that was sent, or nothing any more: one that keeps mail in a form of its own tells another. */
async function isOfSize(session: ImapSession, uid: Uid, sizeBytes: number): Promise<boolean> {
  const [summary] = await readSummaries(session, [uid]);
  return summary === undefined || summary.sizeBytes === sizeBytes;
}

async function confirm(context: FilingContext, session: ImapSession, { copy, proof, raw, digest }: Filed): Promise<void> {
  const { store, clock } = context;
  await session.select(copy.path);
  const isKept = proof.isExact && (proof.isFound || (await isOfSize(session, proof.uid, raw.sizeBytes)));
  // Where the server rewrote it, what it made of it is what we have to know it by.
  const seen = isKept ? { digest, sizeBytes: raw.sizeBytes } : await remoteDigest(session, proof.uid, Number.MAX_SAFE_INTEGER);
  const isOfOther = proof.isFound && !proof.isExact && !proof.isRewritten;
  store.outboxHandle.tx('drafts.confirm-copy', () => {
    const { drafts } = store;
    // Found again with other bytes: another program wrote on in our copy before we could note it. Both are kept.
    if (isOfOther) {
      drafts.copies.forget(copy.id);
      drafts.noteConflict(copy.draftId, clock.now());
      return;
    }
    drafts.copies.noteFiled(copy.id, { epoch: proof.epoch, uid: proof.uid, ...seen }, clock.now());
    if (drafts.copies.get(copy.id)?.state !== 'filed') return;
    drafts.copies.removeOthers(copy.draftId, copy.id, clock.now());
    drafts.noteFiled(copy.draftId, copy.revision);
  });
  context.step('compose.copy-confirmed');
  if (isOfOther) context.onDraftChanged(copy.draftId satisfies DraftId);
}
