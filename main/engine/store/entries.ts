import type { Address, MessageProblem } from '../../../shared/model/message.ts';
import { asEntryId, asMailboxId, type AccountId, type EntryId, type MailboxId } from '../../../shared/model/ids.ts';
import type { ParsedMessage } from '../ingest/protocol.ts';
import type { StoreHandle } from './contract.ts';
import { deriveEntry, type DerivedEntry, type DeriveContext } from './derive-entry.ts';
import type { PendingPlace } from './ops.ts';
import type { PlacementStore } from './placements.ts';

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
  readonly mailboxId: MailboxId;
  readonly internalDate: number;
  readonly sentDate: number | null;
  readonly messageId: string | null;
  readonly threadKey: string;
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
  /** [bits set, bits cleared] */
  pendingFlags(entryId: EntryId): readonly [number, number];
  pendingPlace(entryId: EntryId): PendingPlace | null;
}

/** Shows an entry where open moves and deletions put it. */
function withPendingPlace(derived: DerivedEntry, place: PendingPlace | null): DerivedEntry {
  if (place === null) return derived;
  if ('movedTo' in place) return { ...derived, viewMailboxId: asMailboxId(place.movedTo), isListed: true, recoverableSince: null };
  return { ...derived, isListed: false, recoverableSince: place.deletedAt };
}

export interface EntryStore {
  /** Makes an entry; it is shown once a placement was added and refresh called. */
  insert(entry: NewEntry): EntryId;
  /** Same data under a new id: two mails had been taken for one. */
  duplicate(id: EntryId): EntryId;
  /** What the source tells; replaces what the summary told. */
  setContent(id: EntryId, content: EntryContent): void;
  setIndexed(id: EntryId, isIndexed: boolean): void;
  setProblems(id: EntryId, problems: readonly MessageProblem[]): void;
  /** Derives place, flags and body state from the placements; removes the entry when none is left. Returns the keys of mailboxes whose list changed. */
  refresh(id: EntryId, context: DeriveContext): MailboxId[];
  exists(id: EntryId): boolean;
  isIndexed(id: EntryId): boolean;
  relayOnly(accountId: AccountId): EntryId[];
  /** Flags as shown, with the account; null when the entry is gone. */
  flags(id: EntryId): { bits: number; accountId: AccountId } | null;
  /** Shows flags before the server has them: call with the recording of the operation that carries them there. */
  setShownFlags(id: EntryId, bits: number): MailboxId[];
}

const ID_STEP = 2 ** 20;
const LAST_SECOND = 2 ** 32 - 1;

const INSERT = `
INSERT INTO entries (id, account_id, view_mailbox_id, internal_date, sent_date, message_id, thread_key, subject, preview,
 headers, size_bytes, has_attachments, attachments, problems, flag_bits, side_bits, is_listed, is_quarantined, body_state,
 source_id, is_indexed, recoverable_since)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, '[]', '[]', 0, 0, 0, 0, 'missing', NULL, 0, NULL)`;
const DUPLICATE = `
INSERT INTO entries SELECT ?, account_id, view_mailbox_id, internal_date, sent_date, message_id, thread_key, subject, preview,
 headers, size_bytes, has_attachments, attachments, problems, 0, 0, 0, 0, 'missing', NULL, 0, NULL FROM entries WHERE id = ?`;
const CONTENT = `
UPDATE entries SET subject = ?, preview = ?, headers = ?, sent_date = coalesce(?, sent_date), size_bytes = ?,
 has_attachments = ?, attachments = ?, problems = ? WHERE id = ?`;
const DERIVED = `
UPDATE entries SET view_mailbox_id = ?, flag_bits = ?, side_bits = ?, is_listed = ?, is_quarantined = ?, body_state = ?,
 source_id = ?, recoverable_since = ? WHERE id = ?`;

export function headersOf(of: EntryHeaders): EntryHeaders {
  const { from, sender, replyTo, to, cc, bcc, inReplyTo, references } = of;
  return { from, sender, replyTo, to, cc, bcc, inReplyTo, references };
}

export function createEntryStore(
  handle: StoreHandle,
  placements: PlacementStore,
  pending: PendingChanges,
  removeFromIndex: (id: EntryId) => void,
): EntryStore {
  const { db } = handle;
  const insert = db.prepare(INSERT);
  const duplicate = db.prepare(DUPLICATE);
  const content = db.prepare(CONTENT);
  const derived = db.prepare(DERIVED);
  const place = db.prepare('SELECT view_mailbox_id AS view, is_indexed AS indexed, internal_date AS date FROM entries WHERE id = ?');
  const highest = db.prepare('SELECT max(id) AS id FROM entries WHERE id BETWEEN ? AND ?');
  const indexed = db.prepare('UPDATE entries SET is_indexed = ? WHERE id = ?');
  const problems = db.prepare('UPDATE entries SET problems = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM entries WHERE id = ?');
  const relayOnly = db.prepare('SELECT id FROM entries WHERE account_id = ? AND side_bits = 2');
  const flags = db.prepare('SELECT flag_bits AS bits, account_id AS accountId FROM entries WHERE id = ?');
  const shown = db.prepare('UPDATE entries SET flag_bits = ? WHERE id = ? RETURNING view_mailbox_id AS view');

  const nextId = (internalDate: number): EntryId => {
    const second = Math.min(Math.max(Math.floor(internalDate / 1000), 0), LAST_SECOND);
    const first = second * ID_STEP + 1;
    const { id } = highest.get(first, first + ID_STEP - 2) as { id: number | null };
    return asEntryId(id === null ? first : id + 1);
  };
  type PlaceRow = { view: number; indexed: number; date: number };
  const dropEntry = (id: EntryId, row: PlaceRow): MailboxId[] => {
    removeFromIndex(id);
    remove.run(id);
    return [row.view as MailboxId];
  };
  return {
    insert: (entry) => {
      const id = nextId(entry.internalDate);
      const { accountId, mailboxId, internalDate, sentDate, messageId, threadKey, subject, sizeBytes } = entry;
      const key = threadKey === '' ? `entry:${id}` : threadKey;
      const headers = JSON.stringify(headersOf(entry.headers));
      insert.run(
        ...[id, accountId, mailboxId, internalDate, sentDate, messageId, key, subject, headers, sizeBytes],
        Number(entry.hasAttachments),
      );
      return id;
    },
    duplicate: (id) => {
      const copy = nextId((place.get(id) as PlaceRow).date);
      duplicate.run(copy, id);
      return copy;
    },
    setContent: (id, { parsed, sizeBytes }) => {
      const hasAttachments = parsed.attachments.some((one) => !one.isInline);
      content.run(
        ...[parsed.subject, parsed.preview, JSON.stringify(headersOf(parsed)), parsed.sentDate, sizeBytes],
        ...[Number(hasAttachments), JSON.stringify(parsed.attachments), JSON.stringify(parsed.problems), id],
      );
    },
    setIndexed: (id, isIndexed) => void indexed.run(Number(isIndexed), id),
    setProblems: (id, list) => void problems.run(JSON.stringify(list), id),
    refresh: (id, context) => {
      const row = place.get(id) as PlaceRow | undefined;
      if (!row) return [];
      const held = placements.ofEntry(id);
      if (held.length === 0) return dropEntry(id, row);
      const next = withPendingPlace(deriveEntry(held, context), pending.pendingPlace(id));
      const [set, cleared] = pending.pendingFlags(id);
      derived.run(
        ...[next.viewMailboxId, (next.flagBits | set) & ~cleared, next.sideBits, Number(next.isListed)],
        ...[Number(next.isQuarantined), next.bodyState, next.sourceId, next.recoverableSince, id],
      );
      return row.view === next.viewMailboxId ? [next.viewMailboxId] : [row.view as MailboxId, next.viewMailboxId];
    },
    exists: (id) => place.get(id) !== undefined,
    isIndexed: (id) => (place.get(id) as PlaceRow | undefined)?.indexed === 1,
    relayOnly: (accountId) => (relayOnly.all(accountId) as { id: number }[]).map((row) => asEntryId(row.id)),
    flags: (id) => (flags.get(id) as { bits: number; accountId: AccountId } | undefined) ?? null,
    setShownFlags: (id, bits) => {
      const row = shown.get(bits, id) as { view: number } | undefined;
      return row ? [row.view as MailboxId] : [];
    },
  };
}
