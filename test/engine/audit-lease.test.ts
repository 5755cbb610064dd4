import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createJournal } from '../../main/engine/audit/journal.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { EngineHost } from '../../main/engine/engine-host.ts';
import { createEngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import type { AppToEngine } from '../../shared/ipc/app-to-engine.ts';
import type { EngineToApp } from '../../shared/ipc/engine-port.ts';

it('the journal has when the lease was over, and when it was renewed', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdover-audit-lease-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const told: EngineToApp[] = [];
  let tell: (message: AppToEngine) => void = () => undefined;
  const host = new EngineHost({ send: (message) => void told.push(message), onMessage: (listener) => (tell = listener) }, () => undefined);
  host.listen();
  const key = new Uint8Array(32).fill(7);
  tell({ type: 'start', profileDir: dir, storeKey: Uint8Array.from(key), locale: 'en', mayCreate: true });
  await vi.waitFor(() => expect(told.map(({ type }) => type)).toContain('ready'), { timeout: 30_000 });
  tell({ type: 'lease', isOver: true });
  tell({ type: 'lease', isOver: false });
  tell({ type: 'stop' });
  await vi.waitFor(() => expect(told.at(-1)?.type).toBe('stopped'), { timeout: 30_000 });

  const stores = openProfileStores({ dir, key: Buffer.from(key), clock: systemClock, log: silentLog, create: false });
  const journal = createJournal(createEngineStore(stores.handle, stores.outboxHandle), systemClock);
  const entries = [...journal.entries()].filter(({ kind }) => kind === 'policy-changed');
  expect(entries.map(({ account, data }) => [account, data])).toEqual([
    [null, { isLeaseOver: true }],
    [null, { isLeaseOver: false }],
  ]);
  expect(journal.verify().faults).toEqual([]);
  stores.handle.close();
  stores.outboxHandle.close();
});
