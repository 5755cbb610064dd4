import { decodeBytes, isDecodable, isKnownCharset } from './charset.ts';
import { unescapeHex } from './hex-escapes.ts';

const START = /=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?/g;
const END = '?=';
/** Where a word whose end is missing ends at the latest: it must not swallow the address behind a name. */
const STOP = /[\s<>",;]/;
/** What would be taken for structure, were it not within a word: in a list of addresses, such a word is left to the parsers. */
const STRUCTURE = /[<>"@,;]/;

/** One encoded word of a text. */
interface Word {
  readonly from: number;
  readonly to: number;
  /** Lower case. */
  readonly charset: string;
  readonly encoding: string;
  readonly payload: string;
}

/**
 * Decodes RFC 2047 encoded words in an unfolded text, also those that break its rules: with blanks or question marks inside, or without
 * their end. Neighbouring words of one charset are joined before decoding, since senders cut inside multibyte characters. Decodes once:
 * a word in a word stays as it is. Linear in the length.
 */
export function decodeWords(text: string): string {
  return replaceRuns(text, findWords(text), (run) => decodeBytes(bytesOf(run), run[0]?.charset));
}

/**
 * Writes encoded words anew as single words of UTF-8 in base64, which every parser reads alike; those in a charset that only a parser
 * knows stay. `isList`: the text is a list of addresses.
 */
export function normaliseWords(text: string, isList: boolean): string {
  const words = findWords(text).filter(({ charset, payload }) => isOurs(charset) && !(isList && STRUCTURE.test(payload)));
  return replaceRuns(text, words, (run) => encodedWord(decodeBytes(bytesOf(run), run[0]?.charset)));
}

const isOurs = (charset: string): boolean => isDecodable(charset) || !isKnownCharset(charset);
const encodedWord = (text: string): string => `=?utf-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;

function findWords(text: string): Word[] {
  if (!text.includes('=?')) return [];
  const words: Word[] = [];
  const starts = [...text.matchAll(START)];
  let end = 0;
  for (const [n, start] of starts.entries()) {
    const from = start.index;
    if (from < (words.at(-1)?.to ?? 0)) continue;
    const at = from + start[0].length;
    const next = starts[n + 1]?.index ?? text.length;
    if (end >= 0 && end < at) end = text.indexOf(END, at);
    const isClosed = end >= 0 && end < next;
    const payload = isClosed ? text.slice(at, end) : openPayload(text.slice(at, next));
    if (!isClosed && payload === '') continue;
    const to = isClosed ? end + END.length : at + payload.length + (text[at + payload.length] === '?' ? 1 : 0);
    words.push({ from, to, charset: (start[1] as string).toLowerCase(), encoding: (start[2] as string).toLowerCase(), payload });
  }
  return words;
}

/** Payload of a word whose end is missing. */
function openPayload(rest: string): string {
  const stop = rest.search(STOP);
  const whole = stop < 0 ? rest : rest.slice(0, stop);
  return whole.endsWith('?') ? whole.slice(0, -1) : whole;
}

/** Puts something in the place of every run of neighbours of one charset; blanks between words fall away (RFC 2047, 6.2). */
function replaceRuns(text: string, words: readonly Word[], replace: (run: readonly Word[]) => string): string {
  let out = '';
  let last = 0;
  let run: Word[] = [];
  const flush = (): void => {
    if (run.length > 0) out += replace(run);
    run = [];
  };
  for (const word of words) {
    const between = text.slice(last, word.from);
    const isNeighbour = run.length > 0 && /^\s*$/.test(between);
    if (!isNeighbour || run[0]?.charset !== word.charset) {
      flush();
      if (!isNeighbour) out += between;
    }
    run.push(word);
    last = word.to;
  }
  flush();
  return out + text.slice(last);
}

function bytesOf(run: readonly Word[]): Buffer {
  return Buffer.concat(run.map(wordBytes));
}

function wordBytes({ encoding, payload }: Word): Buffer {
  if (encoding === 'b') return Buffer.from(payload, 'base64');
  // Bytes that were not escaped are UTF-8 here: the field has been decoded.
  return unescapeHex(payload.replace(/_/g, ' '), '=');
}
