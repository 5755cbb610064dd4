import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { packError } from '../../shared/errors.ts';
import { postJson, type Way } from './post-json.ts';

/** Writes into a folder, such as a share, whole or not at all. */
async function write(folder: string, name: string, body: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const target = path.join(folder, name);
  const partial = `${target}.${process.pid}.partial`;
  try {
    const file = await open(partial, 'wx', 0o600);
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * Hands something in at the place that a policy names: a folder, or an https address.
 * @param name file name in the folder
 * @throws where the place did not take it
 */
export function handIn(target: string, name: string, body: string, way: Way = {}): Promise<void> {
  return target.startsWith('https:') ? postJson(target, body, way) : write(target, name, body);
}

/** Why something was not handed in, for the log: a code where there is one. */
export const failureKind = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : packError(error).detail.slice(0, 60);
};

/** A word that is a file name everywhere. */
export const fileWord = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 100) || 'unnamed';
