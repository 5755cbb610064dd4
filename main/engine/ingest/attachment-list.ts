import type { Base64Lines } from '../mime/outline.ts';
import type { Part } from '../mime/part.ts';
import { TransferDecoder } from '../mime/transfer-decoder.ts';

/** A leaf that is not shown as text. `content` is there when it was asked for and was not larger than asked. */
export interface FoundAttachment {
  readonly part: Part;
  readonly index: number;
  sizeBytes: number;
  content: Buffer | null;
}

/** Largest content to keep of an attachment, by its part and index; 0 keeps none. */
export type Wanted = (part: Part, index: number) => number;

/** Up to this size kept content is copied: the decoded bytes may be handed over to another thread meanwhile. */
const COPIED_BYTES = 1024 * 1024;

/** Keeps invitations: their text is indexed. */
export function wantCalendars(part: Part): number {
  return part.type === 'text/calendar' ? 64 * 1024 : 0;
}

/** Measures every attachment while it passes, and keeps the content of those that are wanted. */
export class AttachmentList {
  readonly found: FoundAttachment[] = [];
  readonly #wanted: Wanted;
  #decoder: TransferDecoder | null = null;
  #kept: Buffer[] | null = null;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  begin(part: Part): void {
    const attachment: FoundAttachment = { part, index: this.found.length, sizeBytes: 0, content: null };
    this.found.push(attachment);
    const room = this.#wanted(part, attachment.index);
    this.#kept = room > 0 ? [] : null;
    this.#decoder = new TransferDecoder(part.encoding, true, (content) => {
      attachment.sizeBytes += content.length;
      if (attachment.sizeBytes > room) this.#kept = null;
      this.#kept?.push(room <= COPIED_BYTES ? Buffer.from(content) : content);
    });
  }

  body(bytes: Buffer): void {
    this.#decoder?.push(bytes);
  }

  lines(lines: Base64Lines): void {
    this.#decoder?.pushLines(lines);
  }

  end(): void {
    this.#decoder?.end();
    const last = this.found[this.found.length - 1];
    if (last && this.#decoder && this.#kept) last.content = Buffer.concat(this.#kept);
    this.#decoder = null;
    this.#kept = null;
  }
}
