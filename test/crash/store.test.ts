import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { StoreFixture } from '../support/store-fixture.ts';
import { reportFigure } from '../support/figures.ts';
import { childFile } from './build-children.ts';

const COMMITS = 100;

const fixture = new StoreFixture();
afterAll(() => fixture.remove());

const task = (commits: number, what: 'operations' | 'mail' = 'operations') =>
  JSON.stringify({ path: fixture.path, keyHex: Buffer.from(fixture.key).toString('hex'), commits, what });

/** Runs the committing child and kills it after this time; the ids it had acknowledged. */
function killedAfter(ms: number): Promise<number[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [childFile('store')], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (piece: Buffer) => {
      if (out === '') setTimeout(() => child.kill('SIGKILL'), ms);
      out += piece.toString();
    });
    child.on('close', () => resolve(out.split('\n').slice(0, -1).map(Number)));
    child.stdin.end(task(0));
  });
}

const COUNTER = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
static volatile uint64_t *count;
__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("SYNC_COUNT_FILE");
  int fd = path ? open(path, O_RDWR) : -1;
  if (fd >= 0) count = mmap(0, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}
int fsync(int fd) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fsync"); if (count) __sync_fetch_and_add(count, 1); return real(fd); }
int fdatasync(int fd) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fdatasync"); if (count) __sync_fetch_and_add(count, 1); return real(fd); }
`;

it.each(['operations', 'mail'] as const)('has each commit of %s on the disk before it is told (S2)', { timeout: 60_000 }, (what) => {
  const source = join(fixture.dir, 'count.c');
  const library = join(fixture.dir, 'count.so');
  const counter = join(fixture.dir, 'count.bin');
  writeFileSync(source, COUNTER);
  writeFileSync(counter, Buffer.alloc(8));
  const built = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { encoding: 'utf8' });
  expect(built.status, built.stderr).toBe(0);
  const env = { ...process.env, LD_PRELOAD: library, SYNC_COUNT_FILE: counter };
  const run = spawnSync(process.execPath, [childFile('store')], { input: task(COMMITS, what), encoding: 'utf8', env });
  expect(run.status, run.stderr).toBe(0);
  const { unsynced, syncs } = JSON.parse(run.stderr) as { unsynced: number; syncs: number };
  expect(unsynced).toBe(0);
  expect(syncs).toBeGreaterThanOrEqual(COMMITS);
  reportFigure(`S2 commits of ${what} synced before told`, { commits: COMMITS, unsynced, syncs });
});

it('opens whatever was left of the WAL, with every commit before the cut', { timeout: 60_000 }, async () => {
  await killedAfter(50);
  const wal = `${fixture.path}-wal`;
  expect(existsSync(wal)).toBe(true);
  const copies = new StoreFixture();
  for (const suffix of ['', '-wal', '.keycheck']) copyFileSync(fixture.path + suffix, copies.path + suffix);
  rmSync(`${copies.path}-shm`, { force: true });
  const store = copies.open({ key: fixture.key });
  expect(store.db.pragma('integrity_check', { simple: true })).toBe('ok');
  store.close();
  copies.remove();
});
