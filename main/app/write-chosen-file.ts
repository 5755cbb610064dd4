import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';

/** Writes a file where the person chose, readable by this user only. */
export async function writeChosenFile(target: string, text: string): Promise<void> {
  // The dialog asked about overwriting; an old file is replaced whole, so that its mode and links do not survive.
  await rm(target, { force: true });
  const file = await open(target, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
