import { AUTOMATIC_FLAGS, flagsFromText } from '../store/flags.ts';

/**
 * What is done about one flag. `agreed`: the server has it as we want it. `apply`: the server still has the value of the
 * baseline, ours goes there. `theirs`: the other side changed it and we did not: theirs stays.
 */
export type FlagVerdict = 'agreed' | 'apply' | 'theirs';

/** Pure; the rule of the table in README.md. */
export function decideFlag(baseline: boolean, server: boolean, ours: boolean): FlagVerdict {
  if (server === ours) return 'agreed';
  return server === baseline ? 'apply' : 'theirs';
}

export interface FlagDecision {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Flags that are left as the other side set them. */
  readonly theirs: readonly string[];
}

const holds = (text: string, flag: string): boolean => flagsFromText(text.toLowerCase()).includes(flag.toLowerCase());

/** Flag by flag. Without a baseline ours counts. Pure. */
export function decideFlags(
  baseline: string | null,
  server: string,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): FlagDecision {
  const verdict = (flag: string, ours: boolean): FlagVerdict => {
    const now = holds(server, flag);
    return decideFlag(baseline === null ? now : holds(baseline, flag), now, ours);
  };
  const wanted = [...change.add.map((flag) => [flag, true] as const), ...change.remove.map((flag) => [flag, false] as const)];
  const of = (want: FlagVerdict, ours?: boolean): string[] =>
    wanted.flatMap(([flag, value]) => (verdict(flag, value) === want && (ours === undefined || ours === value) ? [flag] : []));
  return { add: of('apply', true), remove: of('apply', false), theirs: of('theirs') };
}

/**
 * What the other side changed since the baseline, in words: `+flagged -seen`. What both wanted alike is left out, and so is what we have
 * stored by now. Pure.
 */
export function theirChanges(
  baseline: string | null,
  server: string,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): string {
  const isAgreed = (flag: string): boolean =>
    holds(server, flag) ? holds(change.add.join(' '), flag) : holds(change.remove.join(' '), flag);
  return changedFlags(baseline, server, 'forever')
    .filter((flag) => !isAgreed(flag))
    .map((flag) => `${holds(server, flag) ? '+' : '-'}${flag.replace(/^\\/u, '')}`)
    .join(' ');
}

export type PlaceVerdict = 'agreed' | 'apply' | 'conflict';

/** A move: where the other side put the mail elsewhere meanwhile, its place stays, unless it is the one we wanted. Pure. */
export function decidePlace(baseline: number | null, server: number, target: number): PlaceVerdict {
  if (server === target) return 'agreed';
  return baseline === null || server === baseline ? 'apply' : 'conflict';
}

/** Reading a mail is no reason to keep what somebody else threw away; it is one not to destroy it. */
const READING = '\\seen';

/**
 * Flags that differ between the baseline and the server now, so that a deletion would destroy what the other side did. `trash`
 * passes over reading; `forever` counts everything that a person may have done. Pure.
 */
export function changedFlags(baseline: string | null, server: string, of: 'trash' | 'forever'): string[] {
  if (baseline === null) return [];
  const relevant = (text: string): Set<string> =>
    new Set(flagsFromText(text.toLowerCase()).filter((flag) => !AUTOMATIC_FLAGS.has(flag) && (of === 'forever' || flag !== READING)));
  const before = relevant(baseline);
  const now = relevant(server);
  return [...new Set([...before, ...now])].filter((flag) => before.has(flag) !== now.has(flag)).sort();
}

/** The baseline's flags after a change of ours was carried out. Pure. */
export function applyFlags(text: string, change: { readonly add: readonly string[]; readonly remove: readonly string[] }): string[] {
  const without = new Set([...change.add, ...change.remove].map((flag) => flag.toLowerCase()));
  return [...flagsFromText(text).filter((flag) => !without.has(flag.toLowerCase())), ...change.add];
}
