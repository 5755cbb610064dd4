import { escapeHtml } from './rich-text.ts';

/** How the text at hand is written. */
export type TextForm = 'plain' | 'html';

/** Between two lines stands a line end, or the tags that make one. */
const BETWEEN = '((?:\\s|<[^>]*>)+)';
/** What parts a signature from the text (RFC 3676 4.3), as a draft is begun with it; an editor may have made the space a fixed one. */
const OPENING: Readonly<Record<TextForm, RegExp>> = {
  plain: /\n*-- ?\n$/u,
  html: /(?:<div><br><\/div>)?<div>--(?: |\u00a0|&nbsp;)?<br>$/u,
};
const CLOSING: Readonly<Record<TextForm, RegExp>> = { plain: /^/u, html: /^<\/div>/u };
/** In plain text what is answered follows in the same text. */
const QUOTED = /\n+[^\n]*:\n>/u;

const linesOf = (signature: string, form: TextForm): string[] =>
  signature.trim() === ''
    ? []
    : signature
        .trim()
        .split(/\r?\n/u)
        .map((line) => (form === 'html' ? escapeHtml(line.trimEnd()) : line.trimEnd()));

/**
 * Puts another account's signature where the one of the account before stands, takes that one away where the other account has none, or
 * begins one. Where the signature was changed by hand the text is left as it is.
 */
export function signatureSwapped(text: string, before: string, after: string, form: TextForm): string {
  const old = linesOf(before, form);
  const fresh = linesOf(after, form);
  if (old.length === 0) return fresh.length === 0 ? text : withSignature(text, fresh, form);
  const found = new RegExp(old.map(escaped).join(BETWEEN), 'u').exec(text);
  if (!found) return text;
  const head = text.slice(0, found.index);
  const tail = text.slice(found.index + found[0].length);
  if (fresh.length === 0) return head.replace(OPENING[form], '') + (OPENING[form].test(head) ? tail.replace(CLOSING[form], '') : tail);
  return head + fresh.join(found[1] ?? (form === 'html' ? '<br>' : '\n')) + tail;
}

function withSignature(text: string, lines: readonly string[], form: TextForm): string {
  if (form === 'html') return `${text}<div><br></div><div>-- <br>${lines.join('<br>')}</div>`;
  const at = QUOTED.exec(text)?.index ?? text.length;
  return `${text.slice(0, at)}\n\n-- \n${lines.join('\n')}${text.slice(at)}`;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/gu, '\\$&');
