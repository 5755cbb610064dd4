import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { gmailNames, type GmailSettings } from '../support/gmail-face.ts';
import { GmailServers } from '../support/gmail-world.ts';
import { deliveredMail, idOf, OutageWorld, worldMail } from '../support/outage-world.ts';

/** An outage of a company's Gmail: what its relay received and what was done meanwhile is carried over, as labels of single messages. */

let servers: GmailServers;
beforeAll(async () => {
  servers = await GmailServers.start();
});
afterAll(() => servers.dispose());

const { all, trash, sent } = gmailNames;

const worlds: { world: OutageWorld; user: string }[] = [];
afterEach(async () => {
  servers.face.set();
  for (const { world } of worlds.splice(0)) await world.close();
});

async function open(options: Parameters<typeof OutageWorld.open>[1] = {}): Promise<OutageWorld> {
  const user = servers.freshUser();
  const world = await OutageWorld.open({ primary: servers.primary, relay: servers.relay, user }, options);
  worlds.push({ world, user });
  return world;
}

const rows = (world: OutageWorld, path: string) => world.rig.rows(path).map(({ subject, sides }) => [subject, sides]);
const entries = (world: OutageWorld, name: string) =>
  world.engine.store.handle.db.prepare('SELECT count(*) FROM entries WHERE subject = ?').pluck().get(`subject ${name}`);
const both = ['primary', 'relay'];

const readings: readonly (readonly [string, Partial<GmailSettings>])[] = [
  ['equal bytes are one message', {}],
  ['an equal Message-ID is one message', { same: 'message-id' }],
];

describe.each(readings)('mail that came to the relay while Gmail was away: %s', (_, change) => {
  it('is put into the inbox once, is one mail, and no double of itself', async () => {
    const world = await open({ seed: [{ name: 'before' }] });
    servers.face.set(change);
    world.lose();
    await world.relayReceives('a', 'b');
    await world.look();
    world.back();
    await world.look(3);
    await world.passGrace();
    await world.look(3);
    expect(world.words()).toEqual(['received confirmed appended INBOX', 'received confirmed appended INBOX']);
    expect(await world.allPlaces(['before', 'a', 'b'])).toEqual({ before: ['INBOX', all], a: ['INBOX', all], b: ['INBOX', all] });
    expect(rows(world, 'INBOX')).toEqual(['b', 'a', 'before'].map((name) => [`subject ${name}`, both]));
    expect([rows(world, all), entries(world, 'a'), world.rig.recoverable()]).toEqual([[], 1, []]);
    expect(world.run().state).toBe('finished');
  });

  it('and that the relay hands on in time is not put there', async () => {
    const world = await open();
    servers.face.set(change);
    world.lose();
    await world.relayReceives('a');
    await world.look();
    world.back();
    await world.look();
    await world.deliver('a');
    await world.look(3);
    await world.passGrace();
    expect([await world.places('a'), entries(world, 'a'), world.words()]).toEqual([
      ['INBOX', all],
      1,
      ['received confirmed delivered INBOX'],
    ]);
  });

  it('and that was handed on and archived by a filter is not put there, either', async () => {
    const world = await open();
    servers.face.set(change);
    world.lose();
    await world.relayReceives('a');
    await world.look();
    world.back();
    await world.deliver({ name: 'a', path: all });
    await world.look(3);
    await world.passGrace();
    expect([await world.places('a'), entries(world, 'a')]).toEqual([[all], 1]);
    expect(world.words()).toEqual([expect.stringContaining('received confirmed')]);
  });

  it('and was read, moved, archived and deleted meanwhile: so it is at Gmail', async () => {
    const world = await open({ seed: [{ name: 'old' }, { name: 'older' }] });
    servers.face.set(change);
    world.lose();
    await world.relayReceives('a', 'b', 'c', 'd');
    await world.look();
    const { actions } = world.engine;
    actions.setFlag([world.entry('a')], 'seen', true);
    actions.move([world.entry('b')], world.mailbox('Projects'));
    actions.delete([world.entry('c')]);
    actions.archive([world.entry('d'), world.entry('old')]);
    actions.delete([world.entry('older')]);
    await world.look();
    world.back();
    await world.look(3);
    await world.passGrace();
    await world.look(4);
    expect(await world.allPlaces(['a', 'b', 'c', 'd', 'old', 'older'])).toEqual({
      ...{ a: ['INBOX \\Seen', `${all} \\Seen`], b: ['Projects', all], c: [trash], d: [all], old: [all], older: [trash] },
    });
    expect(actions.failed()).toEqual([]);
    expect(world.run()).toMatchObject({ state: 'finished' });
    for (const name of ['a', 'b', 'c', 'd', 'old', 'older']) expect([name, entries(world, name)]).toEqual([name, 1]);
  });

  it('a mail that was sent by the relay is filed in Sent once, also where Gmail has it by then', async () => {
    const world = await open();
    servers.face.set(change);
    world.lose();
    const [ours, known] = [world.sentByRelay('ours'), world.sentByRelay('known')];
    await servers.face.deliver(worlds.at(-1)!.user, worldMail({ name: 'known' }, 'here'), [sent], { flags: ['\\Seen'] });
    await world.look();
    expect(await world.places('ours')).toEqual([]);
    world.back();
    await world.look(4);
    const { outbox } = world.engine.store;
    expect([outbox.get(ours).state, outbox.get(known).state]).toEqual(['filed', 'filed']);
    const filed = [`${all} \\Seen`, `${sent} \\Seen`];
    expect(await world.allPlaces(['ours', 'known'])).toEqual({ ours: filed, known: filed });
    expect([entries(world, 'ours'), entries(world, 'known'), rows(world, all)]).toEqual([1, 1, []]);
  });

  it('a mail to oneself that the relay has is put into the inbox though it is in All Mail as a sent one', async () => {
    const world = await open();
    servers.face.set(change);
    world.lose();
    world.sentByRelay('self', `${worlds.at(-1)!.user}@example.com`);
    await world.relayReceives('self');
    await world.look();
    world.back();
    await world.look(4);
    await world.passGrace();
    await world.look(4);
    expect((await world.places('self')).map((one) => one.split(' \\')[0])).toEqual(expect.arrayContaining(['INBOX', sent]));
    expect(world.rig.rows('INBOX').map((row) => row.subject)).toEqual(['subject self']);
    expect(world.rig.recoverable()).toEqual([]);
  });
});

describe('mail that was put there and delivered all the same, as a second message', () => {
  it('is told as a double; ours goes by way of the Trash, and leaves nothing in All Mail', async () => {
    const world = await open();
    servers.face.set({ same: 'none', lastExpunge: 'archive' });
    world.lose();
    await world.relayReceives('a');
    await world.look();
    world.back();
    await world.look(3);
    await world.passGrace();
    await world.look(2);
    await servers.face.deliver(worlds.at(-1)!.user, deliveredMail({ name: 'a' }), ['INBOX']);
    await world.look(3);
    const double = world.items().find((one) => one.detail.startsWith('double'));
    expect(double?.detail).toBe('double INBOX');
    world.reconciler.removeDouble(world.run().id, double!.id);
    await world.look(3);
    expect(world.words()).toContainEqual(expect.stringContaining('removed'));
    expect([await world.places('a'), entries(world, 'a'), world.rig.recoverable()]).toEqual([['INBOX', all], 1, []]);
    await world.primary.select(all, { readOnly: true });
    expect(await world.primary.uids(`HEADER Message-ID "${idOf('a')}"`)).toHaveLength(1);
  });
});
