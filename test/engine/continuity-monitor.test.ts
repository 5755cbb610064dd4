import { afterEach, describe, expect, it } from 'vitest';
import { WeatherRig, type WeatherOptions } from '../support/weather-rig.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const rigs: WeatherRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

/** A monitor that has seen everything well. */
async function calm(options: WeatherOptions = {}): Promise<WeatherRig> {
  const rig = new WeatherRig(options);
  rigs.push(rig);
  await rig.start();
  await rig.clock.advance(2 * MINUTE);
  expect(rig.mode).toBe('normal');
  return rig;
}

const reaches = (rig: WeatherRig, mode: string, limitMs: number): Promise<number> =>
  rig.clock.until(mode, () => rig.mode === mode, limitMs);

describe('an outage of the primary', () => {
  it('is confirmed within 15 seconds when connections are refused, with the evidence', async () => {
    const rig = await calm();
    const struckAt = rig.clock.now();
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    const { state } = rig;
    expect(state).toMatchObject({ reason: 'primary-down-confirmed', cause: 'primary-unreachable', troubleSince: struckAt, isDrill: false });
    expect(state.confirmedAt).toBe(rig.clock.now());
    expect(state.evidence.filter((one) => one.endpoint?.service === 'imap' && !one.isGood).map((one) => one.code)).toContain(
      'connect-refused',
    );
    expect(rig.outages).toMatchObject([
      { id: state.outageId, cause: 'primary-unreachable', troubleAt: struckAt, backAt: null, endedAt: null },
    ]);
    expect(rig.route).toEqual({ side: 'relay', hold: null });
  });

  it('begins with the first sign of the primary, not with a trouble that the relay had before', async () => {
    const rig = await calm();
    rig.set('relay', 'refused');
    await rig.clock.until('the relay is known to be down', () => rig.state.cause === 'relay-down', MINUTE);
    await rig.clock.advance(10 * MINUTE);
    const struckAt = rig.clock.now();
    rig.set('primary', 'refused');
    rig.set('relay', 'up');
    await reaches(rig, 'continuity', 2 * MINUTE);
    expect(rig.state.troubleSince).toBe(struckAt);
    expect(rig.outages).toMatchObject([{ troubleAt: struckAt }]);
  });

  it('that a person declares begins when it is declared, whatever the relay had before', async () => {
    const rig = await calm();
    rig.set('relay', 'refused');
    await rig.clock.until('the relay is known to be down', () => rig.state.cause === 'relay-down', MINUTE);
    rig.set('relay', 'up');
    const declaredAt = rig.clock.now();
    rig.monitor.setControl(rig.accountId, 'forced-continuity');
    expect(rig.outages).toMatchObject([{ troubleAt: declaredAt }]);
  });

  it.each([1, 2, 3, 4, 5, 6])('is over for outgoing mail soon after mailboxes are back, however short it was (chance %i)', async (seed) => {
    const rig = await calm({ seed, continuity: { failover: 'ask' } });
    rig.set('primary', 'refused');
    await rig.clock.until('the question', () => rig.state.asksForFailover, 15 * SECOND);
    const smtp = () => rig.state.endpoints.find((one) => one.endpoint.side === 'primary' && one.endpoint.service === 'smtp')?.health;
    await rig.clock.until('submission is known to be down', () => smtp() === 'down', 15 * SECOND);
    rig.set('primary', 'up');
    rig.mirror('primary')?.look();
    await rig.clock.until('mail can leave', () => rig.route.side === 'primary', 11 * SECOND);
    expect(smtp()).toBe('up');
  });

  it('is told with what confirmed it for as long as it lasts', async () => {
    const rig = await calm();
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    const confirmedBy = () => rig.state.evidence.filter((one) => one.at <= rig.state.confirmedAt!);
    const first = confirmedBy();
    expect(first.length).toBeGreaterThan(1);
    await rig.clock.advance(3 * 60 * MINUTE);
    expect(confirmedBy()).toEqual(first.slice(-5));
    expect(rig.state.evidence).toHaveLength(10);
    expect(rig.state.evidence.at(-1)!.at).toBeGreaterThan(rig.clock.now() - 20 * MINUTE);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is confirmed within 60 seconds when the primary falls silent (chance %i)', async (seed) => {
    const rig = await calm({ seed });
    rig.set('primary', 'silent');
    await reaches(rig, 'continuity', 60 * SECOND);
    expect(rig.state.cause).toBe('primary-unreachable');
    expect(rig.changes).toEqual(['normal>degraded', 'degraded>continuity']);
  });

  it('is nothing when the server was back before a second look', async () => {
    const rig = await calm();
    rig.mirror('primary')?.drop();
    await rig.clock.advance(0);
    expect(rig.mode).toBe('degraded');
    await rig.clock.advance(3 * MINUTE);
    expect(rig.changes).toEqual(['normal>degraded', 'degraded>normal']);
    expect(rig.outages).toEqual([]);
  });

  it('is seen when it was there before the start', async () => {
    const rig = new WeatherRig();
    rigs.push(rig);
    rig.set('primary', 'refused');
    await rig.start();
    await reaches(rig, 'continuity', 15 * SECOND);
  });

  it('is over after the stable time and not before, and ends with the reconciliation', async () => {
    const rig = await calm({ continuity: { stableSeconds: 60 } });
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    await rig.clock.advance(10 * MINUTE);
    rig.set('primary', 'up');
    await rig.clock.until('connected', () => rig.mirror('primary')!.state.isConnected, 6 * MINUTE);
    const tookMs = await reaches(rig, 'recovering', 70 * SECOND);
    expect(tookMs).toBeGreaterThanOrEqual(60 * SECOND);
    expect(rig.state).toMatchObject({ reason: 'primary-back', cause: 'primary-unreachable' });
    expect(rig.route).toEqual({ side: 'primary', hold: null });
    expect(rig.outages[0]).toMatchObject({ backAt: rig.clock.now(), endedAt: null });
    rig.monitor.reconciled(rig.accountId);
    expect(rig.state).toMatchObject({ mode: 'normal', reason: 'reconciled', cause: null, outageId: null, troubleSince: null });
    expect(rig.outages[0]?.endedAt).toBe(rig.clock.now());
    expect(
      rig.monitor
        .history(rig.accountId, 10)
        .map((one) => `${one.from}>${one.to}`)
        .reverse(),
    ).toEqual(rig.changes);
  });

  it('is over however close to the end of the stable time it is judged: with timers that fire early, and a clock that goes on meanwhile', async () => {
    const stuck: number[] = [];
    for (let early = 0; early < 20; early += 1) {
      const rig = await calm({ seed: early });
      // Nothing else is seen after the return: its submission was well all the time.
      rig.set('primary', 'refused', 'imap');
      await reaches(rig, 'continuity', 15 * SECOND);
      rig.set('primary', 'up', 'imap');
      Object.assign(rig.clock, { tickMs: 0.1, earlyMs: early / 20 });
      await reaches(rig, 'recovering', 5 * MINUTE).catch(() => stuck.push(early));
    }
    expect(stuck).toEqual([]);
  });

  it('goes on when the primary is lost again while everything is carried over: the same outage', async () => {
    const rig = await calm({ continuity: { stableSeconds: 5 } });
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    rig.set('primary', 'up');
    await reaches(rig, 'recovering', 2 * MINUTE);
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    expect(rig.state.reason).toBe('primary-lost-again');
    expect(rig.outages).toHaveLength(1);
    expect(rig.outages[0]).toMatchObject({ backAt: null, endedAt: null });
  });

  it('is taken up after a restart in the middle of it, and so is the recovery', async () => {
    const rig = await calm({ continuity: { stableSeconds: 30 } });
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    const { outageId, since, troubleSince, confirmedAt } = rig.state;
    await rig.clock.advance(MINUTE);
    rig.set('primary', 'up');
    await rig.restart();
    expect(rig.state).toMatchObject({ mode: 'continuity', reason: 'primary-down-confirmed', outageId, since, troubleSince, confirmedAt });
    const tookMs = await reaches(rig, 'recovering', MINUTE);
    expect(tookMs).toBeGreaterThanOrEqual(30 * SECOND);
    await rig.restart();
    expect(rig.state).toMatchObject({ mode: 'recovering', reason: 'primary-back', outageId });
    await rig.clock.advance(5 * MINUTE);
    expect(rig.mode).toBe('recovering');
    rig.monitor.reconciled(rig.accountId, false);
    expect(rig.state).toMatchObject({ mode: 'normal', reason: 'nothing-to-reconcile' });
  });
});

describe('the cause', () => {
  it('is the log-in when it is refused twice, and mail goes through the relay', async () => {
    const rig = await calm();
    rig.set('primary', 'login-refused');
    rig.mirror('primary')?.drop();
    await reaches(rig, 'continuity', 15 * SECOND);
    expect(rig.state).toMatchObject({ reason: 'login-refused-confirmed', cause: 'primary-login-refused' });
    expect(rig.route.side).toBe('relay');
  });

  it('is no outage when that password has never been right', async () => {
    const rig = new WeatherRig();
    rigs.push(rig);
    rig.set('primary', 'login-refused');
    await rig.start();
    await rig.clock.advance(30 * MINUTE);
    expect(rig.state).toMatchObject({ mode: 'degraded', outageId: null });
    expect(rig.outages).toEqual([]);
  });

  it('is the submission when mailboxes are well', async () => {
    const rig = await calm();
    rig.set('primary', 'refused', 'smtp');
    const failed = { code: 'connect-refused', retry: 'later' } as const;
    rig.monitor.report({ accountId: rig.accountId, side: 'primary', error: failed });
    expect(rig.state).toMatchObject({ mode: 'degraded', reason: 'submission-fails' });
    expect(rig.route.side).toBe('primary');
    await reaches(rig, 'continuity', 15 * SECOND);
    expect(rig.state).toMatchObject({ reason: 'not-accepting-confirmed', cause: 'primary-not-accepting' });
    expect(rig.route.side).toBe('relay');
    rig.set('primary', 'up', 'smtp');
    await reaches(rig, 'recovering', 8 * MINUTE);
  });

  it('is the submission when it lets us in and takes no mail; log-ins do not prove the contrary', async () => {
    const rig = await calm();
    const refused = { accountId: rig.accountId, side: 'primary', error: { code: 'smtp-refused', retry: 'later' } } as const;
    rig.monitor.report(refused);
    await rig.clock.advance(20 * SECOND);
    rig.monitor.report(refused);
    expect(rig.state.cause).toBe('primary-not-accepting');
    await rig.clock.advance(9 * MINUTE);
    expect(rig.mode).toBe('continuity');
    await reaches(rig, 'recovering', 20 * MINUTE);
  });

  it('is the submission when two mails are put off, and not when one is, however often', async () => {
    const rig = await calm();
    const putOff = (mail: number): void =>
      rig.monitor.report({ accountId: rig.accountId, side: 'primary', error: { code: 'smtp-refused', retry: 'later' }, mail });
    for (let n = 0; n < 5; n += 1) {
      putOff(1);
      await rig.clock.advance(30 * SECOND);
    }
    expect(rig.state).toMatchObject({ mode: 'degraded', reason: 'submission-fails' });
    putOff(2);
    expect(rig.state).toMatchObject({ mode: 'continuity', cause: 'primary-not-accepting' });
  });

  it('is not the submission when one mail was refused for good, or a recipient', async () => {
    const rig = await calm();
    for (let n = 0; n < 5; n += 1) {
      for (const error of [
        { code: 'smtp-refused', retry: 'ask' },
        { code: 'recipients-refused', retry: 'never' },
        { code: 'store-full', retry: 'ask' },
      ] as const)
        rig.monitor.report({ accountId: rig.accountId, side: 'primary', error });
      await rig.clock.advance(10 * SECOND);
    }
    expect(rig.changes).toEqual([]);
  });

  it('is not a server that takes no more connections of ours', async () => {
    const rig = await calm();
    rig.set('primary', 'too-many', 'imap');
    rig.mirror('primary')?.drop();
    await rig.clock.advance(10 * MINUTE);
    expect(rig.mode).toBe('degraded');
    expect(rig.outages).toEqual([]);
  });

  it('is the relay, and work goes on through the primary', async () => {
    const rig = await calm();
    rig.set('relay', 'refused');
    await reaches(rig, 'degraded', 15 * SECOND);
    expect(rig.state).toMatchObject({ reason: 'relay-fails', cause: 'relay-down' });
    expect(rig.route.side).toBe('primary');
    rig.set('relay', 'up');
    await reaches(rig, 'normal', 12 * MINUTE);
  });

  it('is the primary, and nothing leaves, when the relay is gone too by refusal', async () => {
    const rig = await calm();
    rig.set('primary', 'refused');
    rig.set('relay', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    await rig.clock.advance(MINUTE);
    expect(rig.state.cause).toBe('primary-unreachable');
    expect(rig.route).toEqual({ side: null, hold: 'no-route' });
  });

  it('moves on when the primary answers again and lets nobody in', async () => {
    const rig = await calm();
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    rig.set('primary', 'login-refused');
    await rig.clock.until('another cause', () => rig.state.cause === 'primary-login-refused', 20 * MINUTE);
    expect(rig.outages).toMatchObject([{ cause: 'primary-login-refused' }]);
    expect(rig.changes).toEqual(['normal>degraded', 'degraded>continuity']);
  });
});

describe('an account without a relay', () => {
  it('queues when its primary is gone', async () => {
    const rig = await calm({ hasRelay: false });
    rig.set('primary', 'no-name');
    await reaches(rig, 'continuity', 60 * SECOND);
    await rig.clock.advance(MINUTE);
    expect(rig.route).toEqual({ side: null, hold: 'no-route' });
  });

  it('submits to the primary while only its mailboxes are gone', async () => {
    const rig = await calm({ hasRelay: false });
    rig.set('primary', 'refused', 'imap');
    await reaches(rig, 'continuity', 15 * SECOND);
    expect(rig.route).toEqual({ side: 'primary', hold: null });
  });
});

describe('our own network', () => {
  it('is what is gone when the system says so: no outage', async () => {
    const rig = await calm();
    rig.setNetwork(false);
    expect(rig.state).toMatchObject({ mode: 'offline', reason: 'network-lost', cause: 'network-down' });
    expect(rig.route).toEqual({ side: null, hold: 'offline' });
    await rig.clock.advance(20 * MINUTE);
    rig.setNetwork(true);
    await rig.clock.advance(2 * MINUTE);
    expect(rig.changes).toEqual(['normal>offline', 'offline>normal']);
    expect(rig.outages).toEqual([]);
  });

  it.each(['silent', 'no-route', 'no-name'] as const)(
    'is what is gone when both sides are (%s), though nobody says so',
    async (weather) => {
      const rig = await calm();
      rig.set('primary', weather);
      rig.set('relay', weather);
      await reaches(rig, 'offline', 90 * SECOND);
      expect(rig.outages).toEqual([]);
      await rig.clock.advance(5 * MINUTE);
      rig.set('primary', 'up');
      rig.set('relay', 'up');
      await reaches(rig, 'normal', 6 * MINUTE);
      await rig.clock.advance(10 * MINUTE);
      expect(rig.mode).toBe('normal');
      expect(rig.outages).toEqual([]);
    },
  );

  it('is there when the system is wrong and the primary answers', async () => {
    const rig = await calm();
    rig.monitor.networkChanged(false);
    expect(rig.mode).toBe('offline');
    await reaches(rig, 'normal', 15 * SECOND);
  });

  it('is gone from the start when the system said so before anybody listened', async () => {
    const rig = new WeatherRig();
    rigs.push(rig);
    rig.setNetwork(false);
    await rig.start();
    expect(rig.mode).toBe('offline');
  });

  it('is another one: what failed on the way is forgotten, and a server that is really gone is noticed all the same', async () => {
    const rig = await calm({ continuity: { stableSeconds: 10 } });
    rig.set('primary', 'refused');
    await rig.clock.advance(100);
    expect(rig.mode).toBe('degraded');
    rig.set('primary', 'up');
    rig.monitor.networkChanged(true, true);
    for (const side of ['primary', 'relay'] as const) rig.mirror(side)?.look();
    expect(rig.state.endpoints.filter(({ health }) => health === 'suspect' || health === 'down')).toEqual([]);
    await reaches(rig, 'normal', MINUTE);
    expect(rig.outages).toEqual([]);
    rig.set('primary', 'refused');
    rig.monitor.networkChanged(true, true);
    await reaches(rig, 'continuity', 45 * SECOND);
    // An outage stays one, whatever network it is seen from.
    rig.monitor.networkChanged(true, true);
    await rig.clock.advance(MINUTE);
    expect([rig.mode, rig.outages.length]).toEqual(['continuity', 1]);
  });

  it('is no other one where nothing says so', async () => {
    const rig = await calm();
    const told = rig.state.evidence.length;
    rig.monitor.networkChanged(true, false);
    expect(rig.state.evidence).toHaveLength(told);
  });

  it('has no part in servers on this machine', async () => {
    const rig = await calm({ host: 'localhost' });
    rig.monitor.networkChanged(false);
    expect(rig.mode).toBe('normal');
  });

  it('comes back into the outage, and into the recovery', async () => {
    const rig = await calm({ continuity: { stableSeconds: 10 } });
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    const { outageId } = rig.state;
    rig.setNetwork(false);
    expect(rig.mode).toBe('offline');
    await rig.clock.advance(MINUTE);
    rig.setNetwork(true);
    expect(rig.state).toMatchObject({ mode: 'continuity', reason: 'network-back', outageId });
    await reaches(rig, 'recovering', 6 * MINUTE);
    rig.setNetwork(false);
    await rig.clock.advance(MINUTE);
    rig.setNetwork(true);
    expect(rig.state).toMatchObject({ mode: 'recovering', reason: 'network-back', outageId });
    expect(rig.outages).toHaveLength(1);
  });

  it('is remembered over a restart in a tunnel', async () => {
    const rig = await calm();
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    rig.setNetwork(false);
    await rig.restart();
    expect(rig.mode).toBe('continuity');
    expect(rig.monitor.history(rig.accountId, 1)).toMatchObject([{ from: 'offline', to: 'continuity', reason: 'started' }]);
  });

  it('takes a while after a sleep: names that do not resolve yet are no outage', async () => {
    const rig = await calm();
    rig.monitor.powerChanged(true);
    rig.clock.suspend(60 * MINUTE);
    rig.set('primary', 'no-name');
    rig.set('relay', 'no-name');
    rig.monitor.powerChanged(false);
    for (const side of ['primary', 'relay'] as const) rig.mirror(side)?.drop();
    await rig.clock.advance(12 * SECOND);
    rig.set('primary', 'up');
    rig.set('relay', 'up');
    await rig.clock.advance(3 * MINUTE);
    expect(rig.mode).toBe('normal');
    expect(rig.outages).toEqual([]);
  });
});

describe('a person', () => {
  it('is asked where the account says so, and decides', async () => {
    const rig = await calm({ continuity: { failover: 'ask' } });
    rig.set('primary', 'refused');
    await rig.clock.until('asked', () => rig.state.asksForFailover, 15 * SECOND);
    expect(rig.state).toMatchObject({ mode: 'degraded', reason: 'waiting-for-person', cause: 'primary-unreachable', outageId: null });
    expect(rig.state.confirmedAt).not.toBeNull();
    await rig.clock.advance(MINUTE);
    expect(rig.route).toEqual({ side: null, hold: 'waiting-for-person' });
    rig.monitor.answerFailover(rig.accountId, true);
    expect(rig.state).toMatchObject({
      mode: 'continuity',
      reason: 'confirmed-by-person',
      cause: 'primary-unreachable',
      asksForFailover: false,
    });
    expect(rig.route.side).toBe('relay');
    await rig.clock.advance(MINUTE);
    expect(rig.state.reason).toBe('confirmed-by-person');
  });

  it('is not asked any more when the primary came back by itself', async () => {
    const rig = await calm({ continuity: { failover: 'ask', stableSeconds: 10 } });
    rig.set('primary', 'refused');
    await rig.clock.until('asked', () => rig.state.asksForFailover, 15 * SECOND);
    rig.set('primary', 'up');
    await reaches(rig, 'normal', 2 * MINUTE);
    expect(rig.state.asksForFailover).toBe(false);
    expect(rig.monitor.answerFailover(rig.accountId, true).mode).toBe('normal');
  });

  it('holds the account to the relay, over restarts, until it is released', async () => {
    const rig = await calm({ continuity: { stableSeconds: 10 } });
    rig.monitor.setControl(rig.accountId, 'forced-continuity');
    expect(rig.state).toMatchObject({ mode: 'continuity', reason: 'forced-by-person', cause: 'forced', control: 'forced-continuity' });
    await rig.restart();
    await rig.clock.advance(10 * MINUTE);
    expect(rig.state).toMatchObject({ mode: 'continuity', control: 'forced-continuity' });
    rig.monitor.setControl(rig.accountId, 'automatic');
    await reaches(rig, 'recovering', MINUTE);
  });

  it('holds the account to the primary whatever happens to it', async () => {
    const rig = await calm();
    rig.monitor.setControl(rig.accountId, 'forced-normal');
    rig.set('primary', 'refused');
    await rig.clock.advance(10 * MINUTE);
    expect(rig.state).toMatchObject({ mode: 'normal', reason: 'forced-by-person' });
    rig.monitor.setControl(rig.accountId, 'automatic');
    expect(rig.state).toMatchObject({ mode: 'continuity', cause: 'primary-unreachable' });
  });

  it.each([
    { control: 'forced-normal', before: 'continuity', after: 'recovering' },
    { control: 'forced-continuity', before: 'normal', after: 'continuity' },
  ] as const)(
    'a word ($control) that was kept when the process ended is followed at the next start',
    async ({ control, before, after }) => {
      const rig = await calm();
      if (before === 'continuity') rig.set('primary', 'refused');
      await reaches(rig, before, 15 * SECOND);
      rig.store.outages.setControl(rig.accountId, control);
      await rig.restart();
      expect(rig.state).toMatchObject({ mode: after, reason: 'forced-by-person', control });
      await rig.restart();
      expect(rig.state).toMatchObject({ mode: after, control });
      expect(rig.outages).toHaveLength(1);
    },
  );

  it('a word whose step the store refused is followed when it is said again', async () => {
    const rig = await calm();
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    const { handle } = rig.store;
    const commit = handle.tx.bind(handle);
    handle.tx = (name, work) => {
      if (name === 'continuity.mode') throw new Error('no space');
      return commit(name, work);
    };
    expect(() => rig.monitor.setControl(rig.accountId, 'forced-normal')).toThrow('no space');
    handle.tx = commit;
    expect(rig.state).toMatchObject({ mode: 'continuity', control: 'forced-normal' });
    rig.monitor.setControl(rig.accountId, 'forced-normal');
    expect(rig.state).toMatchObject({ mode: 'recovering', reason: 'forced-by-person' });
  });

  it('who forces the primary in an outage has it reconciled', async () => {
    const rig = await calm();
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    rig.monitor.setControl(rig.accountId, 'forced-normal');
    expect(rig.state).toMatchObject({ mode: 'recovering', reason: 'forced-by-person' });
    expect(rig.outages[0]?.backAt).not.toBeNull();
  });
});

describe('a drill', () => {
  it('treats the primary as gone without touching it, and is reconciled at its end', async () => {
    const rig = await calm();
    rig.monitor.startDrill(rig.accountId);
    expect(rig.state).toMatchObject({ mode: 'continuity', reason: 'drill-started', cause: 'drill', isDrill: true });
    expect(rig.monitor.route(rig.accountId, 'test')).toEqual({ side: 'relay', hold: null });
    expect(rig.monitor.route(rig.accountId, 'other')).toEqual({ side: 'primary', hold: null });
    await rig.clock.advance(20 * MINUTE);
    expect(rig.mode).toBe('continuity');
    expect(rig.mirror('primary')?.state.isConnected).toBe(true);
    rig.monitor.endDrill(rig.accountId);
    expect(rig.state).toMatchObject({ mode: 'recovering', reason: 'drill-ended', isDrill: true });
    rig.monitor.reconciled(rig.accountId, false);
    expect(rig.mode).toBe('normal');
    expect(rig.outages).toMatchObject([{ isDrill: true, cause: 'drill' }]);
  });

  it('is refused in real trouble', async () => {
    const rig = await calm();
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    expect(() => rig.monitor.startDrill(rig.accountId)).toThrow(/call-rejected/u);
    rig.monitor.endDrill(rig.accountId);
    expect(rig.mode).toBe('continuity');
  });

  it('becomes an outage when the primary really goes', async () => {
    const rig = await calm();
    rig.monitor.startDrill(rig.accountId);
    rig.set('primary', 'refused');
    await rig.clock.advance(MINUTE);
    rig.monitor.endDrill(rig.accountId);
    expect(rig.state).toMatchObject({ mode: 'continuity', reason: 'primary-lost-again', cause: 'primary-unreachable', isDrill: false });
    expect(rig.outages).toMatchObject([{ isDrill: false }]);
  });
});

describe('what is told', () => {
  it('comes to the window at most every 250 ms, and to the others once a change', async () => {
    const rig = await calm();
    rig.states.length = 0;
    const heard: string[] = [];
    const end = rig.monitor.onChange((now, before) => heard.push(`${before.mode}/${before.reason}>${now.mode}/${now.reason}`));
    const start = rig.clock.monotonic();
    rig.set('primary', 'refused');
    await reaches(rig, 'continuity', 15 * SECOND);
    await rig.clock.advance(SECOND);
    expect(rig.states.at(-1)?.mode).toBe('continuity');
    expect(rig.states.length).toBeLessThanOrEqual(1 + (rig.clock.monotonic() - start) / 250);
    expect(heard[0]).toBe('normal/started>degraded/primary-suspect');
    expect(heard.filter((one) => one.includes('>continuity/'))[0]).toBe('degraded/primary-suspect>continuity/primary-down-confirmed');
    end();
    const count = heard.length;
    rig.monitor.setControl(rig.accountId, 'forced-normal');
    expect(heard).toHaveLength(count);
  });
});
