import { createHash } from 'node:crypto';
import type { EngineStore } from '../../main/engine/store/engine-store.ts';
import type { Outage, OutageStore } from '../../main/engine/store/outages.ts';
import type { OutboxRow } from '../../main/engine/store/outbox-item.ts';
import type { OutboxStore } from '../../main/engine/store/outbox.ts';
import type { ItemRow, NewItem, ReconcileStore, RunRow } from '../../main/engine/store/reconcile.ts';
import type { Account, Side } from '../../shared/model/account.ts';
import type { ModeChange } from '../../shared/model/continuity.ts';
import { asOutageId, asOutboxId, asReconcileRunId, type OutboxId } from '../../shared/model/ids.ts';

/** What one client keeps, in memory: ten thousand databases would measure the disk. */
export interface HerdRows {
  readonly store: EngineStore;
  readonly outbox: OutboxStore;
  /** A mail as the outbox has it once it was handed over. */
  enqueue(now: number, undoMs: number): void;
  /** Copies that are still to be filed in Sent. */
  awaitingCopy(): OutboxRow[];
  /** Texts that a side's mirror lacks. */
  readonly missing: Record<Side, number>;
}

const nothing = (): void => undefined;
const none = (): never[] => [];
const EMPTY_SHA256 = createHash('sha256').digest();

/** The rows of one account, as far as the schedule of its client reads them: no mailbox is mirrored, no mail is looked into. */
export function herdRows(account: Account): HerdRows {
  const missing = { primary: 0, relay: 0 };
  const outbox = outboxRows(account);
  const meta = new Map<string, string>();
  const handle = { tx: <T>(_name: string, work: () => T): T => work(), compact: nothing };
  const store = {
    accounts: { get: () => account, list: () => [account] },
    ...{ handle, outboxHandle: handle, outages: outageRows(account), reconcile: reconcileRows(), outbox: outbox.store },
    reconcileFacts: { relayMail: none, appendedBy: none, primaryPlaces: none },
    relayClock: { noteLook: nothing, offsetMs: () => 0 },
    meta: { get: (key: string) => meta.get(key) ?? null, set: (key: string, value: string) => void meta.set(key, value) },
    mailboxes: { list: none },
    placements: {
      ...{ forgetAttempts: nothing, inState: none },
      countMissing: (_id: unknown, side: Side) => ({ missing: missing[side] }),
    },
    ops: { open: none, countOpen: () => 0, forgetDone: nothing, isToBeCreated: () => false },
    entries: { relayOnly: none },
    drafts: { copies: { inState: none } },
    search: { merge: () => false, sweepTerms: nothing },
  };
  return {
    store: store as unknown as EngineStore,
    outbox: outbox.store,
    enqueue: outbox.enqueue,
    awaitingCopy: outbox.awaitingCopy,
    missing,
  };
}

function outageRows(account: Account): OutageStore {
  const outages: Outage[] = [];
  const changes: ModeChange[] = [];
  const change = (id: number, of: Partial<Outage>): void => void (outages[id - 1] = { ...outages[id - 1]!, ...of });
  return {
    current: () => outages.findLast((one) => one.endedAt === null) ?? null,
    get: (id) => outages[id - 1] ?? null,
    list: () => [...outages].reverse(),
    start: (accountId, of) => {
      const id = asOutageId(outages.length + 1);
      outages.push({ id, accountId, relayMark: 0, backAt: null, endedAt: null, ...of });
      return id;
    },
    setBack: (id, backAt) => change(id, { backAt }),
    setCause: (id, cause, isDrill) => change(id, { cause, isDrill }),
    end: (id, endedAt) => change(id, { endedAt }),
    recordMode: (_id, one) => void changes.unshift(one),
    modeChanges: (_id, limit) => changes.slice(0, limit),
    lastChangeFor: (_id, reason) => changes.find((one) => one.reason === reason)?.at ?? null,
    control: () => account.config.managed?.control ?? 'automatic',
    setControl: nothing,
    hasLoggedIn: () => true,
    recordLogin: nothing,
  };
}

function reconcileRows(): ReconcileStore {
  const runs: RunRow[] = [];
  const items: ItemRow[] = [];
  const isEnd = ({ state }: Pick<ItemRow, 'state'>): boolean => state === 'confirmed' || state === 'exception';
  const add = (runId: RunRow['id'], of: NewItem, now: number): void => {
    const rest = { id: items.length + 1, runId, error: null, attempts: 0, doneAt: isEnd(of) ? now : null };
    items.push({ stepResult: {}, ...of, ...rest });
  };
  const ofRun = (runId: RunRow['id']): ItemRow[] => items.filter((one) => one.runId === runId);
  return {
    addRun: (of) => {
      const ends = { outageEndedAt: null, begunAt: null, finishedAt: null, acknowledgedAt: null };
      runs.push({ id: asReconcileRunId(runs.length + 1), relayClockMs: 0, ...ends, ...of });
      return runs.at(-1)!;
    },
    run: (id) => runs[id - 1] ?? null,
    runOfOutage: (id) => runs.find((one) => one.outageId === id) ?? null,
    runs: () => [...runs].reverse(),
    changeRun: (id, change) => void (runs[id - 1] = { ...runs[id - 1]!, ...change }),
    addItems: (runId, list, now) => {
      const known = new Set(ofRun(runId).map((one) => one.key));
      const added = list.filter((one) => !known.has(one.key));
      for (const one of added) add(runId, one, now);
      return added.length;
    },
    item: (id) => items[id - 1] ?? null,
    itemByKey: (runId, key) => ofRun(runId).find((one) => one.key === key) ?? null,
    items: (runId, states) => ofRun(runId).filter((one) => states?.includes(one.state) ?? true),
    page: (runId) => ({ total: ofRun(runId).length, items: ofRun(runId) }),
    counts: (runId) => ofRun(runId).map(({ kind, state }) => ({ kind, state, n: 1 })),
    changeItem: (id, change, now) => {
      const made = { ...items[id - 1]!, ...change };
      items[id - 1] = { ...made, doneAt: isEnd(made) ? now : null };
    },
    ...{ receivedItemOf: () => null, hasOpen: () => false, forgetSubjects: () => 0 },
  };
}

function outboxRows({ id: accountId, config }: Account): Pick<HerdRows, 'enqueue' | 'awaitingCopy'> & { readonly store: OutboxStore } {
  const rows: OutboxRow[] = [];
  /** Those that are not filed: all others are read at the end of an outage only. */
  const open = new Map<OutboxId, OutboxRow>();
  const change = (id: OutboxId, of: Partial<OutboxRow>): void => {
    const row = { ...rows[id - 1]!, ...of };
    rows[id - 1] = row;
    if (row.state === 'filed') open.delete(id);
    else open.set(id, row);
  };
  const recipient = { address: 'someone@example.org', state: 'pending', replyCode: null, reply: null, enhancedCode: null } as const;
  const blank: Omit<OutboxRow, 'id' | 'messageId' | 'date' | 'createdAt' | 'sendAfter'> = {
    ...{ accountId, accountEmail: config.email, from: config.email, state: 'queued', needsSmtpUtf8: false, subject: '', to: [], bcc: [] },
    ...{ preview: '', rawSha256: EMPTY_SHA256, sizeBytes: 0, original: null, draftId: null, nextAttemptAt: null, retries: 0, waitedMs: 0 },
    ...{ lastTryAt: null, route: null, bodyStarted: false, claimedBy: null, leaseUntil: null, uncertainSince: null, wasUncertain: false },
    ...{ acceptedAt: null, outageId: null, sentCopy: null, sentStep: null, error: null, hold: null, originalMarked: true, endedAt: null },
    ...{ dismissedAt: null, recipients: [recipient] },
  };
  const isPast = (since: number) => (row: OutboxRow) => row.acceptedAt !== null && row.acceptedAt >= since;
  const ofClaim = (id: OutboxId, claim: string): boolean => rows[id - 1]?.claimedBy === claim;
  const setRecipients = (id: OutboxId, work: (row: OutboxRow['recipients'][number]) => OutboxRow['recipients'][number]): void =>
    change(id, { recipients: rows[id - 1]!.recipients.map(work) });
  const store = {
    bytes: { pieces: none },
    evidence: { beginAttempt: () => 1, notePhase: nothing, endAttempt: nothing, endOpenAttempts: nothing },
    get: (id: OutboxId) => rows[id - 1]!,
    find: (id: OutboxId) => rows[id - 1] ?? null,
    inStates: (_id: unknown, states: readonly string[]) => [...open.values()].filter((one) => states.includes(one.state)),
    accepted: (_id: unknown, since: number) => rows.filter(isPast(since)),
    unsettled: none,
    change,
    changeClaimed: (id: OutboxId, claim: string, of: Partial<OutboxRow>) => {
      if (!ofClaim(id, claim)) return false;
      change(id, of);
      return true;
    },
    setRecipient: (id: OutboxId, address: string, of: object) =>
      setRecipients(id, (one) => (one.address === address ? { ...one, ...of } : one)),
    setRecipients: (id: OutboxId, from: readonly string[], to: OutboxRow['recipients'][number]['state']) => {
      if (rows[id - 1]!.recipients.some((one) => from.includes(one.state)))
        setRecipients(id, (one) => (from.includes(one.state) ? { ...one, state: to } : one));
    },
    isReplaced: () => false,
  };
  return {
    store: store as unknown as OutboxStore,
    awaitingCopy: () => [...open.values()].filter((one) => one.state === 'accepted' && one.sentCopy === 'waiting'),
    enqueue: (now, undoMs) => {
      const id = asOutboxId(rows.length + 1);
      rows.push({ ...blank, id, messageId: `<${id}@example.com>`, date: now, createdAt: now, sendAfter: now + undoMs });
      open.set(id, rows.at(-1)!);
    },
  };
}
