import type { Statement } from 'better-sqlite3';
import { MailError } from '../../../shared/errors.ts';
import { asAccountId, asOutboxId, type AccountId, type DraftId, type OutboxId } from '../../../shared/model/ids.ts';
import type { OutboxState, RecipientState } from '../../../shared/model/outbox.ts';
import type { DatabaseHandle } from './contract.ts';
import type { FrozenMessage } from './frozen-message.ts';
import { createOutboxBytes, sha256, type OutboxBytes } from './outbox-bytes.ts';
import { createOutboxEvidence, type OutboxEvidence } from './outbox-evidence.ts';
import { parseRow, salvageRow, type OutboxRow, type RawRow, type RecipientRow } from './outbox-item.ts';

/** What of a mail may change after it was handed over; its bytes and its envelope never do. */
export type OutboxChange = Partial<
  Pick<
    OutboxRow,
    | 'state'
    | 'sendAfter'
    | 'nextAttemptAt'
    | 'retries'
    | 'waitedMs'
    | 'lastTryAt'
    | 'route'
    | 'bodyStarted'
    | 'claimedBy'
    | 'leaseUntil'
    | 'uncertainSince'
    | 'wasUncertain'
    | 'acceptedAt'
    | 'outageId'
    | 'sentCopy'
    | 'sentStep'
    | 'error'
    | 'hold'
    | 'originalMarked'
    | 'endedAt'
    | 'dismissedAt'
    | 'draftId'
  >
>;

/** Mail handed over to be sent. Rows that cannot be understood come out as `quarantined`, with what of them can be shown. */
export interface OutboxStore {
  readonly bytes: OutboxBytes;
  readonly evidence: OutboxEvidence;
  /** Keeps a mail as it was frozen; durable when the transaction is. */
  add(frozen: FrozenMessage, accountEmail: string, now: number): OutboxId;
  /** @throws MailError not-found */
  get(id: OutboxId): OutboxRow;
  find(id: OutboxId): OutboxRow | null;
  /** The account's mail with this Message-ID. */
  withMessageId(accountId: AccountId, messageId: string): OutboxRow | null;
  /** Oldest first. */
  inStates(accountId: AccountId, states: readonly OutboxState[]): OutboxRow[];
  /** Those whose copy in Sent is still to be proved, oldest first. */
  awaitingCopy(accountId: AccountId): OutboxRow[];
  /** Neither ended nor given up by hand: those whose mail and original are still needed. */
  unsettled(accountId: AccountId): OutboxRow[];
  /** Accepted or filed, whose original is still to be marked as answered or forwarded. */
  unmarked(accountId: AccountId): OutboxRow[];
  /** Newest first: all that is open, and what ended since; without what was dismissed. */
  shown(endedSince: number): OutboxRow[];
  accepted(accountId: AccountId, since: number): OutboxRow[];
  change(id: OutboxId, change: OutboxChange): void;
  /** Changes it only while this claim holds; false when somebody else has it or it was taken back. */
  changeClaimed(id: OutboxId, claim: string, change: OutboxChange): boolean;
  setRecipient(id: OutboxId, address: string, recipient: Omit<RecipientRow, 'address'>): void;
  setRecipients(id: OutboxId, from: readonly RecipientState['state'][], to: RecipientState['state']): void;
  /** Another mail was made of this one's draft and not taken back. */
  isReplaced(row: Pick<OutboxRow, 'id' | 'draftId'>): boolean;
  /** What it was made from is still here. */
  hasDraft(id: DraftId): boolean;
  countUnsent(accountId: AccountId): number;
  removeAccount(accountId: AccountId): void;
  /** Finds the accounts again by their addresses where their ids have changed. */
  adopt(accounts: readonly { readonly id: AccountId; readonly email: string }[]): number;
  /** Lets go of bytes of filed mail, and of rows that ended, before these instants. */
  forgetEnded(bytesBefore: number, rowsBefore: number): number;
  filesOwnCopy(host: string): boolean | null;
  learnFilesOwnCopy(host: string, value: boolean, now: number): void;
}

const COLUMNS: { readonly [K in keyof OutboxChange]-?: string } = {
  state: 'state',
  sendAfter: 'send_after',
  nextAttemptAt: 'next_attempt_at',
  retries: 'retries',
  waitedMs: 'waited_ms',
  lastTryAt: 'last_try_at',
  route: 'route',
  bodyStarted: 'body_started',
  claimedBy: 'claimed_by',
  leaseUntil: 'lease_until',
  uncertainSince: 'uncertain_since',
  wasUncertain: 'was_uncertain',
  acceptedAt: 'accepted_at',
  outageId: 'outage_id',
  sentCopy: 'sent_copy',
  sentStep: 'sent_step',
  error: 'error',
  hold: 'hold',
  originalMarked: 'original_marked',
  endedAt: 'ended_at',
  dismissedAt: 'dismissed_at',
  draftId: 'draft_id',
};

function toColumn(value: unknown): string | number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value as string | number | null;
}

/** `SET` list and values of a change. */
function assignment(change: OutboxChange): { sql: string; values: (string | number | null)[] } {
  const names = (Object.keys(change) as (keyof OutboxChange)[]).filter((name) => change[name] !== undefined);
  if (names.length === 0) throw new MailError('internal', { scope: 'message', retry: 'never', detail: 'nothing to change' });
  return { sql: names.map((name) => `${COLUMNS[name]} = ?`).join(', '), values: names.map((name) => toColumn(change[name])) };
}

const ENDED = "('filed','rejected','cancelled','quarantined')";
const UNSENT = "('queued','submitting','unknown','quarantined')";

interface RecipientColumns {
  address: string;
  state: RecipientState['state'];
  replyCode: number | null;
  reply: string | null;
  enhancedCode: string | null;
}

export function createOutboxStore(handle: DatabaseHandle): OutboxStore {
  const { db } = handle;
  const bytes = createOutboxBytes(handle);
  const insert = db.prepare(
    `INSERT INTO outbox (account_id, account_email, state, message_id, date, envelope_from, needs_utf8, subject, shown_to, bcc, preview,
       raw_sha256, size_bytes, original, draft_id, created_at, send_after)
     VALUES (@accountId, @email, 'queued', @messageId, @date, @from, @utf8, @subject, @to, @bcc, @preview, @digest, @size, @original, @draftId,
       @now, @sendAfter)`,
  );
  const insertRecipient = db.prepare("INSERT INTO outbox_recipients (outbox_id, number, address, state) VALUES (?, ?, ?, 'pending')");
  const recipients = db.prepare(
    `SELECT address, state, reply_code AS replyCode, reply, enhanced_code AS enhancedCode FROM outbox_recipients
     WHERE outbox_id = ? ORDER BY number`,
  );
  const setRecipient = db.prepare(
    `UPDATE outbox_recipients SET state = @state, reply_code = @replyCode, reply = @reply, enhanced_code = @enhancedCode
     WHERE outbox_id = @id AND address = @address`,
  );
  const replaced = db.prepare("SELECT 1 FROM outbox WHERE draft_id = ? AND id > ? AND state <> 'cancelled' LIMIT 1");
  const one = db.prepare('SELECT * FROM outbox WHERE id = ?');
  const read = (row: RawRow): OutboxRow => {
    const list = recipients.all(row['id']) as RecipientColumns[];
    return parseRow(row, list) ?? salvageRow(row, list);
  };
  const selections = new Map<string, Statement>();
  // Some of them are asked at every look at a server, and to prepare one costs more than to run it.
  const selection = (sql: string): Statement => {
    const statement = selections.get(sql) ?? db.prepare(`SELECT * FROM outbox WHERE ${sql}`);
    selections.set(sql, statement);
    return statement;
  };
  const all = (sql: string, ...values: readonly unknown[]): OutboxRow[] => (selection(sql).all(...values) as RawRow[]).map(read);
  const find = (id: OutboxId): OutboxRow | null => {
    const row = one.get(id) as RawRow | undefined;
    return row === undefined ? null : read(row);
  };
  const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(',');
  return {
    bytes,
    evidence: createOutboxEvidence(handle),
    add: (frozen, email, now) =>
      handle.tx('outbox.add', () => {
        const { accountId, messageId, date, envelope, raw, subject, preview, sendAfter, draftId } = frozen;
        const id = asOutboxId(
          Number(
            insert.run({
              ...{ accountId, email, messageId, date, from: envelope.from, utf8: frozen.needsSmtpUtf8 ? 1 : 0, subject, preview },
              ...{ to: JSON.stringify(frozen.to), bcc: JSON.stringify(frozen.bcc), digest: sha256(raw), size: raw.length, now, sendAfter },
              ...{ original: frozen.original === null ? null : JSON.stringify(frozen.original), draftId },
            }).lastInsertRowid,
          ),
        );
        envelope.to.forEach((address, number) => insertRecipient.run(id, number, address));
        bytes.put(id, raw);
        return id;
      }),
    get: (id) => {
      const row = find(id);
      if (row === null) throw new MailError('not-found', { scope: 'message', retry: 'never' });
      return row;
    },
    find,
    withMessageId: (accountId, messageId) => all('account_id = ? AND message_id = ?', accountId, messageId)[0] ?? null,
    inStates: (accountId, states) => all(`account_id = ? AND state IN (${list(states)}) ORDER BY id`, accountId),
    awaitingCopy: (accountId) => all("account_id = ? AND sent_copy = 'waiting' AND state <> 'quarantined' ORDER BY id", accountId),
    unsettled: (accountId) =>
      all(
        `account_id = ? AND (state NOT IN ${ENDED} OR sent_copy = 'waiting' OR (state IN ('rejected','quarantined') AND dismissed_at IS NULL))`,
        accountId,
      ),
    unmarked: (accountId) => all('account_id = ? AND original IS NOT NULL AND original_marked = 0 AND accepted_at IS NOT NULL', accountId),
    shown: (endedSince) =>
      all(`dismissed_at IS NULL AND (state NOT IN ${ENDED} OR coalesce(ended_at, ?) >= ?) ORDER BY id DESC`, endedSince, endedSince),
    accepted: (accountId, since) => all('account_id = ? AND accepted_at >= ? ORDER BY id', accountId, since),
    change: (id, change) => {
      const { sql, values } = assignment(change);
      db.prepare(`UPDATE outbox SET ${sql} WHERE id = ?`).run(...values, id);
    },
    changeClaimed: (id, claim, change) => {
      const { sql, values } = assignment(change);
      return (
        db.prepare(`UPDATE outbox SET ${sql} WHERE id = ? AND claimed_by = ? AND state = 'submitting'`).run(...values, id, claim)
          .changes === 1
      );
    },
    setRecipient: (id, address, recipient) => void setRecipient.run({ ...recipient, id, address }),
    setRecipients: (id, from, to) =>
      void db.prepare(`UPDATE outbox_recipients SET state = ? WHERE outbox_id = ? AND state IN (${list(from)})`).run(to, id),
    isReplaced: ({ id, draftId }) => replaced.get(draftId, id) !== undefined,
    hasDraft: (id) => db.prepare('SELECT 1 FROM drafts WHERE id = ?').get(id) !== undefined,
    countUnsent: (accountId) =>
      db.prepare(`SELECT count(*) FROM outbox WHERE account_id = ? AND state IN ${UNSENT}`).pluck().get(accountId) as number,
    removeAccount: (accountId) =>
      handle.tx('outbox.remove-account', () => void db.prepare('DELETE FROM outbox WHERE account_id = ?').run(accountId)),
    adopt: (accounts) => adopt(handle, accounts),
    forgetEnded: (bytesBefore, rowsBefore) =>
      handle.tx('outbox.forget-ended', () => {
        db.prepare("DELETE FROM outbox_chunks WHERE outbox_id IN (SELECT id FROM outbox WHERE state = 'filed' AND ended_at < ?)").run(
          bytesBefore,
        );
        return db.prepare(`DELETE FROM outbox WHERE state IN ${ENDED} AND ended_at < ? AND sent_copy IS NOT 'waiting'`).run(rowsBefore)
          .changes;
      }),
    filesOwnCopy: (host) => {
      const value = db.prepare('SELECT files_own_copy FROM submission_servers WHERE host = ?').pluck().get(host) as string | undefined;
      return value === undefined ? null : value === 'yes';
    },
    learnFilesOwnCopy: (host, value, now) =>
      void db
        .prepare(
          `INSERT INTO submission_servers (host, files_own_copy, learnt_at) VALUES (?, ?, ?)
           ON CONFLICT (host) DO UPDATE SET files_own_copy = excluded.files_own_copy, learnt_at = excluded.learnt_at`,
        )
        .run(host, value ? 'yes' : 'no', now),
  };
}

/** Two accounts may have changed places: what has to move is gathered first. */
function adopt({ db, tx }: DatabaseHandle, accounts: readonly { readonly id: AccountId; readonly email: string }[]): number {
  const moves = accounts.flatMap(({ id, email }) =>
    (db.prepare('SELECT id FROM outbox WHERE account_email = ? AND account_id <> ?').pluck().all(email, id) as number[]).map((row) => ({
      row,
      to: asAccountId(id),
    })),
  );
  if (moves.length === 0) return 0;
  return tx('outbox.adopt', () => {
    for (const { row, to } of moves) db.prepare('UPDATE outbox SET account_id = ? WHERE id = ?').run(to, row);
    return moves.length;
  });
}
