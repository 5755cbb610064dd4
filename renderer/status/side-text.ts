import type { SideSyncState } from '../../shared/model/sync.ts';
import type { Formats } from '../text/formats.ts';
import type { Words } from '../text/en.ts';

/** How one side is doing, in a few words. */
export function sideText(state: SideSyncState, words: Words['status'], formats: Formats, isOnline: boolean): string {
  const { phase, retryAt, error } = state;
  if (phase === 'waiting-to-retry') {
    if (error?.retry === 'ask') return words.needsYou;
    if (!isOnline) return retryAt === null ? words.offline : words.offlineUntil(formats.time(retryAt));
    return retryAt === null ? words.retrySoon : words.retryAt(formats.time(retryAt));
  }
  if (phase === 'connecting') return words.connecting;
  if (isSilent(state)) return words.silent;
  if (phase === 'listing') return words.checking;
  if (phase === 'headers') return words.copyingHeaders;
  if (phase === 'bodies') return words.copyingBodies;
  return phase === 'stopped' ? words.stopped : words.connected;
}

/** Colour of the dot beside it. */
export function sideTone(state: SideSyncState): 'ok' | 'warn' | 'bad' | 'calm' {
  if (state.phase === 'waiting-to-retry') return state.error?.retry === 'ask' ? 'bad' : 'warn';
  if (state.phase === 'stopped' || state.phase === 'connecting') return 'calm';
  return state.error || isSilent(state) ? 'warn' : 'ok';
}

/** The connection stands, and nobody answers in it. */
const isSilent = ({ phase, isConnected }: SideSyncState): boolean =>
  !isConnected && (phase === 'watching' || phase === 'listing' || phase === 'headers' || phase === 'bodies');

/** Servers of several accounts that do the same, told once. */
export interface SideGroup {
  readonly first: SideSyncState;
  readonly text: string;
  readonly tone: ReturnType<typeof sideTone>;
  readonly count: number;
  /** Every account that has such a server is among them. */
  readonly isAll: boolean;
}

/** One entry for each side and state, mail servers first. `textOf` as sideText. */
export function sideGroups(states: readonly SideSyncState[], textOf: (state: SideSyncState) => string): SideGroup[] {
  const groups = new Map<string, SideSyncState[]>();
  for (const state of states.toSorted((a, b) => a.side.localeCompare(b.side))) {
    const key = [state.side, textOf(state), sideTone(state)].join('|');
    groups.set(key, [...(groups.get(key) ?? []), state]);
  }
  return [...groups.values()].map((list) => {
    const first = list[0]!;
    const isAll = list.length === states.filter((one) => one.side === first.side).length;
    return { first, text: textOf(first), tone: sideTone(first), count: list.length, isAll };
  });
}
