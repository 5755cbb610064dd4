/** Ready-made answers of a hostile or broken server, for `{ reply }`, `{ garbage }` and `{ rewrite }`. */

const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** A line without end: `prefix`, then filler for as long as the client reads, at most `maxBytes`. */
export function* endlessLine(prefix = '* OK ', maxBytes = Number.POSITIVE_INFINITY): Generator<Buffer | string> {
  yield prefix;
  for (let sent = 0; sent < maxBytes; sent += CHUNK.length) yield CHUNK;
}

/** A FETCH answer that announces a literal of `announced` bytes and sends `sent` of them, then nothing. */
export function* hugeLiteral(announced = 2 ** 31, sent = 0, uid = 1): Generator<Buffer | string> {
  yield `* 1 FETCH (UID ${uid} BODY[] {${announced}}\r\n`;
  for (let left = sent; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, Math.min(left, CHUNK.length));
}

/** `count` untagged answers, made by `line` (default: EXISTS of growing numbers), then `tagged`. */
export function* untaggedFlood(count: number, tagged: string, line: (i: number) => string = (i) => `* ${i} EXISTS`): Generator<string> {
  const step = 1000;
  for (let from = 1; from <= count; from += step) {
    const lines = Array.from({ length: Math.min(step, count - from + 1) }, (_, i) => `${line(from + i)}\r\n`);
    yield lines.join('');
  }
  yield tagged;
}

/** A FETCH answer with a BODYSTRUCTURE nested `depth` parentheses deep (closed where `isClosed`), then `tagged`. */
export function* nestedParens(depth: number, tagged: string, isClosed = true): Generator<string> {
  yield '* 1 FETCH (UID 1 BODYSTRUCTURE ';
  yield '('.repeat(depth);
  if (isClosed) yield ')'.repeat(depth);
  yield `)\r\n${tagged}`;
}

/** Rewrites each FETCH answer's UID to one that was not asked for. */
export function wrongUid(answer: Buffer, shift = 1000): Buffer {
  const text = answer
    .toString('latin1')
    .replace(/(\* \d+ FETCH \([^\r\n]*?\bUID )(\d+)/g, (_, head: string, uid: string) => head + (Number(uid) + shift));
  return Buffer.from(text, 'latin1');
}

/** Drops all untagged lines of this kind, e.g. the `* SEARCH` line that one large provider leaves out when empty. */
export function withoutUntagged(answer: Buffer, name: string): Buffer {
  const text = answer.toString('latin1').replace(new RegExp(`^\\* (?:\\d+ )?${name}\\b[^\\r\\n]*\\r\\n`, 'gim'), '');
  return Buffer.from(text, 'latin1');
}
