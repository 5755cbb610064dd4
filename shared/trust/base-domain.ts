/** Second labels under which countries let people register (`co.uk`, `com.au`). */
const SECOND_LEVEL = new Set('ac co com edu gob gov gv ltd me mil ne net nhs nic nom or org plc sch'.split(' '));
/** Names under which anybody gets a place: each belongs to somebody else. */
const SHARED_HOSTS = new Set(
  (
    'amazonaws.com appspot.com azurewebsites.net blob.core.windows.net blogspot.com cloudfront.net firebaseapp.com github.io gitlab.io ' +
    'glitch.me godaddysites.com herokuapp.com myshopify.com netlify.app ngrok.io notion.site onrender.com pages.dev repl.co ' +
    'sharepoint.com sites.google.com square.site vercel.app web.app web.core.windows.net webflow.io weebly.com wixsite.com ' +
    'wordpress.com workers.dev'
  ).split(' '),
);

/** Host name in small letters, without the root's dot. */
export const plainHost = (host: string): string => host.toLowerCase().replace(/\.$/u, '');

/** True for an IPv4 or IPv6 address in the place of a name. */
export const isNumberHost = (host: string): boolean => /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/iu.test(plainHost(host));

/**
 * The part of a host name that somebody has registered: what two names share when they are of one owner. By a short table, not the
 * public suffix list: a wrong answer shows or leaves out a warning, and opens nothing.
 */
export function baseDomain(host: string): string {
  const name = plainHost(host);
  if (isNumberHost(name)) return name;
  const labels = name.split('.');
  const shared = [2, 3, 4].find((count) => SHARED_HOSTS.has(labels.slice(-count).join('.')));
  if (shared !== undefined) return labels.slice(-shared - 1).join('.');
  const isDeep = labels.length > 2 && labels.at(-1)?.length === 2 && SECOND_LEVEL.has(labels.at(-2) ?? '');
  return labels.slice(isDeep ? -3 : -2).join('.');
}

/** The registered name alone, without the ending: `shop` of `www.shop.co.uk`. */
export const ownLabel = (host: string): string => baseDomain(host).split('.')[0] ?? '';

/** Domain of a mail address in small letters; empty where there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : plainHost(address.slice(at + 1).replaceAll(/[\s>]+/gu, ''));
}
