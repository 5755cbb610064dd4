import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import type { ProxyFinder } from '../core/proxy/proxy-finder.ts';
import { viaProxies } from '../core/proxy/through-proxy.ts';

export interface FormAnswer {
  readonly status: number;
  readonly body: string;
}

export interface PostOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly tls: ConnectionOptions;
  readonly proxies?: ProxyFinder | undefined;
}

/** A token answer is some kilobytes; more is none. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * One POST of a form, without following redirects: a token endpoint that sends elsewhere would have the secret go there.
 * node:https and not fetch, since the company's own authority (`caFile`) has to be trusted here, too.
 */
export function postForm(
  url: string,
  form: Readonly<Record<string, string>>,
  { clock, timeoutMs, tls, proxies }: PostOptions,
): Promise<FormAnswer> {
  const body = new URLSearchParams(form).toString();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    accept: 'application/json',
  };
  return new Promise((resolve, reject) => {
    const isSecure = new URL(url).protocol === 'https:';
    const options = { method: 'POST', headers, agent: false as const };
    const way = proxies ? { agent: undefined, ...viaProxies(proxies, tls) } : tls;
    const request = isSecure ? httpsRequest(url, { ...options, ...way }) : httpRequest(url, options);
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
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    request.end(body);
  });
}
