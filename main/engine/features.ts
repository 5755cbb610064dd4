import type { AccountId, EntryId, MailboxId } from '../../shared/model/ids.ts';
import type { Side } from '../../shared/model/account.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import type { AuditJournal } from './audit/journal.ts';
import type { CredentialProvider } from './auth/credential-provider.ts';
import { Compose, type ComposeContext } from './compose/compose.ts';
import type { ContinuityMonitor } from './continuity/monitor.ts';
import type { EngineDeps } from './deps.ts';
import type { EngineEventListener } from './engine.ts';
import { createDrills } from './create-drills.ts';
import { createMonitor } from './create-monitor.ts';
import { createOutbox } from './create-outbox.ts';
import type { Drills } from './drill/drills.ts';
import { Alerts } from './tell-alerts.ts';
import { createReconciler } from './create-reconciler.ts';
import type { Feature } from './feature.ts';
import { LostMail } from './lost-mail.ts';
import { threadWalk } from './read/thread-walk.ts';
import { viewContext } from './mirror/view-context.ts';
import type { Mark } from './oplog/record-flag.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Reconciler } from './reconcile/reconciler.ts';
import type { EngineStore } from './store/engine-store.ts';

/** What the engine lends to its features. */
export interface FeatureContext {
  readonly deps: EngineDeps;
  readonly store: EngineStore;
  readonly credentials: CredentialProvider;
  readonly onEvent: EngineEventListener;
  readonly step: (name: string) => void;
  readonly journal: AuditJournal;
  /** Lists to be shown anew; none means all. */
  noteListsChanged(ids: readonly MailboxId[]): void;
  /** Journals the mark that a sent answer leaves on its original; once for each key. */
  recordMark(entryId: EntryId, mark: Mark, uniqueKey: string): void;
  /** As Actions.settleLost(). */
  settleLost(entryIds: readonly EntryId[], isPutBack: boolean): void;
  /** Lets the jobs of a side run soon, where it is connected. */
  wake(accountId: AccountId, side?: Side): void;
  /** A complete look at a side soon. */
  look(accountId: AccountId, side?: Side): void;
  /** What each side of each account is doing. */
  states(): readonly SideSyncState[];
}

/** Everything beyond the mirror, composed. */
export interface Features {
  readonly all: readonly Feature[];
  readonly monitor: ContinuityMonitor;
  readonly compose: Compose;
  readonly outbox: Outbox;
  readonly drills: Drills;
  readonly reconciler: Reconciler;
  readonly alerts: Alerts;
  readonly lostMail: LostMail;
  /** Changes of the person may be carried to the servers now; else they wait for the reconciliation. */
  mayReplay(accountId: AccountId): boolean;
  /** Mail that only the relay holds and that the primary will get: changes wait for it there, instead of failing at the relay. */
  awaitsPrimary(entryId: EntryId): boolean;
}

export function createFeatures(context: FeatureContext): Features {
  const alerts = new Alerts(context);
  const monitor = createMonitor(context, alerts);
  const reconciler = createReconciler(context, monitor);
  const mayReplay = (id: AccountId): boolean => reconciler.mayReplay(id);
  const outbox: Outbox = createOutbox(context, monitor, {
    maySentCopy: mayReplay,
    reopenDraft: ({ id, draftId }, only) => compose.reopen(id, draftId, only),
  });
  const compose: Compose = createCompose(context, {
    enqueue: (frozen) => outbox.enqueue(frozen),
    mayReplay,
    copyKept: (accountId, draftId) => reconciler.draftCopyKept(accountId, draftId),
  });
  const threads = threadWalk(context.store, context.deps.clock, context.deps.log, () => context.noteListsChanged([]));
  const conversations: Feature = { start: () => threads.start(), stop: async () => threads.stop() };
  const lostMail = new LostMail(context);
  const drills = createDrills(context, { monitor, outbox, compose, alerts });
  // The reconciler goes last: it tells what the others have done.
  return {
    all: [monitor, outbox, compose, drills, alerts, lostMail, reconciler, conversations],
    ...{ monitor, outbox, compose, drills, alerts, lostMail, reconciler },
    mayReplay,
    awaitsPrimary: (id) => reconciler.awaitsPrimary(id),
  };
}

function createCompose(context: FeatureContext, hooks: Pick<ComposeContext, 'enqueue' | 'mayReplay' | 'copyKept'>): Compose {
  const { deps, store, onEvent, noteListsChanged, wake, states, step } = context;
  const { ingest, clock, random, log, locale = 'en' } = deps;
  return new Compose({
    ...{ store, ingest, clock, random, log, locale, noteListsChanged, wake, states, step },
    ...hooks,
    view: (id) => viewContext(store, id),
    changed: () => onEvent('drafts.changed', null),
    leftoversChanged: () => onEvent('actions.changed', null),
  });
}
