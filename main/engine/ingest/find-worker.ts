import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WORKER_FILE = 'ingest-worker.js';

/**
 * The built worker: beside this module in a build; run from source (tests, tools), the one in dist if it is not older than
 * the sources. Null when there is none.
 */
export function findWorker(moduleUrl = import.meta.url): string | null {
  const here = dirname(fileURLToPath(moduleUrl));
  if (moduleUrl.endsWith('.ts')) {
    const engine = join(here, '..');
    const built = join(here, '../../../dist/main', WORKER_FILE);
    const sources = [join(engine, 'ingest'), join(engine, 'mime'), join(engine, 'core'), join(engine, '../../shared')];
    return existsSync(built) && statSync(built).mtimeMs >= Math.max(...sources.map(newestIn)) ? built : null;
  }
  return [join(here, WORKER_FILE), join(here, '..', WORKER_FILE)].find((path) => existsSync(path)) ?? null;
}

function newestIn(folder: string): number {
  return Math.max(0, ...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs));
}
