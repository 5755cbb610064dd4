import type { Uid } from '../../../shared/model/ids.ts';
import type { ImapSession } from './gateway.ts';
import { rolesOf } from './special-use.ts';

/**
 * Removes one message of a mailbox for good; the mailbox is selected before and afterwards. Where mailboxes are labels (Gmail), EXPUNGE takes
 * one label off, and what becomes of the message is a setting of its owner: there it goes by way of the Trash, which holds it alone.
 * @returns false where the server cannot remove single messages (no UIDPLUS): it is marked then, for EXPUNGE would take other mail along
 * @throws MailError as the commands do
 */
export async function removeOne(session: ImapSession, path: string, uid: Uid): Promise<boolean> {
  const trash = session.caps.labels && session.caps.move ? await trashOf(session) : null;
  if (trash === null || trash === path) return expungeOne(session, uid);
  const { mappings } = await session.move([uid], trash);
  const there = mappings?.find((one) => one.source === uid)?.target;
  if (there !== undefined) {
    await session.select(trash, { forChange: true });
    await expungeOne(session, there);
  }
  await session.select(path, { forChange: true });
  return true;
}

async function trashOf(session: ImapSession): Promise<string | null> {
  for (const [path, role] of rolesOf(await session.list())) if (role === 'trash') return path;
  return null;
}

async function expungeOne(session: ImapSession, uid: Uid): Promise<boolean> {
  await session.storeFlags([uid], 'add', ['\\Deleted']);
  if (session.caps.uidplus) await session.expunge([uid]);
  return session.caps.uidplus;
}
