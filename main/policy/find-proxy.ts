import { isLoopbackHost } from '../../shared/model/account.ts';
import { MOST_WAYS, type ProxyServer, type ProxyWays } from '../../shared/model/proxy.ts';
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

/** @throws MailError proxy-unreachable for one of another kind, which the policy's schema lets nobody name */
function fromUrl(address: string): ProxyServer {
  const url = new URL(address);
  const scheme = SCHEMES[url.protocol];
  if (!scheme) throw proxyUnknown('of a kind that is not known here');
  return { scheme, host: plainHost(url.hostname), port: proxyPort(url, scheme) };
}

const WORDS: Readonly<Record<string, ProxyServer['scheme']>> = { PROXY: 'http', HTTPS: 'https', SOCKS5: 'socks5', SOCKS: 'socks5' };

/** One way of a list; undefined for one of a kind that is not known here. */
function wayOf(text: string): ProxyServer | null | undefined {
  const [word = '', place = ''] = text.trim().split(/\s+/);
  if (word.toUpperCase() === 'DIRECT') return null;
  const scheme = WORDS[word.toUpperCase()];
  const [, host, digits] = /^(.+):(\d{1,5})$/.exec(place) ?? [];
  const port = Number(digits);
  return scheme && host && port >= 1 && port <= 65_535 ? { scheme, host: plainHost(host), port } : undefined;
}

/**
 * The ways of a list as proxy scripts give it (`PROXY host:port; DIRECT`), in its order; those that are not known here are left out, and
 * so is what stands behind the direct way. Pure.
 * @throws MailError proxy-unreachable for a list of others alone: a direct way was not named
 */
export function waysOfList(list: string): ProxyWays {
  if (list.trim() === '') return [null];
  const ways = list.split(';').flatMap((text) => {
    const way = wayOf(text);
    return way === undefined ? [] : [way];
  });
  if (ways.length === 0) throw proxyUnknown('only of kinds that are not known here');
  const directAt = ways.indexOf(null);
  return ways.slice(0, directAt < 0 ? MOST_WAYS : Math.min(directAt + 1, MOST_WAYS));
}

/**
 * By which ways IT wants a server to be reached.
 * @param askSystem what the system says of an https address, as a list of ways
 * @throws MailError proxy-unreachable where the system does not say it, or names none that is known here
 */
export async function findProxy(
  network: Policy['network'],
  { host, port }: { host: string; port: number },
  askSystem: (url: string) => Promise<string>,
): Promise<ProxyWays> {
  const { proxy = 'none', proxyBypass = [], caFile } = network ?? {};
  if (proxy === 'none' || isBypassed(host, proxyBypass)) return [null];
  const place = host.includes(':') ? `[${plainHost(host)}]` : host;
  const found = proxy === 'system' ? waysOfList(await asked(askSystem(`https://${place}:${port}/`))) : [fromUrl(proxy)];
  return caFile === undefined ? found : found.map((one) => one && { ...one, caFile });
}

const asked = (answer: Promise<string>): Promise<string> =>
  answer.catch(() => {
    throw proxyUnknown('the system does not say which');
  });
