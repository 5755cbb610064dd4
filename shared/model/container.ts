import type { Attachment } from './message.ts';

/** What can be opened inside the app: a mail, or the file in which Outlook packs others. */
export type ContainerKind = 'message' | 'tnef';

const MESSAGES = new Set(['message/rfc822', 'message/global']);
const TNEF = new Set(['application/ms-tnef', 'application/vnd.ms-tnef']);

/** Whether an attachment holds a mail or further files, by its type or, where that says nothing, by its name. */
export function containerKind({ mimeType, fileName }: Pick<Attachment, 'mimeType' | 'fileName'>): ContainerKind | null {
  if (MESSAGES.has(mimeType)) return 'message';
  if (TNEF.has(mimeType) || /^winmail(?:[ ._-]?\(?\d+\)?)?\.dat$/iu.test(fileName)) return 'tnef';
  return /\.eml$/iu.test(fileName) ? 'message' : null;
}
