import '../shared/no-jit.ts';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { app, BrowserWindow, session, type Session } from 'electron';
import { Bundle } from './app/bundle.ts';
import { confineChromium } from './app/chromium.ts';
import { findMailLink, HIDDEN_SWITCH, refuseSwitches } from './app/command-line.ts';
import { excludeMemoryFromCoreDumps } from './app/core-dumps.ts';
import { buildEngineService } from './app/engine-parts.ts';
import type { EnrolmentInbox } from './app/enrolment-inbox.ts';
import { eventSender } from './app/events.ts';
import { guardApp, guardSession } from './app/guards.ts';
import { buildHandlers } from './app/ipc/handlers.ts';
import { registerIpc } from './app/ipc/register.ts';
import { drainBeforeQuit, exitOnUncaught, isFirstInstance, type StartRequest } from './app/lifecycle.ts';
import type { Desk } from './app/desktop/desk.ts';
import { LogFile } from './app/log-file.ts';
import { MainWindow } from './app/main-window.ts';
import type { NetworkWatch } from './app/watch-machine.ts';
import { Preferences } from './app/preferences.ts';
import { findProfileArgument, openProfile } from './app/profile.ts';
import { declareAppScheme, serveBundle } from './app/protocol.ts';
import { SettingsFile } from './app/settings-file.ts';
import { forkEngine } from './app/utility-child.ts';
import type { Updates } from './app/updates/updates.ts';
import { openWindow } from './app/window.ts';

const STOP_TIMEOUT_MS = 5_000;
const UPDATES_AFTER_MS = 60_000;
const ENGINE_AT_LATEST_MS = 1_000;
/** What a page takes from its load to its first rows. */
const FIRST_DRAWING_MS = 150;
/** More than a screen holds; the engine gives the rest. */
const FIRST_VIEW_ROWS = 25;
const FIRST_VIEW_TIMEOUT_MS = 1_000;
/** The first rows are drawn by then. */
const DESK_AFTER_MS = 1_200;
const distDir = path.join(import.meta.dirname, '..');

excludeMemoryFromCoreDumps('self');
const argv = process.argv.slice(1);
const refuse = app.isPackaged ? refuseSwitches : null;
if (argv.some((one) => /^--(engine|admin)$/.test(one))) await (await import('./shell-command.ts')).runShellCommand(argv, refuse);
refuse?.(argv);
process.umask(0o077);
const profile = openProfile(findProfileArgument(argv, process.env) ?? app.getPath('userData'));
confineChromium(profile);
declareAppScheme();
const log = new LogFile(profile.logsDir);
const settings = new SettingsFile(profile.settingsFile, log);
const enrolmentFile = process.env['HOLDOVER_ENROL_FILE'];
let network: NetworkWatch | null = null;
let updates: Promise<Updates> | null = null;
let desk: Desk | null = null;
let desks: Promise<Desk> | null = null;
let isSessionReady = false;
const window = new MainWindow(
  () => openWindow({ session: windowSession(), preloadFile: path.join(distDir, 'preload', 'index.cjs'), settings, log }),
  () => desk?.keepsRunning() ?? false,
);
const contents = () => window.contents;
const send = eventSender(contents);
const preferences = new Preferences(settings, send);
const engine = buildEngineService({
  profile,
  log,
  send,
  // Read while the window is being made, which does not wait for it.
  openKeys: async () => {
    await (await policy).endWipe();
    return (await import('./keys/open-keys.ts')).openKeys({ profileDir: profile.dir, mode: 'auto' });
  },
  fork: () => forkEngine(path.join(distDir, 'main', 'engine-host.js')),
  findWay: async (...to) => (await policy).findWay(...to),
  onRunning: () => {
    // Long after the first mail was read.
    setTimeout(() => void loadUpdates(), UPDATES_AFTER_MS).unref();
    if (network) engine.notify({ type: 'network', online: network.isOnline, hasMoved: false });
    void enrolments().then((one) => one.open());
    void policy.then((gate) => gate.engineRuns());
  },
  beforeStart: async (key) => (await policy).keysOpened(key),
  onState: (state) => {
    desk?.onState(state);
    if (state.phase !== 'starting') setTimeout(() => void openDesk(), DESK_AFTER_MS);
  },
  onEvent: (name, payload) => desk?.onEvent(name, payload),
});
const policy = import('./app/policy-gate.ts').then(({ PolicyGate }) => {
  const resourcesDir = app.isPackaged ? process.resourcesPath : null;
  const testFile = app.isPackaged ? undefined : process.env['HOLDOVER_TEST_POLICY'];
  return new PolicyGate({
    engine,
    preferences,
    log,
    send,
    contents,
    profileDir: profile.dir,
    keptFile: profile.policyFile,
    resourcesDir,
    testFile,
  });
});

/** Loaded with the first running engine: nothing is enrolled before. */
let inbox: Promise<EnrolmentInbox> | null = null;
const enrolments = (): Promise<EnrolmentInbox> =>
  (inbox ??= import('./app/enrolment-inbox.ts').then(
    ({ EnrolmentInbox: Inbox }) =>
      new Inbox({ engine, log, window: () => window.current, language: () => preferences.language, dropFile: profile.dropFile }),
  ));
const enrol = async (file: string | undefined): Promise<void> => (await enrolments()).add(file);
if (enrolmentFile) void enrol(enrolmentFile);

guardApp(log);
exitOnUncaught(log);
const asked: StartRequest = {
  enrolmentFile,
  mailLink: findMailLink(argv),
  isHidden: argv.includes(HIDDEN_SWITCH),
};
const onSecondStart = (second: StartRequest): void => {
  if (!second.isHidden) window.show();
  void enrol(second.enrolmentFile);
  takeLink(second.mailLink);
};
const takeLink = (link: string | undefined): void => void (link && openDesk().then((one) => one.takeLink(link)));
app.on('open-url', (event, url) => {
  event.preventDefault();
  takeLink(url);
});
// Of a package: ends where IT does not want it.
if (!process.argv.includes('--if-held')) begin();
else void policy.then((gate) => gate.ifHeld(begin));

function begin(): void {
  if (!isFirstInstance(asked, onSecondStart)) return app.exit(0);
  engine.openKeysAhead();
  void app.whenReady().then(start);
}

function start(): void {
  preferences.apply();
  registerCalls();
  if (!asked.isHidden) window.show();
  startEngine();
  takeLink(asked.mailLink);
  void import('./app/watch-machine.ts').then(({ watchNetwork, watchPower }) => {
    const tell = (online: boolean, hasMoved: boolean): void => engine.notify({ type: 'network', online, hasMoved });
    network = watchNetwork(tell);
    tell(network.isOnline, false);
    watchPower((suspended) => engine.notify({ type: 'power', suspended }));
  });
  drainBeforeQuit(
    async () => {
      (await inbox)?.close();
      await (await updates)?.atQuit();
      await engine.keepFirstView(FIRST_VIEW_ROWS, FIRST_VIEW_TIMEOUT_MS);
      await engine.stop(STOP_TIMEOUT_MS);
    },
    () => BrowserWindow.getAllWindows(),
  );
  app.on('window-all-closed', () => process.platform === 'darwin' || app.quit());
  app.on('activate', () => window.show());
}

/** Made with the first window: a start without one loads less. */
function windowSession(): Session {
  const own = session.fromPartition('holdover', { cache: false });
  if (isSessionReady) return own;
  isSessionReady = true;
  guardSession(own, log);
  serveBundle(own, Bundle.list(path.join(distDir, 'renderer')));
  return own;
}

/** Icon, notifications, links: nothing that the first rows need. */
async function openDesk(): Promise<Desk> {
  desks ??= app.whenReady().then(async () => {
    const { Desk } = await import('./app/desktop/desk.ts');
    const inForce = async () => (await (await policy).desk()).inForce;
    const places = { inForce, isDemo: profile.isDemo, isHidden: asked.isHidden, imageDir: path.join(distDir, 'tray') };
    desk = new Desk({ engine, window, preferences, settingsFile: settings, send, log, ...places });
    desk.start();
    return desk;
  });
  return desks;
}

/** Loaded late: no start waits for it. */
function loadUpdates(): Promise<Updates> {
  return (updates ??= import('./app/app-updates.ts').then(async ({ startUpdates }) => {
    const rules = await (await policy).desk();
    return startUpdates({ engine, log, distDir, profileDir: profile.dir, rules, send });
  }));
}

/** Two processes at once keep each other waiting: the window goes first where it has the last run's view to show. */
function startEngine(): void {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    clearTimeout(timer);
    engine.warmUp();
    void engine.start(app.getLocale() || 'en');
  };
  if (!existsSync(profile.firstViewFile)) return begin();
  timer = setTimeout(begin, ENGINE_AT_LATEST_MS);
  contents()?.once('did-finish-load', () => {
    clearTimeout(timer);
    timer = setTimeout(begin, FIRST_DRAWING_MS);
  });
}

function registerCalls(): void {
  const { isDemo, hasStore } = profile;
  const info = { version: app.getVersion(), platform: process.platform, locale: app.getLocale() || 'en', isDemo, hasStore };
  const handlers = buildHandlers({
    engine,
    info,
    settings: preferences,
    policyDesk: async () => (await policy).desk(),
    changeSettings: (patch) => {
      const changed = preferences.change(patch);
      desk?.onSettings();
      return changed;
    },
    update: async (look) => {
      const known = await loadUpdates();
      return look ? known.check() : known.state;
    },
    // What only some runs need is loaded when it is asked for.
    openExternal: async (url) => (await import('./app/open-external.ts')).openExternal(url, log),
    saveAttachment: async (ref) => (await import('./app/save-attachment.ts')).saveAttachment(engine, window.current, ref),
    saveMessage: async (ref) => (await import('./app/save-attachment.ts')).saveMessage(engine, window.current, ref),
    print: async (html) => (await import('./app/print-document.ts')).printDocument(html, log),
    enrolFromFile: async () => (await import('./app/enrol-from-chosen.ts')).enrolFromChosen(engine, window.current, log),
    showRecoveryKey: async () =>
      (await import('./app/show-recovery-key.ts')).showRecoveryKey(await engine.recoveryKey(), window.current, preferences.language),
    desk: openDesk,
    spelling: async () =>
      (await import('./app/spelling/open-spelling.ts')).openSpelling({ engine, preferences, log, distDir, profileDir: profile.dir }),
    saveReport: async (which) => (await import('./app/save-report.ts')).saveReport(engine, window.current, which),
  });
  registerIpc({ handlers, log, window: contents });
}
