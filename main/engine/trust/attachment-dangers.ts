import { MailError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import { asSourceId, type EntryId } from '../../../shared/model/ids.ts';
import type { Attachment } from '../../../shared/model/message.ts';
import type { AttachmentDanger } from '../../../shared/model/trust.ts';
import { dangerOfAttachment, endingOf } from '../../../shared/trust/danger-names.ts';
import type { Ingest } from '../ingest/protocol.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { dangerOfZip, isClosedArchive } from './archive-dangers.ts';

/** Archives of one mail that are looked into. */
const MAX_ARCHIVES = 5;

const isZip = ({ fileName, mimeType }: Attachment): boolean =>
  endingOf(fileName) === 'zip' || /^application\/(?:zip|x-zip-compressed)$/iu.test(mimeType);

/** Why one attachment that has been read can do harm, or null. */
export async function dangerOfContent(attachment: Attachment, content: Uint8Array): Promise<Omit<AttachmentDanger, 'index'> | null> {
  const byName = dangerOfAttachment(attachment);
  if (byName !== null) return byName;
  if (isClosedArchive(attachment.fileName)) return { code: 'unclear-archive', named: '' };
  return isZip(attachment) ? dangerOfZip(Buffer.from(content.buffer, content.byteOffset, content.byteLength)) : null;
}

/** Why attachments of a mail can do harm, one reason for each that can. @throws MailError not-found */
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
  for (const one of attachments) {
    const byName = dangerOfAttachment(one);
    if (byName !== null) found.push({ index: one.index, ...byName });
    else if (isClosedArchive(one.fileName)) found.push({ index: one.index, code: 'unclear-archive', named: '' });
    else if (isZip(one) && source !== null) {
      looked += 1;
      const isTooMuch = looked > MAX_ARCHIVES || one.sizeBytes > limits.maxPreviewAttachmentBytes;
      const danger = isTooMuch ? ({ code: 'unclear-archive', named: '' } as const) : await dangerInside(one.index);
      if (danger !== null) found.push({ index: one.index, ...danger });
    }
  }
  return found;

  async function dangerInside(index: number): Promise<Omit<AttachmentDanger, 'index'> | null> {
    const { content } = await ingest.attachment(store.sources.segments(source!), index, limits.maxPreviewAttachmentBytes);
    return dangerOfZip(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
  }
}
