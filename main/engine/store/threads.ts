import { createHash } from 'node:crypto';
import type { AccountId, EntryId } from '../../../shared/model/ids.ts';
import type { StoreHandle } from './contract.ts';
import type { EntryHeaders } from './entries.ts';

/** Ancestors that are looked at: the first, which began it, and the latest. */
const MAX_ANCESTORS = 30;
const DIGEST_BYTES = 12;

/** What a mail says of its place among others. */
export interface ThreadEvidence extends Pick<EntryHeaders, 'references' | 'inReplyTo'> {
  readonly messageId: string | null;
}

/** Puts mails that answer each other into one thread (RFC 5256, REFERENCES), one by one as they come, in whatever order. */
export interface ThreadStore {
  /**
   * Thread of a mail, made or put together of several where it tells that they are one. A mail that names no Message-ID stays alone.
   * Call in the transaction that stores the entry, which need not be there yet.
   */
  join(accountId: AccountId, entryId: EntryId, evidence: ThreadEvidence): number;
  /** Joins some mails that were here before threads were; false when nothing was left. */
  joinPortion(limit: number): boolean;
  /** Every mail is in its thread. */
  isComplete(): boolean;
}

const bare = (messageId: string): string => messageId.replace(/^<|>$/gu, '');

/**
 * Message-IDs that are of one thread with the mail, its own included. In-Reply-To counts where there are no References: it may name a
 * mail that is merely mentioned. The subject counts for nothing: two mails that are called "Invoice" are no conversation. Pure.
 */
export function threadMates({ messageId, references, inReplyTo }: ThreadEvidence): string[] {
  const ancestors = references.length > 0 ? [...references.slice(0, 1), ...references.slice(1).slice(1 - MAX_ANCESTORS)] : [inReplyTo];
  const ids = [messageId, ...ancestors].filter((id) => id !== null).map(bare);
  return [...new Set(ids)].filter((id) => id !== '');
}

function prepare(db: StoreHandle['db']) {
  return {
    threadOf: db.prepare('SELECT thread_id FROM thread_ids WHERE account_id = ? AND digest = ?').pluck(),
    add: db.prepare('INSERT INTO thread_ids (account_id, digest, thread_id) VALUES (?, ?, ?)'),
    begin: db.prepare('UPDATE thread_ids SET thread_id = id WHERE id = ?'),
    size: db.prepare('SELECT count(*) FROM entries WHERE thread_id = ?').pluck(),
    moveEntries: db.prepare('UPDATE entries SET thread_id = ? WHERE thread_id = ?'),
    moveIds: db.prepare('UPDATE thread_ids SET thread_id = ? WHERE thread_id = ?'),
    unjoined: db.prepare('SELECT id, account_id, message_id, headers FROM entries WHERE thread_id = 0 LIMIT ?'),
    isLeft: db.prepare('SELECT EXISTS (SELECT 1 FROM entries WHERE thread_id = 0)').pluck(),
    setThread: db.prepare('UPDATE entries SET thread_id = ? WHERE id = ?'),
  };
}

interface Unjoined {
  readonly id: EntryId;
  readonly account_id: AccountId;
  readonly message_id: string | null;
  readonly headers: string;
}

export function createThreadStore(handle: StoreHandle): ThreadStore {
  const sql = prepare(handle.db);
  /** The smaller go into the largest, so that no mail is moved often however they come. */
  const merge = (threads: readonly number[]): number => {
    const [largest, ...others] = threads
      .map((thread) => ({ thread, size: sql.size.get(thread) as number }))
      .sort((a, b) => b.size - a.size || a.thread - b.thread);
    for (const { thread } of others) {
      sql.moveEntries.run(largest!.thread, thread);
      sql.moveIds.run(largest!.thread, thread);
    }
    return largest!.thread;
  };
  const join: ThreadStore['join'] = (accountId, entryId, evidence) => {
    const digests = threadMates(evidence).map((id) => createHash('sha256').update(id).digest().subarray(0, DIGEST_BYTES));
    const [first] = digests;
    // Numbers of threads are positive: no other mail can ever be put with this one.
    if (!first) return -entryId;
    const found = digests.map((digest) => sql.threadOf.get(accountId, digest) as number | undefined);
    const known = [...new Set(found.filter((thread) => thread !== undefined))];
    let thread = known.length > 1 ? merge(known) : known[0];
    if (thread === undefined) {
      thread = Number(sql.add.run(accountId, first, 0).lastInsertRowid);
      sql.begin.run(thread);
      found[0] = thread;
    }
    for (const [n, digest] of digests.entries()) if (found[n] === undefined) sql.add.run(accountId, digest, thread);
    return thread;
  };
  return {
    join,
    joinPortion: (limit) =>
      handle.tx('threads.join', () => {
        const rows = sql.unjoined.all(limit) as Unjoined[];
        for (const { id, account_id: accountId, message_id: messageId, headers } of rows) {
          const { references = [], inReplyTo = null } = JSON.parse(headers) as Partial<EntryHeaders>;
          sql.setThread.run(join(accountId, id, { messageId, references, inReplyTo }), id);
        }
        return rows.length === limit;
      }),
    isComplete: () => sql.isLeft.get() === 0,
  };
}
