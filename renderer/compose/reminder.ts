/** Words that promise an attachment, in German and in English whatever the language of the window. */
const PROMISES = [
  // "Anlage" alone is a plant in half of all German companies.
  'an(?:hang|hangs|hänge|hängen)',
  'angehängte?[nmrs]?',
  'hänge?(?!\\p{L})[^.!?]{0,60}(?<!\\p{L})an',
  'anbei',
  'anliegende?[nmrs]?',
  'beigefügte?[nmrs]?',
  'füge(?!\\p{L})[^.!?]{0,60}(?<!\\p{L})bei',
  'beiliegende?[nmrs]?',
  '(?:in der|als|siehe|s\\.|den) anlagen?',
  'attach(?:ed|ing|ment|ments)?',
  'enclosed',
  'enclosing',
  'enclosures?',
];
const BEFORE = '(?<![\\p{L}\\p{N}_@/.-])';
const AFTER = '(?![\\p{L}\\p{N}_@-])';
const PROMISE = new RegExp(`${BEFORE}(?:${PROMISES.join('|')})${AFTER}`, 'iu');

/** The writer's own words: no quoted lines, and nothing from the signature on (RFC 3676 4.3). */
export function ownWords(text: string): string {
  const lines = text.split('\n');
  const signature = lines.findIndex((line) => /^-- ?$/u.test(line));
  return lines
    .slice(0, signature < 0 ? lines.length : signature)
    .filter((line) => !line.startsWith('>'))
    .join('\n');
}

/** Whether the subject or the writer's own words speak of an attachment. */
export function promisesAttachment(subject: string, text: string): boolean {
  const isAnswer = /^\s*(?:re|aw|fwd?|wg)\s*:/iu.test(subject);
  return PROMISE.test(`${isAnswer ? '' : subject}\n${ownWords(text)}`);
}
