import { AccountMonitor } from '../../main/engine/continuity/account-monitor.ts';
import { Backoff } from '../../main/engine/core/backoff.ts';
import { silentLog, type Log, type LogEntry } from '../../main/engine/core/log.ts';
import { CutPauses } from '../../main/engine/imap/cut-pauses.ts';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { SideMirror } from '../../main/engine/mirror/side-mirror.ts';
import { fileWhereProved } from '../../main/engine/outbox/record-settlement.ts';
import type { OutboxContext } from '../../main/engine/outbox/context.ts';
import { AccountLane } from '../../main/engine/outbox/lane.ts';
import { Reconciler } from '../../main/engine/reconcile/reconciler.ts';
import { accountConfigSchema, type Account, type Side } from '../../shared/model/account.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import { herdRows, type HerdRows } from './herd-store.ts';
import { asImap, connectTo, COPY_MS, herdDownload, herdSubmission, probeOf, SECOND, type HerdSession, type World } from './herd-servers.ts';
import { noDeliveries } from './no-deliveries.ts';
import type { SeededRandom } from './random.ts';

const UNDO_MS = 10 * SECOND;
const HOUR_MS = 3600 * SECOND;

const endpoint = (port: number) => ({ host: 'mail.example.com', port, security: 'tls' as const, user: 'user' });
const config = accountConfigSchema.parse({
  email: 'user@example.com',
  primary: { imap: endpoint(993), smtp: endpoint(465) },
  relay: { imap: endpoint(993), smtp: endpoint(465) },
});

const nothing = (): void => undefined;

/** Keeps what is told of as a fault inside; the engine would go on with it, and the herd would measure something else. */
function faultLog({ faults }: World): Log {
  const note = ({ ev, code, detail }: LogEntry): void => void (code === 'internal' && faults.push(`${ev} ${String(detail ?? '')}`.trim()));
  return { ...silentLog, warn: note, error: note };
}

/** One client: the engine's own monitor, mirrors, outbox lane and reconciler, joined as the engine joins them, over rows in memory. */
export class HerdClient {
  readonly monitor: AccountMonitor;
  readonly #world: World;
  readonly #log: Log;
  readonly #random: SeededRandom;
  readonly #rows: HerdRows;
  readonly #account: Account;
  readonly #mirrors: Record<Side, SideMirror>;
  readonly #lane: AccountLane;
  readonly #reconciler: Reconciler;
  readonly #sessions = { primary: new Set<HerdSession>(), relay: new Set<HerdSession>() };
  readonly #mailMs: number;
  #route = '';
  #isOver = false;

  constructor(world: World, n: number, random: SeededRandom, mailsPerHour: number) {
    this.#world = world;
    this.#log = faultLog(world);
    this.#random = random;
    this.#mailMs = HOUR_MS / mailsPerHour;
    this.#account = { id: asAccountId(n + 1), config };
    this.#rows = herdRows(this.#account);
    this.#mirrors = { primary: this.#mirrorOf('primary'), relay: this.#mirrorOf('relay') };
    this.#lane = new AccountLane(this.#outboxContext(), this.#account.id);
    this.monitor = this.#makeMonitor();
    this.#reconciler = this.#makeReconciler();
  }

  start(): void {
    this.monitor.start();
    this.#lane.start();
    this.#reconciler.start();
    for (const mirror of Object.values(this.#mirrors)) mirror.start();
    this.#writeLater();
  }

  /** The server is gone, and every connection with it. */
  drop(side: Side): void {
    for (const session of this.#sessions[side]) session.drop();
  }

  /** Mail that came at a side while its mirror was away; all of it is there in this moment. */
  receive(side: Side, texts: number): void {
    this.#rows.missing[side] += texts;
  }

  stop(): void {
    this.#isOver = true;
    this.monitor.stop();
    void this.#reconciler.stop();
    void this.#lane.stop();
    for (const mirror of Object.values(this.#mirrors)) void mirror.stop();
  }

  #makeMonitor(): AccountMonitor {
    const { clock } = this.#world;
    return new AccountMonitor({
      ...{ store: this.#rows.store, clock, random: this.#random, accountId: this.#account.id, log: this.#log, step: nothing },
      look: (side) => this.#mirrors[side].syncNow(),
      ...{ deliveries: noDeliveries, isWitnessed: () => false, onChange: () => this.#changed() },
      probe: (_account, { side }, isReachOnly) => probeOf(this.#world, side, isReachOnly),
    });
  }

  #makeReconciler(): Reconciler {
    const { clock } = this.#world;
    const each = (side: Side | undefined, work: (mirror: SideMirror) => void): void => {
      for (const one of ['primary', 'relay'] as const) if (side === undefined || side === one) work(this.#mirrors[one]);
    };
    return new Reconciler({
      ...{ store: this.#rows.store, clock, log: this.#log, cuts: new CutPauses(clock), step: nothing, describe: () => '' },
      view: () => ({ roleOf: () => 'other', viewOf: (id) => id, relayOnlyListedFrom: null, hasLabels: false }),
      wake: (_id, side) => each(side, (mirror) => mirror.replayNow()),
      look: (_id, side) => each(side, (mirror) => mirror.syncNow()),
      states: () => [this.#mirrors.primary.state, this.#mirrors.relay.state],
      settled: (_id, hadWork) => this.monitor.reconciled(hadWork),
      ...{ finished: nothing, onChanged: nothing },
    });
  }

  #mirrorOf(side: Side): SideMirror {
    const { clock } = this.#world;
    const { store, missing } = this.#rows;
    const hooks = { onListsChanged: nothing, onDeliveryReport: nothing, onReceived: nothing, step: nothing };
    return new SideMirror({
      context: {
        ...{ store, accountId: this.#account.id, side, account: () => this.#account, ...hooks },
        deps: { clock, log: this.#log, ingest: {} as never },
      },
      backoff: new Backoff({ clock, random: this.#random }),
      connect: async () => this.#connect(side),
      replay: (session) => this.#work(side, session),
      ...{ completeSince: () => null, startDownload: herdDownload(this.#world, missing) },
      onState: (state) => {
        this.monitor.sideChanged(state);
        this.#reconciler.sideChanged(state);
      },
    });
  }

  async #connect(side: Side): Promise<ImapSession> {
    const session = await connectTo(this.#world, side);
    const close = session.close.bind(session);
    this.#sessions[side].add(session);
    session.close = () => {
      this.#sessions[side].delete(session);
      return close();
    };
    return asImap(session);
  }

  #outboxContext(): OutboxContext {
    const { store, outbox } = this.#rows;
    const { clock } = this.#world;
    return {
      ...{ clock, random: this.#random, log: this.#log, smtp: herdSubmission(this.#world), handle: store.handle, store: outbox },
      ...{ machine: 'herd', accounts: () => [this.#account], credentials: () => Promise.resolve({} as never), rejectCredentials: nothing },
      route: (_id, isToSelf) => this.monitor.route(isToSelf ? 'test' : 'other'),
      report: (_id, side, error, mail) => this.monitor.report(side, error, mail),
      outageId: (id) => store.outages.current(id)?.id ?? null,
      maySentCopy: (id) => this.#reconciler.mayReplay(id),
      ...{ readContent: () => ({}) as never, markOriginal: nothing, reopenDraft: () => null, audited: nothing },
      wake: () => this.#mirrors.primary.replayNow(),
      changed: () => this.#reconciler.changed(this.#account.id),
      ...{ closed: nothing, step: nothing },
    };
  }

  /** What a side's session does beside mirroring, in the engine's order; a copy in Sent takes its time, and nothing is in its way. */
  async #work(side: Side, session: ImapSession): Promise<void> {
    const { id } = this.#account;
    if (side === 'relay') return;
    await this.monitor.lookForDeliveries(session);
    for (const row of this.#reconciler.mayReplay(id) ? this.#rows.awaitingCopy() : []) {
      await this.#world.clock.sleep(COPY_MS);
      (session as unknown as HerdSession).check();
      this.#rows.outbox.change(row.id, { sentCopy: 'filed' });
      fileWhereProved(this.#rows.outbox, this.#rows.outbox.get(row.id), this.#world.clock.now());
      this.#reconciler.changed(id);
    }
    for (const job of this.#reconciler.jobs(id, side)) await job.run(session);
  }

  #writeLater(): void {
    const { clock } = this.#world;
    clock.after(-Math.log(1 - this.#random.next()) * this.#mailMs, () => {
      if (this.#isOver) return;
      this.#rows.enqueue(clock.now(), UNDO_MS);
      this.#lane.wake();
      this.#writeLater();
    });
  }

  /** Mode, or the way mail goes: what the others hear of the monitor. */
  #changed(): void {
    if (!this.monitor) return;
    const { mode, reason } = this.monitor.keeper;
    const { side, hold } = this.monitor.route('other');
    const route = `${mode} ${reason} ${side} ${hold}`;
    if (route === this.#route) return;
    this.#route = route;
    this.#lane.wake(true);
    this.#mirrors.primary.replayNow();
    this.#reconciler.changed(this.#account.id);
  }
}
