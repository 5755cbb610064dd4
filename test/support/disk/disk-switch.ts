import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';

/** How a disk can fail, and what a person is told of it. */
export const DISK_FAULTS = {
  ENOSPC: 'store-full',
  EDQUOT: 'store-full',
  EIO: 'store-io',
  EROFS: 'store-read-only',
  ENOENT: 'store-io',
  ENODEV: 'store-io',
} as const;
export type DiskFault = keyof typeof DISK_FAULTS;
const EVERY = 10;

/** A disk that fails in each of these ways at every tenth of so many changes. */
export function diskCases(changes: number): { readonly at: number; readonly errno: number; readonly name: DiskFault }[] {
  const names = Object.keys(DISK_FAULTS) as DiskFault[];
  const places = Array.from({ length: Math.floor(changes / EVERY) }, (_, n) => (n + 1) * EVERY);
  return places.flatMap((at) => names.map((name) => ({ at, errno: constants.errno[name], name })));
}

const WORDS = 3;
const WORD_BYTES = 8;

/** The shared numbers of disk.c, from whatever process: when the disk of those who have it preloaded begins to fail, and how. */
export class DiskSwitch {
  readonly #path: string;
  readonly #file: number;

  private constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'r+');
  }

  /** Makes the numbers, of a disk that is well. To be made before a process starts that is given them. */
  static make(path: string): DiskSwitch {
    writeFileSync(path, Buffer.alloc(WORDS * WORD_BYTES));
    return new DiskSwitch(path);
  }

  /** Those that another process has made. */
  static at(path: string): DiskSwitch {
    return new DiskSwitch(path);
  }

  /** Changes counted so far. */
  get changes(): number {
    return Number(readFileSync(this.#path).readBigInt64LE(0));
  }

  /** Counts from here on, and lets every change from number `at` on fail; with `errno` 0 none. */
  failFrom(at: number, errno: number): void {
    const words = Buffer.alloc(WORDS * WORD_BYTES);
    words.writeBigInt64LE(BigInt(at), WORD_BYTES);
    words.writeBigInt64LE(BigInt(errno), 2 * WORD_BYTES);
    writeSync(this.#file, words, 0, words.length, 0);
  }

  /** The disk is well again; the count goes on. */
  heal(): void {
    writeSync(this.#file, Buffer.alloc(WORD_BYTES), 0, WORD_BYTES, 2 * WORD_BYTES);
  }

  close(): void {
    closeSync(this.#file);
  }
}
