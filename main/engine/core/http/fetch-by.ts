import { askHttp, type HttpOptions } from './ask-http.ts';

/** What of fetch() is used where an answer is small. */
export interface FetchInit {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Statuses whose answer has no body, by the rules of fetch(). */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

/** askHttp() with the face of fetch(), for who takes one; redirects are given back and never followed. */
export const fetchBy =
  (options: HttpOptions) =>
  async (url: string, init: FetchInit): Promise<Response> => {
    const method = init.method === 'POST' ? 'POST' : 'GET';
    const body = init.body === undefined || init.body === null ? '' : String(init.body as URLSearchParams);
    const headers = { ...init.headers, ...(method === 'POST' ? { 'content-length': String(Buffer.byteLength(body)) } : {}) };
    const { signal = options.signal } = init;
    const answer = await askHttp(url, { method, headers, body }, { ...options, ...(signal ? { signal } : {}) });
    const told = ['content-type', 'location'] as const;
    return new Response(EMPTY.has(answer.status) ? null : new Uint8Array(answer.body), {
      status: answer.status >= 200 ? answer.status : 502,
      headers: told.flatMap((name): [string, string][] => (answer.headers[name] === undefined ? [] : [[name, answer.headers[name]]])),
    });
  };
