import { existsSync, readFileSync } from 'node:fs';
import { KEY_CHECK_SUFFIX } from '../../../shared/store-file.ts';
import { isKeyCheckOf } from '../core/key-check.ts';

/** Written when a new store is complete: with it, an absent or empty file is one that was lost. */
export const keyCheckFile = (path: string): string => `${path}${KEY_CHECK_SUFFIX}`;

/** Whether the check value beside the store was made of this key. */
export const isNotedKey = (path: string, key: Uint8Array): boolean =>
  existsSync(keyCheckFile(path)) && isKeyCheckOf(key, readFileSync(keyCheckFile(path), 'utf8'));

/** By the check value of the store itself; where that went with the file, by that of the store beside it. */
export function isProvenKey({ path, key, siblingPath }: { path: string; key: Uint8Array; siblingPath?: string }): boolean {
  const isByOther = siblingPath !== undefined && !existsSync(keyCheckFile(path));
  return isNotedKey(isByOther ? siblingPath : path, key);
}
