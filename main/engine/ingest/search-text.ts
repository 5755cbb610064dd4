import { limits } from '../../../shared/limits.ts';
import type { Address } from '../../../shared/model/message.ts';
import { searchWords } from '../core/search-words.ts';
import type { SearchText } from './protocol.ts';

/** Words remembered as reported; two generations of this size, some MB. */
const GENERATION = 60_000;

/** Remembers which words were handed to the store lately, so that it is not asked about the same ones for every message. */
export class ReportedTerms {
  #young = new Set<string>();
  #old = new Set<string>();

  /** The words that were not reported lately; they count as reported from now on. */
  take(words: Iterable<string>): string[] {
    const fresh: string[] = [];
    for (const word of words) {
      if (this.#young.has(word)) continue;
      this.#young.add(word);
      if (!this.#old.has(word)) fresh.push(word);
    }
    if (this.#young.size > GENERATION) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    return fresh;
  }
}

export interface SearchInput {
  readonly subject: string;
  readonly people: readonly Address[];
  readonly bodies: readonly string[];
  readonly fileNames: readonly string[];
}

/** Puts a message into search form, at most limits.maxIndexedChars of body. */
export function searchTextOf(input: SearchInput, reported: ReportedTerms): SearchText {
  const words = new Set<string>();
  const body = bodyWords(input.bodies, words);
  const subject = searchWords(input.subject);
  const people = searchWords([...new Set(input.people.map((one) => `${one.name} ${one.address}`))].join(' '));
  const files = searchWords(input.fileNames.join(' '));
  for (const text of [subject, people, files]) if (text !== '') for (const word of text.split(' ')) words.add(word);
  return { subject, people, body, files, newTerms: reported.take(words) };
}

/**
 * The first body whole, of the others only words that it lacks: the HTML of a mail mostly repeats its plain text. Adds the
 * words to `words`.
 */
function bodyWords(bodies: readonly string[], words: Set<string>): string {
  const parts: string[] = [];
  let room = limits.maxIndexedChars;
  for (const text of bodies) {
    if (text === '' || room <= 0) continue;
    const folded = searchWords(text.slice(0, limits.maxIndexedChars));
    const part = parts.length === 0 ? folded : wordsBeyond(folded, words);
    if (part === '') continue;
    const kept = part.length <= room ? part : wholeWords(part, room);
    if (parts.length === 0) for (const word of kept.split(' ')) words.add(word);
    parts.push(kept);
    room -= kept.length + 1;
  }
  return parts.join(' ');
}

function wordsBeyond(folded: string, known: Set<string>): string {
  if (folded === '') return '';
  const added: string[] = [];
  for (const word of folded.split(' ')) {
    if (known.has(word)) continue;
    known.add(word);
    added.push(word);
  }
  return added.join(' ');
}

function wholeWords(text: string, maxChars: number): string {
  const space = text.lastIndexOf(' ', maxChars);
  return space > 0 ? text.slice(0, space) : '';
}
