import { lookup } from 'node:dns/promises';
import { connect } from 'node:tls';
import type { ProxyFinder } from '../core/proxy/proxy-finder.ts';
import { serverName } from '../core/server-identity.ts';
import type { ImageNet } from './fetch-image.ts';

const HTTPS_PORT = 443;

/** The real network. Node's own TLS and not a browser's: a browser would look the name up once more, after the check. */
export const systemImageNet = (proxies: ProxyFinder): ImageNet => ({
  tunnel: async (host, signal) => {
    const proxy = await proxies.find(host, HTTPS_PORT);
    if (proxy === null) return null;
    const { openTunnel } = await import('../core/proxy/open-tunnel.ts');
    const socket = await openTunnel(proxy, { host, port: HTTPS_PORT }, signal);
    return connect({ socket, host, ...serverName(host), ALPNProtocols: ['http/1.1'] });
  },
  resolve: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  dial: (address, host) => connect({ host: address, port: HTTPS_PORT, servername: host, ALPNProtocols: ['http/1.1'] }),
});
