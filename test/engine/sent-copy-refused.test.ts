import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboxId } from '../../shared/model/ids.ts';
import { lacksCopy } from '../../renderer/outbox/item-kind.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { frozenMessage } from '../support/frozen.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { ShiftClock } from '../support/shift-clock.ts';

/** A copy that Sent does not take: told with its true reason, tried for a bounded time, again when a person asks, and filed once. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FULL = '[OVERQUOTA] full';

let clock: ShiftClock;
let primary: ImapScript;
let relay: ImapScript;
let rig: EngineRig;

beforeEach(async () => {
  clock = new ShiftClock();
  [primary, relay] = await Promise.all([startImapScript(), startImapScript()]);
  primary.store.create('Sent', { specialUse: '\\Sent' });
  const login = (server: ImapScript) => ({ port: server.port, user: 'alice', password: 'pw-alice' });
  const times = { stableSeconds: 0, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: 0 };
  rig = await EngineRig.open({
    ...{ primary: login(primary), relay: login(relay), clock },
    config: { email: 'alice@example.com', continuity: { failover: 'automatic', reconcile: 'automatic', ...times } },
  });
  await rig.mirror();
});
afterEach(async () => {
  await rig.close();
  await Promise.all([primary.close(), relay.close()]);
});

/** A mail that the relay took a moment ago. */
function sent(): OutboxId {
  const { outbox } = rig.engine.store;
  const id = outbox.add(frozenMessage(rig.accountId), 'alice@example.com', clock.now());
  outbox.setRecipients(id, ['pending'], 'accepted');
  outbox.change(id, { state: 'accepted', route: 'relay', acceptedAt: clock.now(), sentCopy: 'waiting' });
  return id;
}
const refuse = (no: string, command = 'APPEND') => primary.fault({ command, nth: 'every', action: { no } });
const appends = () => primary.commands.filter((one) => one.name === 'APPEND').length;
const copies = () => primary.store.get('Sent').messages.length;
const after = async (ms: number) => {
  clock.pass(ms);
  await rig.mirror();
};
const item = (id: OutboxId) => rig.engine.features.outbox.item(id);
const said = (id: OutboxId) => {
  const { state, sentCopy, copyError } = item(id);
  return [state, sentCopy, copyError?.code ?? ''].join(' ').trim();
};
const STEP_HOURS = 4;
/** So long in steps of some hours; returns after how many hours it was given up. */
async function lastingHours(id: OutboxId, hours: number): Promise<number> {
  for (let n = 0; n < hours; n += STEP_HOURS) {
    if (item(id).sentCopy === 'failed') return n;
    await after(STEP_HOURS * HOUR_MS);
  }
  return hours;
}

describe('a copy for which Sent has no room', () => {
  it('is tried more and more rarely for as long as a mail lives, and then waits for a person', async () => {
    const id = sent();
    refuse(FULL);
    await after(1000);
    expect([said(id), lacksCopy(item(id)), appends()]).toEqual(['accepted waiting over-quota', true, 1]);
    for (const [ms, n] of [
      [20, 1],
      [11, 2],
      [31, 2],
      [31, 3],
    ] as const) {
      // prettier-ignore
      await after(ms * 60_000);
      expect(appends(), `${ms} min`).toBe(n);
    }
    const hours = await lastingHours(id, 10 * 24);
    expect(said(id)).toBe('accepted failed over-quota');
    expect(hours).toBeGreaterThanOrEqual(5 * 24);
    expect(hours).toBeLessThanOrEqual(6.5 * 24);
    const n = appends();
    expect(n).toBeLessThanOrEqual(30);
    await after(30 * DAY_MS);
    await rig.restart();
    await after(30 * DAY_MS);
    expect([appends(), copies(), said(id)]).toEqual([n, 0, 'accepted failed over-quota']);
    expect(rig.engine.features.outbox.countUncopied(rig.accountId)).toBe(1);
  }, 60_000);

  it('keeps its count and its pause over restarts', async () => {
    const id = sent();
    refuse(FULL);
    await after(1000);
    await after(31 * 60_000);
    expect(appends()).toBe(2);
    await rig.restart();
    await after(50 * 60_000);
    expect(appends()).toBe(2);
    await after(11 * 60_000);
    expect(appends()).toBe(3);
    for (let n = 0; n < 14 && item(id).sentCopy === 'waiting'; n += 1) {
      await rig.restart();
      await lastingHours(id, 12);
    }
    expect(said(id)).toBe('accepted failed over-quota');
  }, 60_000);

  it('is filed once by itself when there is room before that', async () => {
    const id = sent();
    const withdraw = refuse(FULL);
    await after(1000);
    await lastingHours(id, 30);
    withdraw();
    await after(6 * HOUR_MS);
    await after(6 * HOUR_MS);
    expect([said(id), copies(), lacksCopy(item(id))]).toEqual(['filed filed', 1, false]);
  });

  it('is filed once when a person asks after it was given up, and given the same time anew', async () => {
    const id = sent();
    const withdraw = refuse(FULL);
    await after(1000);
    await lastingHours(id, 10 * 24);
    const { outbox } = rig.engine.features;
    await outbox.lookUp(id);
    expect(said(id)).toBe('accepted waiting');
    await after(0);
    expect(said(id)).toBe('accepted waiting over-quota');
    expect(await lastingHours(id, 4 * 24)).toBe(4 * 24);
    withdraw();
    await outbox.lookUp(id);
    await after(0);
    for (let n = 0; n < 3; n += 1) await after(DAY_MS);
    expect([said(id), copies()]).toEqual(['filed filed', 1]);
  }, 60_000);

  it('is tried at once when a person asks while it waits', async () => {
    const id = sent();
    const withdraw = refuse(FULL);
    await after(1000);
    withdraw();
    await after(60_000);
    expect([said(id), appends()]).toEqual(['accepted waiting over-quota', 1]);
    await rig.engine.features.outbox.lookUp(id);
    await after(0);
    expect([said(id), appends(), copies()]).toEqual(['filed filed', 2, 1]);
  });

  it('is not held back by a clock that was put back', async () => {
    const id = sent();
    const withdraw = refuse(FULL);
    await after(1000);
    withdraw();
    await after(-10 * DAY_MS);
    expect(said(id)).toBe('filed filed');
  });

  it('does not use up the tries for other refusals', async () => {
    const id = sent();
    const withdraw = refuse(FULL);
    await after(1000);
    await lastingHours(id, 48);
    withdraw();
    const end = refuse('[INUSE] busy');
    await after(7 * HOUR_MS);
    expect(said(id)).toBe('accepted waiting command-refused');
    end();
    await after(HOUR_MS);
    expect([said(id), copies()]).toEqual(['filed filed', 1]);
  });
});

describe('a copy that is refused otherwise', () => {
  it.each([
    ['SELECT', '[NOPERM] no', 'command-refused'],
    ['APPEND', '[TOOBIG] large', 'message-too-large-for-server'],
  ])('at %s (%s) is given up after eight tries, with its reason', async (command, no, code) => {
    const id = sent();
    primary.fault({ command, nth: 'every', action: ({ args }) => (args.includes('Sent') ? { no } : 'pass') });
    for (let n = 0; n < 20; n += 1) await after(HOUR_MS).catch(() => undefined);
    expect(said(id)).toBe(`accepted failed ${code}`);
    const { sentStep } = rig.engine.store.outbox.get(id);
    expect(sentStep?.tries).toBe(8);
  });
});

describe('the balance of an outage', () => {
  const words = () => {
    const { reconciler } = rig.engine.features;
    const [run] = reconciler.list();
    if (run === undefined) return [];
    return [
      run.state,
      ...reconciler.items(run.id, 0, 100).items.map((one) => `${one.operation} ${one.state} ${one.error?.code ?? ''}`.trim()),
    ];
  };
  const outage = async (): Promise<OutboxId> => {
    const { monitor } = rig.engine.features;
    monitor.setControl(rig.accountId, 'forced-continuity');
    const id = sent();
    await after(1000);
    expect(appends()).toBe(0);
    monitor.setControl(rig.accountId, 'forced-normal');
    for (let n = 0; n < 3; n += 1) await after(1000);
    return id;
  };

  it('ends with the full mailbox as its reason, and confirms the copy once there is room', async () => {
    const withdraw = refuse(FULL);
    const id = await outage();
    expect(words()).toEqual(['finished', 'prove-sent-copy exception over-quota']);
    expect(rig.engine.features.monitor.mode(rig.accountId)).toBe('normal');
    await after(26 * HOUR_MS);
    expect(words()).toEqual(['finished', 'prove-sent-copy exception over-quota']);
    withdraw();
    await rig.engine.features.outbox.lookUp(id);
    for (let n = 0; n < 3; n += 1) await after(1000);
    expect(words()).toEqual(['finished', 'prove-sent-copy confirmed']);
    expect(copies()).toBe(1);
  });

  it('names what the last try met where it does not come to an end in time', async () => {
    refuse('[INUSE] busy');
    await outage();
    expect(words()).toEqual(['running', 'prove-sent-copy running']);
    await after(25 * HOUR_MS);
    expect(words()).toEqual(['finished', 'prove-sent-copy exception command-refused']);
  });
});
