/** One untagged answer (RFC 9051 7), cut into its head and the rest. */
export interface AnswerLine {
  /** Upper case: `FETCH`, `SEARCH`, `OK`, ... */
  readonly keyword: string;
  /** The number before the keyword, as in `* 12 FETCH`. */
  readonly number: number | null;
  /** The whole line, one character a byte, without its line end. */
  readonly text: string;
  /** Where the rest begins, after the keyword. */
  readonly at: number;
  readonly literals: readonly Buffer[];
}

const HEAD = /^\* (?:(\d{1,10}) )?([A-Za-z][A-Za-z0-9-]{0,30})(?= |$)/;
const HEAD_CHARS = 48;

/** The keyword of a line that begins with `* `, without reading the rest; empty for a line that is no answer. */
export function keywordOf(payload: Buffer): string {
  return (HEAD.exec(payload.toString('latin1', 0, HEAD_CHARS))?.[2] ?? '').toUpperCase();
}

/** Cuts a line of which keywordOf() knows the keyword. */
export function cutAnswer(payload: Buffer, literals: readonly Buffer[]): AnswerLine {
  const text = payload.toString('latin1');
  const match = HEAD.exec(text.slice(0, HEAD_CHARS));
  const keyword = (match?.[2] ?? '').toUpperCase();
  return { keyword, number: match?.[1] === undefined ? null : Number(match[1]), text, at: match?.[0].length ?? 0, literals };
}

const CODE = /^\* (?:OK|NO|BAD) \[([A-Za-z0-9._/-]{1,60})(?: ([^\]]*))?\]/i;

/** Response code of an untagged OK, NO or BAD: name in upper case and what follows it; null where there is none. */
export function responseCode(text: string): { readonly name: string; readonly args: string } | null {
  const match = CODE.exec(text.slice(0, 4096));
  return match ? { name: (match[1] as string).toUpperCase(), args: match[2] ?? '' } : null;
}

const OFFER = /^(?:\* CAPABILITY |\S+ (?:OK|NO|BAD) \[CAPABILITY )([^\]]*)/i;
const OFFER_BYTES = 8192;

/** Names of an untagged CAPABILITY, or of the response code of that name in any status line; null for every other line. */
export function capabilitiesOf(payload: Buffer): string[] | null {
  const names = OFFER.exec(payload.toString('latin1', 0, OFFER_BYTES))?.[1];
  return names === undefined ? null : names.trim().toUpperCase().split(/ +/u);
}
