import { asUid, type Uid } from '../../../shared/model/ids.ts';

/** Longest sequence set sent in one command: servers accept lines of 8,192 bytes at least (RFC 9051 4, RFC 7162 4). */
export const MAX_SET_CHARS = 8_000;

/** `1:3,7,9:10`: ascending, without doubles. Empty for no UIDs. */
export function formatUidSet(uids: readonly Uid[]): string {
  return ranges(uids).map(formatRange).join(',');
}

/** The same, in pieces that each fit into a command; each piece with the UIDs it stands for. */
export function splitUidSet(uids: readonly Uid[], maxChars = MAX_SET_CHARS): { readonly set: string; readonly uids: readonly Uid[] }[] {
  const pieces: { set: string; uids: Uid[] }[] = [];
  let current: { set: string; uids: Uid[] } | null = null;
  for (const range of ranges(uids)) {
    const text = formatRange(range);
    if (!current || current.set.length + 1 + text.length > maxChars) {
      current = { set: text, uids: [] };
      pieces.push(current);
    } else current.set += `,${text}`;
    for (let uid = range[0]; uid <= range[1]; uid += 1) current.uids.push(uid as Uid);
  }
  return pieces;
}

/** Parses a set of UIDs or ranges; null where it is none (`*` is none in a server's answer, RFC 9051 4.1.1). */
export function parseUidRanges(set: string): [number, number][] | null {
  const found: [number, number][] = [];
  for (const part of set.split(',')) {
    const match = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(part);
    if (!match) return null;
    const first = Number(match[1]);
    const second = Number(match[2] ?? match[1]);
    if (first < 1 || second < 1 || first > 0xffff_ffff || second > 0xffff_ffff) return null;
    found.push(first <= second ? [first, second] : [second, first]);
  }
  return found;
}

/** All UIDs of a set in the order given, or null where it is no set or has more than `max` members. */
export function expandUidSet(set: string, max: number): Uid[] | null {
  const found = parseUidRanges(set);
  if (!found || found.reduce((sum, [from, to]) => sum + to - from + 1, 0) > max) return null;
  return found.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => asUid(from + i)));
}

function ranges(uids: readonly Uid[]): [number, number][] {
  const sorted = Float64Array.from(uids).sort();
  const found: [number, number][] = [];
  for (const uid of sorted) {
    const last = found.at(-1);
    if (last && uid <= last[1] + 1) last[1] = uid;
    else found.push([uid, uid]);
  }
  return found;
}

function formatRange([from, to]: readonly [number, number]): string {
  return from === to ? String(from) : `${from}:${to}`;
}
