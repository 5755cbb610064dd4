import { limits } from '../../../shared/limits.ts';
import { containerKind } from '../../../shared/model/container.ts';
import type { Invitation } from '../../../shared/model/invitation.ts';
import { decodeBytes } from '../mime/charset.ts';
import { cutChars } from '../mime/clean-text.ts';
import type { Part } from '../mime/part.ts';
import type { FoundAttachment } from './attachment-list.ts';
import { filesOf } from './inner.ts';
import { composeMessage, fileNameOf } from './parse-message.ts';
import { parseSource } from './parse-source.ts';
import { MessageReader, type ReadSource } from './message-reader.ts';
import type { Piece } from './piece.ts';
import { readPlainly } from './plain-reader.ts';
import { isCms, protectionOf } from './protection.ts';
import type { OpenedMessage, Segment } from './protocol.ts';
import { ReportedTerms } from './search-text.ts';
import { decodePiece } from './segment-codec.ts';
import type { OnCertain } from './sliced-core.ts';
import { readTnef } from './tnef/read-tnef.ts';

/** Text that is read for the reading pane. */
const READING_TEXT_BYTES = 6 * 1024 * 1024;
/** Of that many calendar files and winmail.dat the content is kept: one is the rule, and each may be large. */
const MAX_CALENDARS = 4;
const MAX_TNEF = 2;
const MAX_SNIFFED_BYTES = 1024 * 1024;

const INLINE_IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/jpg']);

/** What is certain of a source before a parser is let at it. */
export function plainlyOpened(source: ReadSource): OpenedMessage {
  const { parsed } = composeMessage(source, readPlainly(source.fields), new ReportedTerms(), [{ code: 'parse-failed', detail: '' }]);
  return { parsed, html: null, text: null, inlineImages: {}, unpacked: [], invitation: null, protection: protectionOf(source, '') };
}

const isCalendar = (part: Part): boolean =>
  part.type === 'text/calendar' || part.type === 'application/ics' || /\.ics$/iu.test(fileNameOf(part));
const isTnef = (part: Part): boolean => containerKind({ mimeType: part.type, fileName: fileNameOf(part) }) === 'tnef';

/** A stored source that is parsed for the reading pane. */
export class OpenCore {
  #imageBytes = 0;
  #calendars = 0;
  #tnefs = 0;
  readonly #reader = new MessageReader({ maxTextBytes: READING_TEXT_BYTES, wanted: (part) => this.#roomFor(part) });

  push(segments: readonly Segment[]): void {
    for (const segment of segments) this.#reader.push(decodePiece(segment));
  }

  pushPiece(piece: Piece): void {
    this.#reader.push(piece);
  }

  async end(onCertain: OnCertain<OpenedMessage>): Promise<OpenedMessage> {
    const source = this.#reader.finish();
    onCertain(plainlyOpened(source));
    const { parsed, text, html } = await parseSource(source, new ReportedTerms(), true);
    const hasHtml = html.trim() !== '';
    const images = hasHtml ? this.#inlineImages(source.attachments) : { shown: {}, isCut: false };
    const opened: OpenedMessage = {
      parsed: images.isCut ? { ...parsed, problems: [...parsed.problems, { code: 'image-limit', detail: '' }] } : parsed,
      html: hasHtml ? html : null,
      text: text !== '' ? text : null,
      inlineImages: images.shown,
      unpacked: [],
      invitation: null,
      protection: protectionOf(source, text),
    };
    if (this.#calendars + this.#tnefs === 0) return opened;
    // Should the readers of what is attached never come back, the mail itself is not lost with it.
    onCertain(opened);
    const invitation = await invitationIn(source.attachments);
    return unpacked({ ...opened, invitation }, source.attachments);
  }

  #roomFor(part: Part): number {
    if (INLINE_IMAGES.has(part.type) && part.fields.some((field) => field.name === 'content-id')) return limits.maxInlineImageBytes;
    if (isCalendar(part)) return (this.#calendars += 1) <= MAX_CALENDARS ? limits.maxCalendarBytes : 0;
    if (isTnef(part)) return (this.#tnefs += 1) <= MAX_TNEF ? limits.maxInnerBytes : 0;
    return isCms(part) && !part.params.has('smime-type') ? MAX_SNIFFED_BYTES : 0;
  }

  /** By content id; `isCut`: some were too large, alone or together. */
  #inlineImages(attachments: readonly FoundAttachment[]): { shown: Record<string, string>; isCut: boolean } {
    const images: Record<string, string> = Object.create(null) as Record<string, string>;
    let isCut = false;
    for (const { part, content } of attachments) {
      const id = INLINE_IMAGES.has(part.type) ? contentIdKey(part) : '';
      if (id === '' || id in images) continue;
      this.#imageBytes += content?.length ?? 0;
      if (!content || this.#imageBytes > limits.maxInlineImagesBytes) {
        isCut = true;
        continue;
      }
      const type = part.type === 'image/jpg' ? 'image/jpeg' : part.type;
      images[id] = `data:${type};base64,${content.toString('base64')}`;
    }
    return { shown: { ...images }, isCut };
  }
}

/** The first calendar file that holds an event. Its reader is loaded with the first one there is. */
async function invitationIn(attachments: readonly FoundAttachment[]): Promise<Invitation | null> {
  const files = attachments.filter(({ part, content }) => content !== null && isCalendar(part));
  if (files.length === 0) return null;
  const { readInvitation } = await import('./calendar/read-invitation.ts');
  for (const { part, content, index } of files) {
    const text = decodeBytes(content as Buffer, part.params.get('charset') ?? '');
    const found = readInvitation(text, part.params.get('method') ?? '', index);
    if (found) return found;
  }
  return null;
}

/** With the files of each winmail.dat, and its text where the mail has none. */
function unpacked(opened: OpenedMessage, attachments: readonly FoundAttachment[]): OpenedMessage {
  let all = opened;
  for (const { part, content, index } of attachments) {
    const tnef = content !== null && isTnef(part) ? readTnef(content) : null;
    if (tnef === null) continue;
    const files = filesOf(tnef).map((file) => ({ ...file, within: [index] }));
    const hasBody = all.html !== null || (all.text ?? '').trim() !== '';
    all = {
      ...all,
      unpacked: [...all.unpacked, ...files],
      html: hasBody || tnef.html.trim() === '' ? all.html : cutChars(tnef.html, limits.maxHtmlChars),
      text: hasBody || tnef.text === '' ? all.text : cutChars(tnef.text, limits.maxTextChars),
      parsed: tnef.isCut ? { ...all.parsed, problems: [...all.parsed.problems, { code: 'truncated', detail: '' }] } : all.parsed,
    };
  }
  return all;
}

function contentIdKey(part: Part): string {
  const field = part.fields.find((one) => one.name === 'content-id');
  if (!field) return '';
  const body = field.raw.subarray(field.raw.indexOf(58) + 1).toString('utf8');
  return body.trim().replace(/^<|>$/g, '').trim();
}
