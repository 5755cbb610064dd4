/** Why a link is not offered: what it would start, a user name before the host, or an address that programs read in different ways. */
export type LinkRefusal = 'scheme' | 'user-name' | 'unclear';

/** Where a link in a mail leads, as shown to the person before it is opened. */
export interface MailLink {
  /** Address to hand to the app, which checks it again; of one that is not offered as the mail has it. */
  readonly url: string;
  readonly kind: 'web' | 'mail' | 'refused';
  /** Real host in ASCII (punycode), the mail address, or the beginning of what is not offered. */
  readonly target: string;
  /** Text that the mail shows for it; empty for a picture. */
  readonly text: string;
  readonly refusal: LinkRefusal | null;
}

const MAX_URL_CHARS = 8192;
const MAX_SHOWN_CHARS = 300;
/** What a browser leaves out before it reads an address. */
const LEFT_OUT = /[\t\r\n]/gu;
// eslint-disable-next-line no-control-regex -- these are what browsers leave out at the ends
const AROUND = /^[\u0000-\u0020]+|[\u0000-\u0020]+$/gu;
/** Neither opened nor worth a word. */
const PLAIN_SCHEMES = /^(?:tel|sms|callto|sip|geo|cid|mid|webcal|xmpp):/iu;

/**
 * Reads a link. Null for what leads nowhere by itself: nothing at all, a place in the same mail, a relative address. What must not be
 * opened comes back with the reason.
 */
export function readLink(href: string, shownText: string): MailLink | null {
  const given = href.replaceAll(AROUND, '');
  const text = shownText.replaceAll(/\s+/gu, ' ').trim().slice(0, MAX_SHOWN_CHARS);
  const bare = given.replaceAll(LEFT_OUT, '');
  if (bare === '' || bare.length > MAX_URL_CHARS || PLAIN_SCHEMES.test(bare)) return null;
  const refused = (refusal: LinkRefusal): MailLink => ({ url: bare, kind: 'refused', target: bare.slice(0, 80), text, refusal });
  if (/^[\\/]{2}/u.test(bare)) return refused('unclear');
  const scheme = /^[a-z][a-z0-9+.-]*:/iu.exec(bare)?.[0].toLowerCase();
  if (scheme === undefined) return null;
  if (scheme === 'mailto:') return readMailto(bare, text);
  if (scheme !== 'http:' && scheme !== 'https:') return refused('scheme');
  return readWeb(given, bare, text, refused);
}

function readWeb(given: string, bare: string, text: string, refused: (refusal: LinkRefusal) => MailLink): MailLink {
  const authority = /^https?:\/\/(?<host>[^/?#\\]+)/iu.exec(bare)?.groups?.['host'];
  if (authority === undefined || !URL.canParse(bare)) return refused('unclear');
  const { hostname, username, password, href } = new URL(bare);
  if (authority.includes('@') || username !== '' || password !== '') return refused('user-name');
  // A host that is written with escapes, over a line end, or before a backslash: not every program finds the same one in it.
  const isPlain =
    !authority.includes('%') && bare[bare.indexOf('//') + 2 + authority.length] !== '\\' && given.startsWith(bare.slice(0, 8));
  if (!isPlain || hostname === '' || /[\t\r\n]/u.test(given.slice(0, given.indexOf('//') + 2 + authority.length)))
    return refused('unclear');
  return { url: href, kind: 'web', target: hostname, text, refusal: null };
}

function readMailto(url: string, text: string): MailLink | null {
  const to = url.slice('mailto:'.length).split('?')[0] ?? '';
  let target: string;
  try {
    target = decodeURIComponent(to);
  } catch {
    // Not UTF-8 in percent form (RFC 6068): nothing that could be shown honestly.
    return null;
  }
  return target === '' ? null : { url, kind: 'mail', target, text, refusal: null };
}
