import type { RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { systemClock } from '../clock.ts';
import { bareHost, HTTPS_PORT, serverName } from '../server-identity.ts';
import type { TunnelTarget } from './ask-proxy.ts';
import type { ProxyFinder } from './proxy-finder.ts';
import { tunnelTo } from './tunnel-to.ts';

/** Shorter than whoever waits for an answer waits: a proxy that is silent is told as such, and not as a server that does not answer. */
const TUNNEL_MS = 12_000;

/**
 * The tunnel to a server that is reached through a proxy; null where it is not.
 * @throws like tunnelTo() and ProxyFinder.find()
 */
export function tunnelThrough(
  proxies: ProxyFinder,
  target: TunnelTarget,
  { signal, tunnelMs = TUNNEL_MS }: { signal?: AbortSignal | undefined; tunnelMs?: number | undefined } = {},
): Promise<Socket | null> {
  return tunnelTo({ clock: systemClock, proxies }, target, { signal, timeoutMs: tunnelMs });
}

/** How a request goes its way; `tunnelMs` bounds what a proxy takes. */
export interface WayOptions {
  readonly tls?: ConnectionOptions;
  readonly tunnelMs?: number;
}

/**
 * TLS to a server, through the proxy that it is reached by, or straight where it has none; the certificate has to be for `host`.
 * @throws like tunnelThrough()
 */
async function connectSecurely(proxies: ProxyFinder, target: TunnelTarget, { tls, tunnelMs }: WayOptions): Promise<Socket> {
  const { host, port } = target;
  const socket = await tunnelThrough(proxies, target, { tunnelMs });
  return connectTls({ ...tls, ...(socket ? { socket } : { port }), host, ...serverName(host) });
}

/** Options of a request of node:https (which must name no agent) by which it goes the way that is meant for its server. */
export const viaProxies = (proxies: ProxyFinder, options: WayOptions = {}): RequestOptions => ({
  // Without an agent, whose it is, Node takes 80 for a URL that names no port.
  defaultPort: HTTPS_PORT,
  createConnection: ({ host, port }, done) => {
    connectSecurely(proxies, { host: bareHost(host ?? ''), port: Number(port) }, options).then(
      (socket) => done(null, socket),
      (error: unknown) => done(error as Error, null as unknown as Socket),
    );
    return undefined;
  },
});
