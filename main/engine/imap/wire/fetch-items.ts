import { AnswerReader, AnswerSyntaxError, type AnswerValue } from './answer-reader.ts';

/** Data items of one FETCH answer (RFC 9051 7.5.2). What the answer did not hold is undefined. */
export interface FetchItems {
  uid?: number;
  /** As sent. */
  flags?: readonly string[];
  modSeq?: bigint;
  internalDate?: string;
  sizeBytes?: number;
  /** Null where it could not be read or is nested too deeply. */
  structure?: AnswerValue;
  /** EMAILID (RFC 8474) or X-GM-MSGID. */
  emailId?: string;
  /** BODY[HEADER...]; null for NIL. */
  header?: Buffer | null;
  /** BODY[], whole or a slice; null for NIL. */
  body?: Buffer | null;
}

const MAX_FLAG_TEXTS = 1000;
const MAX_FLAGS = 1000;
const flagLists = new Map<string, readonly string[]>();

/** Mails by the thousand carry the same few sets of flags: they share one list. */
function shareFlags(flags: string[]): readonly string[] {
  const key = flags.join(' ');
  const known = flagLists.get(key);
  if (known) return known;
  if (flagLists.size < MAX_FLAG_TEXTS && key.length < 500) flagLists.set(key, flags);
  return flags;
}

function readFlags(reader: AnswerReader): readonly string[] {
  reader.expect('(');
  const flags: string[] = [];
  while (!reader.take(')')) {
    const flag = reader.atom();
    // \Recent is of this session alone (RFC 3501 2.3.2) and would look like a change in every other.
    if (flags.length < MAX_FLAGS && flag.toLowerCase() !== '\\recent') flags.push(flag);
  }
  return shareFlags(flags);
}

function readModSeq(reader: AnswerReader): bigint {
  reader.expect('(');
  const value = reader.bigNumber();
  reader.expect(')');
  return value;
}

function readEmailId(value: AnswerValue): string | undefined {
  const inner = Array.isArray(value) ? (value as readonly AnswerValue[])[0] : value;
  return typeof inner === 'string' && inner !== '' ? inner : undefined;
}

function readSection(reader: AnswerReader, items: FetchItems): void {
  const section = reader.upTo(']').toUpperCase();
  if (reader.peek() === 0x3c) reader.upTo('>'); // the origin of a slice; we know what we asked for
  const bytes = reader.bytes();
  if (section === '[]') items.body = bytes;
  else if (section.startsWith('[HEADER')) items.header = bytes;
}

function readItem(reader: AnswerReader, key: string, items: FetchItems): void {
  switch (key) {
    case 'UID':
      items.uid = reader.number();
      break;
    case 'FLAGS':
      items.flags = readFlags(reader);
      break;
    case 'MODSEQ':
      items.modSeq = readModSeq(reader);
      break;
    case 'INTERNALDATE':
      items.internalDate = reader.nstring() ?? '';
      break;
    case 'RFC822.SIZE':
      items.sizeBytes = reader.number();
      break;
    case 'BODYSTRUCTURE':
      items.structure = reader.value();
      break;
    case 'EMAILID':
    case 'X-GM-MSGID': {
      const id = readEmailId(reader.value());
      if (id !== undefined) items.emailId = id;
      break;
    }
    default:
      reader.value();
  }
}

/**
 * Reads what follows `* n FETCH`. Items that nobody asked for are passed over.
 * @throws AnswerSyntaxError when the line is broken.
 */
export function readFetchItems(text: string, literals: readonly Buffer[], at = 0): FetchItems {
  const reader = new AnswerReader(text, literals, at);
  const items: FetchItems = {};
  reader.expect('(');
  while (!reader.take(')')) {
    const key = reader.atom('[').toUpperCase();
    if (reader.peek() === 0x5b) readSection(reader, items);
    else readItem(reader, key, items);
  }
  if (!reader.isAtEnd) throw new AnswerSyntaxError('more after the list');
  return items;
}

/** The UID in a line that cannot be read as a whole; null when there is none in its first part. */
export function guessUid(text: string): number | null {
  const match = /[( ]UID (\d{1,10})[ )]/i.exec(text.slice(0, 400)) ?? /[( ]UID (\d{1,10})[ )]/i.exec(text.slice(-200));
  return match ? Number(match[1]) : null;
}
