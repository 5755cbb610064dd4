import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request } from 'node:https';
import { configureRequestOptions, configureRequestUrl, HttpExecutor, type DownloadOptions } from 'builder-util-runtime';
import { noProxies, type ProxyFinder } from '../../engine/core/proxy/proxy-finder.ts';
import { viaProxies } from '../../engine/core/proxy/through-proxy.ts';
import { MAX_FEED_BYTES, UpdateRefused } from './feed.ts';

/**
 * electron-updater's requests by Node's TLS, as all other connections of the app: https only, no redirect, no cookie, no cache, and
 * never more bytes than were announced under the signature.
 */
export class HttpsExecutor extends HttpExecutor<ClientRequest> {
  /** Certificates that are trusted, PEM; Node's own without them. */
  readonly #ca: string[] | undefined;
  /** Raised to the size of a file before it is fetched. */
  maxBytes = MAX_FEED_BYTES;

  readonly #proxies: ProxyFinder;

  constructor(ca: string[] | undefined, proxies: ProxyFinder = noProxies) {
    super();
    this.#ca = ca;
    this.#proxies = proxies;
  }

  override createRequest(options: RequestOptions, callback: (response: IncomingMessage) => void): ClientRequest {
    if (options.protocol !== undefined && options.protocol !== null && options.protocol !== 'https:') {
      throw new UpdateRefused('untrusted', 'updates come over https only');
    }
    const way = viaProxies(this.#proxies, this.#ca ? { tls: { ca: this.#ca } } : {});
    const sent = request({ ...options, protocol: 'https:', agent: undefined, ...way }, (response) => {
      const status = response.statusCode ?? 0;
      // The address is IT's; a server that sends us elsewhere is not followed.
      if (status >= 300 && status < 400) return void sent.destroy(new UpdateRefused('untrusted', `the server redirects (${status})`));
      this.#bound(response);
      callback(response);
    });
    return sent;
  }

  /** @throws UpdateRefused, or what the connection said; also when the digest in `options` is another one */
  async download(url: URL, destination: string, options: DownloadOptions): Promise<string> {
    return options.cancellationToken.createPromise<string>((resolve, reject, onCancel) => {
      const requestOptions = { headers: options.headers ?? {} };
      configureRequestUrl(url, requestOptions);
      configureRequestOptions(requestOptions);
      const callback = (error?: Error | null): void => (error ? reject(error) : resolve(destination));
      this.doDownload(requestOptions, { destination, options, onCancel, callback, responseHandler: null }, 0);
    });
  }

  #bound(response: IncomingMessage): void {
    const { maxBytes } = this;
    let received = 0;
    response.on('data', (chunk: Buffer | string) => {
      received += Buffer.byteLength(chunk);
      if (received > maxBytes) response.destroy(new UpdateRefused('untrusted', 'more bytes than announced'));
    });
  }
}
