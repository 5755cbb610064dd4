import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../main/engine/core/log.ts';
import { StoreHealth } from '../../main/engine/store-health.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { MailError, type ErrorCode } from '../../shared/errors.ts';
import { ManualClock } from '../support/manual-clock.ts';

function setUp() {
  const root = mkdtempSync(join(tmpdir(), 'holdover-health-'));
  const dir = join(root, 'profile');
  const clock = new ManualClock();
  const { handle, outboxHandle } = openProfileStores({ dir, key: new Uint8Array(32).fill(7), clock, log: silentLog });
  const told: (ErrorCode | null)[] = [];
  const seen = { stale: 0 };
  const health = new StoreHealth({
    ...{ clock, log: silentLog, stores: [handle, outboxHandle] },
    onChange: (fault) => void told.push(fault?.code ?? null),
    onStale: () => (seen.stale += 1),
  });
  onTestFinished(() => {
    health.stop();
    handle.close();
    outboxHandle.close();
    rmSync(root, { recursive: true, force: true });
  });
  return { root, dir, clock, health, told, seen };
}
const fault = (code: ErrorCode, scope: 'store' | 'message' = 'store') => new MailError(code, { scope, retry: 'later' });

it('a fault is told once, and over as soon as the disk takes a file and each store a commit', async () => {
  const { clock, health, told, dir } = setUp();
  health.note(fault('store-busy'));
  health.note(fault('store-full'));
  expect(told).toEqual(['store-busy']);
  await clock.advance(999);
  expect(told).toEqual(['store-busy']);
  await clock.advance(1);
  expect(told).toEqual(['store-busy', null]);
  expect(health.fault).toBeNull();
  expect(readdirSync(dir)).not.toContain('disk-probe');
});

it('what is no fault of the disk is not told', () => {
  const { health, told } = setUp();
  health.note(fault('store-corrupt'));
  health.note(fault('store-full', 'message'));
  health.note(new Error('other'));
  expect(told).toEqual([]);
});

it('a request tries at once', () => {
  const { health, told } = setUp();
  health.note(fault('store-full'));
  health.retry();
  expect(told).toEqual(['store-full', null]);
});

it('files that are taken away are noticed without a write, and opened anew when others are at their place', async () => {
  const { root, dir, clock, told, seen } = setUp();
  renameSync(dir, join(root, 'away'));
  await clock.advance(5_000);
  expect(told).toEqual(['store-missing']);
  await clock.advance(60_000);
  expect([told, seen.stale]).toEqual([['store-missing'], 0]);
  openProfileStores({ dir, key: new Uint8Array(32).fill(7), clock, log: silentLog }).handle.close();
  writeFileSync(join(dir, 'outbox.db'), 'another volume');
  await clock.advance(30_000);
  expect(seen.stale).toBe(1);
  expect(told).toEqual(['store-missing']);
});
