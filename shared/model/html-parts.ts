/**
 * What parts the HTML of one MIME part of a mail from that of the next. No HTML has it within: the reader of mail takes every NUL out
 * before (HTML knows none, WHATWG HTML 13.2.5.1), so that no sender can make or hide a border.
 */
const PART_END = '\0';

/** HTML of several parts as one text. */
export const joinHtmlParts = (parts: readonly string[]): string =>
  parts
    .map((part) => part.replaceAll(PART_END, ''))
    .filter((part, _n, all) => all.length === 1 || part.trim() !== '')
    .join(PART_END);

/**
 * The parts of a mail's HTML, one at least. Each is to be parsed for itself: what one leaves open (a quotation mark, a comment, a style
 * sheet) must not swallow what the next holds (EFAIL, "direct exfiltration").
 */
export const htmlParts = (html: string): readonly string[] => html.split(PART_END);
