import { app, BrowserWindow, nativeTheme, screen, type Session } from 'electron';
import { APP_ORIGIN, APP_START_URL } from './app-origin.ts';
import { excludeMemoryFromCoreDumps } from './core-dumps.ts';
import type { AppLog } from './log-file.ts';
import type { SettingsFile } from './settings-file.ts';
import { MIN_HEIGHT, MIN_WIDTH, placeWindow } from './window-place.ts';

/** Background of the page (--bg of its style), so that nothing flashes before its first paint. */
const BACKGROUND = { dark: '#17191e', light: '#ffffff' } as const;
/** A page that has not painted by then is shown all the same: better an empty window than none. */
const SHOW_AT_LATEST_MS = 4_000;
const MAX_RELOADS = 3;
const RELOAD_WINDOW_MS = 60_000;

export interface WindowParts {
  readonly session: Session;
  readonly preloadFile: string;
  readonly settings: SettingsFile;
  readonly log: AppLog;
}

/** Opens the main window, hardened and at its remembered place. */
export function openWindow({ session, preloadFile, settings, log }: WindowParts): BrowserWindow {
  const place = placeWindow(
    settings.windowPlace,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...place,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    title: app.getName(),
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      session,
      preload: preloadFile,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      plugins: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      enableWebSQL: false,
      devTools: !app.isPackaged,
    },
  });
  if (settings.windowPlace?.isMaximized) window.maximize();
  showOncePainted(window);
  window.webContents.once('dom-ready', () => void import('./shown-window.ts').then(({ careFor }) => careFor(window, settings)));
  reloadAfterCrash(window, log);
  comeBack(window, log);
  loadStart(window, log);
  return window;
}

function showOncePainted(window: BrowserWindow): void {
  const show = () => {
    clearTimeout(timer);
    if (!window.isDestroyed() && !window.isVisible()) window.show();
  };
  const timer = setTimeout(show, SHOW_AT_LATEST_MS);
  window.once('ready-to-show', show);
}

/** Chromium commits `about:blank` without asking the guards first: a page that went there is brought back at once. */
function comeBack(window: BrowserWindow, log: AppLog): void {
  window.webContents.on('did-navigate', (_event, url) => {
    if (url.startsWith(`${APP_ORIGIN}/`) || window.isDestroyed()) return;
    log.write('warn', { ev: 'window.left', scheme: URL.canParse(url) ? new URL(url).protocol : 'none' });
    loadStart(window, log);
  });
}

function loadStart(window: BrowserWindow, log: AppLog): void {
  window.loadURL(APP_START_URL).catch(() => log.write('error', { ev: 'window.load-failed' }));
}

/** The window's process may die; its page is loaded again, unless it dies again and again. */
function reloadAfterCrash(window: BrowserWindow, log: AppLog): void {
  let reloads: number[] = [];
  const contents = window.webContents;
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.write('error', { ev: 'window.process-gone', reason, exitCode });
    const now = Date.now();
    reloads = reloads.filter((at) => now - at < RELOAD_WINDOW_MS);
    if (reason === 'clean-exit' || reloads.length >= MAX_RELOADS || window.isDestroyed()) return;
    reloads.push(now);
    contents.reload();
  });
  contents.on('unresponsive', () => log.write('warn', { ev: 'window.unresponsive' }));
  contents.on('dom-ready', () => excludeMemoryFromCoreDumps(contents.getOSProcessId()));
}
