import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { buildDiskShim } from './disk-shim.ts';

/** A disk under one folder that can be made to refuse every change of a process, and be made well again. */
export interface FaultyDisk {
  /** What the process has to be started with. */
  readonly env: Readonly<Record<string, string>>;
  fail(error: 'ENOSPC' | 'EIO' | 'EROFS' | 'EBUSY'): void;
  heal(): void;
  close(): void;
}

/** Builds it. @param work where its own files may lie */
export function createFaultyDisk(root: string, work: string): FaultyDisk {
  const control = join(work, 'disk-control');
  writeFileSync(control, Buffer.alloc(24));
  const switches = openSync(control, 'r+');
  const set = (errno: number): void => {
    const words = Buffer.alloc(16);
    words.writeBigInt64LE(BigInt(errno), 8);
    writeSync(switches, words, 0, words.length, 8);
  };
  return {
    env: { LD_PRELOAD: buildDiskShim(work), DISK_ROOT: root, DISK_CONTROL: control },
    fail: (error) => set(constants.errno[error]),
    heal: () => set(0),
    close: () => closeSync(switches),
  };
}
