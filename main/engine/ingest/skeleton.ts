import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { charsetOfBytes, decodeBytes, isDecodable, isKnownCharset, plainLabel } from '../mime/charset.ts';
import { normaliseWords } from '../mime/encoded-words.ts';
import type { Field, Part } from '../mime/part.ts';

const addressFields = ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'];
const NOT_PRINTABLE = /[^\x20-\x7e]|["\\]/;

/** A text part with its content, taken off its transfer encoding. */
export interface TextPart {
  readonly part: Part;
  readonly content: readonly Buffer[];
}

/** Text parts that stand for each other (multipart/alternative), or one that stands alone. */
interface Group {
  readonly alternative: Part | null;
  readonly texts: TextPart[];
}

/**
 * The message as mailparser is given it: header fields that matter, in UTF-8 without NUL and with their encoded words mended, and the
 * text parts, grouped only where they are alternatives. Boundaries are our own, and no sender can guess them. So its cost goes with the
 * text, and it sees the structure that we saw. The charset of a text is the one that its bytes are in, whatever it says.
 */
export function buildSkeleton(fields: readonly Field[], texts: readonly TextPart[]): Buffer {
  const boundary = randomBytes(12).toString('hex');
  const groups = groupTexts(texts);
  const chunks: Buffer[] = [];
  const line = (text: string) => chunks.push(Buffer.from(`${text}\r\n`, 'utf8'));
  const leaf = (text: TextPart) => {
    const { charset, content } = inCharset(text);
    line(textHead(text.part, charset));
    chunks.push(...content);
  };
  const group = (one: Group, name: string) => {
    if (one.texts.length === 1) {
      leaf(one.texts[0] as TextPart);
      return;
    }
    line(`Content-Type: multipart/alternative; boundary="${name}"\r\n`);
    for (const text of one.texts) {
      line(`\r\n--${name}`);
      leaf(text);
    }
    line(`\r\n--${name}--`);
  };
  line(topHead(fields));
  if (groups.length === 1) group(groups[0] as Group, `${boundary}.a`);
  else if (groups.length > 1) {
    line(`Content-Type: multipart/mixed; boundary="${boundary}"\r\n`);
    for (const [i, one] of groups.entries()) {
      line(`\r\n--${boundary}`);
      group(one, `${boundary}.${i}`);
    }
    line(`\r\n--${boundary}--`);
  }
  return Buffer.concat(chunks);
}

/** Charsets said by text parts that cannot be decoded. */
export function unknownCharsets(texts: readonly TextPart[]): string[] {
  return [...new Set(texts.map(({ part }) => saidCharset(part)).filter((said) => !isUsableCharset(said)))];
}

function groupTexts(texts: readonly TextPart[]): Group[] {
  const groups: Group[] = [];
  for (const text of texts) {
    const alternative = topAlternative(text.part);
    const last = groups[groups.length - 1];
    if (last && alternative !== null && last.alternative === alternative) last.texts.push(text);
    else groups.push({ alternative, texts: [text] });
  }
  return groups;
}

function topAlternative(part: Part): Part | null {
  let found: Part | null = null;
  for (let parent = part.parent; parent; parent = parent.parent) if (parent.type === 'multipart/alternative') found = parent;
  return found;
}

/** Header of the message, without its last line end. */
function topHead(fields: readonly Field[]): string {
  const lines = ['mime-version: 1.0'];
  for (const name of addressFields) {
    const found = fields.filter((field) => field.name === name);
    // Several From fields are one list to us: the reader is shown all of them.
    if (found.length > 0) lines.push(`${name}: ${normaliseWords(found.map(fieldText).join(', '), true)}`);
  }
  const subject = subjectField(fields);
  if (subject) lines.push(`subject: ${normaliseWords(fieldText(subject), false)}`);
  return lines.join('\r\n');
}

/** A text with the charset that mailparser is to be told: one that only mailparser knows, or the one that the bytes are in. */
function inCharset({ part, content }: TextPart): { charset: string; content: readonly Buffer[] } {
  const said = saidCharset(part);
  if (isUsableCharset(said) && !isDecodable(said)) return { charset: said, content };
  const bytes = content.length === 1 ? (content[0] as Buffer) : Buffer.concat(content);
  const charset = charsetOfBytes(bytes, said);
  return charset === 'utf-7' ? { charset: 'utf-8', content: [Buffer.from(decodeBytes(bytes, charset))] } : { charset, content: [bytes] };
}

function textHead(part: Part, charset: string): string {
  let type = `${part.type}; charset="${charset}"`;
  if (part.params.get('format')?.toLowerCase() === 'flowed') {
    type += `; format=flowed${part.params.get('delsp')?.toLowerCase() === 'yes' ? '; delsp=yes' : ''}`;
  }
  return `Content-Type: ${type}\r\nContent-Transfer-Encoding: 8bit\r\n`;
}

function saidCharset(part: Part): string {
  return plainLabel(part.params.get('charset') ?? '');
}

function isUsableCharset(said: string): boolean {
  return !NOT_PRINTABLE.test(said) && isKnownCharset(said);
}

/** The subject that is shown: the first that says something. */
export function subjectField(fields: readonly Field[]): Field | undefined {
  const all = fields.filter((field) => field.name === 'subject');
  return all.find((field) => fieldText(field) !== '') ?? all[0];
}

/** Body of a field on one line: UTF-8, or Windows-1252 where the bytes are not. */
export function fieldText(field: Field): string {
  const colon = field.raw.indexOf(58);
  const bytes = field.raw.subarray(colon + 1);
  const text = isUtf8(bytes) ? bytes.toString('utf8') : decodeBytes(bytes);
  return text
    .replace(/(?<!\r)\r*\n(?=[ \t])/g, '')
    .replace(/[\r\n\0]+/g, ' ')
    .trim();
}
