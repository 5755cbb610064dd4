import { APP_ORIGIN } from './app-origin.ts';
import type { Bundle } from './bundle.ts';
import { responseHeaders } from './content-policy.ts';

/** Answer to one request of the app scheme; everything but GET of a listed file of our host is 404 without a body. */
export function answer(bundle: Bundle, method: string, address: string): Response {
  const prefix = `${APP_ORIGIN}/`;
  const file =
    method === 'GET' && address.startsWith(prefix) ? bundle.find(address.slice(APP_ORIGIN.length).split(/[?#]/, 1)[0] ?? '') : null;
  if (!file) return new Response(null, { status: 404, headers: responseHeaders });
  return new Response(file.read(), { headers: { ...responseHeaders, 'Content-Type': file.mimeType } });
}
