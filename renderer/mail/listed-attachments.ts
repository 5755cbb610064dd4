import type { Attachment, InnerView, MessageView } from '../../shared/model/message.ts';
import { attachmentKind } from './attachment-kind.ts';

const SHOWN = /<img\b[^>]*?\bsrc\s*=\s*["']?\s*cid:([^"'\s>]+)/giu;

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id; // not percent-encoded after all
  }
}

/** Attachments that need a line of their own: all but the pictures that the text shows by itself. */
export function listedAttachments({
  html,
  inlineImages,
  attachments,
}: Pick<MessageView | InnerView, 'html' | 'inlineImages' | 'attachments'>): Attachment[] {
  const shown = new Set([...(html ?? '').matchAll(SHOWN)].map(([, id]) => decoded(id ?? '')));
  const isShown = ({ contentId, within, ...one }: Attachment): boolean =>
    contentId !== null && within === undefined && contentId in inlineImages && shown.has(contentId) && attachmentKind(one) === 'image';
  return attachments.filter((one) => !isShown(one));
}
