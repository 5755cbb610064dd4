import { parseImapDate } from '../imap-date.ts';
import { tokenItems, tokenText, type Token } from '../imap-tokens.ts';
import { headerValues, splitHeader } from './mime-tree.ts';
import { inSet, parseNumberSet } from './number-set.ts';
import type { ScriptMessage } from './store.ts';

/** The search program is not understood. */
export class BadSearchError extends Error {}

/** Does this message, at this sequence number, match? */
export type Matcher = (message: ScriptMessage, sequence: number) => boolean;

interface Limits {
  readonly largestUid: number;
  readonly largestSequence: number;
}

const DAY_MS = 86_400_000;

const has = (flag: string): Matcher => {
  const wanted = flag.toLowerCase();
  return (message) => [...message.flags].some((f) => f.toLowerCase() === wanted);
};
const not =
  (matcher: Matcher): Matcher =>
  (message, sequence) =>
    !matcher(message, sequence);
const sentDay = (message: ScriptMessage): number => {
  const at = Date.parse(headerValues(splitHeader(message.raw).header, 'Date')[0] ?? '');
  return Math.floor(at / DAY_MS) * DAY_MS;
};
const arrivalDay = (message: ScriptMessage): number => Math.floor(message.internalDate / DAY_MS) * DAY_MS;
const header = (name: string, text: string): Matcher => {
  const wanted = text.toLowerCase();
  return (message) => headerValues(splitHeader(message.raw).header, name).some((value) => value.toLowerCase().includes(wanted));
};
const contains = (text: string, part: 'body' | 'raw'): Matcher => {
  const wanted = text.toLowerCase();
  return (message) => (part === 'raw' ? message.raw : splitHeader(message.raw).body).toString('latin1').toLowerCase().includes(wanted);
};

const FLAG_KEYS: Readonly<Record<string, Matcher>> = {
  ALL: () => true,
  ANSWERED: has('\\Answered'),
  DELETED: has('\\Deleted'),
  DRAFT: has('\\Draft'),
  FLAGGED: has('\\Flagged'),
  SEEN: has('\\Seen'),
  UNANSWERED: not(has('\\Answered')),
  UNDELETED: not(has('\\Deleted')),
  UNDRAFT: not(has('\\Draft')),
  UNFLAGGED: not(has('\\Flagged')),
  UNSEEN: not(has('\\Seen')),
  NEW: () => false,
  OLD: () => true,
  RECENT: () => false,
};

class Program {
  readonly #tokens: readonly Token[];
  readonly #limits: Limits;
  #at = 0;

  constructor(tokens: readonly Token[], limits: Limits) {
    this.#tokens = tokens;
    this.#limits = limits;
  }

  all(): Matcher {
    const matchers: Matcher[] = [];
    while (this.#at < this.#tokens.length) matchers.push(this.#key());
    if (matchers.length === 0) throw new BadSearchError('empty search');
    return (message, sequence) => matchers.every((matcher) => matcher(message, sequence));
  }

  #text(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.type === 'list') throw new BadSearchError('argument missing');
    this.#at += 1;
    return tokenText(token);
  }

  #day(): number {
    const day = parseImapDate(this.#text());
    if (Number.isNaN(day)) throw new BadSearchError('not a date');
    return day;
  }

  #key(): Matcher {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token?.type === 'list') return new Program(tokenItems(token), this.#limits).all();
    const key = tokenText(token).toUpperCase();
    return FLAG_KEYS[key] ?? this.#dateKey(key) ?? this.#textKey(key) ?? this.#combinedKey(key);
  }

  #dateKey(key: string): Matcher | null {
    const match = /^(SENT)?(SINCE|BEFORE|ON)$/.exec(key);
    if (!match) return null;
    const day = this.#day();
    const of = match[1] ? sentDay : arrivalDay;
    if (match[2] === 'SINCE') return (message) => of(message) >= day;
    return match[2] === 'ON' ? (message) => of(message) === day : (message) => of(message) < day;
  }

  #textKey(key: string): Matcher | null {
    switch (key) {
      case 'FROM':
      case 'TO':
      case 'CC':
      case 'BCC':
      case 'SUBJECT':
        return header(key, this.#text());
      case 'HEADER': {
        const name = this.#text();
        return header(name, this.#text());
      }
      case 'BODY':
        return contains(this.#text(), 'body');
      case 'TEXT':
        return contains(this.#text(), 'raw');
      case 'KEYWORD':
        return has(this.#text());
      case 'UNKEYWORD':
        return not(has(this.#text()));
      default:
        return null;
    }
  }

  #combinedKey(key: string): Matcher {
    switch (key) {
      case 'NOT':
        return not(this.#key());
      case 'OR': {
        const [a, b] = [this.#key(), this.#key()];
        return (message, sequence) => a(message, sequence) || b(message, sequence);
      }
      case 'LARGER':
      case 'SMALLER': {
        const size = Number(this.#text());
        return key === 'LARGER' ? (message) => message.raw.length > size : (message) => message.raw.length < size;
      }
      case 'MODSEQ': {
        const least = BigInt(this.#text());
        return (message) => message.modSeq >= least;
      }
      case 'EMAILID': {
        const id = this.#text();
        return (message) => message.emailId === id;
      }
      case 'UID':
        return this.#set(this.#text(), 'uid');
      default:
        return this.#set(key, 'sequence');
    }
  }

  #set(text: string, of: 'uid' | 'sequence'): Matcher {
    const set = parseNumberSet(text, of === 'uid' ? this.#limits.largestUid : this.#limits.largestSequence);
    if (!set) throw new BadSearchError(`unknown key ${text}`);
    return (message, sequence) => inSet(set, of === 'uid' ? message.uid : sequence);
  }
}

/** Compiles the keys of a SEARCH (charset and RETURN taken off). Throws BadSearchError. */
export function compileSearch(tokens: readonly Token[], limits: Limits): Matcher {
  return new Program(tokens, limits).all();
}
