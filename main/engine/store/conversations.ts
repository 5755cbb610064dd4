import type { Statement } from 'better-sqlite3';
import type { EntryId, MailboxId } from '../../../shared/model/ids.ts';
import type { Address, MessageFilter, MessageRow } from '../../../shared/model/message.ts';
import type { StoreHandle } from './contract.ts';
import type { EntryHeaders } from './entries.ts';
import { LABELLED, labelTest } from './label-lists.ts';
import { OUTGOING, PEOPLE_SHOWN, SELECT_ROWS, toMessageRow, type Row } from './lists.ts';

/** A mail of a conversation, and the list it stands in. */
export interface ConversationMail {
  readonly row: MessageRow;
  readonly viewMailboxId: MailboxId;
}

/** Conversations as lists show them; read-only. */
export interface ConversationStore {
  /** One row a conversation that has mail in these mailboxes, dated by its newest there, with the marks of all of them. */
  page(mailboxIds: readonly MailboxId[], filter: MessageFilter, offset: number, limit: number): { total: number; rows: MessageRow[] };
  /** The newest mails of the conversation that a mail belongs to, oldest first, and how many older ones are left out. */
  mails(id: EntryId, limit: number): { mails: ConversationMail[]; omitted: number };
  /** These mails, and all that stand with them in one conversation in the same mailbox. */
  mates(ids: readonly EntryId[]): EntryId[];
}

const FILTERS: Readonly<Record<MessageFilter, string>> = {
  all: '',
  unseen: 'AND unseen > 0',
  flagged: 'AND flagged > 0',
  attachments: 'AND attachments > 0',
  relay: 'AND relay > 0',
};
/** The same of a label, whose mails are counted as they are read. */
const COUNTED = `count(*) AS total, sum(flag_bits & 1 = 0) AS unseen, sum(flag_bits & 2 <> 0) AS flagged, sum(has_attachments) AS attachments,
 sum(side_bits = 2) AS relay`;
const LABEL_ROWS = `SELECT max(id) AS newest_id, ${COUNTED} FROM (${LABELLED}) GROUP BY CASE thread_id WHEN 0 THEN -id ELSE thread_id END`;
const LABEL_COUNTS = `SELECT ${COUNTED} FROM (${LABELLED}) WHERE thread_id = ?`;
/** Thrown away, not to be trusted, or standing elsewhere as well: shown where the conversation is looked at in that very mailbox. */
const IS_SHOWN = "(m.role NOT IN ('trash','junk','quarantine','all','flagged') OR m.id = @here)";
/** Mails whose senders are named in a row. */
const NAMED_MAILS = 12;

interface Counted {
  readonly total: number;
  readonly unseen: number;
  readonly flagged: number;
  readonly attachments: number;
}

function prepare(db: StoreHandle['db']) {
  const mailsOf = `FROM entries e JOIN mailboxes m ON m.id = e.view_mailbox_id WHERE e.thread_id = @thread AND e.is_listed = 1 AND ${IS_SHOWN}`;
  return {
    counted: db.prepare('SELECT total, unseen, flagged, attachments FROM conversations WHERE thread_id = ? AND view_mailbox_id = ?'),
    shown: db
      .prepare(
        `SELECT coalesce(sum(c.total), 0) FROM conversations c JOIN mailboxes m ON m.id = c.view_mailbox_id WHERE c.thread_id = @thread AND ${IS_SHOWN}`,
      )
      .pluck(),
    headers: db.prepare(`SELECT e.headers ${mailsOf} AND m.role <> 'drafts' ORDER BY e.id DESC LIMIT ${NAMED_MAILS}`).pluck(),
    place: db.prepare('SELECT thread_id AS thread, view_mailbox_id AS here FROM entries WHERE id = ?'),
    one: db.prepare(`${SELECT_ROWS} WHERE e.id = ?`),
    mails: db.prepare(`${SELECT_ROWS} WHERE e.id IN (SELECT e.id ${mailsOf} ORDER BY e.id DESC LIMIT @limit) ORDER BY e.id`),
    mates: db
      .prepare(
        `SELECT other.id FROM entries e JOIN entries other ON other.thread_id = e.thread_id AND other.is_listed = 1
           AND other.view_mailbox_id = e.view_mailbox_id WHERE e.id = ? AND e.thread_id <> 0`,
      )
      .pluck(),
  };
}

/** Who wrote, each once, in the order in which they came in. */
function sendersOf(headers: readonly string[]): Address[] {
  const senders = headers.toReversed().flatMap((text) => (JSON.parse(text) as EntryHeaders).from.slice(0, 1));
  const known = new Set<string>();
  return senders.filter(({ address }) => !known.has(address.toLowerCase()) && known.add(address.toLowerCase())).slice(-PEOPLE_SHOWN);
}

export function createConversationStore(handle: StoreHandle): ConversationStore {
  const { db } = handle;
  const sql = prepare(db);
  const pages = new Map<string, Statement<unknown[]>>();
  const page = (text: string) => {
    const known = pages.get(text) ?? db.prepare(text);
    pages.set(text, known);
    return known;
  };
  const isLabel = labelTest(handle);
  const grouped = (row: Row, here: number = row.view_mailbox_id): MessageRow => {
    const thread = row.thread_id;
    const counted = (isLabel(here) ? page(LABEL_COUNTS).get(here, here, thread) : sql.counted.get(thread, here)) as Counted;
    const total = sql.shown.get({ thread, here }) as number;
    const one = toMessageRow(row);
    const people = total > 1 && !OUTGOING.has(row.role) ? sendersOf(sql.headers.all({ thread, here }) as string[]) : one.people;
    const marks = { isSeen: counted.unseen === 0, isFlagged: counted.flagged > 0, hasAttachments: counted.attachments > 0 };
    return { ...one, ...marks, people, conversation: { threadId: thread, here: counted.total, total } };
  };
  const labelPage = (id: number, filter: MessageFilter, offset: number, limit: number) => {
    const conversations = `FROM (${LABEL_ROWS}) WHERE 1 ${FILTERS[filter]}`;
    const { n: total } = page(`SELECT count(*) AS n ${conversations}`).get(id, id) as { n: number };
    const ids = `SELECT newest_id ${conversations} ORDER BY newest_id DESC LIMIT ? OFFSET ?`;
    const rows = page(`${SELECT_ROWS} WHERE e.id IN (${ids}) ORDER BY e.id DESC`).all(id, id, limit, offset) as Row[];
    return { total, rows: rows.map((row) => grouped(row, id)) };
  };
  return {
    page: (mailboxIds, filter, offset, limit) => {
      if (mailboxIds.length === 0) return { total: 0, rows: [] };
      const [only, ...others] = mailboxIds;
      if (only !== undefined && others.length === 0 && isLabel(only)) return labelPage(only, filter, offset, limit);
      const conversations = `FROM conversations WHERE view_mailbox_id = ? ${FILTERS[filter]}`;
      const counts = mailboxIds.map((id) => page(`SELECT count(*) AS n ${conversations}`).get(id) as { n: number });
      // As in the list of mails: the inner query walks covering indexes only, merged as they go.
      const ids = mailboxIds.map(() => `SELECT newest_id AS id ${conversations}`).join(' UNION ALL ');
      const text = `${SELECT_ROWS} WHERE e.id IN (${ids} ORDER BY id DESC LIMIT ? OFFSET ?) ORDER BY e.id DESC`;
      const rows = page(text).all(...mailboxIds, limit, offset) as Row[];
      return { total: counts.reduce((sum, { n }) => sum + n, 0), rows: rows.map((row) => grouped(row)) };
    },
    mails: (id, limit) => {
      const place = sql.place.get(id) as { thread: number; here: number } | undefined;
      if (!place) return { mails: [], omitted: 0 };
      const isJoined = place.thread !== 0;
      const rows = (isJoined ? sql.mails.all({ ...place, limit }) : sql.one.all(id)) as Row[];
      const omitted = isJoined ? (sql.shown.get(place) as number) - rows.length : 0;
      return { mails: rows.map((row) => ({ row: toMessageRow(row), viewMailboxId: row.view_mailbox_id as MailboxId })), omitted };
    },
    mates: (ids) => [...new Set(ids.flatMap((id) => [id, ...(sql.mates.all(id) as EntryId[])]))],
  };
}
