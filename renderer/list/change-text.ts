import type { FailedChange } from '../../shared/model/action.ts';
import type { Words } from '../text/en.ts';

/**
 * A change in plain words, from what the engine notes of it: `flag +seen`, `flag -flagged +$forwarded`, `move Archive`,
 * `flag -flagged, server +flagged`.
 * @param kind what is said of words that are not known; null where only they tell
 * @param nameOf the name a person sees for a path
 */
export function changeText(
  kind: FailedChange['kind'] | null,
  detail: string,
  words: Words['actions'],
  nameOf: (path: string) => string,
): string {
  if (detail.startsWith('flag')) {
    // How it ended follows after a comma: what the other side did is said, too.
    const [own = '', ...endings] = detail.split(', ');
    const said = flagsText(own, words);
    const theirs = flagsText(endings.find((one) => one.startsWith('server ')) ?? '', words);
    if (said !== '') return theirs === '' ? said : words.change.met(said, theirs);
  }
  const path = /^(?:move|copy|append|restore|remove-draft-copy)\s+(?<path>.+)$/u.exec(detail)?.groups?.['path'];
  const first = detail.split(' ', 1)[0] ?? '';
  const known = kind ?? (first in words.kinds ? (first as FailedChange['kind']) : 'set-flags');
  return path === undefined ? words.kinds[known] : words.change.to(words.kinds[known], nameOf(path));
}

function flagsText(detail: string, words: Words['actions']): string {
  const flags = [...detail.matchAll(/(?<sign>[+-])\\?(?<flag>[^\s+-][^\s]*)/gu)].map(({ groups }) => ({
    sign: groups?.['sign'] ?? '',
    flag: (groups?.['flag'] ?? '').toLowerCase(),
  }));
  return flags.map(({ sign, flag }) => words.change.flags[sign + flag] ?? words.change.otherFlag(sign, flag)).join(', ');
}
