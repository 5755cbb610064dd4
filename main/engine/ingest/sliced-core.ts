import type { MessageProblem } from '../../../shared/model/message.ts';
import { wantCalendars } from './attachment-list.ts';
import { wantReported } from './delivery-report.ts';
import { composeMessage } from './parse-message.ts';
import { parseSource } from './parse-source.ts';
import { MessageReader, type ReadSource } from './message-reader.ts';
import type { Piece } from './piece.ts';
import { readPlainly } from './plain-reader.ts';
import type { IngestedSource, ParsedMessage, Segment } from './protocol.ts';
import { ReportedTerms } from './search-text.ts';
import { decodePiece, encodeSegment } from './segment-codec.ts';
import { Segmenter } from './segmenter.ts';
import { SourceDigester } from './source-digester.ts';

/** Text that is read for list, search and preview. */
const INDEX_TEXT_BYTES = 2 * 1024 * 1024;

/** Called with what is certain before a parser is let at a message: if it hangs, this is the answer. */
export type OnCertain<T> = (certain: T) => void;

/** One source that comes in slices. */
export class SlicedCore {
  readonly #segmenter = new Segmenter();
  readonly #digester = new SourceDigester();
  readonly #reader = new MessageReader({ maxTextBytes: INDEX_TEXT_BYTES, wanted: (part) => wantCalendars(part) || wantReported(part) });
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

  /** A source that is there as a whole; nothing is pushed besides. */
  whole(source: Buffer): Pick<IngestedSource, 'segments' | 'digest'> {
    const segments = this.#segmenter.whole(source).map((piece) => this.#take(piece));
    return { segments, digest: this.#digester.finish() };
  }

  replay(segment: Segment): void {
    const stored = decodePiece(segment);
    const { isHeader } = this.#segmenter.resume(stored);
    this.#digester.update({ raw: stored.raw, isHeader });
    this.#reader.push(stored);
    this.#rawEnd += segment.rawBytes;
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
