import type { Database } from 'better-sqlite3';
import { MailError } from '../../../shared/errors.ts';
import { up as initial } from './migrations/0010-initial.ts';
import { up as packs } from './migrations/0020-packs.ts';
import { up as indexPages } from './migrations/0030-index-pages.ts';
import { up as outages } from './migrations/0040-outages.ts';
import { up as reconcile } from './migrations/0050-reconcile.ts';
import { up as opGroups } from './migrations/0060-op-groups.ts';
import { up as contacts } from './migrations/0070-contacts.ts';
import { up as drills } from './migrations/0080-drills.ts';
import { up as searchRecent } from './migrations/0090-search-recent.ts';
import { up as conversations } from './migrations/0100-conversations.ts';
import { up as opCuts } from './migrations/0110-op-cuts.ts';
import { up as relayClock } from './migrations/0120-relay-clock.ts';
import { up as contentDigest } from './migrations/0130-content-digest.ts';
import { up as packRoom } from './migrations/0140-pack-room.ts';

export interface Migration {
  /** Schema version after it; steps of 10. */
  readonly version: number;
  readonly up: (db: Database) => void;
}

/** In order; never changed once released. */
export const migrations: readonly Migration[] = [
  { version: 10, up: initial },
  { version: 20, up: packs },
  { version: 30, up: indexPages },
  { version: 40, up: outages },
  { version: 50, up: reconcile },
  { version: 60, up: opGroups },
  { version: 70, up: contacts },
  { version: 80, up: drills },
  { version: 90, up: searchRecent },
  { version: 100, up: conversations },
  { version: 110, up: opCuts },
  { version: 120, up: relayClock },
  { version: 130, up: contentDigest },
  { version: 140, up: packRoom },
];

export const newestVersion = (list: readonly Migration[] = migrations): number => list.at(-1)?.version ?? 0;

export const schemaVersion = (db: Database): number => db.pragma('user_version', { simple: true }) as number;

/**
 * Brings the schema forward, each step in one transaction with its version: a kill leaves the old or the new one.
 * @throws MailError store-newer-schema; the file is left as it is.
 */
export function migrate(
  db: Database,
  list: readonly Migration[] = migrations,
  onStep: (version: number) => void = () => undefined,
): number {
  const found = schemaVersion(db);
  if (found > newestVersion(list)) {
    throw new MailError('store-newer-schema', {
      scope: 'store',
      retry: 'ask',
      detail: `schema ${found}, this version knows ${newestVersion(list)}`,
    });
  }
  for (const { version, up } of list) {
    if (version <= found) continue;
    db.transaction(() => {
      up(db);
      db.pragma(`user_version = ${version}`);
    }).immediate();
    onStep(version);
  }
  return found;
}
