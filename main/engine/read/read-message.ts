import { z } from 'zod';
import { limits } from '../../../shared/limits.ts';
import { MailError } from '../../../shared/errors.ts';
import { asSourceId, type EntryId, type SourceId } from '../../../shared/model/ids.ts';
import {
  attachmentSchema,
  messageProblemSchema,
  type Attachment,
  type InnerView,
  type MessageProblem,
  type MessageView,
  type PlacementView,
} from '../../../shared/model/message.ts';
import type { Ingest, OpenedMessage } from '../ingest/protocol.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { EntryDetail } from '../store/lists.ts';

function getDetail(store: EngineStore, id: EntryId): EntryDetail {
  const detail = store.lists.detail(id);
  if (!detail) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  return detail;
}

function completeSource(detail: EntryDetail): SourceId | null {
  return detail.sourceId !== null && detail.row.bodyState === 'complete' ? asSourceId(detail.sourceId) : null;
}

function getSource(store: EngineStore, id: EntryId): SourceId {
  const source = completeSource(getDetail(store, id));
  if (source === null) throw new MailError('message-missing', { scope: 'message', retry: 'later', detail: 'not downloaded yet' });
  return source;
}

function placementViews(store: EngineStore, id: EntryId): PlacementView[] {
  return store.placements.ofEntry(id).map((one) => {
    const mailbox = store.mailboxes.get(one.mailboxId);
    const { side, uid, state } = one;
    return { side, uid, state, path: mailbox?.path ?? '', isQuarantined: mailbox?.role === 'quarantine' };
  });
}

function storedParts(detail: EntryDetail): { attachments: Attachment[]; problems: MessageProblem[] } {
  const attachments = z.array(attachmentSchema).safeParse(JSON.parse(detail.attachments));
  const problems = z.array(messageProblemSchema).safeParse(JSON.parse(detail.problems));
  return { attachments: attachments.data ?? [], problems: problems.data ?? [] };
}

/** What is known of a message whose source is not (or not completely) here. */
function closedView(store: EngineStore, detail: EntryDetail): MessageView {
  const { row, headers, messageId } = detail;
  const { attachments, problems } = storedParts(detail);
  const { from, sender, replyTo, to, cc, bcc } = headers;
  return {
    row,
    ...{ from: [...from], sender, replyTo: [...replyTo], to: [...to], cc: [...cc], bcc: [...bcc] },
    messageId,
    html: null,
    text: null,
    inlineImages: {},
    attachments,
    invitation: null,
    protection: null,
    placements: placementViews(store, row.id),
    problems: [...problems, { code: 'not-downloaded', detail: '' }],
  };
}

/** What is shown of an opened mail; `within` leads to it where it lies in another. */
function contentOf(opened: OpenedMessage, within: readonly number[]): Omit<InnerView, 'subject' | 'sentDate'> {
  const { parsed, html, text, invitation, protection } = opened;
  const { from, sender, replyTo, to, cc, bcc } = parsed;
  const all = [...parsed.attachments, ...opened.unpacked];
  return {
    ...{ from: [...from], sender, replyTo: [...replyTo], to: [...to], cc: [...cc], bcc: [...bcc] },
    messageId: parsed.messageId,
    ...{ html, text, invitation, protection },
    inlineImages: { ...opened.inlineImages },
    attachments: within.length === 0 ? all : all.map((one) => ({ ...one, within: [...within, ...(one.within ?? [])] })),
    problems: [...parsed.problems],
  };
}

/** The whole message for the reading pane. @throws MailError not-found */
export async function openMessage(store: EngineStore, ingest: Ingest, id: EntryId): Promise<MessageView> {
  const detail = getDetail(store, id);
  const source = completeSource(detail);
  if (source === null) return closedView(store, detail);
  const opened = await ingest.open(store.sources.segments(source));
  return { row: detail.row, ...contentOf(opened, []), placements: placementViews(store, id) };
}

/** A mail or winmail.dat that lies in a message. @throws MailError not-found, message-missing, message-too-large */
export async function openInner(store: EngineStore, ingest: Ingest, id: EntryId, within: readonly number[]): Promise<InnerView> {
  const opened = await ingest.openInner(store.sources.segments(getSource(store, id)), within);
  const { subject, sentDate } = opened.parsed;
  return { subject, sentDate, ...contentOf(opened, within) };
}

/** All bytes of a message as they were received. @throws MailError not-found, message-missing */
export function readWhole(store: EngineStore, id: EntryId): Iterable<Uint8Array> {
  return store.sources.raw(getSource(store, id));
}

/** The source as text (bytes as Latin-1, so that nothing is lost), up to limits.maxSourceViewBytes. */
export function readSource(store: EngineStore, id: EntryId): { text: string; isTruncated: boolean } {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (const piece of store.sources.raw(getSource(store, id))) {
    pieces.push(Buffer.from(piece));
    bytes += piece.byteLength;
    if (bytes > limits.maxSourceViewBytes) break;
  }
  const all = Buffer.concat(pieces);
  const isTruncated = all.length > limits.maxSourceViewBytes;
  return { text: all.subarray(0, limits.maxSourceViewBytes).toString('latin1'), isTruncated };
}

/** Decoded content of one attachment. @throws MailError not-found, message-too-large */
export function readAttachment(
  store: EngineStore,
  ingest: Ingest,
  id: EntryId,
  path: readonly number[],
  maxBytes: number,
): Promise<{ attachment: Attachment; content: Uint8Array }> {
  return ingest.attachment(store.sources.segments(getSource(store, id)), path, maxBytes);
}
