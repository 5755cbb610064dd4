import { limits } from '../../shared/limits.ts';
import { MailError } from '../../shared/errors.ts';
import type { EntryId } from '../../shared/model/ids.ts';
import type { Attachment } from '../../shared/model/message.ts';
import type { EngineDeps } from './deps.ts';
import { readAttachment } from './read/read-message.ts';
import type { EngineStore } from './store/engine-store.ts';
import { isDrawnSafely } from '../../shared/trust/drawn-safely.ts';
import { recognise } from './trust/content/content-kind.ts';
import { dangerOfContent } from './trust/content/content-dangers.ts';

/**
 * Content of an attachment that is shown within the app. What can do harm, or is not what it says, is not, whatever the window asks for.
 * @throws MailError `call-rejected` for that; not-found, message-too-large
 */
export async function previewAttachment(
  { store, deps }: { readonly store: EngineStore; readonly deps: Pick<EngineDeps, 'ingest'> },
  entryId: EntryId,
  path: readonly number[],
): Promise<{ attachment: Attachment; content: Uint8Array }> {
  const read = await readAttachment(store, deps.ingest, entryId, path, limits.maxPreviewAttachmentBytes);
  const danger = await dangerOfContent(read.attachment, read.content);
  if (danger === null || isDrawnSafely(danger.code, isPdf(read.content))) return read;
  throw new MailError('call-rejected', { scope: 'message', retry: 'never', detail: 'dangerous attachment' });
}

const isPdf = (content: Uint8Array): boolean => recognise(Buffer.from(content))?.form === 'pdf';
