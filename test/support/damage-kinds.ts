import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How the profile was left before the damage. */
export type LeftState = 'closed' | 'killed';

/** Changes one bit of a file. */
export function flip(path: string, at: number, bit: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1 << bit;
  writeFileSync(path, bytes);
}

/** Removes a database file and everything that is named after it. */
export function removeAll(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder).filter((one) => one.startsWith(basename(path)))) rmSync(join(folder, name), { recursive: true });
}

/** Damages that are no flipped bit and no cut, each to the database at a path. */
export const SPECIALS: readonly (readonly [string, LeftState, (path: string) => void])[] = [
  ['WAL removed', 'killed', (path) => rmSync(`${path}-wal`)],
  ['WAL garbled', 'killed', (path) => writeFileSync(`${path}-wal`, Buffer.alloc(statSync(`${path}-wal`).size, 0x5a))],
  ['WAL header garbled', 'killed', (path) => flip(`${path}-wal`, 17, 3)],
  ['shm removed', 'killed', (path) => rmSync(`${path}-shm`)],
  ['shm garbled', 'killed', (path) => writeFileSync(`${path}-shm`, Buffer.alloc(32_768, 0xa5))],
  ['header garbled', 'closed', (path) => writeFileSync(path, Buffer.concat([Buffer.alloc(100, 7), readFileSync(path).subarray(100)]))],
  ['header garbled', 'killed', (path) => writeFileSync(path, Buffer.concat([Buffer.alloc(100, 7), readFileSync(path).subarray(100)]))],
  ['emptied', 'closed', (path) => truncateSync(path, 0)],
  ['database removed, WAL left', 'killed', (path) => rmSync(path)],
  ['removed with its WAL', 'killed', (path) => ['', '-wal', '-shm'].forEach((part) => rmSync(path + part))],
  ['removed', 'closed', (path) => rmSync(path)],
  ['removed with all that belongs to it', 'killed', removeAll],
  ['removed with all that belongs to it', 'closed', removeAll],
];
