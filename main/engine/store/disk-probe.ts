import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MailError, isStoreFault } from '../../../shared/errors.ts';
import { toStoreError } from './errors.ts';

/** More than what a file may have left over in its last block. */
const PROBE_BYTES = 256 * 1024;

/** Writes a file into the folder of a store, makes it durable and removes it. @throws MailError store-*, with what the disk itself says */
export function probeDisk(storePath: string): void {
  const path = join(dirname(storePath), 'disk-probe');
  try {
    const file = openSync(path, 'w', 0o600);
    try {
      const bytes = Buffer.alloc(PROBE_BYTES, 1);
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
      rmSync(path, { force: true });
    }
  } catch (error) {
    throw toStoreError(error);
  }
}

/** SQLite has one name for most of what a disk says; the disk itself names the cause, where it still refuses. */
export function exactFault(error: unknown, storePath: string): unknown {
  if (!(error instanceof MailError) || (error.code !== 'store-io' && error.code !== 'store-read-only')) return error;
  try {
    probeDisk(storePath);
    return error;
  } catch (exact) {
    return exact instanceof MailError && isStoreFault(exact.code) ? exact : error;
  }
}
