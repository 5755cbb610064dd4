import { limits } from '../../../../shared/limits.ts';
import { MailError } from '../../../../shared/errors.ts';
import type { Uid } from '../../../../shared/model/ids.ts';
import { AnswerReader, AnswerSyntaxError } from './answer-reader.ts';
import { parseUidRanges } from '../uid-set.ts';

const MAX_UID = 0xffff_ffff;

/** Gathers UIDs from SEARCH and ESEARCH lines (RFC 9051 7.3.4, RFC 4731) and notes that there was one at all. */
export class SearchAnswer {
  /** False until a line has come: OK alone does not mean "nothing found" (iCloud leaves the line out). */
  wasAnswered = false;
  readonly #uids: number[] = [];

  /** `* SEARCH 1 2 3 (MODSEQ 9)` from `at` on. */
  readSearch(text: string, at: number): void {
    let value = 0;
    let hasDigits = false;
    const end = text.indexOf('(', at);
    const stop = end < 0 ? text.length : end;
    for (let i = at; i <= stop; i += 1) {
      const digit = i < stop ? text.charCodeAt(i) - 0x30 : -1;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        hasDigits = true;
      } else {
        if (i < stop && text.charCodeAt(i) !== 0x20) throw new AnswerSyntaxError('expected a number');
        if (hasDigits) this.#add(value);
        value = 0;
        hasDigits = false;
      }
    }
    this.wasAnswered = true;
  }

  /** `* ESEARCH (TAG "A1") UID ALL 1:3,9` from `at` on. */
  readEsearch(text: string, at: number): void {
    const reader = new AnswerReader(text, [], at);
    if (reader.peek() === 0x28) reader.value();
    while (!reader.isAtEnd) {
      const key = reader.atom().toUpperCase();
      if (key === 'UID') continue;
      if (key === 'ALL') this.#addSet(reader.atom());
      else reader.value();
    }
    this.wasAnswered = true;
  }

  /** All UIDs so far, ascending, each once. */
  uids(): Uid[] {
    const sorted = Float64Array.from(this.#uids).sort();
    const unique: number[] = [];
    for (const uid of sorted) if (uid !== unique.at(-1)) unique.push(uid);
    return unique as Uid[];
  }

  #addSet(set: string): void {
    const found = parseUidRanges(set);
    if (!found) throw new AnswerSyntaxError('expected a set');
    for (const [from, to] of found) for (let uid = from; uid <= to; uid += 1) this.#add(uid);
  }

  #add(uid: number): void {
    if (uid < 1 || uid > MAX_UID) throw new AnswerSyntaxError('expected a UID');
    this.#uids.push(uid);
    if (this.#uids.length > limits.maxUntaggedPerCommand) {
      throw new MailError('answer-too-large', { scope: 'connection', retry: 'later', detail: 'SEARCH' });
    }
  }
}
