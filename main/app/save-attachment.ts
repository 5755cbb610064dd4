import { existsSync } from 'node:fs';
import path from 'node:path';
import type { BrowserWindow } from 'electron';
import { MailError } from '../../shared/errors.ts';
import { messageViewSchema } from '../../shared/model/message.ts';
import type { EntryId } from '../../shared/model/ids.ts';
import { dangerOfAttachment } from '../../shared/trust/danger-names.ts';
import { chooseFile } from './choose-file.ts';
import type { EngineService } from './engine-service.ts';

/**
 * Asks where to save one attachment and lets the engine write it there. The window learns only the chosen file name.
 * @throws MailError `not-found`, `call-rejected` for a dangerous file without `isRiskAccepted`, and those of the engine.
 */
export async function saveAttachment(
  engine: EngineService,
  window: BrowserWindow | null,
  { isRiskAccepted, ...ref }: { entryId: EntryId; index: number; isRiskAccepted: boolean },
): Promise<{ savedAs: string | null }> {
  const view = messageViewSchema.parse(await engine.call('messages.open', [{ entryId: ref.entryId }]));
  const attachment = view.attachments.find((item) => item.index === ref.index);
  if (!attachment) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  if (!isRiskAccepted && dangerOfAttachment(attachment) !== null) {
    throw new MailError('call-rejected', { scope: 'message', retry: 'ask', detail: 'dangerous attachment' });
  }
  const targetPath = await chooseFile(window, 'downloads', attachment.fileName);
  if (targetPath === null) return { savedAs: null };
  // The dialog asked before it returned the name of a file that exists; one that appears later is not overwritten.
  const mayOverwrite = existsSync(targetPath);
  await engine.save({ ...ref, targetPath, mayOverwrite });
  return { savedAs: path.basename(targetPath) };
}
