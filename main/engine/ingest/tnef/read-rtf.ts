import { decodeBytes } from '../../mime/charset.ts';
import { CHARACTERS, SIGNS, SILENT_GROUPS, pageOfFont, rtfTokens, type RtfToken } from './rtf-words.ts';

/** What a person reads of an RTF document: the HTML it was made of (MS-OXRTFEX), or its text. */
export interface RtfContent {
  readonly html: string;
  readonly text: string;
}

/** Deeper groups are read as one of this depth: nothing of their text is lost. */
const MAX_DEPTH = 500;
const BEGINNING = Buffer.from('{\\rtf');
/** A document says within its first bytes what it was made of. */
const HEAD_BYTES = 256;

interface State {
  readonly isSilent: boolean;
  /** Within markup that is given as it is. */
  readonly isMarkup: boolean;
  /** Formatting for readers that do not know of the HTML. */
  readonly isForRtf: boolean;
  readonly font: number;
  /** Characters that stand behind \u for readers without Unicode. */
  readonly skips: number;
}

/** Reads RTF as far as text and encapsulated HTML go; null for anything else. The HTML is not sanitised. Never throws. */
export function readRtf(rtf: Buffer): RtfContent | null {
  if (!rtf.subarray(0, BEGINNING.length).equals(BEGINNING)) return null;
  const isHtml = /(?<!\\)\\fromhtml1?(?![0-9])/.test(rtf.toString('latin1', 0, HEAD_BYTES));
  const document = new RtfDocument(rtf, isHtml);
  for (const token of rtfTokens(rtf)) document.take(token);
  const content = document.content();
  return isHtml ? { html: content, text: '' } : { html: '', text: content.trimEnd() };
}

class RtfDocument {
  readonly #rtf: Buffer;
  readonly #isHtml: boolean;
  readonly #out: string[] = [];
  readonly #groups: State[] = [];
  readonly #pages = new Map<number, number>();
  #state: State = { isSilent: false, isMarkup: false, isForRtf: false, font: -1, skips: 1 };
  #page = 1252;
  #defaultFont = 0;
  #depthBeyond = 0;
  /** Text that is not decoded yet: bytes of one character may come in several pieces. */
  readonly #pending: Buffer;
  #pendingBytes = 0;
  #toSkip = 0;
  /** A group began, and what it is for has not been said yet. */
  #isStar = false;
  #tableFont: number | null = null;
  #isFontTable = false;

  constructor(rtf: Buffer, isHtml: boolean) {
    this.#rtf = rtf;
    this.#pending = Buffer.allocUnsafeSlow(rtf.length);
    this.#isHtml = isHtml;
  }

  take(token: RtfToken): void {
    if (token.kind === 'text') this.#text(this.#rtf.subarray(token.from, token.to));
    else if (token.kind === 'byte') this.#text(Buffer.from([token.byte]));
    else {
      this.#flush();
      if (token.kind === 'open') this.#open();
      else if (token.kind === 'close') this.#close();
      else if (token.kind === 'sign') this.#sign(token.sign);
      else this.#word(token.word, token.value);
    }
  }

  content(): string {
    this.#flush();
    return this.#out.join('');
  }

  #open(): void {
    this.#toSkip = 0;
    this.#isStar = false;
    if (this.#groups.length < MAX_DEPTH) this.#groups.push(this.#state);
    else this.#depthBeyond++;
  }

  #close(): void {
    this.#toSkip = 0;
    this.#isStar = false;
    if (this.#depthBeyond > 0) this.#depthBeyond--;
    else this.#state = this.#groups.pop() ?? this.#state;
    if (!this.#state.isSilent) this.#isFontTable = false;
  }

  #sign(sign: string): void {
    if (sign === '*') this.#isStar = true;
    else if (sign in SIGNS) this.#characters(SIGNS[sign] as string);
  }

  #word(word: string, value: number | null): void {
    const isStar = this.#isStar;
    this.#isStar = false;
    if (word === 'htmltag' && this.#isHtml) this.#state = { ...this.#state, isMarkup: true };
    else if (SILENT_GROUPS.has(word) || isStar) {
      this.#state = { ...this.#state, isSilent: true };
      if (word === 'fonttbl') this.#isFontTable = true;
    } else if (word === 'htmlrtf') this.#state = { ...this.#state, isForRtf: value !== 0 };
    else if (word === 'plain') this.#state = { ...this.#state, font: -1 };
    else if (word === 'f') this.#font(value ?? 0);
    else if (word === 'fcharset') this.#characterSet(value ?? 0);
    else if (word === 'deff') this.#defaultFont = value ?? 0;
    else if (word === 'ansicpg') this.#page = value ?? this.#page;
    else if (word === 'uc') this.#state = { ...this.#state, skips: Math.min(8, Math.max(0, value ?? 1)) };
    else if (word === 'u' && value !== null) this.#unicode(value);
    else if (Object.hasOwn(CHARACTERS, word)) this.#characters(CHARACTERS[word] as string);
  }

  #font(font: number): void {
    if (this.#isFontTable) this.#tableFont = font;
    else this.#state = { ...this.#state, font };
  }

  #characterSet(set: number): void {
    const page = pageOfFont(set);
    if (this.#isFontTable && this.#tableFont !== null && page !== null) this.#pages.set(this.#tableFont, page);
  }

  #unicode(value: number): void {
    // A signed number of sixteen bits.
    this.#characters(String.fromCharCode(value & 0xffff));
    this.#toSkip = this.#state.skips;
  }

  #text(bytes: Buffer): void {
    this.#isStar = false;
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    if (this.#isShown) this.#pendingBytes += bytes.copy(this.#pending, this.#pendingBytes, skipped);
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    const { isMarkup, font } = this.#state;
    const page = isMarkup ? this.#page : (this.#pages.get(font < 0 ? this.#defaultFont : font) ?? this.#page);
    const text = decodeBytes(
      this.#pending.subarray(0, this.#pendingBytes),
      page === 65001 ? 'utf-8' : (PAGE_NAMES[page] ?? `windows-${page}`),
    );
    this.#pendingBytes = 0;
    this.#characters(text);
  }

  get #isShown(): boolean {
    return !this.#state.isSilent && !this.#state.isForRtf;
  }

  /** Outside of markup, characters that begin some are no markup. */
  #characters(text: string): void {
    if (!this.#isShown) return;
    this.#out.push(this.#isHtml && !this.#state.isMarkup ? text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`) : text);
  }
}

const PAGE_NAMES: Readonly<Record<number, string>> = { 932: 'shift_jis', 936: 'gbk', 949: 'euc-kr', 950: 'big5', 10000: 'macintosh' };
