import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ContinuityEngine } from '../../main/engine/engine.ts';
import { EngineHost } from '../../main/engine/engine-host.ts';
import { MailError } from '../../shared/errors.ts';
import type { AppToEngine } from '../../shared/ipc/app-to-engine.ts';
import type { EngineToApp } from '../../shared/ipc/engine-port.ts';

it('a store that fails in the moment in which work begins makes way for another engine, and the first look is answered', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdover-host-begin-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const told: EngineToApp[] = [];
  let tell: (message: AppToEngine) => void = () => undefined;
  const onStopped = vi.fn();
  new EngineHost({ send: (message) => void told.push(message), onMessage: (listener) => (tell = listener) }, onStopped).listen();
  tell({ type: 'start', profileDir: dir, storeKey: new Uint8Array(32).fill(7), locale: 'en', mayCreate: true });
  await vi.waitFor(() => expect(told.map(({ type }) => type)).toContain('ready'), { timeout: 30_000 });
  const full = new MailError('store-full', { scope: 'store', retry: 'later', detail: 'audit' });
  const start = vi.spyOn(ContinuityEngine.prototype, 'start').mockImplementation(() => {
    throw full;
  });

  tell({ type: 'call', id: 1, name: 'overview.get', args: [{ rows: 10 }] });
  await vi.waitFor(() => expect(onStopped).toHaveBeenCalledOnce(), { timeout: 30_000 });
  expect(start).toHaveBeenCalledOnce();
  expect(told).toContainEqual(expect.objectContaining({ type: 'result', id: 1, outcome: expect.objectContaining({ ok: true }) }));
  expect(told).toContainEqual({ type: 'log', level: 'error', entry: { ev: 'host.not-begun', code: 'store-full' } });
});
