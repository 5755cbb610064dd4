// Controls and marks that change how the text around them is shown: C0, C1, bidirectional overrides and isolates,
// zero-width characters, fillers and tags without a shape, line separators, byte order mark, interlinear marks.
const HIDDEN =
  // eslint-disable-next-line no-control-regex -- removing control characters is the point
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** One line of text from a mail (name, subject, file name) as it may be shown: nothing in it can hide or turn text around. */
export function visibleLine(text: string): string {
  return text
    .replaceAll(/[\r\n\t\u2028\u2029]+/gu, ' ')
    .replaceAll(HIDDEN, '')
    .trim();
}

/** Several lines of text from a mail, lines kept. */
export function visibleText(text: string): string {
  return text.replaceAll(/\r\n?|\u2028|\u2029/gu, '\n').replaceAll(HIDDEN, '');
}
