/** A piece of text, marked when it is what was searched for. */
export interface MarkedPiece {
  readonly text: string;
  readonly isHit: boolean;
}

/** Operators that people may write in German; the engine knows the English ones. */
const GERMAN: Readonly<Record<string, string>> = { von: 'from', an: 'to', betreff: 'subject', datei: 'file' };
const OPERATOR = /(?<![^\s])(?<name>von|an|betreff|datei):/giu;
const TERM = /(?:(?<operator>from|to|subject|file):)?(?:"(?<phrase>[^"]*)"|(?<word>[^\s"]+))/giu;

/** The query as the engine understands it: German operators become the English ones, outside quotation marks. */
export function engineQuery(text: string): string {
  return text
    .split('"')
    .map((part, at) => (at % 2 === 0 ? part.replace(OPERATOR, (_all, name: string) => `${GERMAN[name.toLowerCase()] ?? name}:`) : part))
    .join('"');
}

/** Words and phrases that a query looks for, without operators. */
export function termsOf(query: string): string[] {
  return [...engineQuery(query).matchAll(TERM)]
    .map(({ groups }) => (groups?.['phrase'] ?? groups?.['word'] ?? '').trim().toLowerCase())
    .filter((term) => term.length > 0);
}

/** Cuts a text at every place where a term occurs, upper and lower case alike. */
export function mark(text: string, terms: readonly string[]): MarkedPiece[] {
  const lower = text.toLowerCase();
  // Letters whose small form has another length would shift all places; such a text is shown unmarked.
  if (terms.length === 0 || lower.length !== text.length) return [{ text, isHit: false }];
  const isHit = new Uint8Array(text.length);
  for (const term of terms) {
    for (let at = lower.indexOf(term); at >= 0; at = lower.indexOf(term, at + 1)) isHit.fill(1, at, at + term.length);
  }
  const pieces: MarkedPiece[] = [];
  let start = 0;
  for (let at = 1; at <= text.length; at += 1) {
    if (at < text.length && isHit[at] === isHit[start]) continue;
    pieces.push({ text: text.slice(start, at), isHit: isHit[start] === 1 });
    start = at;
  }
  return pieces;
}
