import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltIngest } from './built-ingest.ts';

/**
 * Writes a worker that does what the real one does, but where a source says so and a parser would be asked it hangs (HANG-HERE), dies
 * (DIE-HERE), grows beyond its heap (GROW-HERE), or never tells the end (MUTE-HERE). Gives its path.
 */
export function brokenWorker({ folder, workerPath }: Pick<BuiltIngest, 'folder' | 'workerPath'>): string {
  const path = join(folder, 'broken-worker.js');
  const source = `
    import { parentPort, Worker } from 'node:worker_threads';
    const inner = new Worker(${JSON.stringify(workerPath)});
    let isMute = false;
    inner.on('message', (m) => {
      if (!isMute || 'certain' in m) parentPort.postMessage(m);
    });
    parentPort.on('message', (m) => {
      const raw = m.request.raw ?? m.request.slice;
      const text = raw ? Buffer.from(raw).toString('latin1') : '';
      if (!m.request.problem && text.includes('HANG-HERE')) { inner.terminate(); return; }
      if (text.includes('MUTE-HERE')) setTimeout(() => (isMute = true), 100);
      if (!m.request.problem && text.includes('DIE-HERE')) process.exit(3);
      const kept = [];
      while (!m.request.problem && text.includes('GROW-HERE')) kept.push(new Array(2_000_000).fill(kept.length + 0.5));
      inner.postMessage(m);
    });`;
  writeFileSync(path, source);
  return path;
}
