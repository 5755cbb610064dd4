/**
 * How many letters must be changed, put in, left out or swapped with the next one to make one word of the other
 * (optimal string alignment). For single words: its cost is the product of their lengths.
 */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    [before, above] = [above, row];
  }
  return above[b.length]!;
}

/** What each language proposes, in one list: nearest to the word first, each once; as near as another, in the order given. */
export function nearest(word: string, proposals: readonly (readonly string[])[], most: number): string[] {
  const all = [...new Set(proposals.flat())].map((text) => ({ text, far: distance(word.toLowerCase(), text.toLowerCase()) }));
  return all
    .sort((one, other) => one.far - other.far)
    .slice(0, most)
    .map(({ text }) => text);
}
