import { protocol, type Session } from 'electron';
import { APP_SCHEME } from './app-origin.ts';
import type { Bundle } from './bundle.ts';
import { answer } from './bundle-answer.ts';

/** Must run before the app is ready. `standard` gives the pages a real origin, so that 'self' means our files only. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: false, corsEnabled: false } },
  ]);
}

/**
 * Answers `app://holdover/...` of this session from the bundle and from nothing else. By the older form of the call: the newer
 * one answers with a `Response`, and Node's implementation of that takes about 70 ms to load while the window waits for it.
 */
export function serveBundle(target: Session, bundle: Bundle): void {
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  target.protocol.registerBufferProtocol(APP_SCHEME, (request, callback) => callback(answer(bundle, request.method, request.url)));
}
