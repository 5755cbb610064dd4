import { BrowserWindow, session, type Session } from 'electron';
import { APP_ORIGIN, APP_SCHEME } from './app-origin.ts';
import { guardSession } from './guards.ts';
import type { AppLog } from './log-file.ts';

/** Nothing runs, nothing loads but the pictures in the document itself, and it has no origin. */
const POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'";
const ADDRESS = `${APP_ORIGIN}/print.html`;
const LOAD_TIMEOUT_MS = 20_000;
const PARTITION = 'print';

/** A session of its own, in memory, that answers one address with one document and refuses all else. */
interface PrintSession {
  readonly session: Session;
  /** What the next request for the address is answered with. */
  html: string;
}

let own: PrintSession | null = null;

function printSession(log: AppLog): PrintSession {
  if (own) return own;
  const made: PrintSession = { session: session.fromPartition(PARTITION, { cache: false }), html: '' };
  guardSession(made.session, log);
  const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-store' };
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- as in serveBundle
  made.session.protocol.registerBufferProtocol(APP_SCHEME, ({ method, url }, answer) => {
    const isIt = method === 'GET' && url === ADDRESS;
    answer({ statusCode: isIt ? 200 : 404, headers, data: Buffer.from(isIt ? made.html : '') });
  });
  return (own = made);
}

let isBusy = false;

/**
 * Prints cleaned HTML by the system's dialog, from a window that nobody sees. False when the person cancels, where there is
 * no printer, and while another document is being printed.
 */
export async function printDocument(html: string, log: AppLog): Promise<{ isPrinted: boolean }> {
  if (isBusy) return { isPrinted: false };
  isBusy = true;
  const source = printSession(log);
  source.html = html;
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      session: source.session,
      ...{ javascript: false, contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true, plugins: false },
      ...{ webviewTag: false, spellcheck: false, devTools: false, images: true },
    },
  });
  try {
    const late = setTimeout(() => window.webContents.stop(), LOAD_TIMEOUT_MS);
    await window.loadURL(ADDRESS).finally(() => clearTimeout(late));
    return { isPrinted: await printed(window) };
  } catch {
    // The document could not be shown; the person is told that nothing was printed.
    log.write('warn', { ev: 'print.failed' });
    return { isPrinted: false };
  } finally {
    source.html = '';
    isBusy = false;
    if (!window.isDestroyed()) window.destroy();
  }
}

function printed({ webContents }: BrowserWindow): Promise<boolean> {
  return new Promise((resolve) => {
    webContents.once('destroyed', () => resolve(false));
    webContents.print({ silent: false, printBackground: true }, (isDone) => resolve(isDone));
  });
}
