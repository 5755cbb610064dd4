/** An IMAP sequence or UID set such as `1:5,7,9:*`. */
export type NumberSet = readonly (readonly [number, number])[];

const RANGE = /^(\d+|\*)(?::(\d+|\*))?$/;

/** Parses a set; `*` stands for `largest`. Null when the text is none. */
export function parseNumberSet(text: string, largest: number): NumberSet | null {
  const number = (part: string): number => (part === '*' ? largest : Number(part));
  const ranges: [number, number][] = [];
  for (const part of text.split(',')) {
    const match = RANGE.exec(part);
    if (!match) return null;
    const [a, b] = [number(match[1] as string), number(match[2] ?? (match[1] as string))];
    ranges.push(a <= b ? [a, b] : [b, a]);
  }
  return ranges;
}

/** True when the number lies in one of the ranges. */
export function inSet(set: NumberSet, number: number): boolean {
  return set.some(([from, to]) => number >= from && number <= to);
}
