import type { DatabaseHandle, SearchIndex, SourceStore, StoreHandle } from './contract.ts';
import { createAuditStore, type AuditStore } from './audit.ts';
import { createAccountRemoval, type AccountRemoval } from './account-removal.ts';
import { createAccountStore, type AccountStore } from './accounts.ts';
import { createContactStore, type ContactStore } from './contacts.ts';
import { createConversationStore, type ConversationStore } from './conversations.ts';
import { createCoverageStore, type CoverageStore } from './coverage.ts';
import { createDraftStore, type DraftStore } from './drafts.ts';
import { createDrillStore, type DrillStore } from './drills.ts';
import { createEntryStore, type EntryStore } from './entries.ts';
import { keepAccounts } from './kept-accounts.ts';
import { createKnownPeople, type KnownPeople } from './known-people.ts';
import { createListStore, type ListStore } from './lists.ts';
import { createMailboxStore, type MailboxStore } from './mailboxes.ts';
import { createMetaStore, type MetaStore } from './meta.ts';
import { createOpStore, type OpStore } from './ops.ts';
import { createOutageStore, type OutageStore } from './outages.ts';
import { createOutboxStore, type OutboxStore } from './outbox.ts';
import { createPlacementStore, type PlacementStore } from './placements.ts';
import { createRelayClock, type RelayClock } from './relay-clock.ts';
import { createRelayArrivals, type RelayArrivals } from './relay-arrivals.ts';
import { createReconcileFacts, type ReconcileFacts } from './reconcile-facts.ts';
import { createReconcileStore, type ReconcileStore } from './reconcile.ts';
import { createServerAlerts, type ServerAlerts } from './server-alerts.ts';
import { createSearchIndex } from './search.ts';
import { createSourceStore } from './sources.ts';
import { createThreadStore, type ThreadStore } from './threads.ts';

/** Everything that is kept, by subject, over the two stores of a profile. */
export interface EngineStore {
  readonly handle: StoreHandle;
  /** Mail being written or sent lies in a file of its own; no transaction spans both. */
  readonly outboxHandle: DatabaseHandle;
  readonly meta: MetaStore;
  readonly accounts: AccountStore;
  readonly removal: AccountRemoval;
  readonly mailboxes: MailboxStore;
  readonly placements: PlacementStore;
  readonly entries: EntryStore;
  readonly sources: SourceStore;
  readonly threads: ThreadStore;
  readonly search: SearchIndex;
  readonly lists: ListStore;
  readonly conversations: ConversationStore;
  readonly ops: OpStore;
  readonly coverage: CoverageStore;
  readonly outages: OutageStore;
  readonly outbox: OutboxStore;
  readonly drafts: DraftStore;
  readonly audit: AuditStore;
  readonly contacts: ContactStore;
  readonly people: KnownPeople;
  readonly reconcile: ReconcileStore;
  readonly drills: DrillStore;
  readonly reconcileFacts: ReconcileFacts;
  readonly relayArrivals: RelayArrivals;
  readonly relayClock: RelayClock;
  readonly alerts: ServerAlerts;
}

export function createEngineStore(handle: StoreHandle, outboxHandle: DatabaseHandle): EngineStore {
  const meta = createMetaStore(handle);
  const ops = createOpStore(handle);
  const placements = createPlacementStore(handle);
  const search = createSearchIndex(handle);
  const sources = createSourceStore(handle);
  const threads = createThreadStore(handle);
  const entries = createEntryStore(handle, placements, ops, threads, (id) => search.remove(id));
  return {
    handle,
    outboxHandle,
    meta,
    removal: createAccountRemoval(handle, meta, sources, search),
    accounts: createAccountStore(handle, () => keepAccounts(handle, outboxHandle)),
    mailboxes: createMailboxStore(handle),
    placements,
    entries,
    threads,
    sources,
    search,
    lists: createListStore(handle),
    conversations: createConversationStore(handle),
    ops,
    coverage: createCoverageStore(handle),
    outages: createOutageStore(handle),
    outbox: createOutboxStore(outboxHandle),
    drafts: createDraftStore(outboxHandle),
    audit: createAuditStore(outboxHandle),
    contacts: createContactStore(handle),
    people: createKnownPeople(handle),
    reconcile: createReconcileStore(handle),
    drills: createDrillStore(handle),
    reconcileFacts: createReconcileFacts(handle),
    relayArrivals: createRelayArrivals(handle),
    relayClock: createRelayClock(meta),
    alerts: createServerAlerts(meta),
  };
}
