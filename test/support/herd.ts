import { AccountMonitor } from '../../main/engine/continuity/account-monitor.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import type { EngineStore } from '../../main/engine/store/engine-store.ts';
import type { Outage } from '../../main/engine/store/outages.ts';
import { accountConfigSchema, type Account, type Side } from '../../shared/model/account.ts';
import type { ModeChange } from '../../shared/model/continuity.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import { count, LOGIN_MS, Mirror, REFUSED_MS, SECOND, type World } from './herd-mirror.ts';
import { HeapClock } from './heap-clock.ts';
import { noDeliveries } from './no-deliveries.ts';
import { seededRandom, type SeededRandom } from './random.ts';

/** Carrying back goes over the session that stands and logs in nowhere. */
const RECONCILE_MS = 30_000;

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
    const { side } = this.monitor.route('other');
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

/**
 * Clients that are played together. They meet at the servers only, which count and never slow down: so a fleet is the sum of its parts, and
 * a small one is played in a third of the time of a large one, whose timers and rows fit into no cache.
 */
const PART = 250;

/** Of a part: what it did in each second, and how many worked through the relay and were normal again, by second. */
interface PartResult {
  readonly series: World['series'];
  readonly failedOver: readonly number[];
  readonly failedBack: readonly number[];
}

/** Plays an outage of the primary with the engine's own schedule: monitor, probes, backoff; nothing of the network is real. */
export async function playHerd({ clients, outageMs, seed, mailsPerHour }: HerdOptions): Promise<HerdResult> {
  const random = seededRandom(seed);
  const fleet = Array.from({ length: clients }, () => ({ random: random.fork(), startMs: 0, dropMs: 0 }));
  // They come to work over a quarter of an hour, and lose their connections within a moment.
  for (const one of fleet) one.startMs = random.next() * 15 * 60_000;
  for (const one of fleet) one.dropMs = random.next() * 50;
  const parts: PartResult[] = [];
  for (let at = 0; at < clients; at += PART) parts.push(await playPart(fleet.slice(at, at + PART), { outageMs, mailsPerHour }));
  const series = { primary: emptySeries(), relay: emptySeries() };
  for (const part of parts)
    for (const side of ['primary', 'relay'] as const)
      for (const kind of ['connections', 'logins', 'submissions'] as const) addTo(series[side][kind], part.series[side][kind]);
  const until99 = (of: (part: PartResult) => readonly number[]): number => {
    const longest = Math.max(...parts.map((part) => of(part).length));
    for (let second = 0; second < longest; second += 1) {
      const there = parts.reduce((sum, part) => sum + (of(part)[second] ?? of(part).at(-1) ?? 0), 0);
      if (there >= 0.99 * clients) return second;
    }
    return Infinity;
  };
  const [goneAt, backAt] = [CALM_MS / SECOND, (CALM_MS + outageMs) / SECOND];
  return { goneAt, backAt, series, failedOverS: until99((part) => part.failedOver), failedBackS: until99((part) => part.failedBack) };
}

const emptySeries = (): World['series'][Side] => ({ connections: [], logins: [], submissions: [] });

function addTo(sum: number[], more: readonly number[]): void {
  for (const [second, value] of more.entries()) if (value) sum[second] = (sum[second] ?? 0) + value;
}

type Played = readonly { readonly random: SeededRandom; readonly startMs: number; readonly dropMs: number }[];

async function playPart(played: Played, { outageMs, mailsPerHour }: Pick<HerdOptions, 'outageMs' | 'mailsPerHour'>): Promise<PartResult> {
  const clock = new HeapClock();
  let isPrimaryUp = true;
  const series = { primary: emptySeries(), relay: emptySeries() };
  const world: World = { clock, series, isUp: (side) => side === 'relay' || isPrimaryUp };
  const herd = played.map(({ random }, n) => new HerdClient(world, n, random, mailsPerHour));
  for (const [n, { startMs }] of played.entries()) clock.after(startMs, () => herd[n]!.start());
  await clock.run(CALM_MS);
  isPrimaryUp = false;
  for (const [n, { dropMs }] of played.entries()) clock.after(dropMs, () => herd[n]!.mirrors.primary.drop());
  const failedOver = await untilAll('continuity', CALM_MS, CALM_MS + outageMs);
  const backMs = CALM_MS + outageMs;
  await clock.run(backMs);
  isPrimaryUp = true;
  const failedBack = await untilAll('normal', backMs, backMs + AFTER_MS);
  await clock.run(backMs + AFTER_MS);
  for (const one of herd) one.monitor.stop();
  return { series, failedOver, failedBack };

  /** How many were in a mode, second by second, until all of them were. */
  async function untilAll(mode: string, fromMs: number, endMs: number): Promise<number[]> {
    const counts: number[] = [];
    for (let t = fromMs; t < endMs; t += SECOND) {
      await clock.run(t);
      counts.push(herd.filter((one) => one.monitor.keeper.mode === mode).length);
      if (counts.at(-1) === herd.length) break;
    }
    return counts;
  }
}

/** The highest count of any second from `from` on. */
export const peakOf = (list: readonly number[], from: number): number =>
  list.slice(from).reduce<number>((most, one) => Math.max(most, one ?? 0), 0);
