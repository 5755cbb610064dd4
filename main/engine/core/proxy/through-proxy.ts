import type { RequestOptions } from 'node:http';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { bareHost, serverName } from '../server-identity.ts';
import { openTunnel } from './open-tunnel.ts';
import type { ProxyFinder } from './proxy-finder.ts';

const TUNNEL_MS = 20_000;

const HTTPS_PORT = 443;

/**
 * TLS to a server, through the proxy that it is reached by, or straight where it has none; the certificate has to be for `host`.
 * @throws like openTunnel()
 */
export async function connectSecurely(proxies: ProxyFinder, host: string, port: number, tls: ConnectionOptions): Promise<Socket> {
  const name = bareHost(host);
  const proxy = await proxies.find(name, port);
  const way = proxy ? { socket: await openTunnel(proxy, { host: name, port }, AbortSignal.timeout(TUNNEL_MS)) } : { port };
  return connectTls({ ...tls, ...way, host: name, ...serverName(name) });
}

/** Options of a request of node:https (which must name no agent) by which it goes the way that is meant for its server. */
export const viaProxies = (proxies: ProxyFinder, tls: ConnectionOptions = {}): RequestOptions => ({
  createConnection: (options, done) => {
    connectSecurely(proxies, options.host ?? '', Number(options.port ?? HTTPS_PORT), tls).then(
      (socket) => done(null, socket),
      (error: unknown) => done(error as Error, null as unknown as Socket),
    );
    return undefined;
  },
});

/** What of fetch() is used where an answer is small; redirects are given back and never followed. */
export interface PlainRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** fetch() for https alone that knows proxies; without one it is the system's own. @throws what the connection says */
export const fetchThrough =
  (proxies: ProxyFinder) =>
  async (address: string, init: PlainRequest): Promise<Response> => {
    const url = new URL(address);
    if ((await proxies.find(url.hostname, Number(url.port || HTTPS_PORT))) === null) return fetch(address, { ...init, redirect: 'manual' });
    return new Promise((resolve, reject) => {
      const { method = 'GET', headers = {}, body, signal } = init;
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const options = { method, headers: { ...headers, ...length }, ...(signal ? { signal } : {}), ...viaProxies(proxies) };
      const asked = request(url, options, (answer) => {
        const status = answer.statusCode ?? 0;
        const isEmpty = status === 204 || status === 304;
        const fields = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
        resolve(new Response(isEmpty ? null : (Readable.toWeb(answer) as ReadableStream), { status, headers: fields }));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  };
