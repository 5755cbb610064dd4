import type { ProxyLogin, ProxyWay } from '../engine/core/proxy/proxy-finder.ts';
import { bareHost } from '../engine/core/server-identity.ts';
import { proxyPort } from '../policy/find-proxy.ts';

/** `socks5h` is how curl says that the proxy looks names up; here it always does. */
const SCHEMES: Readonly<Record<string, ProxyWay['scheme']>> = {
  'http:': 'http',
  'https:': 'https',
  'socks5:': 'socks5',
  'socks5h:': 'socks5',
  'socks:': 'socks5',
};
/** More fits into no log-in of SOCKS 5 (RFC 1929). */
const MAX_BYTES = 255;

function loginOf({ username, password }: URL): ProxyLogin | null | 'wrong' {
  if (username === '' && password === '') return null;
  try {
    const [user, word] = [decodeURIComponent(username), decodeURIComponent(password)];
    const isFit = [user, word].every((one) => Buffer.byteLength(one) <= MAX_BYTES && !/\p{Cc}/u.test(one));
    // Basic has no way to say that a colon is part of the name (RFC 7617 2).
    return isFit && !user.includes(':') ? { user, password: word } : 'wrong';
  } catch {
    return 'wrong'; // a % that begins nothing
  }
}

/** A proxy as people write it at a shell, with or without scheme and log-in; null where it is none. Pure. */
export function readProxyAddress(text: string): ProxyWay | null {
  const address = /^[a-z][a-z0-9+.-]*:\/\//iu.test(text) ? text : `http://${text}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const scheme = SCHEMES[url.protocol];
  const login = loginOf(url);
  if (!scheme || url.hostname === '' || login === 'wrong' || !/^\/?$/u.test(url.pathname + url.search + url.hash)) return null;
  return { scheme, host: bareHost(url.hostname), port: proxyPort(url, scheme), ...(login ? { login } : {}) };
}
