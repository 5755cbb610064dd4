/** Longest address that is passed on; Windows refuses longer ones anyway. */
const MAX_URL_CHARS = 8192;
/** C0, DEL and C1 controls, line separators, zero-width and bidirectional controls: nothing a shown link may hide. */
const HIDDEN =
  // eslint-disable-next-line no-control-regex -- refusing control characters is the point: parsers drop them silently
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/;
const WEB = /^https?:\/\/[^/?#\\]+/i;
const PLAIN_HOST = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/;
const IPV6_HOST = /^\[[0-9a-f:.]+\]$/;
const MAILTO_FIELDS = ['to', 'cc', 'bcc', 'subject', 'body'];

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

function decode(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    // Not UTF-8 in percent form (RFC 6068 requires it): the caller refuses the whole address.
    return null;
  }
}

/** RFC 6068; unknown fields (attach, header injections such as `from` or `x-...`) are left out. */
function canonicalMailto(raw: string): string | null {
  const rest = raw.slice('mailto:'.length).split('#')[0] ?? '';
  const mark = rest.indexOf('?');
  const to = decode(mark < 0 ? rest : rest.slice(0, mark));
  if (to === null || HIDDEN.test(to)) return null;
  const kept: string[] = [];
  for (const field of mark < 0 ? [] : rest.slice(mark + 1).split('&')) {
    const equals = field.indexOf('=');
    const name = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    if (!MAILTO_FIELDS.includes(name)) continue;
    const value = decode(equals < 0 ? '' : field.slice(equals + 1));
    // Only a body may hold line breaks; in any other field they would start a new header.
    if (value === null || HIDDEN.test(name === 'body' ? value.replaceAll(/[\r\n\t]/g, '') : value)) return null;
    kept.push(`${name}=${encodeURIComponent(value)}`);
  }
  const recipients = to.split(',').map((part) => encodeURIComponent(part.trim()).replaceAll('%40', '@'));
  return `mailto:${recipients.join(',')}${kept.length > 0 ? `?${kept.join('&')}` : ''}`;
}
