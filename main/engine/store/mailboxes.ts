import type { PackedError } from '../../../shared/errors.ts';
import { packedErrorSchema } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { MailKind, MailboxRole } from '../../../shared/model/mailbox.ts';
import {
  asAccountId,
  asMailboxId,
  asModSeq,
  asUid,
  asUidValidity,
  type AccountId,
  type MailboxId,
  type ModSeq,
  type Uid,
  type UidValidity,
} from '../../../shared/model/ids.ts';
import type { StoreHandle } from './contract.ts';

/** One mailbox of one side, with the progress of its mirror. */
export interface Mailbox {
  readonly id: MailboxId;
  readonly accountId: AccountId;
  readonly side: Side;
  readonly path: string;
  readonly delimiter: string | null;
  readonly role: MailboxRole;
  readonly kind: MailKind;
  readonly objectId: string | null;
  readonly isSubscribed: boolean;
  readonly isSelectable: boolean;
  readonly isMirrored: boolean;
  readonly uidValidity: UidValidity | null;
  readonly uidNext: Uid | null;
  readonly highestModSeq: ModSeq | null;
  readonly remoteMessages: number | null;
  readonly coveredSince: number | null;
  readonly lastPassAt: number | null;
  readonly lastError: PackedError | null;
  readonly heldSince: number | null;
  readonly vanishedAt: number | null;
}

export type DiscoveredMailbox = Pick<
  Mailbox,
  'accountId' | 'side' | 'path' | 'delimiter' | 'role' | 'kind' | 'objectId' | 'isSubscribed' | 'isSelectable' | 'isMirrored'
>;

/** Counters proved by a pass that was applied completely. */
export interface PassProgress {
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq | null;
  readonly remoteMessages: number;
  readonly coveredSince: number;
  readonly at: number;
}

export interface MailboxStore {
  /** Mailboxes that LIST still answers; with `andVanished` all rows. */
  list(accountId: AccountId, side?: Side, andVanished?: boolean): Mailbox[];
  get(id: MailboxId): Mailbox | null;
  /** Adds or refreshes what LIST tells; a mailbox that had vanished comes back. */
  record(found: DiscoveredMailbox): MailboxId;
  rename(id: MailboxId, path: string): void;
  markVanished(id: MailboxId, at: number): void;
  /** Begins an epoch: rows written from now on belong to it; counters stay open until saveProgress. */
  beginEpoch(id: MailboxId, uidValidity: UidValidity): void;
  saveProgress(id: MailboxId, progress: PassProgress): void;
  /** Headers are complete from this instant on only: older ones were let go or passed over. Never lowers it. */
  raiseCovered(id: MailboxId, since: number): void;
  saveError(id: MailboxId, error: PackedError | null): void;
  setHeld(id: MailboxId, since: number | null): void;
}

interface Row {
  id: bigint;
  account_id: bigint;
  side: Side;
  path: string;
  delimiter: string | null;
  role: MailboxRole;
  kind: MailKind;
  object_id: string | null;
  is_subscribed: bigint;
  is_selectable: bigint;
  is_mirrored: bigint;
  uid_validity: bigint | null;
  uid_next: bigint | null;
  highest_modseq: bigint | null;
  remote_messages: bigint | null;
  covered_since: bigint | null;
  last_pass_at: bigint | null;
  last_error: string | null;
  held_since: bigint | null;
  vanished_at: bigint | null;
}

const toNumber = (value: bigint | null): number | null => (value === null ? null : Number(value));

function parseError(text: string | null): PackedError | null {
  if (text === null) return null;
  const parsed = packedErrorSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

function fromRow(row: Row): Mailbox {
  return {
    id: asMailboxId(Number(row.id)),
    accountId: asAccountId(Number(row.account_id)),
    side: row.side,
    path: row.path,
    delimiter: row.delimiter,
    role: row.role,
    kind: row.kind,
    objectId: row.object_id,
    isSubscribed: row.is_subscribed === 1n,
    isSelectable: row.is_selectable === 1n,
    isMirrored: row.is_mirrored === 1n,
    uidValidity: row.uid_validity === null ? null : asUidValidity(row.uid_validity),
    uidNext: row.uid_next === null ? null : asUid(Number(row.uid_next)),
    highestModSeq: row.highest_modseq === null ? null : asModSeq(row.highest_modseq),
    remoteMessages: toNumber(row.remote_messages),
    coveredSince: toNumber(row.covered_since),
    lastPassAt: toNumber(row.last_pass_at),
    lastError: parseError(row.last_error),
    heldSince: toNumber(row.held_since),
    vanishedAt: toNumber(row.vanished_at),
  };
}

const UPSERT = `
INSERT INTO mailboxes (account_id, side, path, delimiter, role, kind, object_id, is_subscribed, is_selectable, is_mirrored)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id, side, path) DO UPDATE SET delimiter = excluded.delimiter, role = excluded.role,
  kind = excluded.kind, object_id = excluded.object_id, is_subscribed = excluded.is_subscribed,
  is_selectable = excluded.is_selectable, is_mirrored = excluded.is_mirrored, vanished_at = NULL
RETURNING id`;

export function createMailboxStore(handle: StoreHandle): MailboxStore {
  const { db } = handle;
  // MODSEQ is a 63-bit number: every read goes through bigint.
  const raiseCovered = db.prepare('UPDATE mailboxes SET covered_since = ? WHERE id = ? AND covered_since < ?');
  const list = db.prepare('SELECT * FROM mailboxes WHERE account_id = ? ORDER BY id').safeIntegers();
  const one = db.prepare('SELECT * FROM mailboxes WHERE id = ?').safeIntegers();
  const upsert = db.prepare(UPSERT);
  const rename = db.prepare('UPDATE mailboxes SET path = ? WHERE id = ?');
  // Should it come back, its counters prove nothing: its mail was let go or held meanwhile and has to be looked at again.
  const vanish = db.prepare(
    'UPDATE mailboxes SET vanished_at = ?, uid_next = NULL, highest_modseq = NULL, remote_messages = NULL, last_error = NULL WHERE id = ?',
  );
  const epoch = db.prepare(
    'UPDATE mailboxes SET uid_validity = ?, uid_next = NULL, highest_modseq = NULL, remote_messages = NULL WHERE id = ?',
  );
  const progress = db.prepare(
    `UPDATE mailboxes SET uid_next = ?, highest_modseq = ?, remote_messages = ?, covered_since = ?, last_pass_at = ?,
     last_error = NULL WHERE id = ?`,
  );
  const error = db.prepare('UPDATE mailboxes SET last_error = ? WHERE id = ?');
  const held = db.prepare('UPDATE mailboxes SET held_since = ? WHERE id = ?');
  return {
    list: (accountId, side, andVanished = false) =>
      (list.all(accountId) as Row[]).map(fromRow).filter((row) => (!side || row.side === side) && (andVanished || row.vanishedAt === null)),
    get: (id) => {
      const row = one.get(id) as Row | undefined;
      return row ? fromRow(row) : null;
    },
    record: (found) => {
      const flags = [found.isSubscribed, found.isSelectable, found.isMirrored].map(Number);
      const { accountId, side, path, delimiter, role, kind, objectId } = found;
      const row = upsert.get(accountId, side, path, delimiter, role, kind, objectId, ...flags) as { id: number };
      return asMailboxId(row.id);
    },
    rename: (id, path) => void rename.run(path, id),
    markVanished: (id, at) => void vanish.run(at, id),
    raiseCovered: (id, since) => void raiseCovered.run(since, id, since),
    beginEpoch: (id, uidValidity) => void epoch.run(uidValidity, id),
    saveProgress: (id, done) =>
      void progress.run(done.uidNext, done.highestModSeq, done.remoteMessages, Math.floor(done.coveredSince), done.at, id),
    saveError: (id, packed) => void error.run(packed === null ? null : JSON.stringify(packed), id),
    setHeld: (id, since) => void held.run(since, id),
  };
}
