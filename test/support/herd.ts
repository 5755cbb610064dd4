import { AccountMonitor } from '../../main/engine/continuity/account-monitor.ts';
import { Backoff } from '../../main/engine/core/backoff.ts';
import { sleepOver, type Clock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import type { EngineStore } from '../../main/engine/store/engine-store.ts';
import type { Outage } from '../../main/engine/store/outages.ts';
import type { PackedError } from '../../shared/errors.ts';
import { accountConfigSchema, type Account, type Side } from '../../shared/model/account.ts';
import type { ModeChange } from '../../shared/model/continuity.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import { noDeliveries } from './no-deliveries.ts';
import { seededRandom, type SeededRandom } from './random.ts';

/** Events this close together are one moment to the simulation. */
const MOMENT_MS = 10;
const LOGIN_MS = 60;
const REFUSED_MS = 2;
/** Carrying back goes over the session that stands and logs in nowhere. */
const RECONCILE_MS = 30_000;
const SECOND = 1_000;

/** A clock over a heap: millions of timers, in their order. */
export class HeapClock implements Clock {
  readonly #heap: { readonly dueAt: number; readonly order: number; callback: (() => void) | null }[] = [];
  #order = 0;
  #t = 0;

  monotonic(): number {
    return this.#t;
  }

  now(): number {
    return Date.UTC(2026, 10, 23, 9) + Math.floor(this.#t);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOver(this, ms, signal);
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { dueAt: this.#t + Math.max(0, ms), order: this.#order++, callback: callback as (() => void) | null };
    this.#push(timer);
    return () => {
      timer.callback = null;
    };
  }

  /** Lets time pass; what a moment sets off is done before the next. */
  async run(untilMs: number): Promise<void> {
    for (let top = this.#heap[0]; top && top.dueAt <= untilMs; top = this.#heap[0]) {
      const end = top.dueAt + MOMENT_MS;
      for (let next = this.#heap[0]; next && next.dueAt <= Math.min(end, untilMs); next = this.#heap[0]) {
        this.#pop();
        if (next.callback === null) continue;
        this.#t = Math.max(this.#t, next.dueAt);
        next.callback();
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#t = untilMs;
  }

  #less(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!];
    return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }

  #push(timer: { readonly dueAt: number; readonly order: number; callback: (() => void) | null }): void {
    let at = this.#heap.push(timer) - 1;
    for (let up = (at - 1) >> 1; at > 0 && this.#less(at, up); at = up, up = (at - 1) >> 1) this.#swap(at, up);
  }

  #pop(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < this.#heap.length && this.#less(child, least)) least = child;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }
}

export interface HerdOptions {
  readonly clients: number;
  readonly outageMs: number;
  readonly seed: number;
  /** Mails each person sends in an hour. */
  readonly mailsPerHour: number;
}

/** Counts in each second, by side. */
export interface HerdSeries {
  readonly connections: readonly number[];
  readonly logins: readonly number[];
  readonly submissions: readonly number[];
}

export interface HerdResult {
  /** Second in which the primary goes and comes back. */
  readonly goneAt: number;
  readonly backAt: number;
  readonly series: Readonly<Record<Side, HerdSeries>>;
  /** Seconds after the begin until 99 % of them worked through the relay, and after the return until 99 % were normal again. */
  readonly failedOverS: number;
  readonly failedBackS: number;
}

/** Everybody is there before the outage begins. */
const CALM_MS = 20 * 60_000;
/** Watched after the return. */
const AFTER_MS = 30 * 60_000;

interface World {
  readonly clock: HeapClock;
  readonly series: Record<Side, { connections: number[]; logins: number[]; submissions: number[] }>;
  isUp(side: Side): boolean;
}

function count(list: number[], t: number): void {
  const at = Math.floor(t / SECOND);
  list[at] = (list[at] ?? 0) + 1;
}

const endpoint = (port: number) => ({ host: 'mail.example.com', port, security: 'tls' as const, user: 'user' });
const config = accountConfigSchema.parse({
  email: 'user@example.com',
  primary: { imap: endpoint(993), smtp: endpoint(465) },
  relay: { imap: endpoint(993), smtp: endpoint(465) },
});

/** The rows of one account that the monitor writes, in memory: ten thousand databases would measure the disk. */
function rowsOf(account: Account): EngineStore {
  let outage: Outage | null = null;
  const changes: ModeChange[] = [];
  const outages = {
    current: () => outage,
    start: (accountId: Account['id'], of: object) => {
      outage = { id: 1, accountId, backAt: null, endedAt: null, ...of } as unknown as Outage;
      return outage.id;
    },
    setBack: (_id: unknown, backAt: number | null) => void (outage = outage && { ...outage, backAt }),
    setCause: (_id: unknown, cause: Outage['cause'], isDrill: boolean) => void (outage = outage && { ...outage, cause, isDrill }),
    end: () => void (outage = null),
    recordMode: (_id: unknown, change: ModeChange) => void (changes[0] = change),
    modeChanges: () => changes,
    lastChangeFor: () => null,
    control: () => 'automatic',
    setControl: () => undefined,
    hasLoggedIn: () => true,
    recordLogin: () => undefined,
  };
  const store = { accounts: { get: () => account }, outages, handle: { tx: (_name: string, work: () => unknown) => work() } };
  return store as unknown as EngineStore;
}

/** The wait of a mirror between its attempts, as side-mirror.ts has it: the engine's own backoff, ended early by a call. */
class Mirror {
  readonly #world: World;
  readonly #side: Side;
  readonly #backoff: Backoff;
  readonly #onState: (state: SideSyncState) => void;
  #state: SideSyncState;
  #cancel: (() => void) | null = null;

  constructor(world: World, side: Side, random: SeededRandom, accountId: Account['id'], onState: (state: SideSyncState) => void) {
    this.#world = world;
    this.#side = side;
    this.#backoff = new Backoff({ clock: world.clock, random });
    this.#onState = onState;
    const counts = { headersDone: 0, headersTotal: 0, bodiesDone: 0, bodiesTotal: 0 };
    const times = { lastCompleteAt: null, completeSince: null, retryAt: null };
    this.#state = { accountId, side, phase: 'stopped', isConnected: false, error: null, failedMailboxes: [], ...counts, ...times };
  }

  get isConnected(): boolean {
    return this.#state.isConnected;
  }

  connect(): void {
    const { clock, series } = this.#world;
    this.#cancel = null;
    this.#patch({ phase: 'connecting' });
    count(series[this.#side].connections, clock.monotonic());
    if (!this.#world.isUp(this.#side)) {
      clock.after(REFUSED_MS, () =>
        this.#wait({ code: 'connect-refused', scope: 'connection', retry: 'later', side: this.#side, detail: '' }),
      );
      return;
    }
    count(series[this.#side].logins, clock.monotonic());
    clock.after(LOGIN_MS, () => {
      this.#backoff.connected();
      this.#patch({ phase: 'watching', isConnected: true, error: null });
    });
  }

  /** The server is gone, and every connection with it. */
  drop(): void {
    if (!this.#state.isConnected) return;
    const error: PackedError = { code: 'connection-lost', scope: 'connection', retry: 'later', side: this.#side, detail: '' };
    this.#patch({ isConnected: false, error });
    this.#backoff.lost();
    this.#wait(error);
  }

  look(): void {
    if (this.#cancel === null) return;
    this.#cancel();
    this.#cancel = null;
    this.connect();
  }

  #wait(error: PackedError): void {
    const delay = this.#backoff.nextDelayMs();
    this.#patch({ phase: 'waiting-to-retry', isConnected: false, error });
    this.#cancel = this.#world.clock.after(delay, () => this.connect());
  }

  #patch(change: Partial<SideSyncState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onState(this.#state);
  }
}

class HerdClient {
  readonly monitor: AccountMonitor;
  readonly mirrors: Record<Side, Mirror>;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #mailMs: number;
  #waiting = 0;
  #isSending = false;
  #isReconciling = false;

  constructor(world: World, n: number, random: SeededRandom, mailsPerHour: number) {
    this.#world = world;
    this.#random = random;
    this.#mailMs = (3600 * SECOND) / mailsPerHour;
    const account: Account = { id: asAccountId(n + 1), config };
    const { clock } = world;
    const told = (state: SideSyncState) => this.monitor?.sideChanged(state);
    this.mirrors = {
      primary: new Mirror(world, 'primary', random, account.id, told),
      relay: new Mirror(world, 'relay', random, account.id, told),
    };
    this.monitor = new AccountMonitor({
      ...{ store: rowsOf(account), clock, random, accountId: account.id, log: silentLog, step: () => undefined },
      look: (side) => this.mirrors[side].look(),
      deliveries: noDeliveries,
      isWitnessed: () => false,
      onChange: () => this.#changed(),
      probe: async (_account, { side }, isReachOnly) => {
        const { series } = world;
        count(series[side].connections, clock.monotonic());
        if (world.isUp(side) && isReachOnly !== true) count(series[side].logins, clock.monotonic());
        const isGood = world.isUp(side);
        await clock.sleep(isGood ? LOGIN_MS : REFUSED_MS);
        return isGood ? { isGood } : { isGood, code: 'connect-refused' };
      },
    });
  }

  start(): void {
    this.monitor.start();
    for (const side of ['primary', 'relay'] as const) this.mirrors[side].connect();
    this.#writeLater();
  }

  #writeLater(): void {
    this.#world.clock.after(-Math.log(1 - this.#random.next()) * this.#mailMs, () => {
      this.#waiting += 1;
      this.#send();
      this.#writeLater();
    });
  }

  #changed(): void {
    if (!this.monitor) return;
    if (this.monitor.keeper.mode === 'recovering' && !this.#isReconciling) {
      this.#isReconciling = true;
      this.#world.clock.after(RECONCILE_MS, () => {
        this.#isReconciling = false;
        this.monitor.reconciled(true);
      });
    }
    this.#send();
  }

  /** One mail after the other, each on a connection of its own. */
  #send(): void {
    const { side } = this.monitor.route;
    if (this.#waiting === 0 || this.#isSending || side === null) return;
    const { clock, series, isUp } = this.#world;
    this.#isSending = true;
    count(series[side].connections, clock.monotonic());
    if (isUp(side)) {
      count(series[side].logins, clock.monotonic());
      count(series[side].submissions, clock.monotonic());
      this.#waiting -= 1;
      clock.after(SECOND, () => this.#sent(side, null));
    } else clock.after(20 * SECOND * (0.8 + 0.4 * this.#random.next()), () => this.#sent(side, 'connect-refused'));
  }

  #sent(side: Side, code: 'connect-refused' | null): void {
    this.#isSending = false;
    this.monitor.report(side, code === null ? null : { code, retry: 'later' }, null);
    this.#send();
  }
}

/** Plays an outage of the primary with the engine's own schedule: monitor, probes, backoff; nothing of the network is real. */
export async function playHerd({ clients, outageMs, seed, mailsPerHour }: HerdOptions): Promise<HerdResult> {
  const clock = new HeapClock();
  const random = seededRandom(seed);
  let isPrimaryUp = true;
  const empty = () => ({ connections: [], logins: [], submissions: [] });
  const world: World = { clock, series: { primary: empty(), relay: empty() }, isUp: (side) => side === 'relay' || isPrimaryUp };
  const herd = Array.from({ length: clients }, (_, n) => new HerdClient(world, n, random.fork(), mailsPerHour));
  // They come to work over a quarter of an hour.
  for (const one of herd) clock.after(random.next() * 15 * 60_000, () => one.start());
  await clock.run(CALM_MS);
  isPrimaryUp = false;
  for (const one of herd) clock.after(random.next() * 50, () => one.mirrors.primary.drop());
  const share = (mode: string) => herd.filter((one) => one.monitor.keeper.mode === mode).length / clients;
  const failedOverS = await untilShare(() => share('continuity'), CALM_MS, CALM_MS + outageMs);
  await clock.run(CALM_MS + outageMs);
  isPrimaryUp = true;
  const backMs = CALM_MS + outageMs;
  const failedBackS = await untilShare(() => share('normal'), backMs, backMs + AFTER_MS);
  await clock.run(backMs + AFTER_MS);
  for (const one of herd) one.monitor.stop();
  return { goneAt: CALM_MS / SECOND, backAt: backMs / SECOND, series: world.series, failedOverS, failedBackS };

  async function untilShare(of: () => number, fromMs: number, endMs: number): Promise<number> {
    for (let t = fromMs; t < endMs; t += SECOND) {
      await clock.run(t);
      if (of() >= 0.99) return (t - fromMs) / SECOND;
    }
    return Infinity;
  }
}

/** The highest count of any second from `from` on. */
export const peakOf = (list: readonly number[], from: number): number =>
  list.slice(from).reduce<number>((most, one) => Math.max(most, one ?? 0), 0);
