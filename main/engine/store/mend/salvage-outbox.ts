import type { Database } from 'better-sqlite3';
import type { SalvagePlan } from './mend.ts';

/** Header fields of a mail whose row was lost: shown, so that a person knows what it was. */
interface HeaderFields {
  readonly messageId: string;
  readonly from: string;
  readonly subject: string;
  readonly date: string;
}

function fieldsOf(raw: Uint8Array): HeaderFields {
  const [head = ''] = Buffer.from(raw).toString('utf8').split('\r\n\r\n', 1);
  const lines = head.replace(/\r\n[ \t]+/gu, ' ').split('\r\n');
  const value = (name: string): string => {
    const line = lines.find((one) => one.toLowerCase().startsWith(`${name}:`)) ?? '';
    return line.slice(name.length + 1).trim();
  };
  return { messageId: value('message-id'), from: value('from'), subject: value('subject'), date: value('date') };
}

/** Bytes whose row was lost are shown as a mail that cannot be sent by itself: nobody knows any more how far it had come. */
function rebuildRows(db: Database): number {
  const orphans = db
    .prepare(
      `SELECT outbox_id AS id, content, (SELECT sum(length(content)) FROM outbox_chunks AS all_of WHERE all_of.outbox_id = outbox_chunks.outbox_id) AS size
       FROM outbox_chunks WHERE number = 0 AND outbox_id NOT IN (SELECT id FROM outbox)`,
    )
    .all() as { id: number; content: Uint8Array; size: number }[];
  const insert = db.prepare(
    `INSERT OR IGNORE INTO outbox (id, account_id, account_email, state, message_id, date, envelope_from, subject, shown_to, bcc, preview,
       raw_sha256, size_bytes, created_at, send_after, body_started)
     VALUES (@id, 0, @email, 'quarantined', @messageId, @date, @email, @subject, '[]', '[]', '', x'', @size, @date, 0, 1)`,
  );
  for (const { id, content, size } of orphans) {
    const { messageId, from, subject, date } = fieldsOf(content);
    const email = /<([^<>]+)>/u.exec(from)?.[1] ?? from;
    insert.run({ id, size, email, subject, messageId: messageId || `<lost-${id}>`, date: Date.parse(date) || 0 });
  }
  return orphans.length;
}

const ORPHANS = [
  'DELETE FROM outbox_chunks WHERE outbox_id NOT IN (SELECT id FROM outbox)',
  'DELETE FROM outbox_recipients WHERE outbox_id NOT IN (SELECT id FROM outbox)',
  'DELETE FROM outbox_attempts WHERE outbox_id NOT IN (SELECT id FROM outbox)',
  'DELETE FROM outbox_lookups WHERE outbox_id NOT IN (SELECT id FROM outbox)',
  'DELETE FROM outbox_notices WHERE outbox_id NOT IN (SELECT id FROM outbox)',
  'DELETE FROM draft_chunks WHERE file_id NOT IN (SELECT id FROM draft_files)',
  'DELETE FROM draft_files WHERE draft_id NOT IN (SELECT id FROM drafts)',
];

/** A mail some of whose recipients are lost must not go to the others as if they were all: without any it is shown as unreadable. */
const HALF = `DELETE FROM outbox_recipients WHERE outbox_id IN (
  SELECT id FROM outbox WHERE json_valid(shown_to) AND json_valid(bcc) AND (SELECT count(*) FROM (
      SELECT lower(value ->> 'address') FROM json_each(shown_to) UNION SELECT lower(value) FROM json_each(bcc)
    )) > (SELECT count(*) FROM outbox_recipients WHERE outbox_id = outbox.id))`;

/** What was told as sent may have been lost with later commits: only proof or a person sends it again. */
const DOUBTFUL = `UPDATE outbox SET state = 'unknown', body_started = 1, claimed_by = NULL, lease_until = NULL, hold = NULL,
  uncertain_since = created_at,
  error = '{"code":"delivery-unconfirmed","scope":"message","retry":"ask","side":null,"detail":"the file was damaged"}'
  WHERE state IN ('queued','submitting')`;

/** Ids that were given before are not known where no row is left: what refers to one must never find another mail. */
const FRESH_IDS = `INSERT INTO sqlite_sequence (name, seq) SELECT name, unixepoch() FROM sqlite_master
  WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)`;

/** Everything in it: no server has any of it. */
export const salvageOutbox: SalvagePlan = {
  tables: [
    ...[
      'meta',
      'submission_servers',
      'outbox',
      'outbox_chunks',
      'outbox_recipients',
      'outbox_attempts',
      'outbox_lookups',
      'outbox_notices',
    ],
    ...['drafts', 'draft_files', 'draft_chunks', 'draft_copies', 'audit'],
  ],
  settle: (db, isDoubtful) => {
    db.exec(FRESH_IDS);
    let givenUp = rebuildRows(db);
    for (const sql of ORPHANS) givenUp += db.prepare(sql).run().changes;
    if (isDoubtful) db.exec(`${HALF}; ${DOUBTFUL}`);
    return givenUp;
  },
};
