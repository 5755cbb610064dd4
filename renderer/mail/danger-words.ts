import type { ContentKind } from '../../shared/model/content-kind.ts';
import type { AttachmentDanger } from '../../shared/model/trust.ts';
import { visibleLine } from '../../shared/visible-text.ts';
import type { CareWords } from '../text/en/care.ts';

/** What an attachment is by its bytes, where that is the reason; else empty. */
export const contentWords = ({ code, named }: AttachmentDanger, words: CareWords): string =>
  code === 'disguised' || code === 'other-content' ? (words.contents[named as ContentKind] ?? '') : '';

/** Why an attachment of this name can do harm, or what it is instead, in one line. */
export const dangerLine = (danger: AttachmentDanger, name: string, words: CareWords): string =>
  words.dangers[danger.code].short(visibleLine(name), contentWords(danger, words));

/** The same in a few words beside its name; `caution` where there is no shorter way to say it. */
export function dangerMark(danger: AttachmentDanger, words: CareWords, caution: string): string {
  const really = contentWords(danger, words);
  if (really !== '') return words.marks.really(really);
  return words.marks.byCode[danger.code] ?? caution;
}
