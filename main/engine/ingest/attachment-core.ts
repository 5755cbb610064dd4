import { limits } from '../../../shared/limits.ts';
import type { Attachment } from '../../../shared/model/message.ts';
import { descend, readerOf, takenFrom } from './inner.ts';
import type { MessageReader } from './message-reader.ts';
import type { Segment } from './protocol.ts';
import { decodePiece } from './segment-codec.ts';

/** A stored source out of which one attachment is taken; `path` leads to it, through mails and winmail.dat that lie in it. */
export class AttachmentCore {
  readonly #path: readonly number[];
  readonly #maxBytes: number;
  readonly #firstMaxBytes: number;
  readonly #reader: MessageReader;

  constructor(path: readonly number[], maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#firstMaxBytes = path.length > 1 ? limits.maxInnerBytes : maxBytes;
    this.#reader = readerOf(this.#first, this.#firstMaxBytes);
  }

  get #first(): number {
    return this.#path[0] ?? -1;
  }

  push(segments: readonly Segment[]): void {
    for (const segment of segments) this.#reader.push(decodePiece(segment));
  }

  /** @throws MailError not-found, message-too-large */
  end(): Promise<{ attachment: Attachment; content: Uint8Array }> {
    return new Promise((resolve) => {
      const first = takenFrom(this.#reader.finish().attachments, this.#first, this.#firstMaxBytes);
      resolve(descend(first, this.#path.slice(1), this.#maxBytes));
    });
  }
}
