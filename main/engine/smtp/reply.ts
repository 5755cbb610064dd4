/** One complete reply of an SMTP server (RFC 5321 4.2). */
export interface Reply {
  readonly code: number;
  /** Code and text in one line for people: at most 1,000 characters, no controls. May quote addresses, so never for logs. */
  readonly text: string;
  /** RFC 3463 code as RFC 2034 places it, e.g. `5.1.1`; only where its class is that of the reply. */
  readonly enhancedCode: string | null;
  /** The text of each line, as sent. */
  readonly lines: readonly string[];
}

const MAX_TEXT_CHARS = 1_000;
const ENHANCED = /^([245]\.\d{1,3}\.\d{1,3})(?=\s|$)/;
/** Controls, invisible and direction-changing characters, line separators: they could hide or fake what a person reads. */
const UNFIT = /[\p{Cc}\p{Cf}\u2028\u2029\ufffe\uffff]+/gu;

/** Text of a server as it may be kept and shown: one line, bounded, nothing invisible in it. */
export function cleanReplyText(text: string): string {
  const clean = text.replace(UNFIT, ' ').replace(/\s+/gu, ' ').trim();
  // The cut may not leave half a character.
  return clean
    .slice(0, MAX_TEXT_CHARS)
    .replace(/[\ud800-\udbff]$/, '')
    .trim();
}

/** Puts the lines of one reply together. */
export function replyOf(code: number, lines: readonly string[]): Reply {
  const enhancedCode = ENHANCED.exec(lines[0] ?? '')?.[1] ?? ENHANCED.exec(lines.at(-1) ?? '')?.[1] ?? null;
  const isFitting = enhancedCode !== null && enhancedCode.startsWith(String(code).charAt(0));
  const known = isFitting ? enhancedCode : null;
  // Servers repeat the enhanced code in every line (RFC 2034 4); a person needs it once.
  const words = lines.map((line) => (known !== null && line.startsWith(known) ? line.slice(known.length).trim() : line.trim()));
  const text = cleanReplyText([String(code), ...(known === null ? [] : [known]), ...words].join(' '));
  return { code, text, enhancedCode: known, lines };
}
