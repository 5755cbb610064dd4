import { editorContent, textOfNodes } from './editor-html.ts';
import type { OpenDraft } from './open-draft.svelte.ts';
import { htmlOfText } from './rich-text.ts';
import type { Sender } from './senders.ts';
import { signatureSwapped } from './signature.ts';

/** What the person wrote, as text; without the folded quotation. */
export function ownText(draft: OpenDraft): string {
  if (draft.format === 'plain') return draft.text;
  draft.content();
  return textOfNodes(editorContent(draft.ownHtml, draft.images));
}

/** Whether plain text would lose anything but the looks of the quotation. */
export function hasFormatting(draft: OpenDraft): boolean {
  draft.content();
  return /<(?:b|i|u|s|strong|em|a|img|table|ul|ol|li|h[1-6])\b/iu.test(draft.ownHtml);
}

export function makePlain(draft: OpenDraft): void {
  draft.text = textOfNodes(editorContent(draft.content().html, draft.images));
  draft.quotation = '';
  draft.format = 'plain';
  draft.touch();
}

export function makeRich(draft: OpenDraft): void {
  draft.ownHtml = htmlOfText(draft.text);
  draft.format = 'rich';
  draft.touch();
}

/** Writes from another of the account's addresses; undefined for its first one. */
export function changeAddress(draft: OpenDraft, from: string | undefined): void {
  draft.from = from;
  draft.touch();
}

/** Writes from another account, with its signature in place of that of the account before. */
export function changeAccount(
  draft: OpenDraft,
  { accountId, from }: Sender,
  signatures: { readonly before: string; readonly after: string },
): void {
  const { before, after } = signatures;
  draft.content();
  if (draft.format === 'plain') draft.text = signatureSwapped(draft.text, before, after, 'plain');
  else draft.ownHtml = signatureSwapped(draft.ownHtml, before, after, 'html');
  draft.accountId = accountId;
  draft.from = from;
  draft.generation += 1;
  draft.touch();
}
