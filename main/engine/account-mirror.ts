import type { Account, Side } from '../../shared/model/account.ts';
import type { AccountId, EntryId, MailboxId } from '../../shared/model/ids.ts';
import type { DeliveryReport } from '../../shared/model/outbox.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import type { CredentialProvider } from './auth/credential-provider.ts';
import { logIn } from './auth/log-in.ts';
import { Backoff } from './core/backoff.ts';
import type { EngineDeps } from './deps.ts';
import { CutPauses } from './imap/cut-pauses.ts';
import type { ImapSession } from './imap/gateway.ts';
import type { SideJob } from './imap/side-job.ts';
import { completeSince } from './mirror/coverage.ts';
import type { CycleResult } from './mirror/cycle.ts';
import { SideMirror } from './mirror/side-mirror.ts';
import { viewContext, type ChangeListener } from './mirror/view-context.ts';
import { replayOps, type ReplayContext } from './oplog/replay.ts';
import type { Mailbox } from './store/mailboxes.ts';
import type { EngineStore } from './store/engine-store.ts';

export interface AccountMirrorOptions {
  readonly deps: EngineDeps;
  readonly store: EngineStore;
  readonly credentials: CredentialProvider;
  readonly accountId: AccountId;
  readonly onListsChanged: ChangeListener;
  /** A mail turned out to be a report about the delivery of another. */
  readonly onDeliveryReport: (report: DeliveryReport, at: number) => void;
  /** New mail was found in a mailbox. */
  readonly onReceived: (mailbox: Mailbox, count: number) => void;
  readonly onState: (state: SideSyncState) => void;
  /** A server wants the person to be told this. Must not throw. */
  readonly onAlert: (side: Side, text: string) => void;
  /** Changes of the person may be carried to the servers now. */
  readonly mayReplay: () => boolean;
  /** Changes of the person were carried over, or failed. */
  readonly onOpsSettled: () => void;
  /** Mail held by the relay alone that the primary will get: changes wait for it to arrive there. */
  readonly awaitsPrimary: (entryId: EntryId) => boolean;
  /** Further work for a side's session, after the changes. */
  readonly jobs: (side: Side) => readonly SideJob[];
  readonly step: (name: string) => void;
}

/** Connects one side of an account with fresh credentials. */
export function connectSide(
  { deps, store, credentials }: Pick<AccountMirrorOptions, 'deps' | 'store' | 'credentials'>,
  accountId: AccountId,
  side: Side,
  signal: AbortSignal,
  onAlert: (text: string) => void = () => undefined,
): Promise<ImapSession> {
  return logIn({ imap: deps.imap, credentials }, store.accounts.get(accountId), side, { signal, onAlert });
}

/** Both sides of one account: each mirrors by itself, a failure of one never touches the other. */
export class AccountMirror {
  readonly #sides: readonly SideMirror[];

  constructor(options: AccountMirrorOptions) {
    const account = options.store.accounts.get(options.accountId);
    this.#sides = sidesOf(account).map((side) => makeSide(options, side));
  }

  get states(): SideSyncState[] {
    return this.#sides.map((side) => side.state);
  }

  start(): void {
    for (const side of this.#sides) side.start();
  }

  syncNow(of?: Side): void {
    for (const one of this.#of(of)) one.syncNow();
  }

  replayNow(of?: Side): void {
    for (const one of this.#of(of)) one.replayNow();
  }

  #of(side: Side | undefined): readonly SideMirror[] {
    return side === undefined ? this.#sides : this.#sides.filter((one) => one.state.side === side);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sides.map((side) => side.stop()));
  }

  /** One complete look at each side; the outcome of one does not hide the other's. */
  async runOnce(): Promise<{ side: Side; result: CycleResult | null; error: unknown }[]> {
    return Promise.all(
      this.#sides.map(async (mirror) => {
        const { side } = mirror.state;
        try {
          return { side, result: await mirror.runOnce(), error: null };
        } catch (error) {
          return { side, result: null, error };
        }
      }),
    );
  }
}

/** The sides an account has. */
export function sidesOf(account: Account): Side[] {
  return account.config.relay === null ? ['primary'] : ['primary', 'relay'];
}

function makeSide(options: AccountMirrorOptions, side: Side): SideMirror {
  const { deps, store, accountId, onListsChanged, onDeliveryReport, onReceived, onState, step } = options;
  const hooks = { onListsChanged, onDeliveryReport, onReceived, step };
  const cuts = new CutPauses(deps.clock);
  let lookedAt: number | null = null;
  return new SideMirror({
    context: { store, deps, accountId, side, account: () => store.accounts.get(accountId), ...hooks },
    connect: (signal) => connectSide(options, accountId, side, signal, (text) => options.onAlert(side, text)),
    backoff: new Backoff({ clock: deps.clock, random: deps.random }),
    replay: async (session) => {
      if (options.mayReplay()) await replaySide(options, side, session, { cuts, lookedAt: () => lookedAt });
      for (const job of options.jobs(side)) await job.run(session);
    },
    completeSince: () => completeSince(store, accountId, side),
    onState: (state) => {
      lookedAt = state.lastCompleteAt;
      onState(state);
    },
  });
}

type Cuts = Pick<ReplayContext, 'cuts' | 'lookedAt'>;

async function replaySide(options: AccountMirrorOptions, side: Side, session: ImapSession, cuts: Cuts): Promise<void> {
  const { deps, store, accountId, onListsChanged, step, onOpsSettled } = options;
  const { clock, log } = deps;
  await replayOps(
    {
      ...{ store, clock, log, accountId, side, step, ...cuts },
      record: (op, state, stepResult) => {
        store.handle.tx('oplog.record-step', () => store.ops.advance(op.id, state, clock.now(), { stepResult }));
      },
      view: () => viewContext(store, accountId),
      awaitsPrimary: options.awaitsPrimary,
      onEntriesChanged: (ids) => {
        if (ids.length > 0) onListsChanged(ids as MailboxId[]);
        onOpsSettled();
      },
    },
    session,
  );
}
