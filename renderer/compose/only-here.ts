import type { Draft } from '../../shared/model/compose.ts';
import type { Words } from '../text/en.ts';

/** Says calmly that a draft is safe here, why the mail server does not have it, and what becomes of that. */
export function onlyHereText({ error, isFinal }: NonNullable<Draft['notFiled']>, { compose: words, errors }: Words): string {
  const { what, remedy } = errors[error.code];
  if (error.code === 'mailbox-missing') return words.onlyHere(words.noDraftsFolder);
  const reason = error.code === 'command-refused' ? words.copyRefused : what;
  // What a person can do about it; of everything else the draft itself decides.
  const help = error.code === 'over-quota' ? ` ${remedy}` : '';
  return `${words.onlyHere(reason)}${help} ${isFinal ? words.triedWithChange : words.triedBySelf}`;
}
