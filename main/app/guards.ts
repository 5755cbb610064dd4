import { app, type Session, type WebContents } from 'electron';
import { APP_ORIGIN } from './app-origin.ts';
import type { AppLog } from './log-file.ts';

/** net::ERR_FAILED for setCertificateVerifyProc: no certificate is ever accepted in the window's session. */
const REFUSE_CERTIFICATE = -2;

/** Addresses that a page of the app may load. Everything else never leaves the machine, whatever the page's CSP says. */
export function isOwnAddress(url: string, isDevToolsAllowed: boolean): boolean {
  if (url.startsWith(`${APP_ORIGIN}/`) || url.startsWith(`blob:${APP_ORIGIN}/`) || url.startsWith('data:')) return true;
  return isDevToolsAllowed && url.startsWith('devtools://');
}

/** Denies every permission, device, download and foreign request of a session. */
export function guardSession(target: Session, log: AppLog): void {
  target.setPermissionRequestHandler((_contents, permission, answer) => {
    log.write('warn', { ev: 'guard.permission', permission });
    answer(false);
  });
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
  target.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  target.setCertificateVerifyProc((_request, answer) => answer(REFUSE_CERTIFICATE));
  target.setSpellCheckerEnabled(false);
  target.on('select-hid-device', (event, _details, answer) => (event.preventDefault(), answer()));
  target.on('select-usb-device', (event, _details, answer) => (event.preventDefault(), answer()));
  target.on('select-serial-port', (event, _ports, _contents, answer) => (event.preventDefault(), answer('')));
  target.on('will-download', (event) => {
    event.preventDefault();
    log.write('warn', { ev: 'guard.download' });
  });
  target.webRequest.onBeforeRequest((details, answer) => {
    const cancel = !isOwnAddress(details.url, !app.isPackaged);
    if (cancel) log.write('warn', { ev: 'guard.request', resourceType: details.resourceType });
    answer({ cancel });
  });
}

/** Guards every web contents that is ever created, and what Chromium asks of the app as a whole. Call before ready. */
export function guardApp(log: AppLog): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, log));
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
    event.preventDefault();
    answer(false);
  });
  app.on('select-client-certificate', (event, _contents, _url, _list, answer) => {
    event.preventDefault();
    answer();
  });
  app.on('login', (event, _contents, _details, _info, answer) => {
    event.preventDefault();
    answer();
  });
  app.on('open-file', (event) => event.preventDefault());
}

/** Keeps one web contents where it is: no navigation in any frame, no new window, no embedded contents. */
function guardContents(contents: WebContents, log: AppLog): void {
  log.write('debug', { ev: 'guard.contents', webContentsId: contents.id, type: contents.getType() });
  contents.setWindowOpenHandler(() => {
    log.write('warn', { ev: 'guard.window-open' });
    return { action: 'deny' };
  });
  const refuse = (what: string) => (event: { preventDefault(): void }) => {
    event.preventDefault();
    log.write('warn', { ev: 'guard.navigation', what });
  };
  contents.on('will-navigate', refuse('navigate'));
  contents.on('will-redirect', refuse('redirect'));
  contents.on('will-frame-navigate', refuse('frame'));
  contents.on('will-attach-webview', refuse('webview'));
  // A page must not keep its window open; and the event's default is to let it.
  contents.on('will-prevent-unload', (event) => event.preventDefault());
  contents.on('select-bluetooth-device', (event, _devices, answer) => (event.preventDefault(), answer('')));
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}
