import { randomInt } from 'node:crypto';
import { limits } from '../../../shared/limits.ts';
import type { Address } from '../../../shared/model/message.ts';
import { searchWords } from '../core/search-words.ts';
import type { SearchText } from './protocol.ts';
import { WordTable } from './word-table.ts';

/** Words remembered as reported; two generations of this size, some MB. */
const GENERATION = 100_000;
const MAX_SEED = 2 ** 32;

/** Words seen in this message, and which words were handed to the store lately, so that it is not asked about them again. */
export class ReportedTerms {
  readonly #seedA = randomInt(MAX_SEED) | 0;
  readonly #seedB = randomInt(MAX_SEED) | 0;
  readonly #seen = new WordTable(this.#seedA, this.#seedB);
  #young = new WordTable(this.#seedA, this.#seedB);
  #old = new WordTable(this.#seedA, this.#seedB);
  #fresh: string[] = [];

  begin(): void {
    this.#seen.clear();
    this.#fresh = [];
  }

  /** Takes the words of a text in search form. With `added`, those not seen before in this message are put there. */
  take(text: string, added: string[] | null): void {
    this.#seen.eachWord(text, (start, end, a, b) => {
      if (!this.#seen.add(a, b)) return;
      added?.push(text.slice(start, end));
      if (!this.#young.add(a, b) || this.#old.has(a, b)) return;
      this.#fresh.push(text.slice(start, end));
    });
  }

  /** Distinct words of the message that were not reported lately; they count as reported from now on. */
  end(): string[] {
    if (this.#young.size > GENERATION) {
      this.#old = this.#young;
      this.#young = new WordTable(this.#seedA, this.#seedB);
    }
    return this.#fresh;
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
  reported.begin();
  const body = bodyWords(input.bodies, reported);
  const subject = searchWords(input.subject);
  const people = searchWords([...new Set(input.people.map((one) => `${one.name} ${one.address}`))].join(' '));
  const files = searchWords(input.fileNames.join(' '));
  for (const text of [subject, people, files]) reported.take(text, null);
  return { subject, people, body, files, newTerms: reported.end() };
}

/** The first body whole, of the others only words that it lacks: the HTML of a mail mostly repeats its plain text. */
function bodyWords(bodies: readonly string[], reported: ReportedTerms): string {
  const parts: string[] = [];
  let room = limits.maxIndexedChars;
  for (const text of bodies) {
    if (text === '' || room <= 0) continue;
    const folded = wholeWords(searchWords(text.slice(0, limits.maxIndexedChars)), room);
    const added: string[] = [];
    reported.take(folded, parts.length === 0 ? null : added);
    const part = parts.length === 0 ? folded : added.join(' ');
    if (part === '') continue;
    parts.push(part);
    room -= part.length + 1;
  }
  return parts.join(' ');
}

function wholeWords(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : text.slice(0, Math.max(0, text.lastIndexOf(' ', maxChars)));
}
