import { asAccountId, asDraftId, type AccountId, type DraftId } from '../../../shared/model/ids.ts';
import type { DatabaseHandle } from './contract.ts';
import { parseRefusal, type Refusal } from './draft-row.ts';

export type DraftCopyState = 'filing' | 'filed' | 'removing';

/** A copy of a draft in the primary's Drafts: filed by us, or found there and taken over. */
export interface DraftCopy {
  readonly id: number;
  readonly draftId: DraftId;
  readonly accountId: AccountId;
  readonly revision: number;
  readonly messageId: string | null;
  readonly path: string;
  /** UIDVALIDITY and UIDNEXT before it was filed; null until that is noted. */
  readonly epoch: number | null;
  readonly floor: number | null;
  readonly isAcknowledged: boolean;
  readonly uid: number | null;
  /** Found to be what we filed and about to be removed: if it is gone afterwards, that was us. */
  readonly isProved: boolean;
  /** SHA-256 of the bytes: as composed, and once it is filed as the server has them. */
  readonly digest: Uint8Array;
  readonly sizeBytes: number;
  /** Milliseconds since 1970: date of the copy. */
  readonly date: number;
  readonly state: DraftCopyState;
  readonly stateSince: number;
  /** Why it could not be removed; null where that was not tried or not refused. */
  readonly refusal: Refusal | null;
}

export type NewDraftCopy = Pick<
  DraftCopy,
  'draftId' | 'revision' | 'messageId' | 'path' | 'date' | 'state' | 'epoch' | 'uid' | 'digest' | 'sizeBytes'
>;

export interface CopyPlace {
  readonly path: string;
  readonly epoch: number;
  readonly uid: number;
  readonly messageId: string | null;
}

export interface DraftCopyStore {
  /** Notes a copy of a stored draft. */
  add(copy: NewDraftCopy, now: number): DraftCopy;
  get(id: number): DraftCopy | null;
  ofDraft(id: DraftId): DraftCopy[];
  inState(accountId: AccountId, state: DraftCopyState): DraftCopy[];
  /** The copy that a message in a mailbox is, if it is one: by its place, or while that is unknown by its Message-ID. */
  at(accountId: AccountId, place: CopyPlace): DraftCopy | null;
  noteFloor(id: number, note: { epoch: number; floor: number; isAcknowledged: boolean }): void;
  /** It is there. One that has to go meanwhile stays so. */
  noteFiled(id: number, filed: { epoch: number; uid: number; digest: Uint8Array; sizeBytes: number }, now: number): void;
  noteProved(id: number): void;
  /** The primary did not let it go. */
  noteRefused(id: number, refusal: Refusal): void;
  setState(id: number, state: DraftCopyState, now: number): void;
  /** All copies of a draft have to go, but the one given. */
  removeOthers(id: DraftId, keep: number | null, now: number): void;
  forget(id: number): void;
}

interface Row {
  id: number;
  draft_id: number;
  account_id: number;
  revision: number;
  message_id: string | null;
  path: string;
  epoch: number | null;
  floor: number | null;
  is_acknowledged: number;
  uid: number | null;
  is_proved: number;
  digest: Buffer;
  size_bytes: number;
  date: number;
  state: DraftCopyState;
  state_since: number;
  removal_refusal: string | null;
}

const fromRow = (row: Row): DraftCopy => ({
  id: row.id,
  draftId: asDraftId(row.draft_id),
  accountId: asAccountId(row.account_id),
  revision: row.revision,
  messageId: row.message_id,
  path: row.path,
  epoch: row.epoch,
  floor: row.floor,
  isAcknowledged: row.is_acknowledged === 1,
  uid: row.uid,
  isProved: row.is_proved === 1,
  digest: row.digest,
  sizeBytes: row.size_bytes,
  date: row.date,
  state: row.state,
  stateSince: row.state_since,
  refusal: parseRefusal(row.removal_refusal),
});

const ADD = `
INSERT INTO draft_copies (draft_id, account_id, account_email, revision, message_id, path, epoch, uid, digest, size_bytes, date, state, state_since)
SELECT id, account_id, account_email, @revision, @messageId, @path, @epoch, @uid, @digest, @sizeBytes, @date, @state, @now
FROM drafts WHERE id = @draftId RETURNING *`;

export function createDraftCopyStore({ db }: DatabaseHandle): DraftCopyStore {
  const add = db.prepare(ADD);
  const one = db.prepare('SELECT * FROM draft_copies WHERE id = ?');
  const ofDraft = db.prepare('SELECT * FROM draft_copies WHERE draft_id = ? ORDER BY id');
  const inState = db.prepare('SELECT * FROM draft_copies WHERE account_id = ? AND state = ? ORDER BY id');
  const at = db.prepare(
    `SELECT * FROM draft_copies WHERE account_id = @accountId AND path = @path
     AND ((uid = @uid AND epoch = @epoch) OR (uid IS NULL AND message_id = @messageId)) ORDER BY id DESC LIMIT 1`,
  );
  const floor = db.prepare('UPDATE draft_copies SET epoch = ?, floor = ?, is_acknowledged = ? WHERE id = ?');
  const filed = db.prepare(
    `UPDATE draft_copies SET epoch = ?, uid = ?, digest = ?, size_bytes = ?, state = CASE state WHEN 'removing' THEN state ELSE 'filed' END,
     state_since = ? WHERE id = ?`,
  );
  const proved = db.prepare('UPDATE draft_copies SET is_proved = 1 WHERE id = ?');
  const refused = db.prepare('UPDATE draft_copies SET removal_refusal = ? WHERE id = ?');
  const state = db.prepare('UPDATE draft_copies SET state = ?, state_since = ? WHERE id = ?');
  const others = db.prepare(
    "UPDATE draft_copies SET state = 'removing', state_since = ? WHERE draft_id = ? AND id <> ? AND state <> 'removing'",
  );
  const forget = db.prepare('DELETE FROM draft_copies WHERE id = ?');
  const rows = (list: unknown[]) => (list as Row[]).map(fromRow);
  return {
    add: (copy, now) => fromRow(add.get({ ...copy, now }) as Row),
    get: (id) => rows(one.all(id))[0] ?? null,
    ofDraft: (id) => rows(ofDraft.all(id)),
    inState: (accountId, of) => rows(inState.all(accountId, of)),
    at: (accountId, place) => rows(at.all({ accountId, ...place }))[0] ?? null,
    noteFloor: (id, note) => void floor.run(note.epoch, note.floor, Number(note.isAcknowledged), id),
    noteFiled: (id, { epoch, uid, digest, sizeBytes }, now) => void filed.run(epoch, uid, digest, sizeBytes, now, id),
    noteProved: (id) => void proved.run(id),
    noteRefused: (id, refusal) => void refused.run(JSON.stringify(refusal), id),
    setState: (id, to, now) => void state.run(to, now, id),
    removeOthers: (id, keep, now) => void others.run(now, id, keep ?? -1),
    forget: (id) => void forget.run(id),
  };
}
