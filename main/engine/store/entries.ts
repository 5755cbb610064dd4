import type { Address, MessageProblem } from '../../../shared/model/message.ts';
import { asEntryId, asMailboxId, type AccountId, type EntryId, type MailboxId, type SourceId } from '../../../shared/model/ids.ts';
import type { ParsedMessage } from '../ingest/protocol.ts';
import type { StoreHandle } from './contract.ts';
import { deriveEntry, type DerivedEntry, type DeriveContext } from './derive-entry.ts';
import type { PendingOfEntry, PendingPlace } from './ops.ts';
import type { Placement, PlacementStore } from './placements.ts';
import type { ThreadStore } from './threads.ts';

/** Headers kept with an entry for the list and the reader. */
export interface EntryHeaders {
  readonly from: readonly Address[];
  readonly sender: Address | null;
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
}

export interface NewEntry {
  readonly accountId: AccountId;
  readonly internalDate: number;
  readonly sentDate: number | null;
  readonly messageId: string | null;
  readonly subject: string;
  readonly headers: EntryHeaders;
  readonly sizeBytes: number;
  readonly hasAttachments: boolean;
}

export interface EntryContent {
  readonly parsed: ParsedMessage;
  readonly sizeBytes: number;
}

/** What open operations change about an entry before the server has them. */
export interface PendingChanges {
  pendingOf(entryId: EntryId): PendingOfEntry;
}

/** Shows an entry where open moves and deletions put it. */
function withPendingPlace(derived: DerivedEntry, place: PendingPlace | null): DerivedEntry {
  if (place === null) return derived;
  if ('deletedAt' in place) return { ...derived, isListed: false, recoverableSince: place.deletedAt };
  const viewMailboxId = asMailboxId('movedTo' in place ? place.movedTo : place.restoredTo);
  return { ...derived, viewMailboxId, isListed: true, isQuarantined: false, recoverableSince: null };
}

function contentValues({ parsed, sizeBytes }: EntryContent): (string | number | null)[] {
  const hasAttachments = parsed.attachments.some((one) => !one.isInline);
  return [
    ...[parsed.subject, parsed.preview, JSON.stringify(headersOf(parsed)), parsed.sentDate, sizeBytes],
    ...[Number(hasAttachments), JSON.stringify(parsed.attachments), JSON.stringify(parsed.problems)],
  ];
}

function derivedValues(of: DerivedEntry): (string | number | null)[] {
  return [
    ...[of.viewMailboxId, of.flagBits, of.sideBits, Number(of.isListed), Number(of.isQuarantined)],
    ...[of.bodyState, of.sourceId, of.recoverableSince],
  ];
}

/** Lists in which an entry is shown otherwise than before; where mailboxes are labels, in all of its own. */
function changedViews(
  before: number,
  { viewMailboxId }: DerivedEntry,
  held: readonly Placement[],
  { hasLabels }: DeriveContext,
): MailboxId[] {
  const labels = hasLabels ? held.filter(({ side }) => side === 'primary').map((one) => one.mailboxId) : [];
  return [...new Set([before as MailboxId, viewMailboxId, ...labels])];
}

/** Where and how an entry is shown now, open changes included. */
export interface ShownEntry {
  readonly accountId: AccountId;
  readonly bits: number;
  readonly viewMailboxId: MailboxId;
  readonly isListed: boolean;
  readonly isRecoverable: boolean;
  readonly isQuarantined: boolean;
  readonly messageId: string | null;
  /** A complete source; null while it is not here. */
  readonly sourceId: SourceId | null;
  readonly internalDate: number;
}

export interface EntryStore {
  /** Makes an entry, shown as its first placement has it; insert that one next, in the same transaction. */
  insert(entry: NewEntry, shown: DerivedEntry): EntryId;
  /** Same data under a new id: two mails had been taken for one. */
  duplicate(id: EntryId): EntryId;
  /** What the source tells; replaces what the summary told. The caller indexes it in the same transaction. */
  setContent(id: EntryId, content: EntryContent): void;
  /** setContent() and refresh() in one, from placements just read. */
  refreshWith(id: EntryId, content: EntryContent, held: readonly Placement[], context: DeriveContext): MailboxId[];
  setProblems(id: EntryId, problems: readonly MessageProblem[]): void;
  /** Derives place, flags and body state from the placements; removes the entry when none is left. Returns the keys of mailboxes whose list changed. */
  refresh(id: EntryId, context: DeriveContext): MailboxId[];
  exists(id: EntryId): boolean;
  isIndexed(id: EntryId): boolean;
  relayOnly(accountId: AccountId): EntryId[];
  /** What its header says; null when the entry is gone. */
  heading(id: EntryId): Pick<NewEntry, 'subject' | 'sentDate' | 'headers'> | null;
  /** Flags as shown, with the account; null when the entry is gone. */
  flags(id: EntryId): { bits: number; accountId: AccountId } | null;
  /** Null when the entry is gone. */
  shown(id: EntryId): ShownEntry | null;
  /** Shows flags before the server has them: call with the recording of the operation that carries them there. */
  setShownFlags(id: EntryId, bits: number): MailboxId[];
}

const ID_STEP = 2 ** 20;
const LAST_SECOND = 2 ** 32 - 1;

const INSERT = `
INSERT INTO entries (id, account_id, view_mailbox_id, internal_date, sent_date, message_id, thread_id, subject, thread_key, preview,
 headers, size_bytes, has_attachments, attachments, problems, flag_bits, side_bits, is_listed, is_quarantined, body_state,
 source_id, is_indexed, recoverable_since)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, ?, ?, '[]', '[]', ?, ?, ?, ?, ?, ?, 0, ?)`;
const DUPLICATE = `
INSERT INTO entries SELECT ?, account_id, view_mailbox_id, internal_date, sent_date, message_id, thread_key, subject, preview,
 headers, size_bytes, has_attachments, attachments, problems, 0, 0, 0, 0, 'missing', NULL, 0, NULL, thread_id FROM entries WHERE id = ?`;
const CONTENT = `subject = ?, preview = ?, headers = ?, sent_date = coalesce(?, sent_date), size_bytes = ?, has_attachments = ?,
 attachments = ?, problems = ?, is_indexed = 1`;
const DERIVED = `view_mailbox_id = ?, flag_bits = ?, side_bits = ?, is_listed = ?, is_quarantined = ?, body_state = ?,
 source_id = ?, recoverable_since = ?`;

export function headersOf(of: EntryHeaders): EntryHeaders {
  const { from, sender, replyTo, to, cc, bcc, inReplyTo, references } = of;
  return { from, sender, replyTo, to, cc, bcc, inReplyTo, references };
}

export function createEntryStore(
  handle: StoreHandle,
  placements: PlacementStore,
  pending: PendingChanges,
  threads: ThreadStore,
  removeFromIndex: (id: EntryId) => void,
): EntryStore {
  const { db } = handle;
  const insert = db.prepare(INSERT);
  const duplicate = db.prepare(DUPLICATE);
  const content = db.prepare(`UPDATE entries SET ${CONTENT} WHERE id = ?`);
  const derived = db.prepare(`UPDATE entries SET ${DERIVED} WHERE id = ?`);
  const both = db.prepare(`UPDATE entries SET ${CONTENT}, ${DERIVED} WHERE id = ?`);
  const place = db.prepare('SELECT view_mailbox_id AS view, is_indexed AS indexed, internal_date AS date FROM entries WHERE id = ?');
  const highest = db.prepare('SELECT max(id) AS id FROM entries WHERE id BETWEEN ? AND ?');
  const problems = db.prepare('UPDATE entries SET problems = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM entries WHERE id = ?');
  const relayOnly = db.prepare('SELECT id FROM entries WHERE account_id = ? AND side_bits = 2');
  const heading = db.prepare('SELECT subject, sent_date AS sentDate, headers FROM entries WHERE id = ?');
  const flags = db.prepare('SELECT flag_bits AS bits, account_id AS accountId FROM entries WHERE id = ?');
  const setShown = db.prepare('UPDATE entries SET flag_bits = ? WHERE id = ? RETURNING view_mailbox_id AS view');
  const shown = db.prepare(
    `SELECT account_id AS accountId, flag_bits AS bits, view_mailbox_id AS viewMailboxId, is_listed AS isListed, recoverable_since AS since,
     is_quarantined AS isQuarantined, message_id AS messageId,
     CASE body_state WHEN 'complete' THEN source_id END AS sourceId, internal_date AS internalDate FROM entries WHERE id = ?`,
  );

  const nextId = (internalDate: number): EntryId => {
    const second = Math.min(Math.max(Math.floor(internalDate / 1000), 0), LAST_SECOND);
    const first = second * ID_STEP + 1;
    const { id } = highest.get(first, first + ID_STEP - 2) as { id: number | null };
    return asEntryId(id === null ? first : id + 1);
  };
  const derive = (id: EntryId, held: readonly Placement[], context: DeriveContext): DerivedEntry => {
    const {
      place: movedTo,
      flags: [set, cleared],
    } = pending.pendingOf(id);
    const next = withPendingPlace(deriveEntry(held, context), movedTo);
    return { ...next, flagBits: (next.flagBits | set) & ~cleared };
  };
  type PlaceRow = { view: number; indexed: number; date: number };
  const dropEntry = (id: EntryId, row: PlaceRow): MailboxId[] => {
    removeFromIndex(id);
    remove.run(id);
    return [row.view as MailboxId];
  };
  return {
    insert: (entry, shown) => {
      const id = nextId(entry.internalDate);
      const [view, ...derivedRest] = derivedValues(shown);
      const { accountId, internalDate, sentDate, messageId, subject, sizeBytes } = entry;
      const thread = threads.join(accountId, id, { messageId, ...entry.headers });
      const headers = JSON.stringify(headersOf(entry.headers));
      insert.run(
        ...[id, accountId, view, internalDate, sentDate, messageId, thread, subject, headers, sizeBytes],
        ...[Number(entry.hasAttachments), ...derivedRest],
      );
      return id;
    },
    duplicate: (id) => {
      const copy = nextId((place.get(id) as PlaceRow).date);
      duplicate.run(copy, id);
      return copy;
    },
    setContent: (id, of) => void content.run(...contentValues(of), id),
    refreshWith: (id, of, held, context) => {
      const row = place.get(id) as PlaceRow | undefined;
      if (!row) return [];
      const next = derive(id, held, context);
      both.run(...contentValues(of), ...derivedValues(next), id);
      return changedViews(row.view, next, held, context);
    },
    setProblems: (id, list) => void problems.run(JSON.stringify(list), id),
    refresh: (id, context) => {
      const row = place.get(id) as PlaceRow | undefined;
      if (!row) return [];
      const held = placements.ofEntry(id);
      if (held.length === 0) return dropEntry(id, row);
      const next = derive(id, held, context);
      derived.run(...derivedValues(next), id);
      return changedViews(row.view, next, held, context);
    },
    exists: (id) => place.get(id) !== undefined,
    isIndexed: (id) => (place.get(id) as PlaceRow | undefined)?.indexed === 1,
    relayOnly: (accountId) => (relayOnly.all(accountId) as { id: number }[]).map((row) => asEntryId(row.id)),
    heading: (id) => {
      const row = heading.get(id) as { subject: string; sentDate: number | null; headers: string } | undefined;
      return row === undefined ? null : { ...row, headers: JSON.parse(row.headers) as EntryHeaders };
    },
    flags: (id) => (flags.get(id) as { bits: number; accountId: AccountId } | undefined) ?? null,
    shown: (id) => {
      type Row = Omit<ShownEntry, 'isListed' | 'isQuarantined' | 'isRecoverable'> & { since: number | null } & Record<
          'isListed' | 'isQuarantined',
          number
        >;
      const row = shown.get(id) as Row | undefined;
      if (!row) return null;
      const { since, isListed, isQuarantined, ...rest } = row;
      return { ...rest, isListed: isListed === 1, isQuarantined: isQuarantined === 1, isRecoverable: since !== null };
    },
    setShownFlags: (id, bits) => {
      const row = setShown.get(bits, id) as { view: number } | undefined;
      return row ? [row.view as MailboxId] : [];
    },
  };
}
