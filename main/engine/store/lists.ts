import type { Statement } from 'better-sqlite3';
import type { Side } from '../../../shared/model/account.ts';
import { asEntryId, type AccountId, type EntryId, type MailboxId } from '../../../shared/model/ids.ts';
import type { Address, MessageFilter, MessageRow } from '../../../shared/model/message.ts';
import type { StoreHandle } from './contract.ts';
import { FLAG_ANSWERED, FLAG_DRAFT, FLAG_FLAGGED, FLAG_FORWARDED, FLAG_SEEN } from './flags.ts';
import type { EntryHeaders } from './entries.ts';
import { labelTest, OTHER_LABELLED } from './label-lists.ts';

/** Which list: a mailbox of the view, several as one, or an account's recoverable mail. */
export type ListKey =
  { readonly mailboxId: MailboxId } | { readonly mailboxIds: readonly MailboxId[] } | { readonly recoverableOf: AccountId };

export interface EntryDetail {
  readonly row: MessageRow;
  readonly headers: EntryHeaders;
  readonly messageId: string | null;
  readonly attachments: string;
  readonly problems: string;
  readonly sourceId: number | null;
  readonly viewMailboxId: number;
}

/** Questions the window asks; read-only. */
export interface ListStore {
  page(key: ListKey, filter: MessageFilter, offset: number, limit: number): { total: number; rows: MessageRow[] };
  counts(key: ListKey): { total: number; unseen: number };
  rows(ids: readonly EntryId[]): MessageRow[];
  detail(id: EntryId): EntryDetail | null;
  /** Recoverable mail that was lost in this time (milliseconds since 1970, both included) and not deleted here; oldest first. */
  lost(accountId: AccountId, from: number, to: number): EntryId[];
  /** Entries not indexed yet whose subject or people hold the text: what search finds before bodies are here. */
  unindexedMatches(text: string, accountId: number | null, limit: number): EntryId[];
}

export interface Row {
  id: number;
  account_id: number;
  view_mailbox_id: number;
  role: string;
  internal_date: number;
  sent_date: number | null;
  message_id: string | null;
  thread_id: number;
  subject: string;
  preview: string;
  headers: string;
  size_bytes: number;
  has_attachments: number;
  attachments: string;
  problems: string;
  flag_bits: number;
  side_bits: number;
  is_quarantined: number;
  body_state: MessageRow['bodyState'];
  source_id: number | null;
  recoverable_since: number | null;
  deleted_here: number;
}

export const PEOPLE_SHOWN = 5;
export const OUTGOING = new Set(['sent', 'drafts']);

function peopleOf(row: Row, headers: EntryHeaders): Address[] {
  const list = OUTGOING.has(row.role) ? [...headers.to, ...headers.cc, ...headers.bcc] : headers.from;
  return list.slice(0, PEOPLE_SHOWN);
}

export function toMessageRow(row: Row): MessageRow {
  const sides: Side[] = [];
  if (row.side_bits & 1) sides.push('primary');
  if (row.side_bits & 2) sides.push('relay');
  return {
    id: row.id as EntryId,
    accountId: row.account_id as AccountId,
    people: peopleOf(row, JSON.parse(row.headers) as EntryHeaders),
    subject: row.subject,
    preview: row.preview,
    internalDate: row.internal_date,
    sentDate: row.sent_date,
    sizeBytes: row.size_bytes,
    isSeen: (row.flag_bits & FLAG_SEEN) !== 0,
    isFlagged: (row.flag_bits & FLAG_FLAGGED) !== 0,
    isAnswered: (row.flag_bits & FLAG_ANSWERED) !== 0,
    isForwarded: (row.flag_bits & FLAG_FORWARDED) !== 0,
    isDraft: (row.flag_bits & FLAG_DRAFT) !== 0,
    hasAttachments: row.has_attachments === 1,
    sides,
    isQuarantined: row.is_quarantined === 1,
    isRecoverable: row.recoverable_since !== null,
    isDeletedHere: row.deleted_here === 1,
    bodyState: row.body_state,
    conversation: null,
  };
}

/** Whether the last thing that became of the mail's place is our own deletion, carried out or on its way. */
const DELETED_HERE = `coalesce(e.recoverable_since IS NOT NULL AND (
 SELECT o.kind = 'delete' OR (o.kind = 'move' AND (SELECT is_mirrored = 0 OR role = 'trash' FROM mailboxes WHERE id = o.args ->> 'targetMailboxId'))
 FROM ops o WHERE o.entry_id = e.id AND o.kind IN ('move','delete','restore') AND o.state NOT IN ('undone','refused','conflict')
 ORDER BY o.id DESC LIMIT 1), 0)`;
/** Rows of entries with what a line of a list shows. */
export const SELECT_ROWS = `SELECT e.*, m.role, ${DELETED_HERE} AS deleted_here FROM entries e JOIN mailboxes m ON m.id = e.view_mailbox_id`;
const FILTERS: Readonly<Record<MessageFilter, string>> = {
  all: '',
  unseen: 'AND flag_bits & 1 = 0',
  flagged: 'AND flag_bits & 2 <> 0',
  attachments: 'AND has_attachments = 1',
  relay: 'AND side_bits = 2',
};
const LISTED = 'FROM entries WHERE view_mailbox_id = ? AND is_listed = 1';
const ALSO = `FROM (${OTHER_LABELLED}) WHERE 1`;
const RECOVERABLE = 'FROM entries WHERE account_id = ? AND recoverable_since IS NOT NULL';

/** What each picks a part of the list, in the order of one index but for labels, with the id that each asks for. */
function partsOf(key: ListKey, isLabel: (id: number) => boolean): [from: string, id: number][] {
  if ('recoverableOf' in key) return [[RECOVERABLE, key.recoverableOf]];
  const ids = 'mailboxId' in key ? [key.mailboxId] : key.mailboxIds;
  return ids.flatMap((id): [string, number][] =>
    isLabel(id)
      ? [
          [LISTED, id],
          [ALSO, id],
        ]
      : [[LISTED, id]],
  );
}

export function createListStore(handle: StoreHandle): ListStore {
  const { db } = handle;
  const isLabel = labelTest(handle);
  const prepared = new Map<string, Statement<unknown[]>>();
  const sql = (text: string) => {
    const known = prepared.get(text);
    if (known) return known;
    const made = db.prepare(text);
    prepared.set(text, made);
    return made;
  };
  const countOf = (from: string, id: number, filter: MessageFilter): number =>
    (sql(`SELECT count(*) AS total ${from} ${FILTERS[filter]}`).get(id) as { total: number }).total;
  const detail = db.prepare(`${SELECT_ROWS} WHERE e.id = ?`);
  return {
    page: (key, filter, offset, limit) => {
      const parts = partsOf(key, isLabel);
      // The inner query walks covering indexes only, several of them merged as they go; the outer one reads just the rows of this page.
      const matching = parts.map(([from]) => `SELECT id ${from} ${FILTERS[filter]}`).join(' UNION ALL ');
      const ids = parts.map(([, id]) => id);
      const total = parts.reduce((sum, [from, id]) => sum + countOf(from, id, filter), 0);
      if (total === 0) return { total, rows: [] };
      const page = `${SELECT_ROWS} WHERE e.id IN (${matching} ORDER BY id DESC LIMIT ? OFFSET ?) ORDER BY e.id DESC`;
      const rows = sql(page).all(...ids, limit, offset) as Row[];
      return { total, rows: rows.map(toMessageRow) };
    },
    counts: (key) => {
      const counts = partsOf(key, isLabel).map(([from, id]) => {
        const text = `SELECT count(*) AS total, coalesce(sum(flag_bits & 1 = 0), 0) AS unseen ${from}`;
        return sql(text).get(id) as { total: number; unseen: number };
      });
      return counts.reduce((sum, one) => ({ total: sum.total + one.total, unseen: sum.unseen + one.unseen }), { total: 0, unseen: 0 });
    },
    rows: (ids) => ids.flatMap((id) => detail.all(id) as Row[]).map(toMessageRow),
    detail: (id) => {
      const row = detail.get(id) as Row | undefined;
      if (!row) return null;
      const { message_id: messageId, attachments, problems, source_id: sourceId, view_mailbox_id: viewMailboxId } = row;
      const headers = JSON.parse(row.headers) as EntryHeaders;
      return { row: toMessageRow(row), headers, messageId, attachments, problems, sourceId, viewMailboxId };
    },
    lost: (accountId, from, to) => {
      const query = `SELECT e.id FROM entries e WHERE e.account_id = ? AND e.recoverable_since BETWEEN ? AND ? AND NOT ${DELETED_HERE} ORDER BY e.id`;
      return (sql(query).all(accountId, from, to) as { id: number }[]).map(({ id }) => asEntryId(id));
    },
    unindexedMatches: (text, accountId, limit) => {
      const query = `SELECT id FROM entries WHERE is_indexed = 0 AND (@account IS NULL OR account_id = @account) AND (is_listed = 1 OR recoverable_since IS NOT NULL)
        AND (instr(lower(subject), @text) OR instr(lower(headers), @text)) ORDER BY id DESC LIMIT @limit`;
      const rows = sql(query).all({ text: text.toLowerCase(), account: accountId, limit }) as { id: number }[];
      return rows.map((row) => row.id as EntryId);
    },
  };
}
