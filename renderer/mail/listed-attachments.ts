import { htmlParts } from '../../shared/model/html-parts.ts';
import type { Attachment, InnerView, MessageView } from '../../shared/model/message.ts';
import { attachmentKind } from './attachment-kind.ts';
import { decodeContentId } from './content-id.ts';

const SHOWN = /<img\b[^>]*?\bsrc\s*=\s*["']?\s*cid:([^"'\s>]+)/giu;

/** Attachments that need a line of their own: all but the pictures that the text shows by itself. */
export function listedAttachments({
  html,
  inlineImages,
  attachments,
}: Pick<MessageView | InnerView, 'html' | 'inlineImages' | 'attachments'>): Attachment[] {
  const shown = new Set(
    htmlParts(html ?? '')
      .flatMap((part) => [...part.matchAll(SHOWN)])
      .map(([, id]) => decodeContentId(id ?? '')),
  );
  const isShown = ({ contentId, within, ...one }: Attachment): boolean =>
    contentId !== null && within === undefined && contentId in inlineImages && shown.has(contentId) && attachmentKind(one) === 'image';
  return attachments.filter((one) => !isShown(one));
}
