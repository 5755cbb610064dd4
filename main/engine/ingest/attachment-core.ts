import { MailError } from '../../../shared/errors.ts';
import type { Attachment } from '../../../shared/model/message.ts';
import type { Wanted } from './attachment-list.ts';
import { parseSource } from './parse-source.ts';
import { MessageReader } from './message-reader.ts';
import type { Segment } from './protocol.ts';
import { ReportedTerms } from './search-text.ts';
import { decodePiece } from './segment-codec.ts';

/** A stored source out of which one attachment is taken. */
export class AttachmentCore {
  readonly #index: number;
  readonly #maxBytes: number;
  readonly #reader: MessageReader;

  constructor(index: number, maxBytes: number) {
    this.#index = index;
    this.#maxBytes = maxBytes;
    const wanted: Wanted = (_, at) => (at === index ? Math.max(1, maxBytes) : 0);
    this.#reader = new MessageReader({ maxTextBytes: 0, wanted });
  }

  push(segments: readonly Segment[]): void {
    for (const segment of segments) this.#reader.push(decodePiece(segment));
  }

  async end(): Promise<{ attachment: Attachment; content: Uint8Array }> {
    const source = this.#reader.finish();
    const found = source.attachments[this.#index];
    if (!found)
      throw new MailError('not-found', { scope: 'message', retry: 'never', detail: `attachment of ${source.attachments.length}` });
    if (!found.content || found.sizeBytes > this.#maxBytes) {
      throw new MailError('message-too-large', { scope: 'message', retry: 'never', detail: `attachment of ${found.sizeBytes} bytes` });
    }
    const { parsed } = await parseSource(source, new ReportedTerms(), false);
    return { attachment: parsed.attachments[this.#index] as Attachment, content: found.content };
  }
}
