import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { page, pageHeaders, type PageLanguage, type PageOutcome } from './page.ts';

/** Part of what IT registers at the provider; the port is free there (RFC 8252 7.3). */
export const REDIRECT_PATH = '/holdover';
const HOST = '127.0.0.1';
const REQUEST_MS = 10_000;
const MAX_HEADER_BYTES = 16 * 1024;

export interface LoopbackOptions {
  readonly state: string;
  readonly language: PageLanguage;
  /** Called once, with the one answer that has our state; what the browser shows waits for it. */
  readonly onAnswer: (answer: URL) => Promise<PageOutcome>;
}

/**
 * Where the browser brings the provider's answer: a port of this machine that is open for one sign-in, and takes one answer. Only a
 * GET of the exact address with our state counts; whatever else arrives is refused without a word and changes nothing.
 */
export class Loopback {
  readonly #server: Server;
  readonly #options: LoopbackOptions;
  #isTaken = false;

  private constructor(options: LoopbackOptions) {
    this.#options = options;
    this.#server = createServer(
      { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: MAX_HEADER_BYTES, keepAlive: false },
      (request, response) => this.#receive(request, response),
    );
  }

  static async open(options: LoopbackOptions): Promise<Loopback> {
    const loopback = new Loopback(options);
    await new Promise<void>((resolve, reject) => {
      loopback.#server.once('error', reject);
      loopback.#server.listen(0, HOST, resolve);
    });
    return loopback;
  }

  get redirectUri(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}${REDIRECT_PATH}`;
  }

  /** Takes nothing any more; an answer that is being shown is shown to its end. */
  close(): void {
    this.#isTaken = true;
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const answer = this.#read(request);
    request.resume();
    if (answer === null) {
      response.writeHead(404, pageHeaders).end();
      return;
    }
    // Before anything is waited for: a second answer finds the door closed.
    this.#isTaken = true;
    const { onAnswer, language } = this.#options;
    void onAnswer(answer)
      .catch((): PageOutcome => 'failed')
      .then((outcome) => {
        const headers = { ...pageHeaders, 'content-type': 'text/html; charset=utf-8' };
        response.writeHead(outcome === 'done' ? 200 : 400, headers).end(page(outcome, language));
        this.close();
      });
  }

  #read({ method, url = '', headers }: IncomingMessage): URL | null {
    const own = new URL(this.redirectUri);
    // Another name in Host is a page elsewhere whose name was made to point here.
    if (this.#isTaken || method !== 'GET' || headers.host !== own.host || !url.startsWith('/')) return null;
    const answer = new URL(own.origin + url);
    const states = answer.searchParams.getAll('state');
    return answer.pathname === REDIRECT_PATH && states.length === 1 && states[0] === this.#options.state ? answer : null;
  }
}
