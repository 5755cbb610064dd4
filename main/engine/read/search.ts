import { asAccountId, type EntryId } from '../../../shared/model/ids.ts';
import type { MessageRow } from '../../../shared/model/message.ts';
import type { Clock } from '../core/clock.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { parseListKey } from './view-mailboxes.ts';

export interface SearchQuery {
  readonly text: string;
  readonly mailboxKey: string | null;
  readonly limit: number;
}

interface Scope {
  readonly viewMailboxIds?: readonly number[];
  readonly accountId?: number;
}

function scopeOf(store: EngineStore, mailboxKey: string | null): Scope {
  if (mailboxKey === null) return {};
  const key = parseListKey(store, mailboxKey);
  if ('recoverableOf' in key) return { accountId: key.recoverableOf };
  return { viewMailboxIds: 'mailboxId' in key ? [key.mailboxId] : key.mailboxIds };
}

/** Finds in everything mirrored, newest first; mail whose body is not here yet is found by its subject and people. */
export function search(
  store: EngineStore,
  clock: Clock,
  { text, mailboxKey, limit }: SearchQuery,
): { rows: MessageRow[]; hasMore: boolean; tookMs: number } {
  const start = clock.monotonic();
  const scope = scopeOf(store, mailboxKey);
  if (text.trim() === '') return { rows: [], hasMore: false, tookMs: 0 };
  const hits = store.search.query(text, { limit, ...scope });
  const account = scope.accountId === undefined ? null : asAccountId(scope.accountId);
  const unindexed = scope.viewMailboxIds ? [] : store.lists.unindexedMatches(text, account, limit);
  const ids = new Set<EntryId>([...hits.entryIds, ...unindexed]);
  const newest = [...ids].sort((a, b) => b - a);
  const rows = store.lists.rows(newest.slice(0, limit));
  return { rows, hasMore: hits.hasMore || newest.length > limit, tookMs: clock.monotonic() - start };
}
