import { request } from 'node:https';
import { noProxies, type ProxyFinder } from '../engine/core/proxy/proxy-finder.ts';
import { trusting } from '../engine/core/trusted-authorities.ts';

/** Longer than a proxy may take to make the way: one that is silent is told as such. */
const POST_MS = 20_000;

/** How a server of the company's is reached. */
export interface Way {
  readonly proxies?: ProxyFinder | undefined;
  /** PEM with the company's own authorities. */
  readonly caFile?: string | undefined;
}

/**
 * Posts JSON to an https address of the company. A redirect counts as a refusal: it could lead out of the company. node:https and
 * not fetch, since the company's own authority has to be trusted here, too.
 * @throws what the connection says, or with the status of an answer that is no 2xx
 */
export async function postJson(url: string, body: string, { proxies = noProxies, caFile }: Way = {}): Promise<void> {
  const { viaProxies } = await import('../engine/core/proxy/through-proxy.ts');
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const options = { method: 'POST', headers, signal: AbortSignal.timeout(POST_MS), ...viaProxies(proxies, { tls: trusting(caFile) }) };
  await new Promise<void>((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      const status = answer.statusCode ?? 0;
      // What the server says beside the status is of no use here, however much it is.
      answer.destroy();
      if (status >= 200 && status < 300) resolve();
      else reject(new Error(`the server answered ${status}`));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
