/**
 * Controls that have no business in one line of shown text: C0, C1, DEL, and the bidirectional and invisible formatting
 * characters with which a name or file name is made to look like another one. The joiners stay where they belong: in emoji,
 * and in Arabic and Indic scripts.
 */
const UNWANTED =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]|(?<![\p{Extended_Pictographic}\ufe0f\u{1f3fb}-\u{1f3ff}\u0600-\u06ff\u0900-\u0dff])[\u200c\u200d]/gu;
const SUSPECT =
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\uffa0\ufff0-\ufffb\udb40-\udb43]| {2}/;

/** One line: controls and bidirectional marks removed, white space folded, ends trimmed, cut to `maxChars` UTF-16 units. */
export function cleanLine(text: string, maxChars: number): string {
  const head = text.length > maxChars * 4 ? text.slice(0, maxChars * 4) : text;
  const clean = SUSPECT.test(head) ? head.replace(UNWANTED, '').replace(/\s+/g, ' ').trim() : head.trim();
  return cutChars(clean, maxChars).trimEnd();
}

/** Cuts at `maxChars` UTF-16 units without splitting a surrogate pair. */
export function cutChars(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const last = text.charCodeAt(maxChars - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? maxChars - 1 : maxChars);
}
