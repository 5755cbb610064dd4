import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from 'electron';
import { guardSession } from '../../main/app/guards.ts';
import type { AppLog } from '../../main/app/log-file.ts';
import { namedByElectron } from '../support/electron-permissions.ts';
import { reportFigure } from '../support/figures.ts';

vi.mock('electron', () => ({ app: { isPackaged: true } }));

type Handler = (...args: unknown[]) => unknown;

/** What a session is given, by name. */
class FakeSession extends EventEmitter {
  readonly handlers: Record<string, Handler> = {};
  readonly webRequest = { onBeforeRequest: (handler: Handler) => void (this.handlers['request'] = handler) };
  setSpellCheckerEnabled = vi.fn();
  setPermissionRequestHandler = (handler: Handler) => void (this.handlers['permission request'] = handler);
  setPermissionCheckHandler = (handler: Handler) => void (this.handlers['permission check'] = handler);
  setDevicePermissionHandler = (handler: Handler) => void (this.handlers['device'] = handler);
  setBluetoothPairingHandler = (handler: Handler) => void (this.handlers['pairing'] = handler);
  setCertificateVerifyProc = (handler: Handler) => void (this.handlers['certificate'] = handler);
}

let target: FakeSession;
let log: { write: ReturnType<typeof vi.fn> };
beforeEach(() => {
  target = new FakeSession();
  log = { write: vi.fn() };
  guardSession(target as unknown as Session, log as unknown as AppLog);
});

/** What a handler answers by its callback. */
const answered = (name: string, ...args: unknown[]): unknown => {
  const answer = vi.fn();
  target.handlers[name]!(...args, answer);
  expect(answer).toHaveBeenCalledTimes(1);
  return answer.mock.calls[0]![0];
};

describe('a guarded session', () => {
  it('grants none of the permissions that Electron knows, asked for or looked up (E8)', () => {
    const names = namedByElectron();
    const contents = { id: 1 };
    for (const name of [...names, 'a name of tomorrow']) {
      expect(answered('permission request', contents, name), name).toBe(false);
      for (const of of [contents, null]) expect(target.handlers['permission check']!(of, name, 'app://holdover', {}), name).toBe(false);
    }
    expect(log.write).toHaveBeenCalledTimes(names.length + 1);
    expect(names.length).toBeGreaterThan(40);
    reportFigure('E8 permissions, by the handlers', { names: names.length, handlers: 2, granted: 0 });
  });

  it.each(['hid', 'serial', 'usb'])('gives no device: %s', (deviceType) => {
    expect(target.handlers['device']!({ deviceType, origin: 'app://holdover', device: {} })).toBe(false);
    const event = { preventDefault: vi.fn() };
    const answer = vi.fn();
    const args = deviceType === 'serial' ? [[{ portId: 'one' }], {}] : [{ deviceList: [{ deviceId: 'one' }] }];
    target.emit(deviceType === 'serial' ? 'select-serial-port' : `select-${deviceType}-device`, event, ...args, answer);
    expect(event.preventDefault).toHaveBeenCalledTimes(1);
    expect(answer.mock.calls[0]![0] ?? '').toBe('');
  });

  it('pairs with nothing, trusts no certificate, downloads nothing, asks nobody', () => {
    expect(answered('pairing', { deviceId: 'one', pairingKind: 'confirm' })).toEqual({ confirmed: false });
    expect(answered('certificate', { hostname: 'holdover', errorCode: 0, verificationResult: 'OK' })).toBe(-2);
    const event = { preventDefault: vi.fn() };
    target.emit('will-download', event);
    expect(event.preventDefault).toHaveBeenCalledTimes(1);
    for (const url of [
      'https://evil.example/',
      'file:///etc/passwd',
      'app://evil/',
      'devtools://devtools/',
      'blob:https://evil.example/1',
      'ws://x/',
    ])
      expect(answered('request', { url, resourceType: 'image' }), url).toEqual({ cancel: true });
    for (const url of ['app://holdover/index.html', 'data:,', 'blob:app://holdover/1'])
      expect(answered('request', { url, resourceType: 'image' }), url).toEqual({ cancel: false });
  });
});
