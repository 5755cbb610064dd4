import { asEntryId } from '../../shared/model/ids.ts';
import type { EngineRig } from '../support/engine-rig.ts';
import { messageIdOf, type FindEntry } from './world.ts';

/** Finds entries and mailboxes of a profile by the names that scenarios use. */
export function finderOf(rig: EngineRig): FindEntry {
  const { db } = rig.engine.store.handle;
  const find = ((id: string) => {
    const row = db.prepare('SELECT id FROM entries WHERE message_id = ? ORDER BY id LIMIT 1').get(messageIdOf(id)) as { id: number };
    return asEntryId(row.id);
  }) as FindEntry;
  find.mailbox = (path) => {
    const mailbox = rig.engine.store.mailboxes.list(rig.accountId, 'primary').find((one) => one.path === path);
    if (!mailbox) throw new Error(`no mailbox ${path}`);
    return mailbox.id;
  };
  find.accountId = rig.accountId;
  return find;
}
