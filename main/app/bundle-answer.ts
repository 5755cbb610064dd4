import { APP_ORIGIN } from './app-origin.ts';
import type { Bundle } from './bundle.ts';
import { responseHeaders } from './content-policy.ts';

export interface BundleAnswer {
  readonly statusCode: 200 | 404;
  readonly headers: Record<string, string>;
  readonly data: Buffer;
}

/** Answer to one request of the app scheme; everything but GET of a listed file of our host is 404 without a body. */
export function answer(bundle: Bundle, method: string, address: string): BundleAnswer {
  const prefix = `${APP_ORIGIN}/`;
  const file =
    method === 'GET' && address.startsWith(prefix) ? bundle.find(address.slice(APP_ORIGIN.length).split(/[?#]/, 1)[0] ?? '') : null;
  if (!file) return { statusCode: 404, headers: responseHeaders, data: Buffer.alloc(0) };
  return { statusCode: 200, headers: { ...responseHeaders, 'Content-Type': file.mimeType }, data: file.read() };
}
