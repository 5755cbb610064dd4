import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { canonicalImageUrl } from '../../../shared/trust/image-url.ts';
import type { Clock } from '../core/clock.ts';
import { bareHost, HTTPS_PORT } from '../core/server-identity.ts';
import { isPublicAddress } from './public-address.ts';

/** What asks for images: names are looked up, and connections made, in two steps with a check between. */
export interface ImageNet {
  /** All addresses of a host. */
  resolve(host: string): Promise<readonly string[]>;
  /** A TLS connection through the proxy by which this host is reached, which looks the name up; null where there is none. */
  tunnel?(host: string, signal: AbortSignal): Promise<Duplex | null>;
  /** A TLS connection to this address, whose certificate is for `host`. */
  dial(address: string, host: string): Duplex;
}

export interface FetchImageOptions {
  readonly net: ImageNet;
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 3;
/** Nothing that would tell one reader from another: no cookie, no referrer, no language, no version. */
const HEADERS = { accept: 'image/png,image/jpeg,image/gif,image/webp', 'user-agent': 'Mozilla/5.0', 'accept-encoding': 'identity' };

/**
 * Bytes of an image from a public server. Every address on the way is looked up, checked and then connected to as it was checked: a name
 * that answers otherwise a moment later leads nowhere else.
 * @throws Error for every other answer, and for one that is too late or too large
 */
export async function fetchImage(address: string, options: FetchImageOptions): Promise<Buffer> {
  let url = address;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const { next, body } = await askOnce(url, options);
    if (body !== null) return body;
    const target = URL.canParse(next, url) ? canonicalImageUrl(new URL(next, url).href) : null;
    if (target === null) throw new Error('redirect to what is no public https address');
    url = target;
  }
  throw new Error('too many redirects');
}

type Answer = { readonly body: Buffer; readonly next: '' } | { readonly body: null; readonly next: string };

async function askOnce(address: string, options: FetchImageOptions): Promise<Answer> {
  const url = new URL(address);
  const dial = await dialler(url.hostname, options);
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      headers: HEADERS,
      // Without an agent, whose it is, Node takes 80 and says so to the server.
      defaultPort: HTTPS_PORT,
      createConnection: dial,
      signal: options.signal,
    });
    const cancel = options.clock.after(options.timeoutMs, () => asked.destroy(new Error('no answer in time')));
    asked.on('error', reject);
    asked.on('close', cancel);
    asked.on('response', (response) => readAnswer(response, options.maxBytes, resolve, (error) => (reject(error), asked.destroy())));
    asked.end();
  });
}

/**
 * Behind a proxy the look-up is the proxy's. A name that leads into the company then meets a server that cannot prove to be the sender's:
 * nothing is asked of it.
 */
async function dialler(host: string, { net, signal }: FetchImageOptions): Promise<() => Duplex> {
  const address = bareHost(host);
  if (isIP(address) && !isPublicAddress(address)) throw new Error('not a public address');
  const tunnel = await net.tunnel?.(host, signal);
  if (tunnel) return () => tunnel;
  const addresses = await unlessAborted(net.resolve(host), signal);
  const [first] = addresses;
  // One private address among them is enough to refuse: which one is taken is not the sender's to choose.
  if (first === undefined || !addresses.every(isPublicAddress)) throw new Error('not a public address');
  return () => net.dial(first, host);
}

/** A look-up cannot be called back; nobody waits for it any longer. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('out of time'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function readAnswer(response: IncomingMessage, maxBytes: number, resolve: (answer: Answer) => void, fail: (error: Error) => void): void {
  const status = response.statusCode ?? 0;
  response.on('error', fail);
  if (status >= 300 && status < 400 && response.headers.location !== undefined) {
    response.destroy();
    return resolve({ body: null, next: response.headers.location });
  }
  if (status !== 200) return fail(new Error(`status ${status}`));
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) fail(new Error('image too large'));
    else chunks.push(chunk);
  });
  response.on('end', () => (response.complete ? resolve({ body: Buffer.concat(chunks), next: '' }) : fail(new Error('answer cut off'))));
}
