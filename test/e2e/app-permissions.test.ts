import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedByElectron } from '../support/electron-permissions.ts';
import { reportFigure } from '../support/figures.ts';
import { callOf } from './support/page-script.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

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
beforeAll(async () => {
  // A camera and a microphone to ask for: where there are none, their absence would look like a refusal.
  app = await startApp({ args: ['--use-fake-device-for-media-stream'] });
});
afterAll(() => app.dispose());

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
