import { Outline, type Base64Lines, type OutlineSink } from '../mime/outline.ts';
import type { Field, Part } from '../mime/part.ts';
import { TransferDecoder } from '../mime/transfer-decoder.ts';
import { AttachmentList, type FoundAttachment, type Wanted } from './attachment-list.ts';
import type { Piece } from './piece.ts';
import { Skeleton } from './skeleton.ts';

/** Text that is read again when the charset turns out to be wrong is kept up to this size. */
const MAX_TEXT_KEPT = 16 * 1024 * 1024;

/** What one pass over a source gives: the text parts as a skeleton for mailparser, and the attachments. */
export interface ReadSource {
  readonly fields: readonly Field[];
  readonly attachments: readonly FoundAttachment[];
  readonly limitsHit: ReadonlySet<string>;
  /** Text bodies were longer than what is read of them. */
  readonly isTextCut: boolean;
  readonly hasText: boolean;
  readonly unknownCharsets: readonly string[];
  /** Attachments whose heads are in the skeleton. */
  readonly expectedFiles: number;
  /** The skeleton, with the charset to use where none is said. */
  skeleton(fallbackCharset: string): Buffer;
}

type Step = (skeleton: Skeleton) => void;

/** Reads the pieces of a source in order. */
export class MessageReader implements OutlineSink {
  readonly #outline = new Outline(this);
  readonly #attachments: AttachmentList;
  readonly #maxTextBytes: number;
  readonly #steps: Step[] = [];
  #fields: readonly Field[] = [];
  #textBytes = 0;
  #hasText = false;
  #textDecoder: TransferDecoder | null = null;

  constructor(options: { readonly maxTextBytes: number; readonly wanted: Wanted }) {
    this.#attachments = new AttachmentList(options.wanted);
    this.#maxTextBytes = Math.min(options.maxTextBytes, MAX_TEXT_KEPT);
  }

  push(piece: Pick<Piece, 'raw' | 'decoded'>): void {
    if (hasLines(piece)) this.#outline.lines(piece);
    else this.#outline.text(piece.raw);
  }

  finish(): ReadSource {
    this.#outline.end();
    const usual = this.#build('utf-8');
    return {
      fields: this.#fields,
      attachments: this.#attachments.found,
      limitsHit: this.#outline.hit,
      isTextCut: this.#textBytes > this.#maxTextBytes,
      hasText: this.#hasText,
      unknownCharsets: [...usual.unknownCharsets],
      expectedFiles: usual.expectedFiles,
      skeleton: (fallbackCharset) => (fallbackCharset === 'utf-8' ? usual : this.#build(fallbackCharset)).bytes(),
    };
  }

  part(part: Part): void {
    if (part.ordinal === 0) this.#fields = part.fields;
    if (part.role === 'attachment') this.#attachments.begin(part);
    this.#steps.push((skeleton) => skeleton.part(part));
    if (part.role === 'text') {
      this.#hasText = true;
      this.#textDecoder = new TransferDecoder(part.encoding, false, (content) => this.#text(content));
    }
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

  close(part: Part): void {
    this.#steps.push((skeleton) => skeleton.close(part));
  }

  #text(content: Buffer): void {
    this.#textBytes += content.length;
    if (this.#textBytes - content.length > this.#maxTextBytes) return;
    // Views are valid during the call only, and decoded lines are handed over to another thread.
    const kept = content.buffer.byteLength > content.length ? Buffer.from(content) : content;
    this.#steps.push((skeleton) => skeleton.body(kept));
  }

  #build(fallbackCharset: string): Skeleton {
    const skeleton = new Skeleton(this.#maxTextBytes, fallbackCharset);
    for (const step of this.#steps) step(skeleton);
    return skeleton;
  }
}

function hasLines(piece: Pick<Piece, 'raw' | 'decoded'>): piece is Base64Lines {
  return piece.decoded !== null;
}
