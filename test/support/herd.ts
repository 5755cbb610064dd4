import type { Side } from '../../shared/model/account.ts';
import { HerdClient } from './herd-client.ts';
import { SECOND, type World } from './herd-servers.ts';
import { HeapClock } from './heap-clock.ts';
import { seededRandom, type SeededRandom } from './random.ts';

export interface HerdOptions {
  readonly clients: number;
  readonly outageMs: number;
  readonly seed: number;
  /** Mails each person sends in an hour. */
  readonly mailsPerHour: number;
  /** Mails the median person receives in an hour, day and night; one in twenty receives five times as many. */
  readonly receivedPerHour: number;
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
const HOUR_MS = 3_600_000;

/**
 * Clients that are played together. They meet at the servers only, which count and never slow down: so a fleet is the sum of its parts, and
 * a small one is played in a third of the time of a large one, whose timers and rows fit into no cache.
 */
const PART = 250;

/** Of a part: what it did in each second, and how many worked through the relay and were normal again, by second. */
export interface PartResult {
  readonly series: World['series'];
  readonly failedOver: readonly number[];
  readonly failedBack: readonly number[];
}

/** Mail of a person as a multiple of the median's: so spread that one in twenty gets five times as much. */
function shareOf(random: SeededRandom): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.exp((Math.log(5) / 1.645) * normal);
}

/** Plays an outage of the primary with the engine's own schedule; nothing of the network and of the store is real. */
export async function playHerd(options: HerdOptions): Promise<HerdResult> {
  return joinParts(options, await playParts(options, 0, Math.ceil(options.clients / PART)));
}

/** Some of the parts of a fleet; which they are does not hang on who plays the others. */
export async function playParts(options: HerdOptions, from: number, to: number): Promise<PartResult[]> {
  const { clients, outageMs } = options;
  const random = seededRandom(options.seed);
  const fleet = Array.from({ length: clients }, () => ({ random: random.fork(), startMs: 0, dropMs: 0, texts: 0 }));
  // They come to work over a quarter of an hour, and lose their connections within a moment.
  for (const one of fleet) one.startMs = random.next() * 15 * 60_000;
  for (const one of fleet) one.dropMs = random.next() * 50;
  for (const one of fleet) one.texts = Math.round(shareOf(random) * options.receivedPerHour * (outageMs / HOUR_MS));
  const parts: PartResult[] = [];
  for (let n = from; n < to; n += 1) parts.push(await playPart(fleet.slice(n * PART, (n + 1) * PART), options));
  return parts;
}

/** The fleet is the sum of all its parts. */
export function joinParts({ clients, outageMs }: HerdOptions, parts: readonly PartResult[]): HerdResult {
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

/** `texts`: of mail that reaches the primary with its return, as other servers' queues bring it. */
type Played = readonly { readonly random: SeededRandom; readonly startMs: number; readonly dropMs: number; readonly texts: number }[];

async function playPart(played: Played, { outageMs, mailsPerHour }: HerdOptions): Promise<PartResult> {
  const clock = new HeapClock();
  let isPrimaryUp = true;
  const series = { primary: emptySeries(), relay: emptySeries() };
  const faults: string[] = [];
  const world: World = { clock, series, faults, isUp: (side) => side === 'relay' || isPrimaryUp };
  const herd = played.map(({ random }, n) => new HerdClient(world, n, random, mailsPerHour));
  for (const [n, { startMs }] of played.entries()) clock.after(startMs, () => herd[n]!.start());
  await clock.run(CALM_MS);
  isPrimaryUp = false;
  for (const [n, { dropMs }] of played.entries()) clock.after(dropMs, () => herd[n]!.drop('primary'));
  const failedOver = await untilAll('continuity', CALM_MS, CALM_MS + outageMs);
  const backMs = CALM_MS + outageMs;
  await clock.run(backMs);
  isPrimaryUp = true;
  for (const [n, { texts }] of played.entries()) herd[n]!.receive('primary', texts);
  const failedBack = await untilAll('normal', backMs, backMs + AFTER_MS);
  await clock.run(backMs + AFTER_MS);
  for (const one of herd) one.stop();
  await clock.run(clock.monotonic() + SECOND);
  if (faults.length > 0)
    throw new Error(`the herd is not what the engine needs, ${faults.length} times: ${[...new Set(faults)].join('; ')}`);
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
