import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedByElectron } from '../support/electron-permissions.ts';
import { reportFigure } from '../support/figures.ts';
import { startHostileServer, type HostileServer } from './support/hostile-server.ts';
import { callOf, pageScript } from './support/page-script.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const script = pageScript('ways-out');
const START = 'app://holdover/index.html';
/** Ways that Chromium takes without asking; what follows is tested by itself. */
const UNASKED = ['our own page again', 'about:blank'];

/** Names that other versions of Electron and of Chromium know. */
const OTHER_PERMISSIONS = [
  'accessibility-events',
  'ambient-light-sensor',
  'background-fetch',
  'background-sync',
  'camera',
  'clipboard-read',
  'clipboard-sanitized-write',
  'clipboard-write',
  'deprecated-sync-clipboard-read',
  'display-capture',
  'fileSystem',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'accelerometer',
  'magnetometer',
  'hid',
  'idle-detection',
  'keyboardLock',
  'local-fonts',
  'media',
  'mediaKeySystem',
  'microphone',
  'midi',
  'midiSysex',
  'nfc',
  'notifications',
  'openExternal',
  'payment-handler',
  'periodic-background-sync',
  'persistent-storage',
  'pointerLock',
  'push',
  'screen-wake-lock',
  'serial',
  'speaker-selection',
  'storage-access',
  'system-wake-lock',
  'top-level-storage-access',
  'usb',
  'window-management',
];

/** Every permission that Electron names, as its own types have them: in its request and check handlers. */
const ELECTRON_PERMISSIONS = [...new Set([...OTHER_PERMISSIONS, ...namedByElectron()])];

let app: RunningApp;
let server: HostileServer;
let downloads: number;
let windowsOpened: number;

beforeAll(async () => {
  server = await startHostileServer();
  // A camera and a microphone to ask for: where there are none, their absence would look like a refusal.
  app = await startApp({ args: ['--use-fake-device-for-media-stream'] });
  await app.electron.evaluate(({ app: electronApp, webContents }) => {
    const counts = { created: 0, downloads: 0 };
    Object.assign(globalThis, { counts });
    electronApp.on('web-contents-created', () => (counts.created += 1));
    const [contents] = webContents.getAllWebContents();
    contents?.session.on('will-download', (event) => {
      if (!event.defaultPrevented) counts.downloads += 1;
    });
  });
});
afterAll(async () => {
  await app.dispose();
  await server.close();
});

/** Where the window is; a fragment is no other page. */
const address = () => app.window.url().split('#')[0];

async function readCounts(): Promise<void> {
  const counts = await app.electron.evaluate(() => (globalThis as unknown as { counts: { created: number; downloads: number } }).counts);
  windowsOpened = counts.created;
  downloads = counts.downloads;
}

describe('the window', () => {
  it('stays where it is, whatever its page tries', async () => {
    const { window } = app;
    const names = (await window.evaluate(script)) as string[];
    const left: string[] = [];
    for (const name of names.filter((one) => !UNASKED.includes(one))) {
      await window.evaluate(
        ([way, to]) => {
          const { waysOut } = globalThis as unknown as { waysOut: Record<string, (address: string) => unknown> };
          try {
            void waysOut[way as string]?.(to as string);
          } catch {
            // A way that is closed by an exception is closed.
          }
        },
        [name, `${server.origin}/${encodeURIComponent(name)}`],
      );
      await window.waitForTimeout(40);
      const stillHere = await window.evaluate(() => 'waysOut' in globalThis).catch(() => false);
      if (stillHere && address() === START) continue;
      left.push(name);
      await window.waitForURL(`${START}*`);
      await window.evaluate(script);
    }
    await window.waitForTimeout(1000);
    await readCounts();
    expect(left).toEqual([]);
    expect(server.requests).toEqual([]);
    expect(downloads).toBe(0);
    expect(windowsOpened).toBe(0);
    expect(app.electron.windows()).toHaveLength(1);
    expect(
      await window.evaluate(
        () => (globalThis as unknown as { document: { body: { dataset: Record<string, string> } } }).document.body.dataset['hit'],
      ),
    ).toBeUndefined();
    const frames = window
      .frames()
      .map((frame) => frame.url())
      .filter((url) => /^(https?|file|data|app:\/\/evil)/.test(url));
    expect(frames).toEqual([]);
    reportFigure('E7 navigation', {
      ways: names.length,
      left: left.length,
      requests: server.requests.length,
      windows: windowsOpened,
      downloads,
    });
  });

  it('is brought back from about:blank', async () => {
    const { window } = app;
    await window.evaluate(() => {
      (globalThis as unknown as { location: { href: string } }).location.href = 'about:blank';
    });
    await expect.poll(() => app.log().filter(({ ev }) => ev === 'window.left').length).toBe(1);
    await expect.poll(() => window.evaluate(() => 'continuity' in globalThis).catch(() => false)).toBe(true);
    expect(address()).toBe(START);
  });

  it('still answers calls afterwards', async () => {
    expect(await app.call('app.info')).toMatchObject({ ok: true });
  });

  it('takes no file or link dropped on it', async () => {
    const cdp = await app.window.context().newCDPSession(app.window);
    for (const data of [
      { items: [{ mimeType: 'text/uri-list', data: `${server.origin}/dropped` }], dragOperationsMask: 1 },
      { items: [], files: ['/etc/passwd'], dragOperationsMask: 1 },
    ]) {
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
        await cdp.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
      }
      await app.window.waitForTimeout(200);
      expect(address()).toBe(START);
    }
    await readCounts();
    expect(windowsOpened).toBe(0);
    expect(server.requests).toEqual([]);
  });
});

describe('openExternal', () => {
  it('gets canonical web and mail addresses, and no others', async () => {
    await app.electron.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = (url) => (opened.push(url), Promise.resolve());
    });
    const refused = [
      'file:///etc/passwd',
      'javascript:alert(1)',
      'ms-msdt:/id x',
      '//host/share',
      'https://bank@evil.example/',
      ' https://example.org',
      'HTTPS:example.org',
    ];
    for (const url of refused) expect(await app.call('app.openExternal', { url })).toEqual({ ok: true, value: false });
    expect(await app.call('app.openExternal', { url: 'HTTPS://Example.ORG/a' })).toEqual({ ok: true, value: true });
    expect(await app.call('app.openExternal', { url: 'mailto:a@example.org?attach=/etc/passwd&subject=x' })).toEqual({
      ok: true,
      value: true,
    });
    const opened = await app.electron.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
    expect(opened).toEqual(['https://example.org/a', 'mailto:a@example.org?subject=x']);
  });
});

describe('permissions', () => {
  it('none of them is granted, whatever a page asks for', async () => {
    // As after a click: many of these are refused at once without one, which would prove nothing.
    const cdp = await app.window.context().newCDPSession(app.window);
    const { result, exceptionDetails } = await cdp.send('Runtime.evaluate', {
      expression: callOf('permissions', ELECTRON_PERMISSIONS),
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    expect(exceptionDetails).toBeUndefined();
    const { granted, outcomes } = result.value as { granted: string[]; outcomes: Record<string, string> };
    expect(granted).toEqual([]);
    expect(Object.keys(outcomes).length).toBeGreaterThan(25);
    reportFigure('E8 permissions', { asked: ELECTRON_PERMISSIONS.length + Object.keys(outcomes).length, granted: granted.length });
  });

  it('requests are answered by the handlers, and logged by their name alone', () => {
    const asked = app
      .log()
      .filter(({ ev }) => ev === 'guard.permission')
      .map(({ permission }) => permission);
    // Others never get that far: the policy header refuses them before a handler is asked.
    expect(asked).toEqual(expect.arrayContaining(['notifications', 'persistent-storage']));
    expect(asked.every((name) => ELECTRON_PERMISSIONS.includes(String(name)) || name === 'unknown')).toBe(true);
  });
});
