import type { Database } from 'better-sqlite3';

const PLACE = 'thread_id = old.thread_id AND view_mailbox_id = old.view_mailbox_id';
const NEWEST_LEFT = `SELECT id FROM entries WHERE thread_id = old.thread_id AND is_listed = 1 AND view_mailbox_id = old.view_mailbox_id ORDER BY id DESC LIMIT 1`;
/** Bits of a mail that a conversation counts, in the order of its columns. */
const marks = (row: 'old' | 'new'): string[] => [
  `(${row}.flag_bits & 1 = 0)`,
  `(${row}.flag_bits & 2 <> 0)`,
  `${row}.has_attachments`,
  `(${row}.side_bits = 2)`,
];
const COUNTED = ['unseen', 'flagged', 'attachments', 'relay'];
const list = (parts: readonly string[]): string => parts.join(', ');
const each = (of: (column: string, n: number) => string): string => list(COUNTED.map(of));

const LEAVE = (condition: string): string => `
  UPDATE conversations SET total = total - 1, ${each((column, n) => `${column} = ${column} - ${marks('old')[n]}`)},
    newest_id = CASE newest_id WHEN old.id THEN coalesce((${NEWEST_LEFT}), 0) ELSE newest_id END WHERE ${PLACE} AND ${condition};
  DELETE FROM conversations WHERE ${PLACE} AND total <= 0;`;
const ENTER = `
  INSERT INTO conversations (thread_id, view_mailbox_id, newest_id, total, ${list(COUNTED)})
    SELECT new.thread_id, new.view_mailbox_id, new.id, 1, ${list(marks('new'))} WHERE new.is_listed = 1 AND new.thread_id <> 0
    ON CONFLICT (thread_id, view_mailbox_id) DO UPDATE SET newest_id = max(newest_id, excluded.newest_id), total = total + 1,
      ${each((column) => `${column} = ${column} + excluded.${column}`)};`;
const IS_MOVED = '(old.thread_id <> new.thread_id OR old.view_mailbox_id <> new.view_mailbox_id OR old.is_listed <> new.is_listed)';

/**
 * Conversations: which mails answer each other, and one row for each conversation in each mailbox, so that a page of them is read from an
 * index like a page of mails. The rows follow the entries by triggers, whatever changes those; a number of a thread is never given twice.
 * Mail that was here before has thread 0 and is joined afterwards, a portion at a time (`threads.ts`): a large store opens at once.
 * `entries.thread_key` is not used any more; to drop the column would write every row anew.
 */
export function up(db: Database): void {
  db.exec(`
ALTER TABLE entries ADD COLUMN thread_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX entries_by_thread ON entries (thread_id, is_listed, id, view_mailbox_id);

-- Message-IDs of a thread, also of mail that is not here; digest: the first 12 bytes of SHA-256
CREATE TABLE thread_ids (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  digest BLOB NOT NULL,
  thread_id INTEGER NOT NULL,
  UNIQUE (account_id, digest)
) STRICT;
CREATE INDEX thread_ids_by_thread ON thread_ids (thread_id);

CREATE TABLE conversations (
  thread_id INTEGER NOT NULL,
  view_mailbox_id INTEGER NOT NULL,
  newest_id INTEGER NOT NULL,
  total INTEGER NOT NULL,
  unseen INTEGER NOT NULL,
  flagged INTEGER NOT NULL,
  attachments INTEGER NOT NULL,
  -- held by the relay alone
  relay INTEGER NOT NULL,
  PRIMARY KEY (thread_id, view_mailbox_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversations_by_view ON conversations (view_mailbox_id, newest_id DESC, unseen, flagged, attachments, relay);

CREATE TRIGGER conversations_enter AFTER INSERT ON entries WHEN new.is_listed = 1 AND new.thread_id <> 0 BEGIN ${ENTER} END;
CREATE TRIGGER conversations_move AFTER UPDATE OF thread_id, view_mailbox_id, is_listed ON entries WHEN ${IS_MOVED} BEGIN
  ${LEAVE('old.is_listed = 1 AND old.thread_id <> 0')} ${ENTER}
END;
CREATE TRIGGER conversations_mark AFTER UPDATE OF flag_bits, has_attachments, side_bits ON entries
  WHEN new.is_listed = 1 AND new.thread_id <> 0 AND NOT ${IS_MOVED}
    AND (${marks('old')
      .map((one, n) => `${one} <> ${marks('new')[n]}`)
      .join(' OR ')}) BEGIN
  UPDATE conversations SET ${each((column, n) => `${column} = ${column} - ${marks('old')[n]} + ${marks('new')[n]}`)} WHERE ${PLACE};
END;
CREATE TRIGGER conversations_leave AFTER DELETE ON entries WHEN old.thread_id <> 0 BEGIN
  ${LEAVE('old.is_listed = 1')}
  DELETE FROM thread_ids WHERE thread_id = old.thread_id AND NOT EXISTS (SELECT 1 FROM entries WHERE thread_id = old.thread_id);
END;
`);
}
