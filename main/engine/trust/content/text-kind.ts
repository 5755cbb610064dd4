import type { ContentKind } from '../../../../shared/model/content-kind.ts';

const COMMENTS = /^(?:<!--[^]{0,4000}?-->\s*)+/u;

/**
 * Beginnings that say what a text is for; in small letters, without what may stand before them. No two parts of a pattern that repeats can match
 * the same characters: a text made for it would take for ever. The tags are those of the WHATWG's MIME sniffing. */
const BEGINNINGS: readonly (readonly [kind: ContentKind, pattern: RegExp])[] = [
  ['script', /^(?:#![ \t]*\/|@echo (?:off|on)\b|#@~\^|<\?php\b|<(?:job|package|scriptlet|component)\b[^]*<script\b)/u],
  ['web-page', /^<(?:!doctype html|html|head|script|iframe|body|meta|title|style|svg|hta:application|xsl:stylesheet)\b/u],
  ['web-page', /^<\?xml[^>]*>[^]*?<(?:svg|html|xsl:stylesheet|\?xml-stylesheet)\b/u],
  ['web-page', /^(?:mime-version|from): [^]*?\bcontent-type:\s*multipart\/related\b[^]*?\bsnapshot-content-location:|^from: <saved by /u],
  ['shortcut', /^\[(?:internetshortcut|desktop entry|shell)[\]{]/u],
  ['shortcut', /^(?:<\?xml[^>]*>\s*)?<(?:librarydescription|searchconnectordescription|persistedquery)\b/u],
  ['shortcut', /^(?:[a-z ]+:[isb]:[^\r\n]*[\r\n]+){0,60}(?:full address|remoteapplicationprogram):s:/u],
  ['shortcut', /^(?:<\?xml[^>]*>\s*)?(?:<!doctype plist[^>]*>\s*)?<plist\b[^]*<key>url<\/key>/u],
  ['settings', /^(?:windows registry editor version|regedit4\b)/u],
  ['settings', /^(?:<\?xml[^>]*>\s*)?(?:<!doctype plist[^>]*>\s*)?<plist\b[^]*<key>payloadtype<\/key>/u],
  ['settings', /^(?:<\?xml[^>]*>\s*)?<pcsettings\b/u],
  ['program', /^(?:<\?xml[^>]*>\s*)?<mmc_consolefile\b/u],
  // Tags that a note in plain text may begin with: only where its name is not that of one.
  ['markup', /^<(?:h1|div|font|table|a|b|br|p|center|img|form|span|!--)(?=[\s>/-])/u],
];

/** What a text is for by how it begins; null for any other text. */
export function textKindOf(head: Buffer): ContentKind | null {
  const text = decoded(head).trimStart().toLowerCase();
  const bare = text.replace(COMMENTS, '');
  return BEGINNINGS.find(([, pattern]) => pattern.test(bare) || pattern.test(text))?.[0] ?? null;
}

function decoded(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return head.toString('utf16le', 2);
  if (head[0] === 0xfe && head[1] === 0xff) {
    const swapped = Buffer.from(head.subarray(2, head.length - (head.length % 2)));
    return swapped.swap16().toString('utf16le');
  }
  return head.toString('latin1').replace(/^\xef\xbb\xbf/u, '');
}
