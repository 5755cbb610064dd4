import { limits } from '../../../shared/limits.ts';
import { MailError } from '../../../shared/errors.ts';
import type { Attachment, MessageProblem } from '../../../shared/model/message.ts';
import type { Part } from '../mime/part.ts';
import type { FoundAttachment, Wanted } from './attachment-list.ts';
import { composeMessage, type ComposedMessage } from './parse-message.ts';
import { MessageReader, type ReadSource } from './message-reader.ts';
import type { Piece } from './piece.ts';
import { readPlainly } from './plain-reader.ts';
import type { IngestedSource, OpenedMessage, ParsedMessage, Segment } from './protocol.ts';
import { readMail } from './read-mail.ts';
import { ReportedTerms } from './search-text.ts';
import { decodePiece, encodeSegment } from './segment-codec.ts';
import { Segmenter } from './segmenter.ts';
import { SourceDigester } from './source-digester.ts';

/** Encoded text that is read for list, search and preview, and for the reading pane. */
const INDEX_TEXT_BYTES = 2 * 1024 * 1024;
const READING_TEXT_BYTES = 12 * 1024 * 1024;
const MAX_CALENDAR_BYTES = 64 * 1024;

const INLINE_IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/jpg']);

/** Called with what is certain before a parser is let at a message: if it hangs, this is the answer. */
export type OnCertain<T> = (certain: T) => void;

/** The work of the ingest worker, free of threads; the same object serves tests in one process. */
export class IngestCore {
  readonly #reported = new ReportedTerms();

  /** Reads a whole source. With `isParsed` false only what cannot hang is done, and `problem` is reported. */
  async ingest(raw: Buffer, problem: MessageProblem | null): Promise<IngestedSource> {
    const sliced = this.begin();
    const first = sliced.push(raw);
    const rest = sliced.finishSegments();
    const parsed = problem ? sliced.readPlainly(problem) : await sliced.parse();
    return { segments: [...first.segments, ...rest.segments], digest: rest.digest, parsed };
  }

  begin(): SlicedCore {
    return new SlicedCore(this.#reported);
  }

  beginOpen(): OpenCore {
    return new OpenCore();
  }

  beginAttachment(index: number, maxBytes: number): AttachmentCore {
    return new AttachmentCore(index, maxBytes);
  }
}

/** One source that comes in slices. */
export class SlicedCore {
  readonly #segmenter = new Segmenter();
  readonly #digester = new SourceDigester();
  readonly #reader = new MessageReader({ maxTextBytes: INDEX_TEXT_BYTES, wanted: wantCalendars });
  readonly #reported: ReportedTerms;
  #rawEnd = 0;
  #source: ReadSource | null = null;

  constructor(reported: ReportedTerms) {
    this.#reported = reported;
  }

  push(slice: Buffer): { segments: Segment[]; rawEnd: number } {
    const segments = this.#segmenter.push(slice).map((piece) => this.#take(piece));
    return { segments, rawEnd: this.#rawEnd };
  }

  replay(segment: Segment): void {
    const stored = decodePiece(segment);
    const { isHeader } = this.#segmenter.resume(stored);
    const { raw, decoded, lineWidth, ending } = stored;
    this.#digester.update({ raw, isHeader });
    this.#reader.push({ raw, decoded });
    this.#rawEnd += segment.rawBytes;
    void lineWidth;
    void ending;
  }

  /** Segments not yet given out, and the digests. */
  finishSegments(): Pick<IngestedSource, 'segments' | 'digest'> {
    const segments = this.#segmenter.finish().map((piece) => this.#take(piece));
    return { segments, digest: this.#digester.finish() };
  }

  async end(onCertain: OnCertain<IngestedSource>): Promise<IngestedSource> {
    const rest = this.finishSegments();
    onCertain({ ...rest, parsed: this.readPlainly({ code: 'parse-failed', detail: '' }) });
    return { ...rest, parsed: await this.parse() };
  }

  async parse(): Promise<ParsedMessage> {
    return (await parseSource(this.#read(), this.#reported, false)).parsed;
  }

  readPlainly(problem: MessageProblem): ParsedMessage {
    const source = this.#read();
    return composeMessage(source, readPlainly(source.fields), new ReportedTerms(), [problem]).parsed;
  }

  #read(): ReadSource {
    return (this.#source ??= this.#reader.finish());
  }

  #take(piece: Piece): Segment {
    this.#digester.update(piece);
    this.#reader.push(piece);
    this.#rawEnd += piece.raw.length;
    return encodeSegment(piece);
  }
}

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
    return isWanted ? limits.maxInlineImageBytes : wantCalendars(part, 0);
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

/** A stored source out of which one attachment is taken. */
export class AttachmentCore {
  readonly #index: number;
  readonly #maxBytes: number;
  readonly #reader: MessageReader;
  #segmentsSeen = 0;

  constructor(index: number, maxBytes: number) {
    this.#index = index;
    this.#maxBytes = maxBytes;
    const wanted: Wanted = (_, at) => (at === index ? Math.max(1, maxBytes) : 0);
    this.#reader = new MessageReader({ maxTextBytes: 0, wanted });
  }

  push(segments: readonly Segment[]): void {
    for (const segment of segments) this.#reader.push(decodePiece(segment));
    this.#segmentsSeen += segments.length;
  }

  async end(): Promise<{ attachment: Attachment; content: Uint8Array }> {
    const source = this.#reader.finish();
    const found = source.attachments[this.#index];
    if (!found) throw new MailError('not-found', { scope: 'message', retry: 'never', detail: `attachment of ${source.attachments.length}` });
    if (!found.content || found.sizeBytes > this.#maxBytes) {
      throw new MailError('message-too-large', { scope: 'message', retry: 'never', detail: `attachment of ${found.sizeBytes} bytes` });
    }
    const { parsed } = await parseSource(source, new ReportedTerms(), false);
    return { attachment: parsed.attachments[this.#index] as Attachment, content: found.content };
  }
}

async function parseSource(source: ReadSource, reported: ReportedTerms, withTextInHtml: boolean): Promise<ComposedMessage> {
  const { mail, hasFailed } = await readMail(source, withTextInHtml);
  return composeMessage(source, mail, reported, hasFailed ? [{ code: 'parse-failed', detail: '' }] : []);
}

function wantCalendars(part: Part, _index: number): number {
  return part.type === 'text/calendar' ? MAX_CALENDAR_BYTES : 0;
}

function contentIdKey(part: Part): string {
  const field = part.fields.find((one) => one.name === 'content-id');
  if (!field) return '';
  const body = field.raw.subarray(field.raw.indexOf(58) + 1).toString('utf8');
  return body.trim().replace(/^<|>$/g, '').trim();
}
