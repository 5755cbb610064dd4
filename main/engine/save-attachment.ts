import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { limits } from '../../shared/limits.ts';
import { MailError } from '../../shared/errors.ts';
import type { AppToEngine } from '../../shared/ipc/engine-port.ts';
import type { EntryId } from '../../shared/model/ids.ts';
import type { ContinuityEngine } from './engine.ts';
import { markFromInternet, systemMarking, type Marking } from './mark-from-internet.ts';
import { readAttachment, readWhole } from './read/read-message.ts';
import { dangerOfContent } from './trust/content/content-dangers.ts';

type Save = Extract<AppToEngine, { type: 'attachment.save' }>;

/** Never a link that somebody left there, and never with a right to be run. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const MODE = 0o600;

/**
 * Writes one attachment, or the whole mail, where the person chose, marked as from the internet; a file left half by an error is removed.
 * @throws MailError `not-found`, `held-by-policy`, and what the disk refuses
 */
export async function saveAttachment(
  engine: Pick<ContinuityEngine, 'store' | 'deps'>,
  { entryId, within, index, targetPath, mayOverwrite }: Omit<Save, 'type' | 'id'>,
  marking: Marking = systemMarking,
): Promise<null> {
  const { store } = engine;
  const content = index === null ? readWhole(store, entryId) : [await readAllowed(engine, entryId, [...within, index])];
  // The dialog asked about overwriting; an old file is replaced whole, so that its mode and links do not survive.
  if (mayOverwrite) await rm(targetPath, { force: true });
  try {
    const file = await open(targetPath, NEW_FILE, MODE);
    try {
      for (const piece of content) await file.writeFile(piece);
    } catch (error) {
      await rm(targetPath, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw saveError(error);
  }
  if (!(await markFromInternet(targetPath, marking, engine.deps.clock.now()))) engine.deps.log.warn({ ev: 'attachment.not-marked' });
  return null;
}

/** @throws MailError `held-by-policy` for what may harm the machine, where IT forbids that it is saved */
async function readAllowed(
  { store, deps }: Pick<ContinuityEngine, 'store' | 'deps'>,
  entryId: EntryId,
  path: number[],
): Promise<Uint8Array> {
  const { attachment, content } = await readAttachment(store, deps.ingest, entryId, path, limits.maxSourceBytes);
  const detail = store.lists.detail(entryId);
  const isForbidden = detail !== null && store.accounts.get(detail.row.accountId).config.managed.dangerousAttachments === 'never';
  if (isForbidden && (await dangerOfContent(attachment, content)) !== null) {
    throw new MailError('held-by-policy', { scope: 'message', retry: 'never', detail: 'dangerousAttachments' });
  }
  return content;
}

function saveError(error: unknown): MailError {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const reason =
    code === 'ENOSPC' ? 'store-full' : code === 'EACCES' || code === 'EROFS' || code === 'EPERM' ? 'store-read-only' : 'store-io';
  return new MailError(reason, {
    scope: 'message',
    retry: 'ask',
    detail: `saving the attachment failed (${code ?? 'unknown'})`,
    cause: error,
  });
}
