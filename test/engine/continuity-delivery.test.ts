import { afterEach, describe, expect, it } from 'vitest';
import { MailError } from '../../shared/errors.ts';
import type { ContinuityPolicy } from '../../shared/model/continuity-config.ts';
import { continuityStateSchema } from '../../shared/model/continuity.ts';
import { asUid } from '../../shared/model/ids.ts';
import { DeliveryRig } from '../support/delivery-rig.ts';
import { reportFigure } from '../support/figures.ts';
import type { WeatherOptions } from '../support/weather-rig.ts';

const MINUTE = 60_000;

const rigs: DeliveryRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

/** Everything is well and mirrored; some mail came and was delivered. */
async function calm(options: Omit<WeatherOptions, 'deliveries'> = {}): Promise<DeliveryRig> {
  const rig = new DeliveryRig({ continuity: { failover: 'automatic', stableSeconds: 60 }, ...options });
  rigs.push(rig);
  await rig.start();
  rig.hides('old mail');
  rig.arrives('before');
  rig.delivers('before');
  await rig.passes(5);
  expect(rig.mode).toBe('normal');
  return rig;
}

/** Three mails have not come, and the person is asked. */
async function asking(options: Omit<WeatherOptions, 'deliveries'> = {}): Promise<{ rig: DeliveryRig; since: number }> {
  const rig = await calm(options);
  const since = await rig.threeArrive();
  await rig.until('degraded', 25);
  return { rig, since };
}

describe('mail that only the relay has', () => {
  it('makes the app ask, even where it switches by itself, and work goes on through the primary', async () => {
    const { rig, since } = await asking();
    expect(rig.state).toMatchObject({
      ...{ reason: 'waiting-for-person', cause: 'primary-not-delivering', asksForFailover: true, outageId: null, troubleSince: since },
    });
    expect(continuityStateSchema.parse(rig.state)).toEqual(rig.state);
    expect(rig.state.confirmedAt).toBe(rig.state.evidence.at(-1)?.at);
    expect(rig.state.evidence.at(-1)).toMatchObject({ source: 'delivery', isGood: false, undelivered: { count: 3, since } });
    expect(rig.route).toEqual({ side: 'primary', hold: null });
    await rig.passes(180);
    expect(rig.outages).toEqual([]);
    expect(rig.changes).toEqual(['normal>degraded']);
  });

  it('is missed after fifteen minutes, and told within one more', async () => {
    const rig = await calm();
    await rig.threeArrive();
    await rig.passes(13);
    expect(rig.mode).toBe('normal');
    expect(rig.looks).toEqual([]);
    await rig.until('degraded', 3);
  });

  it('is told with what is known of it now', async () => {
    const { rig, since } = await asking();
    rig.arrives('fourth');
    await rig.passes(20);
    const told = rig.state.evidence.filter((one) => one.undelivered !== undefined);
    expect(told.map((one) => one.undelivered)).toEqual([{ count: 4, since }]);
    expect(rig.state.troubleSince).toBe(since);
  });

  it('is told from the clock alone, in an idle mailbox', async () => {
    const rig = await calm();
    await rig.threeArrive();
    await rig.passes(1);
    // The mirror's last complete look at the primary comes before the last of it is missed, and then nothing happens but one more look.
    await rig.clock.advance(16 * MINUTE);
    expect(rig.mode).toBe('normal');
    await rig.passes(1);
    await rig.passes(1);
    expect(rig.mode).toBe('degraded');
  });

  const silent: readonly [string, (rig: DeliveryRig) => void | Promise<void>][] = [
    ['two mails', (rig) => void ['a', 'b'].map((name) => rig.arrives(name))],
    ['mail of one sender', (rig) => void ['a', 'b', 'c', 'd'].map((name) => rig.arrives(name, { from: 'news@list.test' }))],
    ['mail in quarantine', (rig) => void ['a', 'b', 'c'].map((name) => rig.arrives(name, { path: 'Quarantine' }))],
    ['mail in the junk of the relay', (rig) => void ['a', 'b', 'c'].map((name) => rig.arrives(name, { path: 'Junk' }))],
    ['copies of own mail', (rig) => void ['a', 'b', 'c'].map((name) => rig.arrives(name, { path: 'Sent' }))],
    ['own mail that the relay keeps beside', (rig) => void ['a', 'b', 'c'].map((name) => rig.arrives(name, { from: 'Anna@example.com' }))],
    [
      'mail of which the primary has a copy in Sent',
      (rig) => {
        for (const name of ['a', 'b', 'c']) {
          rig.arrives(name);
          rig.delivers(name, 'Sent');
        }
      },
    ],
    ['mail older than a day', (rig) => void ['a', 'b', 'c'].map((name) => rig.arrives(name, { date: rig.clock.now() - 25 * 60 * MINUTE }))],
    [
      'mail after which another was delivered',
      async (rig) => {
        await rig.threeArrive();
        rig.arrives('later');
        rig.delivers('later');
      },
    ],
  ];
  it.each(silent)('says nothing: %s', async (_name, work) => {
    const rig = await calm();
    await work(rig);
    await rig.passes(60);
    expect(rig.changes).toEqual([]);
    expect(rig.looks).toEqual([]);
  });

  it('says nothing without a relay, before both sides were mirrored, or while a mailbox of the primary cannot be read', async () => {
    const rig = new DeliveryRig({ continuity: { failover: 'automatic' } });
    rigs.push(rig);
    await rig.start();
    await rig.threeArrive();
    for (let n = 0; n < 40; n += 1) {
      await rig.clock.advance(MINUTE);
      rig.mirror('relay')?.looked();
    }
    expect(rig.changes).toEqual([]);
    rig.mirror('primary')!.fails(['Projects']);
    await rig.passes(10);
    expect(rig.changes).toEqual([]);
    expect(rig.looks).toEqual([]);
    rig.mirror('primary')!.fails([]);
    await rig.until('degraded', 3);
  });
});

describe('the look at the other mailboxes of the primary', () => {
  it('comes before anybody is asked, and asks for the newest of it only', async () => {
    const rig = await calm();
    for (const n of [1, 2, 3, 4, 5, 6, 7]) rig.arrives(`mail${n}`, { date: rig.clock.now() - (8 - n) * MINUTE });
    await rig.until('degraded', 20);
    expect(rig.looks).toHaveLength(1);
    expect(rig.asked[0]).toEqual([7, 6, 5, 4, 3].map((n) => `Junk <mail${n}@partner.test>`));
  });

  it('disproves by mail found there, which is not asked for again', async () => {
    const rig = await calm();
    await rig.threeArrive();
    for (const n of [1, 2, 3]) rig.hides(`mail${n}`);
    await rig.passes(240);
    expect(rig.changes).toEqual([]);
    expect(rig.looks).toHaveLength(1);
  });

  it('says nothing where it fails, and is made again ten minutes later', async () => {
    const rig = await calm();
    await rig.threeArrive();
    rig.failsWith = new MailError('connection-lost', { scope: 'connection', retry: 'later' });
    await rig.passes(20);
    expect(rig.looks).toHaveLength(1);
    expect(rig.mode).toBe('normal');
    rig.failsWith = null;
    await rig.until('degraded', 11);
    expect(rig.looks).toHaveLength(2);
    expect(rig.looks[1]! - rig.looks[0]!).toBeGreaterThanOrEqual(10 * MINUTE);
  });

  it('says nothing where it takes too long', async () => {
    const rig = await calm();
    for (const path of ['A', 'B', 'C', 'D']) rig.hides('another', path);
    await rig.threeArrive();
    rig.searchMs = 11_000;
    await rig.passes(20);
    expect(rig.looks).toHaveLength(1);
    expect(rig.mode).toBe('normal');
    expect(rig.asked[0]!.filter((one) => one.startsWith('D')).length).toBe(0);
  });

  it('passes over a mailbox that the server keeps shut, unless the mirror reads it', async () => {
    const rig = await calm();
    rig.hides('of somebody else', 'Shared');
    rig.shut.add('Shared');
    rig.delivers('filed by a rule', 'Projects');
    rig.fresh.add('Projects');
    rig.shut.add('Projects');
    await rig.threeArrive();
    await rig.passes(30);
    expect(rig.mode).toBe('normal');
    expect(rig.looks.length).toBeGreaterThan(0);
    rig.shut.delete('Projects');
    await rig.until('degraded', 80);
  });

  it('is made no more often than every ten minutes, and less and less often while it finds nothing', async () => {
    const { rig } = await asking();
    await rig.passes(24 * 60);
    const gaps = rig.looks.slice(1).map((t, n) => Math.round((t - rig.looks[n]!) / MINUTE));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10);
    expect(rig.looks.length).toBeLessThanOrEqual(24);
    reportFigure('looks for mail that is missed', { inADay: rig.looks.length, gapsMinutes: gaps.slice(0, 5).join(' ') });
  });

  it('stays rare where rules of the primary hide every mail', async () => {
    const rig = await calm();
    for (let n = 0; n < 96; n += 1) {
      rig.arrives(`hidden${n}`);
      rig.hides(`hidden${n}`);
      await rig.passes(5);
    }
    expect(rig.changes).toEqual([]);
    expect(rig.looks.length).toBeGreaterThan(1);
    expect(rig.looks.length).toBeLessThanOrEqual(9);
  });
});

describe('delivery that goes on before anybody answered', () => {
  it('ends the question by itself', async () => {
    const { rig } = await asking();
    rig.delivers('mail2');
    await rig.until('normal', 2);
    expect(rig.state).toMatchObject({ reason: 'all-well', cause: null, asksForFailover: false });
    expect(rig.state.evidence.at(-1)).toMatchObject({ source: 'delivery', isGood: true });
  });

  it('ends it by a later mail, too, and by one that a look finds', async () => {
    const one = await asking();
    one.rig.arrives('later');
    one.rig.delivers('later');
    await one.rig.until('normal', 2);
    const other = await asking();
    other.rig.hides('mail3');
    await other.rig.until('normal', 12);
  });

  it('does not end it by what we filed at the primary ourselves', async () => {
    const { rig } = await asking();
    const entryId = rig.arrives('filed');
    const { id: runId } = rig.store.reconcile.addRun({
      ...{ accountId: rig.accountId, outageId: rig.store.outages.start(rig.accountId, past(rig)), state: 'finished' },
      ...{ outageStartedAt: 0, primaryBackAt: 1, createdAt: 1, continuesAt: null },
    });
    rig.store.outages.end(rig.store.outages.current(rig.accountId)!.id, 1);
    const item = {
      kind: 'received',
      key: `in:${entryId}`,
      operation: 'append-received',
      reason: 'seen-at-relay-only',
      state: 'confirmed',
    } as const;
    const none = { opId: null, outboxId: null, draftId: null, messageId: null, dueAt: null, subject: '', detail: '' };
    rig.store.reconcile.addItems(runId, [{ ...item, ...none, entryId, stepResult: { uid: asUid(9) } }], 1);
    rig.delivers('filed');
    await rig.passes(20);
    expect(rig.mode).toBe('degraded');
  });
});

const past = (rig: DeliveryRig) =>
  ({ cause: 'primary-unreachable', isDrill: false, troubleAt: rig.clock.now(), startedAt: rig.clock.now() }) as const;

describe('the person says yes', () => {
  it('continuity with that cause, and an outage that begins with the oldest mail', async () => {
    const { rig, since } = await asking();
    rig.monitor.answerFailover(rig.accountId, true);
    expect(rig.state).toMatchObject({
      mode: 'continuity',
      reason: 'confirmed-by-person',
      cause: 'primary-not-delivering',
      troubleSince: since,
    });
    expect(rig.outages).toMatchObject([{ cause: 'primary-not-delivering', isDrill: false, troubleAt: since, backAt: null }]);
    expect(rig.route).toEqual({ side: 'relay', hold: null });
    await rig.passes(60);
    expect(rig.mode).toBe('continuity');
    expect(rig.state.evidence.some((one) => one.undelivered?.since === since)).toBe(true);
  });

  it('and a mail delivered in the very second in which the missing began does not end it, but a later one does', async () => {
    const rig = await calm();
    const date = rig.clock.now();
    rig.arrives('beside', { date });
    rig.delivers('beside');
    for (const name of ['mail1', 'mail2', 'mail3']) rig.arrives(name, { date: name === 'mail1' ? date : date + MINUTE });
    await rig.until('degraded', 25);
    rig.monitor.answerFailover(rig.accountId, true);
    await rig.passes(30);
    expect(rig.state).toMatchObject({ mode: 'continuity', troubleSince: date });
    rig.delivers('mail2');
    await rig.until('recovering', 90);
  });

  it('and the way back is a mail that is delivered: one of those, a later one, or one that a look finds', async () => {
    const ways: readonly ((rig: DeliveryRig) => void)[] = [
      (rig) => void rig.delivers('mail1'),
      (rig) => {
        rig.arrives('later');
        rig.delivers('later');
      },
      (rig) => rig.hides('mail3'),
    ];
    for (const way of ways) {
      const { rig } = await asking();
      rig.monitor.answerFailover(rig.accountId, true);
      await rig.passes(30);
      way(rig);
      await rig.until('recovering', 90);
      rig.monitor.reconciled(rig.accountId);
      await rig.passes(30);
      expect(rig.changes).toEqual(['normal>degraded', 'degraded>continuity', 'continuity>recovering', 'recovering>normal']);
    }
  });

  it('it outlives a restart, and so does what ends it', async () => {
    const { rig, since } = await asking();
    rig.monitor.answerFailover(rig.accountId, true);
    await rig.restart();
    await rig.passes(10);
    expect(rig.state).toMatchObject({ mode: 'continuity', cause: 'primary-not-delivering', troubleSince: since });
    rig.delivers('mail2');
    await rig.until('recovering', 3);
  });

  it('a primary that really goes meanwhile is back when it is stable', async () => {
    const { rig } = await asking();
    rig.monitor.answerFailover(rig.accountId, true);
    rig.set('primary', 'refused');
    await rig.clock.until('the other cause', () => rig.state.cause === 'primary-unreachable', 5 * MINUTE);
    rig.set('primary', 'up');
    await rig.clock.until('recovering', () => rig.mode === 'recovering', 30 * MINUTE);
    expect(rig.outages).toHaveLength(1);
  });
});

describe('the person says no', () => {
  it('nobody is asked again about the same, not even after a restart', async () => {
    const { rig } = await asking();
    expect(rig.monitor.answerFailover(rig.accountId, false)).toMatchObject({
      mode: 'normal',
      reason: 'declined-by-person',
      asksForFailover: false,
    });
    rig.arrives('fourth');
    rig.arrives('fifth');
    await rig.passes(120);
    await rig.restart();
    await rig.threeArrive('more');
    await rig.passes(120);
    expect(rig.mode).toBe('normal');
    expect(rig.looks).toHaveLength(1);
  });

  it('but about the next time, when mail was delivered in between', async () => {
    const { rig } = await asking();
    rig.monitor.answerFailover(rig.accountId, false);
    await rig.passes(10);
    rig.arrives('delivered');
    rig.delivers('delivered');
    await rig.passes(10);
    const since = await rig.threeArrive('again');
    await rig.until('degraded', 25);
    expect(rig.state.troubleSince).toBe(since);
  });

  it('so does who holds normal mode when asked: released, nobody is asked again', async () => {
    const { rig } = await asking();
    rig.monitor.setControl(rig.accountId, 'forced-normal');
    await rig.passes(30);
    rig.monitor.setControl(rig.accountId, 'automatic');
    await rig.passes(60);
    expect(rig.mode).toBe('normal');
    expect(rig.monitor.history(rig.accountId, 10).map((one) => one.reason)).toContain('declined-by-person');
  });

  it('has no effect on a primary that is gone', async () => {
    const rig = await calm({ continuity: { failover: 'ask' } });
    rig.set('primary', 'refused');
    await rig.clock.until('asks', () => rig.state.asksForFailover, MINUTE);
    expect(rig.monitor.answerFailover(rig.accountId, false)).toMatchObject({ mode: 'degraded', asksForFailover: true });
  });
});

describe('where it means nothing', () => {
  it('a drill: nobody is asked while it lasts', async () => {
    const rig = await calm();
    rig.monitor.startDrill(rig.accountId);
    await rig.threeArrive();
    await rig.passes(60);
    expect(rig.looks).toEqual([]);
    expect(rig.state.isDrill).toBe(true);
  });

  it('an outage, its recovery, and the hour and a half after it, in which the relay catches up', async () => {
    const rig = await calm();
    rig.set('primary', 'refused');
    await rig.clock.until('continuity', () => rig.mode === 'continuity', MINUTE);
    await rig.threeArrive();
    await rig.passes(60);
    rig.set('primary', 'up');
    await rig.clock.until('recovering', () => rig.mode === 'recovering', 30 * MINUTE);
    await rig.passes(30);
    rig.monitor.reconciled(rig.accountId);
    await rig.passes(80);
    expect(rig.looks).toEqual([]);
    expect(rig.mode).toBe('normal');
    await rig.until('degraded', 15);
  });

  it('offline: judged when the network is back', async () => {
    const { rig, since } = await asking();
    rig.setNetwork(false);
    await rig.clock.until('offline', () => rig.mode === 'offline', 2 * MINUTE);
    await rig.clock.advance(30 * MINUTE);
    rig.delivers('mail2');
    rig.setNetwork(true);
    await rig.until('normal', 20);
    await rig.passes(20);
    expect(rig.state).toMatchObject({ mode: 'normal', asksForFailover: false });
    expect(since).toBeGreaterThan(0);
  });

  it('a mode that a person or IT holds: nobody is asked, nothing is looked for', async () => {
    const rig = await calm();
    rig.monitor.setControl(rig.accountId, 'forced-normal');
    await rig.threeArrive();
    await rig.passes(60);
    expect(rig.looks).toEqual([]);
    rig.monitor.setControl(rig.accountId, 'automatic');
    await rig.until('degraded', 2);
    const managed: ContinuityPolicy = { control: 'forced-normal' };
    const { config } = rig.store.accounts.get(rig.accountId);
    rig.store.accounts.update(rig.accountId, { ...config, managed });
    rig.monitor.configChanged(rig.accountId);
    expect(rig.state).toMatchObject({ mode: 'normal', asksForFailover: false, isHeldByPolicy: true });
  });

  it('a failover that IT holds as automatic: a person is asked all the same', async () => {
    const rig = await calm();
    const { config } = rig.store.accounts.get(rig.accountId);
    rig.store.accounts.update(rig.accountId, { ...config, managed: { failover: 'automatic' } });
    rig.monitor.configChanged(rig.accountId);
    await rig.threeArrive();
    await rig.until('degraded', 25);
    expect(rig.state.asksForFailover).toBe(true);
  });
});
