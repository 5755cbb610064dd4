/** Where a link in a mail leads, as shown to the person before it is opened. */
export interface MailLink {
  /** Address to hand to the app, which checks it again. */
  readonly url: string;
  readonly kind: 'web' | 'mail';
  /** Real host in ASCII (punycode), or the mail address. */
  readonly target: string;
  /** Text that the mail shows for it; empty for a picture. */
  readonly text: string;
  /** The text itself looks like an address, and of a different host. */
  readonly isMisleading: boolean;
  /** The host is written with letters beyond ASCII. */
  readonly hasForeignLetters: boolean;
}

const MAX_URL_CHARS = 8192;
const WEB_TEXT = /^(?:https?:\/\/)?(?<host>[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+)(?:[:/?#]|$)/iu;
const FILE_ENDING = /\.(?:pdf|docx?|xlsx?|pptx?|txt|csv|zip|jpe?g|png|gif|html?|eml|ics)$/iu;

/**
 * Reads a link. Null when its address must not be offered: anything but http, https and mailto, a user name in it,
 * or no host.
 */
export function readLink(href: string, shownText: string): MailLink | null {
  const url = href.trim();
  if (url.length === 0 || url.length > MAX_URL_CHARS) return null;
  const text = shownText.replaceAll(/\s+/gu, ' ').trim().slice(0, 300);
  if (/^mailto:/iu.test(url)) return readMailto(url, text);
  if (!/^https?:\/\//iu.test(url) || !URL.canParse(url)) return null;
  const { protocol, hostname, username, password, href: canonical } = new URL(url);
  if ((protocol !== 'http:' && protocol !== 'https:') || username !== '' || password !== '' || hostname === '') return null;
  const hasForeignLetters = hostname.split('.').some((label) => label.startsWith('xn--'));
  return { url: canonical, kind: 'web', target: hostname, text, isMisleading: isOtherHost(text, hostname), hasForeignLetters };
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
  return target === '' ? null : { url, kind: 'mail', target, text, isMisleading: false, hasForeignLetters: false };
}

/** True when the text names a host that is not the target's, nor above or below it. */
function isOtherHost(text: string, target: string): boolean {
  const host = WEB_TEXT.exec(text)?.groups?.['host'];
  if (!host || text.includes(' ') || FILE_ENDING.test(host) || !URL.canParse(`http://${host}/`)) return false;
  const named = bare(new URL(`http://${host}/`).hostname);
  const real = bare(target);
  return named !== real && !real.endsWith(`.${named}`) && !named.endsWith(`.${real}`);
}

function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.$/u, '')
    .replace(/^www\./u, '');
}
