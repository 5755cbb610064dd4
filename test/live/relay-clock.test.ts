import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { OutageWorld, worldMail } from '../support/outage-world.ts';
import { until } from '../support/until.ts';

const USERS = 8;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let primary: Dovecot;
let relay: Dovecot;
beforeAll(async () => {
  const users = Array.from({ length: USERS }, (_, n) => `c${n}`);
  primary = await startDovecot({ users, mailboxes: usualMailboxes });
  relay = await startDovecot({ users, mailboxes: usualMailboxes });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
});

let user = -1;
const worlds: OutageWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** A world whose relay dates mail by a clock that is so far ahead. */
async function open(aheadMs: number): Promise<{ world: OutageWorld; relayTakes: (...names: string[]) => Promise<void> }> {
  user += 1;
  const world = await OutageWorld.open({ primary, relay, user: `c${user}` }, { seed: [{ name: 'seed' }], aheadMs: -2 * DAY });
  worlds.push(world);
  const relayTakes = async (...names: string[]): Promise<void> => {
    for (const name of names)
      await world.relay.append('INBOX', worldMail({ name }, 'filter'), { internalDate: world.clock.now() + aheadMs });
  };
  await world.look();
  return { world, relayTakes };
}

/** The primary takes a mail, by a clock that is right. */
async function delivers(world: OutageWorld, name: string): Promise<void> {
  await world.primary.append('INBOX', worldMail({ name }, 'mx'), { internalDate: world.clock.now() });
}

/** Time in which the app runs and looks. */
async function passes(world: OutageWorld, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 30 * MINUTE) {
    world.clock.pass(Math.min(left, 30 * MINUTE));
    await world.look(1);
  }
}

function learn(world: OutageWorld, aheadMs: number): void {
  const { store } = world.engine;
  store.handle.tx('test.clock', () => {
    for (let n = 0; n < 6; n += 1) store.relayClock.note(world.rig.accountId, aheadMs - n * 1_000);
  });
}

const reasons = (world: OutageWorld): string[] => world.items().map((one) => `${one.subject} ${one.reason} ${one.state}`);

describe('an outage with a relay whose clock is wrong', () => {
  it.each([3 * HOUR, -3 * HOUR])(
    'by %i ms, which nobody knows: everything of it is carried over once, nothing old is doubled',
    async (aheadMs) => {
      const { world, relayTakes } = await open(aheadMs);
      await relayTakes('both', 'deleted');
      // The phone deletes one of them before this app has seen it at the primary.
      await delivers(world, 'both');
      await passes(world, 2 * HOUR);
      await relayTakes('transit');
      await passes(world, 20 * MINUTE);
      world.lose();
      world.clock.pass(5 * MINUTE);
      await relayTakes('n1', 'n2');
      await world.look();
      expect(world.reconciler.awaitsPrimary(world.entry('n1'))).toBe(true);
      await passes(world, HOUR);
      await relayTakes('n3');
      // The app is off for a while in the outage.
      await world.rig.restart();
      world.clock.pass(2 * HOUR);
      await world.look();
      await relayTakes('n4');
      await passes(world, 30 * MINUTE);
      world.back();
      await delivers(world, 'n1');
      await world.look(3);
      await relayTakes('n5');
      await delivers(world, 'n5');
      await world.passGrace();
      await world.look(2);
      const names = ['n1', 'n2', 'n3', 'n4', 'transit', 'both', 'n5', 'deleted'];
      expect(await world.allPlaces(names)).toEqual({
        ...Object.fromEntries(names.map((name) => [name, ['INBOX']])),
        deleted: [],
      });
      expect(world.run().state).toBe('finished');
      const { received } = world.run().balance;
      // By its date it came in the outage, though it was seen before: told, and left to a person.
      const told = reasons(world).filter((one) => one.includes('time-uncertain'));
      expect(told).toEqual(aheadMs > 0 ? ['subject deleted time-uncertain exception'] : []);
      expect(received.expected).toBe(received.confirmed + told.length);
      expect(reasons(world).filter((one) => one.endsWith('confirmed')).length).toBeGreaterThanOrEqual(5);
    },
  );

  it('that is behind, as is known: what was found late in the outage is carried over, and told', async () => {
    const { world, relayTakes } = await open(-3 * HOUR);
    learn(world, -3 * HOUR);
    world.clock.pass(3 * HOUR);
    world.lose();
    world.clock.pass(5 * MINUTE);
    await relayTakes('late');
    await world.look();
    world.back();
    await world.look();
    await world.passGrace();
    expect(await world.places('late')).toEqual(['INBOX']);
    expect(world.words()).toEqual(['received confirmed appended INBOX']);
    expect(world.run().relayClockMs).toBe(-3 * HOUR - 2_000);
    expect(world.reconciler.report(world.run().id, 'csv').text).toContain('180 min behind');
  });

  it('that is ahead, as is known: what came while nobody looked is looked for, and not filed on a guess', async () => {
    const { world, relayTakes } = await open(3 * HOUR);
    learn(world, 3 * HOUR);
    world.clock.pass(HOUR);
    await relayTakes('old', 'sorted');
    world.clock.pass(2 * HOUR);
    world.lose();
    await relayTakes('new');
    world.clock.pass(5 * MINUTE);
    await world.look();
    world.back();
    // A rule there has filed it where this app does not look by itself.
    await world.primary.append('Junk', worldMail({ name: 'sorted' }, 'mx'), { internalDate: world.clock.now() - 2 * HOUR });
    await world.look();
    await world.passGrace();
    expect(await world.allPlaces(['old', 'sorted', 'new'])).toEqual({ old: [], sorted: ['Junk'], new: ['INBOX'] });
    expect(reasons(world).sort()).toEqual([
      'subject new grace-over confirmed',
      'subject old time-uncertain exception',
      'subject sorted already-at-primary confirmed',
    ]);
    expect(world.run()).toMatchObject({ state: 'finished', balance: { received: { expected: 3, confirmed: 2, exceptions: 1 } } });
    // Put back by a person, or delivered after all, it is an exception no more.
    await delivers(world, 'old');
    await world.look();
    expect(world.run().balance.received).toEqual({ expected: 3, confirmed: 3, exceptions: 0 });
  });

  it.each([5 * HOUR, -5 * HOUR])('is carried over also where our own clock is set by %i ms in the middle of it', async (jumpMs) => {
    const { world, relayTakes } = await open(0);
    await passes(world, HOUR);
    world.lose();
    await relayTakes('n1');
    await passes(world, 30 * MINUTE);
    world.clock.pass(jumpMs);
    await world.look();
    await relayTakes('n2');
    await passes(world, 10 * MINUTE);
    world.back();
    await world.look(3);
    await world.passGrace();
    await world.look(3);
    expect(await world.allPlaces(['n1', 'n2'])).toEqual({ n1: ['INBOX'], n2: ['INBOX'] });
    expect(world.run().balance.received).toEqual({ expected: 2, confirmed: 2, exceptions: 0 });
  });
});

describe('the clock of a relay', () => {
  it('is learnt from mail whose arrival is watched, and not from what a look finds', async () => {
    const { world, relayTakes } = await open(-3 * HOUR);
    const { store } = world.engine;
    await relayTakes('found');
    await world.look();
    world.engine.start();
    await until('the relay is watched', () => world.engine.syncStates().every((one) => one.phase === 'watching'));
    const noted = (): number => (JSON.parse(store.meta.get(`relay-clock:${world.rig.accountId}`) ?? '[]') as number[]).length;
    for (let n = 1; n <= 5; n += 1) {
      expect(store.relayClock.offsetMs(world.rig.accountId)).toBe(0);
      // What comes at the very begin of a watch may have waited.
      await world.clock.sleep(1_500);
      await relayTakes(`watched${n}`);
      await until(`mail ${n}`, () => noted() === n);
    }
    expect(Math.abs(store.relayClock.offsetMs(world.rig.accountId) + 3 * HOUR)).toBeLessThan(30_000);
  });
});
