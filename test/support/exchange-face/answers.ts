import type { LiteralMark } from '../imap-wire.ts';
import { withoutLineEnd } from '../imap-wire.ts';
import type { AnsweredSource, SourceLedger } from './ledger.ts';

/** What the connection knows of itself. */
export interface AnswerPlace {
  /** The message with this UID in the mailbox that is selected, as one name; null without a mailbox. */
  nameOf(uid: string): string | null;
  /** How many bytes were asked for from this one on; null for all. */
  askedFrom(offset: number): number | null;
}

const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
const UID = new RegExp(`${QUOTED}|\\bUID (\\d+)`, 'g');
const SIZE = new RegExp(`${QUOTED}|\\b(RFC822\\.SIZE) (\\d+)`, 'g');
const SOURCE = new RegExp(`(?:\\bBODY\\[\\]|\\bRFC822)(?:<(\\d+)>)? (?:~?\\{(\\d+)\\}$|(${QUOTED}))`, 'g');

/** Reads the FETCH answers of one connection and changes their sizes; everything else passes. */
export class FetchAnswers {
  readonly #ledger: SourceLedger;
  readonly #place: AnswerPlace;
  readonly #send: (bytes: Buffer) => void;
  /** Of the answer that is under way. */
  #uid: string | null = null;
  #isFetch = false;
  #isUnderWay = false;
  #sources: AnsweredSource[] = [];
  /** Until its UID is known. */
  #held: (string | Buffer)[] = [];

  constructor(ledger: SourceLedger, place: AnswerPlace, send: (bytes: Buffer) => void) {
    this.#ledger = ledger;
    this.#place = place;
    this.#send = send;
  }

  line(line: Buffer, literal: LiteralMark | null): void {
    const text = line.toString('latin1');
    if (!this.#isUnderWay) this.#isFetch = /^\* \d+ FETCH \(/i.test(text);
    this.#isUnderWay = literal !== null;
    if (!this.#isFetch) return this.#send(line);
    this.#uid ??= [...text.matchAll(UID)].find((one) => one[1] !== undefined)?.[1] ?? null;
    this.#note(withoutLineEnd(line).toString('latin1'));
    this.#held.push(text);
    if (this.#uid !== null || literal === null) this.#flush();
    if (literal === null) this.#end();
  }

  data(chunk: Buffer): void {
    if (this.#held.length > 0) this.#held.push(chunk);
    else this.#send(chunk);
  }

  #note(text: string): void {
    for (const [, from, literal, quoted] of text.matchAll(SOURCE)) {
      const offset = from === undefined ? 0 : Number(from);
      const length = literal === undefined ? (quoted as string).length - 2 : Number(literal);
      this.#sources.push({ offset, length, asked: from === undefined ? null : this.#place.askedFrom(offset) });
    }
  }

  #flush(): void {
    const name = this.#uid === null ? null : this.#place.nameOf(this.#uid);
    for (const one of this.#held) {
      if (typeof one !== 'string') this.#send(one);
      else
        this.#send(
          Buffer.from(
            one.replace(SIZE, (whole, item?: string, size?: string) => this.#sized(name, whole, item, size)),
            'latin1',
          ),
        );
    }
    this.#held = [];
  }

  #sized(name: string | null, whole: string, item: string | undefined, size: string | undefined): string {
    return item === undefined ? whole : `${item} ${this.#ledger.sizeOf(name, Number(size))}`;
  }

  #end(): void {
    const name = this.#uid === null ? null : this.#place.nameOf(this.#uid);
    if (name !== null) for (const one of this.#sources) this.#ledger.answered(name, one);
    this.#uid = null;
    this.#sources = [];
  }
}
