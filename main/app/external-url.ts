import { HIDDEN, readMailLink } from './desktop/mail-link.ts';

/** Longest address that is passed on; Windows refuses longer ones anyway. */
const MAX_URL_CHARS = 8192;
const WEB = /^https?:\/\/[^/?#\\]+/i;
const PLAIN_HOST = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/;
const IPV6_HOST = /^\[[0-9a-f:.]+\]$/;

/**
 * The one form in which an address from a mail may leave the app: `http`, `https` or `mailto`, parsed, with an ASCII
 * host (IDN as punycode), without user name or password. `mailto:` keeps recipients, subject and body only.
 *
 * @returns the canonical address, or null when it must not be opened.
 */
export function canonicalExternalUrl(raw: string): string | null {
  if (raw.length === 0 || raw.length > MAX_URL_CHARS || HIDDEN.test(raw) || raw !== raw.trim()) return null;
  if (/^mailto:/i.test(raw)) return canonicalMailto(raw);
  if (!WEB.test(raw) || raw.includes('\\')) return null;
  return canonicalWeb(raw);
}

function canonicalWeb(raw: string): string | null {
  if (!URL.canParse(raw)) return null;
  const url = new URL(raw);
  // The parser drops an empty user name, yet `https://bank@evil` and `https://@evil` are both written to deceive.
  const authority = WEB.exec(raw)?.[0] ?? '';
  if (authority.includes('@') || url.username !== '' || url.password !== '') return null;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (!PLAIN_HOST.test(url.hostname) && !IPV6_HOST.test(url.hostname)) return null;
  return url.href;
}

/** A link whose parts hide something is refused as a whole; unknown fields (attach, from, `x-...`) are left out. */
function canonicalMailto(raw: string): string | null {
  const link = readMailLink(raw);
  const isHiding = link?.leftOut.some((why) => why === 'hidden' || why === 'encoding') ?? true;
  return isHiding ? null : link!.url;
}
