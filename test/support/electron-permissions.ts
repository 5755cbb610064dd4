import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Permissions that the types of the Electron in use name in the handlers of a session. @throws when they are not to be found there */
export function namedByElectron(): string[] {
  const types = readFileSync(createRequire(import.meta.url).resolve('electron/electron.d.ts'), 'utf8');
  const lists = [...types.matchAll(/setPermission(?:Request|Check)Handler\(handler: .*?permission: ((?:'[a-zA-Z-]+'(?: \| )?)+)/gu)];
  if (lists.length !== 2) throw new Error(`${lists.length} lists of permissions`);
  return [...new Set(lists.flatMap(([, list = '']) => [...list.matchAll(/'([^']+)'/gu)].map(([, name = '']) => name)))];
}
