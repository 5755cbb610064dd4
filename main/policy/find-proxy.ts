import { isLoopbackHost } from '../../shared/model/account.ts';
import type { ProxyServer } from '../../shared/model/proxy.ts';
import type { Policy } from '../../shared/policy/schema.ts';
import { proxyUnknown } from '../engine/core/proxy/proxy-finder.ts';
import { plainHost } from '../engine/core/server-identity.ts';

const SCHEMES: Readonly<Record<string, ProxyServer['scheme']>> = { 'http:': 'http', 'https:': 'https', 'socks5:': 'socks5' };
const USUAL_PORTS: Readonly<Record<ProxyServer['scheme'], number>> = { http: 80, https: 443, socks5: 1080 };

/** The port of a proxy's address, or the usual one of its kind. */
export const proxyPort = ({ port }: URL, scheme: ProxyServer['scheme']): number => Number(port) || USUAL_PORTS[scheme];

/** Whether a server is reached directly although there is a proxy. Pure. */
export function isBypassed(host: string, patterns: readonly string[]): boolean {
  const name = plainHost(host);
  if (isLoopbackHost(name)) return true;
  return patterns.some((one) => (one.startsWith('*.') ? name.endsWith(plainHost(one.slice(1))) : plainHost(one) === name));
}

function fromUrl(address: string): ProxyServer | null {
  const url = new URL(address);
  const scheme = SCHEMES[url.protocol];
  return scheme ? { scheme, host: plainHost(url.hostname), port: proxyPort(url, scheme) } : null;
}

const WORDS: Readonly<Record<string, ProxyServer['scheme']>> = { PROXY: 'http', HTTPS: 'https', SOCKS5: 'socks5', SOCKS: 'socks5' };

/**
 * The first way of a list as proxy scripts give it (`PROXY host:port; DIRECT`) that is known here; null for the direct one. Pure.
 * @throws MailError proxy-unreachable for a list of others alone: a direct way was not named
 */
export function firstOfList(list: string): ProxyServer | null {
  for (const way of list.split(';')) {
    const [word = '', place = ''] = way.trim().split(/\s+/);
    if (word.toUpperCase() === 'DIRECT') return null;
    const scheme = WORDS[word.toUpperCase()];
    const [, host, port] = /^(.+):(\d{1,5})$/.exec(place) ?? [];
    if (scheme && host && port) return { scheme, host: plainHost(host), port: Number(port) };
  }
  if (list.trim() === '') return null;
  throw proxyUnknown('only of kinds that are not known here');
}

/**
 * Through which proxy IT wants a server to be reached; null for none.
 * @param askSystem what the system says of an https address, as a list of ways
 * @throws MailError proxy-unreachable where the system does not say it, or names none that is known here
 */
export async function findProxy(
  network: Policy['network'],
  { host, port }: { host: string; port: number },
  askSystem: (url: string) => Promise<string>,
): Promise<ProxyServer | null> {
  const { proxy = 'none', proxyBypass = [], caFile } = network ?? {};
  if (proxy === 'none' || isBypassed(host, proxyBypass)) return null;
  const place = host.includes(':') ? `[${plainHost(host)}]` : host;
  const found = proxy === 'system' ? firstOfList(await asked(askSystem(`https://${place}:${port}/`))) : fromUrl(proxy);
  return found && caFile !== undefined ? { ...found, caFile } : found;
}

const asked = (answer: Promise<string>): Promise<string> =>
  answer.catch(() => {
    throw proxyUnknown('the system does not say which');
  });
