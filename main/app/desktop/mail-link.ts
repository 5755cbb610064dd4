import type { LeftOut } from '../../../shared/ipc/calls/desktop.ts';
import { limits } from '../../../shared/limits.ts';

/** A `mailto:` link in the one form that goes on from here, and what was left out of it. */
export interface MailLink {
  readonly url: string;
  readonly leftOut: readonly LeftOut[];
}

/** Longer ones are not looked at: no program makes them, and Windows passes no more than half. */
const MAX_RAW_CHARS = 65_536;
const MAX_ADDRESSES = 100;
/** C0, DEL and C1 controls, line separators, zero-width and bidirectional controls: nothing that a shown text may hide. */
export const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/u;
const HIDDEN_IN_TEXT = new RegExp(HIDDEN.source.replace('\\u0000-\\u001f', '\\u0000-\\u0008\\u000b-\\u001f'), 'gu');
const KINDS: ReadonlyMap<string, LeftOut> = new Map([
  ['attach', 'attachment'],
  ['attachment', 'attachment'],
  ['from', 'sender'],
  ['sender', 'sender'],
  ['reply-to', 'sender'],
]);
type List = 'to' | 'cc' | 'bcc';

function decode(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null; // RFC 6068 2: percent-encoded UTF-8, or it says nothing that could be known
  }
}

/** Reads the parts of one link; what may not be in it is noted and left out. */
class LinkReader {
  readonly leftOut = new Set<LeftOut>();
  readonly #addresses = { to: [] as string[], cc: [] as string[], bcc: [] as string[] };
  #subject: string | null = null;
  #body: string | null = null;

  /** Commas between addresses are not encoded, those within one are (RFC 6068 2). */
  addresses(list: List, value: string): void {
    for (const part of value.split(',')) {
      const address = this.#plain(part)?.trim() ?? '';
      if (address === '') continue;
      if (this.#addresses[list].length < MAX_ADDRESSES) this.#addresses[list].push(address);
      else this.leftOut.add('length');
    }
  }

  field(pair: string): void {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))?.toLowerCase() ?? '';
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    if (name === 'to' || name === 'cc' || name === 'bcc') this.addresses(name, value);
    else if (name === 'subject' && this.#subject === null) this.#subject = this.#plain(value);
    else if (name === 'body' && this.#body === null) this.#body = this.#text(value);
    else if (pair !== '') this.leftOut.add(KINDS.get(name) ?? 'header');
  }

  /** The whole, cut at the end of its text where it is too long. */
  url(): string {
    const { to, cc, bcc } = this.#addresses;
    const list = (addresses: readonly string[]): string => addresses.map((one) => encodeURIComponent(one).replaceAll('%40', '@')).join(',');
    const fields = [
      ...(cc.length > 0 ? [`cc=${list(cc)}`] : []),
      ...(bcc.length > 0 ? [`bcc=${list(bcc)}`] : []),
      ...(this.#subject === null ? [] : [`subject=${encodeURIComponent(this.#subject)}`]),
    ];
    const head = `mailto:${list(to)}`;
    const rest = limits.maxMailtoChars - [head, ...fields].join('&').length - '&body='.length;
    if (this.#body !== null) fields.push(`body=${this.#encoded(this.#body, rest)}`);
    return fields.length === 0 ? head : `${head}?${fields.join('&')}`;
  }

  #plain(value: string): string | null {
    const text = decode(value);
    if (text === null) this.leftOut.add('encoding');
    else if (HIDDEN.test(text)) this.leftOut.add('hidden');
    else return text;
    return null;
  }

  /** Only a text may hold line breaks; in any other field they would begin a new header. */
  #text(value: string): string | null {
    const lines = decode(value)?.replaceAll(/\r\n?|[\u2028\u2029]/gu, '\n') ?? null;
    if (lines === null) this.leftOut.add('encoding');
    const clean = lines?.replaceAll(HIDDEN_IN_TEXT, '') ?? null;
    if (clean !== lines) this.leftOut.add('hidden');
    return clean;
  }

  #encoded(text: string, maxChars: number): string {
    let encoded = '';
    for (const char of text) {
      const next = encodeURIComponent(char === '\n' ? '\r\n' : char);
      if (encoded.length + next.length <= maxChars) encoded += next;
      else return (this.leftOut.add('length'), encoded);
    }
    return encoded;
  }
}

/**
 * Reads a `mailto:` link (RFC 6068) that another program, or a mail, gives: recipients, subject and text are kept, and nothing
 * else can be in it. Null when it is none, or is too long to be one: at most `limits.maxMailtoChars` come out.
 */
export function readMailLink(raw: string): MailLink | null {
  const match = /^mailto:(?<to>[^?#]*)(?:\?(?<fields>[^#]*))?(?:#|$)/iu.exec(raw.slice(0, MAX_RAW_CHARS));
  if (match?.groups === undefined || raw.length > MAX_RAW_CHARS || HIDDEN.test(raw)) return null;
  const reader = new LinkReader();
  reader.addresses('to', match.groups['to'] ?? '');
  for (const pair of (match.groups['fields'] ?? '').split('&')) reader.field(pair);
  const url = reader.url();
  return url.length <= limits.maxMailtoChars ? { url, leftOut: [...reader.leftOut] } : null;
}
