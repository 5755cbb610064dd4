import { lookup } from 'node:dns/promises';
import { connect } from 'node:tls';
import type { ProxyFinder } from '../core/proxy/proxy-finder.ts';
import type { WayOptions } from '../core/proxy/through-proxy.ts';
import { HTTPS_PORT, serverName } from '../core/server-identity.ts';
import type { ImageNet } from './fetch-image.ts';

/** What a proxy may take of the time that an image has. */
const TUNNEL_MS = 8_000;

/**
 * The real network. Node's own TLS and not a browser's: a browser would look the name up once more, after the check.
 * @param way what is trusted beside the usual authorities, and how long a proxy may take
 */
export const systemImageNet = (proxies: ProxyFinder, { tls, tunnelMs = TUNNEL_MS }: WayOptions = {}): ImageNet => ({
  tunnel: async (host, signal) => {
    const { tunnelThrough } = await import('../core/proxy/through-proxy.ts');
    const socket = await tunnelThrough(proxies, { host, port: HTTPS_PORT }, { signal, tunnelMs });
    return socket && connect({ ...tls, socket, host, ...serverName(host), ALPNProtocols: ['http/1.1'] });
  },
  resolve: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  dial: (address, host) => connect({ ...tls, host: address, port: HTTPS_PORT, servername: host, ALPNProtocols: ['http/1.1'] }),
});
