import { existsSync } from 'node:fs';
import path from 'node:path';
import type { BrowserWindow } from 'electron';
import { z } from 'zod';
import { MailError } from '../../shared/errors.ts';
import { innerViewSchema, messageViewSchema, type Attachment } from '../../shared/model/message.ts';
import type { EntryId } from '../../shared/model/ids.ts';
import { attachmentDangerSchema } from '../../shared/model/trust.ts';
import { dangerOfAttachment } from '../../shared/trust/danger-names.ts';
import { chooseFile } from './choose-file.ts';
import type { EngineService } from './engine-service.ts';

/** Names of files end where a file system would cut them anyway; the ending is added behind. */
const MAX_SUBJECT_CHARS = 120;

interface AttachmentRef {
  readonly entryId: EntryId;
  readonly within: number[];
  readonly index: number;
}

/**
 * Asks where to save one attachment and lets the engine write it there. The window learns only the chosen file name.
 * @throws MailError `not-found`, `call-rejected` for a dangerous file without `isRiskAccepted`, and those of the engine.
 */
export async function saveAttachment(
  engine: EngineService,
  window: BrowserWindow | null,
  { isRiskAccepted, ...ref }: AttachmentRef & { isRiskAccepted: boolean },
): Promise<{ savedAs: string | null }> {
  const attachment = (await siblingsOf(engine, ref)).find(
    (one) => one.index === ref.index && (one.within ?? []).length === ref.within.length,
  );
  if (!attachment) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  if (!isRiskAccepted && (dangerOfAttachment(attachment) !== null || (await isDangerInside(engine, ref)))) {
    throw new MailError('call-rejected', { scope: 'message', retry: 'ask', detail: 'dangerous attachment' });
  }
  return saveChosen(engine, await chooseFile(window, 'downloads', attachment.fileName), ref);
}

/** By its bytes; of a file in an attached mail the name has to do. */
async function isDangerInside(engine: EngineService, { entryId, within, index }: AttachmentRef): Promise<boolean> {
  if (within.length > 0) return false;
  const dangers = z.array(attachmentDangerSchema).parse(await engine.call('attachments.dangers', [{ entryId }]));
  return dangers.some((one) => one.index === index);
}

/** Asks where to save a whole mail, named by its subject. @throws MailError like saveAttachment */
export async function saveMessage(
  engine: EngineService,
  window: BrowserWindow | null,
  { entryId }: { entryId: EntryId },
): Promise<{ savedAs: string | null }> {
  const { row } = messageViewSchema.parse(await engine.call('messages.open', [{ entryId }]));
  const subject = row.subject.slice(0, MAX_SUBJECT_CHARS).trim();
  return saveChosen(engine, await chooseFile(window, 'downloads', `${subject || 'mail'}.eml`), { entryId, within: [], index: null });
}

/** The attachments of what it lies in. */
async function siblingsOf(engine: EngineService, { entryId, within }: AttachmentRef): Promise<readonly Attachment[]> {
  if (within.length === 0) return messageViewSchema.parse(await engine.call('messages.open', [{ entryId }])).attachments;
  return innerViewSchema.parse(await engine.call('messages.openInner', [{ entryId, within }])).attachments;
}

async function saveChosen(
  engine: EngineService,
  targetPath: string | null,
  what: { entryId: EntryId; within: number[]; index: number | null },
): Promise<{ savedAs: string | null }> {
  if (targetPath === null) return { savedAs: null };
  // The dialog asked before it returned the name of a file that exists; one that appears later is not overwritten.
  const mayOverwrite = existsSync(targetPath);
  await engine.save({ ...what, targetPath, mayOverwrite });
  return { savedAs: path.basename(targetPath) };
}
