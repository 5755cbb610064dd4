import { cleanLine } from '../mime/clean-text.ts';

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Half a surrogate pair cannot be written as UTF-8. */
export const wellFormed = (text: string): string => text.replace(LONE_SURROGATE, '\ufffd');

/** What a person typed, as one line of a header: no control character, no separator of lines or paragraphs. */
export const headerLine = (text: string, maxChars: number): string => cleanLine(wellFormed(text), maxChars);

/** Body text with CRLF line ends and no other control but the tabulator (bar O13: no bare CR or LF, no NUL). */
export function bodyText(text: string): string {
  const lines = wellFormed(text).split(/\r\n|[\r\n]/);
  return lines.map((line) => line.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')).join('\r\n');
}
