/** Bits of entries.flag_bits. */
export const FLAG_SEEN = 1;
export const FLAG_FLAGGED = 2;
export const FLAG_ANSWERED = 4;
export const FLAG_FORWARDED = 8;
export const FLAG_DRAFT = 16;

const BITS: Readonly<Record<string, number>> = {
  '\\seen': FLAG_SEEN,
  '\\flagged': FLAG_FLAGGED,
  '\\answered': FLAG_ANSWERED,
  $forwarded: FLAG_FORWARDED,
  '\\draft': FLAG_DRAFT,
};

/** Set by servers and programs on their own, in lower case; they say nothing of a person's will. */
export const AUTOMATIC_FLAGS: ReadonlySet<string> = new Set([
  ...['\\recent', '$hasattachment', '$hasnoattachment', '$junk', '$notjunk', 'junk', 'nonjunk', '$mdnsent', '$phishing'],
]);

/** Flags that belong to a session or are handled by state, not to the message. */
const DROPPED = new Set(['\\recent']);

/** Canonical text of a flag set: sorted, without duplicates, one space between. */
export function flagsToText(flags: readonly string[]): string {
  const kept = new Map<string, string>();
  for (const flag of flags) {
    const lower = flag.toLowerCase();
    // System flags are case-insensitive (RFC 9051 2.3.2); keywords too, but servers keep their spelling.
    if (!DROPPED.has(lower)) kept.set(lower, lower.startsWith('\\') ? lower : flag);
  }
  return [...kept.values()].sort().join(' ');
}

export function flagsFromText(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

export function flagBits(text: string): number {
  let bits = 0;
  for (const flag of flagsFromText(text)) bits |= BITS[flag.toLowerCase()] ?? 0;
  return bits;
}
