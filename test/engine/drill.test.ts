import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MailError } from '../../shared/errors.ts';
import type { ContinuityMode } from '../../shared/model/continuity.ts';
import { asOutboxId, type AccountId } from '../../shared/model/ids.ts';
import { Drills } from '../../main/engine/drill/drills.ts';
import type { DrillWorld } from '../../main/engine/drill/drill-world.ts';
import { MARKS, scoreOf } from '../../main/engine/drill/score.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createAccountStore } from '../../main/engine/store/accounts.ts';
import { createDrillStore } from '../../main/engine/store/drills.ts';
import type { StoreHandle } from '../../main/engine/store/contract.ts';
import { RateClock } from '../support/rate-clock.ts';
import { StoreFixture } from '../support/store-fixture.ts';
import { accountConfigSchema } from '../../shared/model/account.ts';

let fixture: StoreFixture;
let handle: StoreHandle;
let clock: RateClock;
let accountId: AccountId;

beforeEach(() => {
  fixture = new StoreFixture();
  handle = fixture.open();
  clock = new RateClock();
  clock.rate = 500;
  const imap = { host: '127.0.0.1', port: 1, security: 'plain', user: 'anna' };
  const config = accountConfigSchema.parse({ email: 'anna@example.com', primary: { imap, smtp: null }, relay: { imap, smtp: imap } });
  accountId = createAccountStore(handle).add(config, 1).id;
});
afterEach(() => {
  handle.close();
  fixture.remove();
});

/** An engine in which everything goes well, and what is changed of it. */
function worldOf(change: Partial<DrillWorld> = {}): DrillWorld {
  let mode: ContinuityMode = 'normal';
  return {
    hasRelay: () => true,
    mode: () => mode,
    isBack: () => mode === 'normal',
    rehearse: () => Promise.resolve(3_000),
    begin: () => void (mode = 'continuity'),
    end: () => void (mode = 'normal'),
    coverage: () => ({ mailboxes: 4, complete: 4, missingBodies: 0 }),
    checkRelay: () => Promise.resolve({ imap: null, smtp: null }),
    relayClockMs: () => 0,
    readLocally: () => Promise.resolve({ opened: 10, failed: 0 }),
    sendToSelf: () => Promise.resolve(asOutboxId(7)),
    sent: () => ({ state: 'filed', route: 'relay', messageId: '<drill@example.com>' }),
    hasArrived: () => true,
    reconciliation: () => ({ isFinished: true, expected: 3, confirmed: 3 }),
    ...change,
  };
}

function drillsIn(world: DrillWorld): Drills {
  const store = createDrillStore(handle);
  return new Drills({ store, clock, log: silentLog, world, onChange: () => undefined });
}

async function ended(drills: Drills) {
  await expect.poll(() => drills.list(accountId)[0]?.state, { timeout: 10_000 }).not.toBe('running');
  return drills.list(accountId)[0]!;
}

describe('a drill of the emergency access', () => {
  it('plays the whole outage and gives full marks where all went well', async () => {
    const drills = drillsIn(worldOf());
    drills.begin(accountId, 'self');
    const drill = await ended(drills);
    expect(drill).toMatchObject({ state: 'finished', score: 100 });
    expect(drill.steps.map(({ name, status }) => `${name} ${status}`)).toEqual(Object.keys(MARKS).map((name) => `${name} passed`));
  });

  it('warns of a relay whose clock is wrong, which costs no marks', async () => {
    const drills = drillsIn(worldOf({ relayClockMs: () => -3 * 3_600_000 }));
    drills.begin(accountId, 'none');
    const drill = await ended(drills);
    expect(drill.score).toBe(100);
    expect(drill.steps.filter((one) => one.relayClockMs !== 0)).toMatchObject([
      { name: 'relay-login', status: 'passed', relayClockMs: -3 * 3_600_000, detail: 'reading ok, sending ok, clock 180 min behind' },
    ]);
  });

  it('sends nothing when asked not to, and counts only what it tried', async () => {
    const sendToSelf = () => {
      throw new Error('sent');
    };
    const drills = drillsIn(worldOf({ sendToSelf }));
    drills.begin(accountId, 'none');
    const drill = await ended(drills);
    expect(drill.score).toBe(100);
    expect(drill.steps.filter((one) => one.status === 'skipped').map((one) => one.name)).toEqual(['send', 'arrival']);
  });

  it.each([
    ['coverage', { coverage: () => ({ mailboxes: 4, complete: 1, missingBodies: 9 }) }, 85],
    [
      'relay-login',
      { checkRelay: () => Promise.resolve({ imap: null, smtp: new MailError('auth-rejected', { scope: 'account', retry: 'ask' }) }) },
      90,
    ],
    ['send', { sent: () => ({ state: 'filed' as const, route: 'primary' as const, messageId: '<x@y>' }) }, 85],
    ['arrival', { hasArrived: () => false }, 95],
    ['reconcile', { reconciliation: () => ({ isFinished: true, expected: 4, confirmed: 2 }) }, 95],
    ['read', { readLocally: () => Promise.reject(new Error('broken')) }, 90],
    ['failover', { rehearse: () => Promise.resolve(null) }, 90],
    ['failover', { rehearse: () => Promise.resolve(40_000) }, 95],
    ['failback', { isBack: () => false }, 90],
  ] as const)('tells that %s was not well, by marks and by words', async (name, change, score) => {
    const drills = drillsIn(worldOf(change));
    drills.begin(accountId, 'self');
    const drill = await ended(drills);
    expect(drill.score).toBe(score);
    expect(drill.steps.find((one) => one.name === name)?.status).toBe('failed');
    expect(scoreOf(drill.steps)).toBe(score);
  });

  it('counts a return that had nothing to carry for nothing', async () => {
    const drills = drillsIn(worldOf({ reconciliation: () => null, readLocally: () => Promise.reject(new Error('broken')) }));
    drills.begin(accountId, 'none');
    const drill = await ended(drills);
    expect(drill.steps.find((one) => one.name === 'reconcile')).toMatchObject({ status: 'skipped', count: { done: 0, all: 0 } });
    // 60 of the 70 marks that could be reached.
    expect(drill.score).toBe(86);
  });

  it('does not wait for a relay that went meanwhile: work goes on through the primary', async () => {
    let mode: ContinuityMode = 'normal';
    const begin = () => void (mode = 'continuity');
    const isBack = () => mode !== 'continuity';
    const drills = drillsIn(worldOf({ begin, isBack, mode: () => mode, end: () => void (mode = 'degraded') }));
    drills.begin(accountId, 'none');
    const drill = await ended(drills);
    expect(drill.steps.find((one) => one.name === 'failback')).toMatchObject({ status: 'passed', score: 1 });
  });

  it('gives the primary back when it is cancelled, and says so', async () => {
    const world = worldOf({ hasArrived: () => false });
    const drills = drillsIn(world);
    drills.begin(accountId, 'self');
    await expect.poll(() => drills.list(accountId)[0]?.steps.find((one) => one.name === 'arrival')?.status).toBe('running');
    expect(world.mode(accountId)).toBe('continuity');
    await drills.cancel(accountId);
    expect(world.mode(accountId)).toBe('normal');
    expect(drills.list(accountId)[0]).toMatchObject({ state: 'cancelled', score: null });
  });

  it('can still be shown when its report is from before steps counted', () => {
    const { id } = createDrillStore(handle).begin(accountId, 'none', [], 1);
    const old = [{ name: 'read', status: 'passed', score: 1, durationMs: 3, detail: '10 of 10', error: null }];
    handle.db.prepare("UPDATE drills SET state = 'finished', steps = ? WHERE id = ?").run(JSON.stringify(old), id);
    expect(createDrillStore(handle).list(accountId)[0]?.steps).toEqual([{ ...old[0], count: null, relayClockMs: 0 }]);
  });

  it('is closed at the next start after a kill, and the primary is given back', () => {
    const store = createDrillStore(handle);
    store.begin(accountId, 'self', [], 1);
    const world = worldOf();
    world.begin(accountId);
    const drills = drillsIn(world);
    drills.start();
    expect(world.mode(accountId)).toBe('normal');
    expect(drills.list(accountId)[0]?.state).toBe('cancelled');
  });

  it.each(['once', 'while it ends'] as const)('gives the primary back though the store fails: %s', async (how) => {
    clock.rate = 5_000;
    const world = worldOf();
    const store = createDrillStore(handle);
    let failures = how === 'once' ? 1 : 5;
    const save: typeof store.save = (drill) => {
      const isMeant =
        how === 'once' ? drill.steps.some(({ name, status }) => name === 'send' && status === 'running') : drill.state !== 'running';
      if (isMeant && failures-- > 0) throw new MailError('store-full', { scope: 'store', retry: 'later' });
      store.save(drill);
    };
    const drills = new Drills({ store: { ...store, save }, clock, log: silentLog, world, onChange: () => undefined });
    drills.begin(accountId, 'self');
    expect((await ended(drills)).state).toBe(how === 'once' ? 'cancelled' : 'finished');
    expect(world.mode(accountId)).toBe('normal');
    expect(failures).toBeLessThanOrEqual(0);
    // The next one is not held up by it.
    drills.begin(accountId, 'none');
    expect((await ended(drills)).state).toBe('finished');
  });

  it('a kill, and a disk that is full at the next start, end no engine: it is closed when there is space', async () => {
    clock.rate = 5_000;
    const store = createDrillStore(handle);
    store.begin(accountId, 'self', [], 1);
    const world = worldOf();
    world.begin(accountId);
    let failures = 3;
    const end = (id: AccountId): void => {
      if (failures-- > 0) throw new MailError('store-full', { scope: 'store', retry: 'later' });
      world.end(id);
    };
    const drills = drillsIn({ ...world, end });
    drills.start();
    expect((await ended(drills)).state).toBe('cancelled');
    expect(world.mode(accountId)).toBe('normal');
  });

  it('is refused during an outage, beside another drill and without a relay', async () => {
    const begin = (drills: Drills) => () => drills.begin(accountId, 'none');
    expect(begin(drillsIn(worldOf({ mode: () => 'continuity' })))).toThrow(expect.objectContaining({ code: 'drill-not-now' }));
    expect(begin(drillsIn(worldOf({ hasRelay: () => false })))).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    const drills = drillsIn(worldOf());
    drills.begin(accountId, 'none');
    expect(begin(drills)).toThrow(expect.objectContaining({ code: 'drill-not-now' }));
    await ended(drills);
  });
});
