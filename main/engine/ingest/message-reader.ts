import { Outline, type Base64Lines, type OutlineProblem, type OutlineSink } from '../mime/outline.ts';
import type { Field, Part } from '../mime/part.ts';
import { TransferDecoder } from '../mime/transfer-decoder.ts';
import { AttachmentList, type FoundAttachment, type Wanted } from './attachment-list.ts';
import type { Piece } from './piece.ts';
import { buildSkeleton, unknownCharsets, type TextPart } from './skeleton.ts';

/** What one pass over a source gives: the text parts as a skeleton for mailparser, and the attachments. */
export interface ReadSource {
  readonly fields: readonly Field[];
  readonly attachments: readonly FoundAttachment[];
  readonly structureProblems: ReadonlySet<OutlineProblem>;
  /** Bytes of text that were read. */
  readonly textBytes: number;
  /** Text bodies were longer than what was read of them. */
  readonly isTextCut: boolean;
  readonly unknownCharsets: readonly string[];
  /** The text parts, off their transfer encoding. */
  readonly texts: readonly TextPart[];
  /** What the parsers are given. */
  skeleton(): Buffer;
}

/** Reads the pieces of a source in order. */
export class MessageReader implements OutlineSink {
  readonly #outline = new Outline(this);
  readonly #attachments: AttachmentList;
  readonly #maxTextBytes: number;
  readonly #texts: { readonly part: Part; readonly content: Buffer[] }[] = [];
  #fields: readonly Field[] = [];
  #textBytes = 0;
  #textDecoder: TransferDecoder | null = null;
  #hasBareCr: boolean | null = null;

  /** `maxTextBytes`: of all text parts together, off their transfer encoding. */
  constructor(options: { readonly maxTextBytes: number; readonly wanted: Wanted }) {
    this.#attachments = new AttachmentList(options.wanted);
    this.#maxTextBytes = options.maxTextBytes;
  }

  push(piece: Pick<Piece, 'raw' | 'decoded'>): void {
    this.#hasBareCr ??= hasBareCrOnly(piece.raw);
    if (hasLines(piece)) this.#outline.lines(piece);
    else this.#outline.text(this.#hasBareCr ? withLf(piece.raw) : piece.raw);
  }

  finish(): ReadSource {
    this.#outline.end();
    const fields = this.#fields;
    const texts: readonly TextPart[] = this.#texts;
    return {
      fields,
      attachments: this.#attachments.found,
      structureProblems: this.#outline.hit,
      textBytes: Math.min(this.#textBytes, this.#maxTextBytes),
      isTextCut: this.#textBytes > this.#maxTextBytes,
      unknownCharsets: unknownCharsets(texts),
      texts,
      skeleton: () => buildSkeleton(fields, texts),
    };
  }

  part(part: Part): void {
    if (part.ordinal === 0) this.#fields = part.fields;
    if (part.role === 'attachment') this.#attachments.begin(part);
    if (part.role !== 'text') return;
    const content: Buffer[] = [];
    this.#texts.push({ part, content });
    this.#textDecoder = new TransferDecoder(part.encoding, false, (bytes) => this.#text(content, bytes));
  }

  body(part: Part, bytes: Buffer): void {
    if (part.role === 'attachment') this.#attachments.body(bytes);
    else this.#textDecoder?.push(bytes);
  }

  lines(part: Part, lines: Base64Lines): void {
    if (part.role === 'attachment') this.#attachments.lines(lines);
    else this.#textDecoder?.pushLines(lines);
  }

  leafEnd(part: Part): void {
    if (part.role === 'attachment') this.#attachments.end();
    this.#textDecoder?.end();
    this.#textDecoder = null;
  }

  #text(content: Buffer[], bytes: Buffer): void {
    const room = this.#maxTextBytes - this.#textBytes;
    this.#textBytes += bytes.length;
    if (room <= 0) return;
    // Views are valid during the call only, and decoded lines are handed over to another thread.
    const isOwn = bytes.buffer.byteLength === bytes.length && bytes.length <= room;
    content.push(isOwn ? bytes : Buffer.from(bytes.subarray(0, room)));
  }
}

const LF = 10;
const CR = 13;

/** A mail in which CR alone ends the lines, as told by its beginning. */
function hasBareCrOnly(raw: Buffer): boolean {
  return raw.includes(CR) && !raw.includes(LF);
}

function withLf(raw: Buffer): Buffer {
  return Buffer.from(raw.map((byte) => (byte === CR ? LF : byte)));
}

function hasLines(piece: Pick<Piece, 'raw' | 'decoded'>): piece is Base64Lines {
  return piece.decoded !== null;
}
