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

  /** Distinct words of the texts that were not reported lately; they count as reported from now on. */
  take(texts: readonly string[]): string[] {
    const fresh: string[] = [];
    for (const text of texts) {
      if (text === '') continue;
      for (const word of text.split(' ')) {
        if (this.#young.has(word)) continue;
        this.#young.add(word);
        if (!this.#old.has(word)) fresh.push(word);
      }
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
  const subject = searchWords(input.subject);
  const people = searchWords([...new Set(input.people.map((one) => `${one.name} ${one.address}`))].join(' '));
  const body = bodyWords(input.bodies);
  const files = searchWords(input.fileNames.join(' '));
  return { subject, people, body, files, newTerms: reported.take([subject, people, body, files]) };
}

/** The first body whole, of the others only words that it lacks: the HTML of a mail mostly repeats its plain text. */
function bodyWords(bodies: readonly string[]): string {
  const texts = bodies.map((text) => searchWords(text.slice(0, limits.maxIndexedChars))).filter((text) => text !== '');
  const first = texts[0];
  if (first === undefined) return '';
  if (texts.length === 1) return first.slice(0, limits.maxIndexedChars);
  const known = new Set(first.split(' '));
  const added: string[] = [];
  for (const text of texts.slice(1)) {
    for (const word of text.split(' ')) {
      if (known.has(word)) continue;
      known.add(word);
      added.push(word);
    }
  }
  const all = added.length > 0 ? `${first} ${added.join(' ')}` : first;
  return all.slice(0, limits.maxIndexedChars);
}
