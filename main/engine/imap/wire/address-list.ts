import { limits } from '../../../../shared/limits.ts';
import type { Address } from '../../../../shared/model/message.ts';
import { decodeBytes } from '../../mime/charset.ts';
import { cleanLine } from '../../mime/clean-text.ts';
import { decodeWords } from '../../mime/encoded-words.ts';

const MAX_NAME_CHARS = 300;
const MAX_ADDRESS_CHARS = 320;

/** Text of a header body given one character a byte: raw 8-bit as UTF-8, else Windows-1252. */
export function headerText(latin1: string): string {
  return /[\x80-\xff]/.test(latin1) ? decodeBytes(Buffer.from(latin1, 'latin1')) : latin1;
}

/**
 * Reads an address list (RFC 5322 3.4, leniently: real mail breaks every rule of it). Groups are opened, comments stand in
 * for a missing name, a text without `@` is a name without address. At most limits.maxAddresses. Linear in the length.
 */
export function parseAddressList(body: string): Address[] {
  const scan = new AddressScan(headerText(body));
  return scan.run();
}

class AddressScan {
  readonly #text: string;
  readonly #found: Address[] = [];
  #phrase = '';
  /** What stood before the angle brackets. */
  #name = '';
  #comment = '';
  #angle: string | null = null;
  /** A quote without its partner has been met: no further one is looked for. */
  #isUnbalanced = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Address[] {
    const text = this.#text;
    for (let at = 0; at < text.length && this.#found.length < limits.maxAddresses;) at = this.#step(at);
    this.#finish();
    return this.#found;
  }

  #step(at: number): number {
    const char = this.#text[at] as string;
    switch (char) {
      case '"':
        return this.#quoted(at + 1);
      case '(':
        return this.#skipComment(at + 1);
      case '<':
        return this.#angleAddress(at + 1);
      case ',':
      case ';':
        this.#finish();
        return at + 1;
      case ':':
        // The name of a group, unless an address stands before it (a broken "mailto:" or IPv6 literal stays as it is).
        if (!this.#phrase.includes('@') && !this.#phrase.includes('[') && this.#angle === null) this.#phrase = '';
        else this.#phrase += char;
        return at + 1;
      default:
        return this.#plain(at);
    }
  }

  #plain(at: number): number {
    let end = at + 1;
    while (end < this.#text.length && !'"(<,;:'.includes(this.#text[end] as string)) end += 1;
    this.#phrase += this.#text.slice(at, end);
    return end;
  }

  #quoted(at: number): number {
    const text = this.#text;
    if (this.#isUnbalanced) return at;
    let value = '';
    let end = at;
    for (; end < text.length && text[end] !== '"'; end += 1) {
      if (text[end] === '\\') end += 1;
      value += text[end] ?? '';
    }
    if (end >= text.length) {
      this.#isUnbalanced = true;
      return at;
    }
    // A quoted local part belongs to its address: quotes and all.
    this.#phrase += text[end + 1] === '@' ? `"${value}"` : value;
    return end + 1;
  }

  #skipComment(at: number): number {
    const text = this.#text;
    let value = '';
    for (let depth = 1; at < text.length; at += 1) {
      const char = text[at] as string;
      if (char === '(') depth += 1;
      else if (char === ')' && (depth -= 1) === 0) break;
      value += char === '\\' ? (text[(at += 1)] ?? '') : char;
    }
    this.#comment = this.#comment === '' ? value : `${this.#comment} ${value}`;
    return at + 1;
  }

  #angleAddress(at: number): number {
    const close = this.#text.indexOf('>', at);
    const end = close < 0 ? this.#text.length : close;
    const name = this.#phrase;
    this.#phrase = '';
    // A second one in the same entry begins a new entry: the comma was forgotten.
    if (this.#angle !== null) this.#finish();
    this.#name = name;
    // Source routes (RFC 5322 4.4) are of no use any more.
    this.#angle = this.#text
      .slice(at, end)
      .replace(/\s+/g, '')
      .replace(/^@[^:]*:/, '');
    return end + 1;
  }

  #finish(): void {
    const { name, address } = this.#entry();
    this.#phrase = '';
    this.#name = '';
    this.#comment = '';
    this.#angle = null;
    if ((name !== '' || address !== '') && this.#found.length < limits.maxAddresses) this.#found.push({ name, address });
  }

  #entry(): Address {
    const phrase = (this.#name.trim() || this.#phrase).trim();
    const isBare = this.#angle === null && phrase.includes('@');
    const address = isBare ? bareAddress(phrase) : (this.#angle ?? '');
    const spoken = isBare || phrase === '' ? this.#comment : phrase;
    const name = cleanLine(decodeWords(spoken), MAX_NAME_CHARS);
    const clean = cleanLine(address, MAX_ADDRESS_CHARS);
    return { name: name === clean ? '' : name, address: clean };
  }
}

/** `Max Muster max@example.org` without angle brackets: the word with the `@` is the address. */
function bareAddress(phrase: string): string {
  if (!/\s/.test(phrase) || /^"[^"]*"@\S+$/.test(phrase)) return phrase;
  return phrase.split(/\s+/).find((one) => one.includes('@')) ?? phrase;
}
