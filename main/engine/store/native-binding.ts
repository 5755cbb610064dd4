import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MailError } from '../../../shared/errors.ts';

/** The binaries shipped with the package need this Node-API; on older runtimes they crash the process. */
const SHIPPED_NAPI = 10;

function packageVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('better-sqlite3/package.json') as { version: string }).version;
}

/**
 * File of the native part of SQLite, or undefined where the shipped one fits. On runtimes with an older Node-API the set-up
 * builds one from the package's source and keeps it in the user's cache folder.
 * @throws MailError store-io when it is needed and not there.
 */
export function nativeBinding(): string | undefined {
  // A package brings the native of its runtime; what the environment says could be anybody's code.
  if (import.meta.url.includes('/app.asar/')) return undefined;
  const napi = Number(process.versions['napi'] ?? 0);
  const chosen = process.env['HOLDOVER_SQLITE_NATIVE'];
  if (chosen) return chosen;
  if (napi >= SHIPPED_NAPI) return undefined;
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const name = `better-sqlite3-mc-${packageVersion()}-napi${napi}-${process.platform}-${process.arch}.node`;
  const file = join(cache, 'holdover', 'native', name);
  if (existsSync(file)) return file;
  const detail = `SQLite for Node-API ${napi} is not built; run "npm test" or "npm run demo" once`;
  throw new MailError('store-io', { scope: 'store', retry: 'ask', detail });
}
