import { limits } from '../../../shared/limits.ts';
import { cutChars } from '../mime/clean-text.ts';
import { containerOf, descend, filesOf, piecesOf, readerOf, takenFrom } from './inner.ts';
import { MessageReader } from './message-reader.ts';
import { OpenCore, plainlyOpened } from './open-core.ts';
import type { OpenedMessage, Segment } from './protocol.ts';
import { decodePiece } from './segment-codec.ts';
import type { OnCertain } from './sliced-core.ts';
import { readTnef } from './tnef/read-tnef.ts';

/** A stored source in which a mail or winmail.dat lies that is opened for reading; `path` leads to it. */
export class InnerCore {
  readonly #path: readonly number[];
  readonly #reader: MessageReader;

  constructor(path: readonly number[]) {
    this.#path = path;
    this.#reader = readerOf(this.#first, limits.maxInnerBytes);
  }

  get #first(): number {
    return this.#path[0] ?? -1;
  }

  push(segments: readonly Segment[]): void {
    for (const segment of segments) this.#reader.push(decodePiece(segment));
  }

  /** @throws MailError not-found, message-too-large */
  async end(onCertain: OnCertain<OpenedMessage>): Promise<OpenedMessage> {
    const nothing = plainlyOpened(new MessageReader({ maxTextBytes: 0, wanted: () => 0 }).finish());
    onCertain(nothing);
    const first = takenFrom(this.#reader.finish().attachments, this.#first, limits.maxInnerBytes);
    const { kind, content } = containerOf(descend(first, this.#path.slice(1), limits.maxInnerBytes));
    if (kind === 'tnef') return openedTnef(content, nothing);
    const core = new OpenCore();
    for (const piece of piecesOf(content)) core.pushPiece(piece);
    return core.end(onCertain);
  }
}

/** A winmail.dat for itself: its text and its files. One that cannot be read has the problem that `nothing` has. */
function openedTnef(content: Buffer, nothing: OpenedMessage): OpenedMessage {
  const tnef = readTnef(content);
  if (tnef === null) return nothing;
  const problems = tnef.isCut ? [{ code: 'truncated' as const, detail: '' }] : [];
  const subject = cutChars(tnef.subject, limits.maxSubjectChars);
  return {
    ...nothing,
    parsed: { ...nothing.parsed, subject, attachments: filesOf(tnef), problems },
    html: tnef.html.trim() === '' ? null : cutChars(tnef.html, limits.maxHtmlChars),
    text: tnef.text === '' ? null : cutChars(tnef.text, limits.maxTextChars),
  };
}
