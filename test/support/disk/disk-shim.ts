import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Builds the library that records what a process does to its files, or lets it fail. Linux only. @returns its path */
export function buildDiskShim(dir: string): string {
  const library = join(dir, 'disk.so');
  const source = join(import.meta.dirname, 'disk.c');
  const built = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-w', '-o', library, source, '-ldl'], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the disk library does not build: ${built.stderr}`);
  return library;
}
