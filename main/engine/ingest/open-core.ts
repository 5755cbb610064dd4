import { limits } from '../../../shared/limits.ts';
import type { Part } from '../mime/part.ts';
import { wantCalendars, type FoundAttachment } from './attachment-list.ts';
import { composeMessage } from './parse-message.ts';
import { parseSource } from './parse-source.ts';
import { MessageReader } from './message-reader.ts';
import { readPlainly } from './plain-reader.ts';
import type { OpenedMessage, Segment } from './protocol.ts';
import { ReportedTerms } from './search-text.ts';
import { decodePiece } from './segment-codec.ts';
import type { OnCertain } from './sliced-core.ts';

/** Text that is read for the reading pane. */
const READING_TEXT_BYTES = 6 * 1024 * 1024;

const INLINE_IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/jpg']);

/** A stored source that is parsed for the reading pane. */
export class OpenCore {
  #imageBytes = 0;
  readonly #reader = new MessageReader({ maxTextBytes: READING_TEXT_BYTES, wanted: (part) => this.#roomFor(part) });

  push(segments: readonly Segment[]): void {
    for (const segment of segments) this.#reader.push(decodePiece(segment));
  }

  async end(onCertain: OnCertain<OpenedMessage>): Promise<OpenedMessage> {
    const source = this.#reader.finish();
    const plain = composeMessage(source, readPlainly(source.fields), new ReportedTerms(), [{ code: 'parse-failed', detail: '' }]);
    onCertain({ parsed: plain.parsed, html: null, text: null, inlineImages: {} });
    const { parsed, text, html } = await parseSource(source, new ReportedTerms(), true);
    const hasHtml = html.trim() !== '';
    return {
      parsed,
      html: hasHtml ? html : null,
      text: text !== '' ? text : null,
      inlineImages: hasHtml ? this.#inlineImages(source.attachments) : {},
    };
  }

  #roomFor(part: Part): number {
    const isWanted = INLINE_IMAGES.has(part.type) && part.fields.some((field) => field.name === 'content-id');
    return isWanted ? limits.maxInlineImageBytes : wantCalendars(part);
  }

  #inlineImages(attachments: readonly FoundAttachment[]): Record<string, string> {
    const images: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const { part, content } of attachments) {
      if (!content || !INLINE_IMAGES.has(part.type)) continue;
      const id = contentIdKey(part);
      this.#imageBytes += content.length;
      if (id === '' || id in images || this.#imageBytes > limits.maxInlineImagesBytes) continue;
      const type = part.type === 'image/jpg' ? 'image/jpeg' : part.type;
      images[id] = `data:${type};base64,${content.toString('base64')}`;
    }
    return { ...images };
  }
}

function contentIdKey(part: Part): string {
  const field = part.fields.find((one) => one.name === 'content-id');
  if (!field) return '';
  const body = field.raw.subarray(field.raw.indexOf(58) + 1).toString('utf8');
  return body.trim().replace(/^<|>$/g, '').trim();
}
