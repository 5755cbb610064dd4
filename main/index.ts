import path from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, session } from 'electron';
import { appText } from './app/app-text.ts';
import { Bundle } from './app/bundle.ts';
import { confineChromium } from './app/chromium.ts';
import { findRefusedSwitches } from './app/command-line.ts';
import { excludeMemoryFromCoreDumps } from './app/core-dumps.ts';
import { buildEngineService } from './app/engine-parts.ts';
import { enrolFromFile } from './app/enrol-from-file.ts';
import { eventSender } from './app/events.ts';
import { guardApp, guardSession } from './app/guards.ts';
import { buildHandlers } from './app/ipc/handlers.ts';
import { registerIpc } from './app/ipc/register.ts';
import { bringToFront, drainBeforeQuit, isFirstInstance } from './app/lifecycle.ts';
import { LogFile } from './app/log-file.ts';
import { setMenu } from './app/menu.ts';
import { watchNetwork, type NetworkWatch } from './app/network.ts';
import { openExternal } from './app/open-external.ts';
import { watchPower } from './app/power.ts';
import { findProfileArgument, openProfile } from './app/profile.ts';
import { declareAppScheme, serveBundle } from './app/protocol.ts';
import { saveAttachment } from './app/save-attachment.ts';
import { SettingsFile } from './app/settings-file.ts';
import { forkEngine } from './app/utility-child.ts';
import { openWindow } from './app/window.ts';
import { openKeys } from './keys/open-keys.ts';

const STOP_TIMEOUT_MS = 5_000;
const distDir = path.join(import.meta.dirname, '..');

process.umask(0o077);
excludeMemoryFromCoreDumps('self');
const refused = app.isPackaged ? findRefusedSwitches(process.argv.slice(1), process.platform) : [];
if (refused.length > 0) {
  process.stderr.write(`Holdover does not start with: ${refused.join(', ')}\n`);
  process.exit(2);
}
const profile = openProfile(findProfileArgument(process.argv.slice(1), process.env) ?? app.getPath('userData'));
confineChromium(profile);
declareAppScheme();
const log = new LogFile(profile.logsDir);
const settings = new SettingsFile(profile.settingsFile, log);
let window: BrowserWindow | null = null;
let network: NetworkWatch | null = null;
const contents = () => (window && !window.isDestroyed() ? window.webContents : null);
const send = eventSender(contents);
guardApp(log);
if (isFirstInstance(() => bringToFront(window))) void app.whenReady().then(start);
else app.exit(0);

function start(): void {
  const windowSession = session.fromPartition('holdover', { cache: false });
  guardSession(windowSession, log);
  serveBundle(windowSession, Bundle.list(path.join(distDir, 'renderer')));
  nativeTheme.themeSource = settings.settings.theme;
  const words = () => appText(settings.settings.language, app.getLocale());
  const engine = buildEngineService({
    profile,
    log,
    send,
    openKeys: () => openKeys({ profileDir: profile.dir, mode: 'auto' }),
    fork: () => forkEngine(path.join(distDir, 'main', 'engine-host.js')),
    onRunning: () => network && engine.notify({ type: 'network', online: network.isOnline }),
  });
  const handlers = buildHandlers({
    engine,
    info: { version: app.getVersion(), platform: process.platform, locale: app.getLocale() || 'en', isDemo: process.env['HOLDOVER_DEMO'] === '1' },
    settings,
    changeSettings: (patch) => {
      const changed = settings.change(patch);
      nativeTheme.themeSource = changed.theme;
      setMenu(words(), (command) => send('app.command', command));
      send('settings.changed', changed);
      return changed;
    },
    openExternal: (url) => openExternal(url, log),
    saveAttachment: (ref) => saveAttachment(engine, window, ref),
  });
  registerIpc({ handlers, log, window: contents });
  drainBeforeQuit(() => engine.stop(STOP_TIMEOUT_MS), () => BrowserWindow.getAllWindows());
  const show = () => (window = openWindow({ session: windowSession, preloadFile: path.join(distDir, 'preload', 'index.cjs'), settings, log }));
  const started = engine.start();
  show();
  setMenu(words(), (command) => send('app.command', command));
  network = watchNetwork((online) => engine.notify({ type: 'network', online }));
  watchPower((suspended) => engine.notify({ type: 'power', suspended }));
  app.on('window-all-closed', () => process.platform === 'darwin' || app.quit());
  app.on('activate', () => (contents() ? bringToFront(window) : show()));
  const enrolmentFile = process.env['HOLDOVER_ENROL_FILE'];
  if (enrolmentFile) void started.then(() => enrolFromFile(enrolmentFile, engine, log)).then(async (error) => {
    if (!error) return;
    process.stderr.write(`enrolment file: ${error.detail || error.code}\n`);
    const { enrolmentFileTitle: message, enrolmentFileKept } = words();
    if (window) await dialog.showMessageBox(window, { type: 'error', message, detail: `${error.detail || error.code}\n\n${enrolmentFileKept}` });
  });
}
