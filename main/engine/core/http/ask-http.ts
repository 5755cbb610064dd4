import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { MailError } from '../../../../shared/errors.ts';
import { isLoopbackHost } from '../../../../shared/model/account.ts';
import type { Clock } from '../clock.ts';
import { noProxies, type ProxyFinder } from '../proxy/proxy-finder.ts';
import { viaProxies } from '../proxy/through-proxy.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly tls: ConnectionOptions;
  readonly proxies?: ProxyFinder | undefined;
  readonly signal?: AbortSignal;
}

/** What is asked for by this way is some kilobytes; more is none of it. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * One request, without following redirects: an endpoint that sends elsewhere would have the secret go there.
 * node:https and not fetch, since proxies and the company's own authority (`caFile`) have to be known here, too.
 * @throws MailError plain-refused for http to another machine, those of a proxy; errors of node
 */
export function askHttp(url: string, { method, headers, body = '' }: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
  const { clock, timeoutMs, tls, proxies = noProxies, signal } = options;
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !isLoopbackHost(hostname)) {
    return Promise.reject(new MailError('plain-refused', { scope: 'account', retry: 'ask', detail: 'the provider names an http address' }));
  }
  return new Promise((resolve, reject) => {
    const own = { method, headers, ...(signal ? { signal } : {}) };
    const isTls = protocol === 'https:';
    const request = isTls ? httpsRequest(url, { ...own, ...viaProxies(proxies, { tls }) }) : httpRequest(url, { ...own, agent: false });
    const cancel = clock.after(timeoutMs, () => request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })));
    const fail = (error: Error): void => {
      cancel();
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) request.destroy(new Error('answer too large'));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('aborted', () => fail(Object.assign(new Error('answer cut off'), { code: 'ECONNRESET' })));
      response.on('end', () => {
        cancel();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    request.end(body);
  });
}
