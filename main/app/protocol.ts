import { protocol, type Session } from 'electron';
import type { Bundle } from './bundle.ts';
import { APP_ORIGIN, APP_SCHEME } from './app-origin.ts';
import { responseHeaders } from './content-policy.ts';

/** Must run before the app is ready. `standard` gives the pages a real origin, so that 'self' means our files only. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: false, corsEnabled: false } },
  ]);
}

/** Answers `app://holdover/...` of this session from the bundle and from nothing else. */
export function serveBundle(target: Session, bundle: Bundle): void {
  target.protocol.handle(APP_SCHEME, (request) => answer(bundle, request.method, request.url));
}

/** One request; everything but GET of a listed file of our host is 404 without a body. */
export function answer(bundle: Bundle, method: string, address: string): Response {
  const prefix = `${APP_ORIGIN}/`;
  const file =
    method === 'GET' && address.startsWith(prefix)
      ? bundle.find(address.slice(APP_ORIGIN.length).split(/[?#]/, 1)[0] ?? '')
      : null;
  if (!file) return new Response(null, { status: 404, headers: responseHeaders });
  return new Response(file.read(), { headers: { ...responseHeaders, 'Content-Type': file.mimeType } });
}
