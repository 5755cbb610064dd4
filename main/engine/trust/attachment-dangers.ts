import { limits } from '../../../shared/limits.ts';
import { MailError } from '../../../shared/errors.ts';
import { asSourceId, type EntryId, type SourceId } from '../../../shared/model/ids.ts';
import type { Attachment } from '../../../shared/model/message.ts';
import type { AttachmentDanger } from '../../../shared/model/trust.ts';
import { dangerOfAttachment } from '../../../shared/trust/danger-names.ts';
import type { Ingest } from '../ingest/protocol.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { UNCLEAR } from './archive-dangers.ts';
import { dangerOfContent, promisesArchive } from './content/content-dangers.ts';
import type { DangerFound } from './danger-found.ts';

/** Attachments of one mail that are looked into, and what may be read for it: the source is read once for each. */
const MAX_LOOKED = 12;
const MAX_READ_BYTES = 200 * 1024 * 1024;

/** Pictures of the text come last: there are many, and they are not opened by anybody. */
const byWorth = (one: Attachment, other: Attachment): number => Number(one.isInline) - Number(other.isInline) || one.index - other.index;

/** Why attachments of a mail can do harm, one reason for each that can, in their order. @throws MailError not-found */
export async function attachmentDangers(
  store: EngineStore,
  ingest: Ingest,
  id: EntryId,
  attachments: readonly Attachment[],
): Promise<AttachmentDanger[]> {
  const detail = store.lists.detail(id);
  if (!detail) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  const source = detail.sourceId !== null && detail.row.bodyState === 'complete' ? asSourceId(detail.sourceId) : null;
  const found: AttachmentDanger[] = [];
  let looked = 0;
  for (const one of attachments.filter(({ within }) => within === undefined).sort(byWorth)) {
    const byName = dangerOfAttachment(one);
    const isTooMuch = looked >= MAX_LOOKED || looked * detail.row.sizeBytes > MAX_READ_BYTES;
    if (byName === null && source !== null && one.sizeBytes > 0) looked += 1;
    const danger = byName ?? (source === null || isTooMuch ? unseen(one) : await dangerInside(store, ingest, source, one));
    if (danger !== null) found.push({ index: one.index, ...danger });
  }
  return found.sort((a, b) => a.index - b.index);
}

/** Where nobody looks, an archive is one that was not looked into. */
const unseen = (one: Attachment): DangerFound | null => (promisesArchive(one) ? UNCLEAR : null);

async function dangerInside(store: EngineStore, ingest: Ingest, source: SourceId, one: Attachment): Promise<DangerFound | null> {
  if (one.sizeBytes > limits.maxPreviewAttachmentBytes) return unseen(one);
  const { content } = await ingest.attachment(store.sources.segments(source), one.index, limits.maxPreviewAttachmentBytes);
  return dangerOfContent(one, content);
}
