import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exchangeForm } from '../support/exchange-form.ts';
import { ExchangeServers } from '../support/exchange-world.ts';
import { OutageWorld, type WorldMail } from '../support/outage-world.ts';

/** An outage of a company's Exchange: what its relay received and what was done meanwhile is carried over into a server that rewrites it. */

let servers: ExchangeServers;
beforeAll(async () => {
  servers = await ExchangeServers.start();
});
afterAll(() => servers.dispose());

/** In letters that are written in another way by every program. */
const mail = (name: string): WorldMail => ({ name, text: `Grüße aus Köln: ${name}` });

const worlds: OutageWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function open(options: Parameters<typeof OutageWorld.open>[1] = {}): Promise<OutageWorld> {
  const { primary, relay, face } = servers;
  const world = await OutageWorld.open(
    { primary, relay, user: servers.freshUser() },
    {
      ...options,
      ...{ ports: { primary: face.port }, form: exchangeForm },
    },
  );
  worlds.push(world);
  return world;
}

/** An outage in which the relay receives one mail, and the return of the primary. */
async function missed(world: OutageWorld): Promise<void> {
  world.lose();
  await world.relayReceives(mail('a'));
  await world.look();
  world.back();
  await world.look();
}

const rows = (world: OutageWorld) => world.rig.rows('INBOX').map(({ subject, sides, bodyState }) => ({ subject, sides, bodyState }));
const entries = (world: OutageWorld, name: string) =>
  world.engine.store.handle.db.prepare('SELECT count(*) FROM entries WHERE subject = ?').pluck().get(`subject ${name}`);

describe('mail that came to the relay while Exchange was away', () => {
  it('is put into the primary once and is one mail on both sides then', async () => {
    const world = await open({ seed: [mail('before')] });
    world.lose();
    await world.relayReceives(mail('a'), mail('b'));
    await world.look();
    world.back();
    await world.look(3);
    await world.passGrace();
    expect(world.words()).toEqual(['received confirmed appended INBOX', 'received confirmed appended INBOX']);
    await world.look(3);
    expect(await world.allPlaces(['before', 'a', 'b'])).toEqual({ before: ['INBOX'], a: ['INBOX'], b: ['INBOX'] });
    const both = { sides: ['primary', 'relay'], bodyState: 'complete' };
    expect(rows(world)).toEqual(expect.arrayContaining(['before', 'a', 'b'].map((name) => ({ subject: `subject ${name}`, ...both }))));
    expect([rows(world).length, entries(world, 'a'), entries(world, 'b'), world.rig.recoverable()]).toEqual([3, 1, 1, []]);
    expect(world.run().state).toBe('finished');
  });

  it('and that the relay hands on afterwards is not put there a second time', async () => {
    const world = await open();
    await missed(world);
    await world.deliver(mail('a'));
    await world.look(3);
    await world.passGrace();
    expect([await world.places('a'), entries(world, 'a'), world.words()]).toEqual([['INBOX'], 1, ['received confirmed delivered INBOX']]);
  });

  it('and was read, moved and deleted meanwhile: so it is at the primary', async () => {
    const world = await open({ seed: [mail('old')] });
    world.lose();
    await world.relayReceives(mail('a'), mail('b'), mail('c'));
    await world.look();
    world.engine.actions.setFlag([world.entry('a')], 'seen', true);
    world.engine.actions.move([world.entry('b')], world.mailbox('Projects'));
    world.engine.actions.delete([world.entry('c')]);
    world.engine.actions.move([world.entry('old')], world.mailbox('Archive'));
    await world.look();
    world.back();
    await world.look(3);
    await world.passGrace();
    await world.look(4);
    expect(await world.allPlaces(['old', 'a', 'b', 'c'])).toEqual({
      ...{ old: ['Archive'], a: ['INBOX \\Seen'], b: ['Projects'], c: ['Deleted Items'] },
    });
    expect(world.run()).toMatchObject({ state: 'finished' });
    for (const name of ['old', 'a', 'b', 'c']) expect(entries(world, name)).toBe(1);
  });

  it('a mail that was sent by the relay is filed in Sent Items once', async () => {
    const world = await open();
    world.lose();
    const id = world.sentByRelay('ours');
    await world.look();
    expect(await world.places('ours')).toEqual([]);
    world.back();
    await world.look(4);
    expect([await world.places('ours'), world.engine.store.outbox.get(id).state]).toEqual([['Sent Items \\Seen'], 'filed']);
  });
});

describe('mail that was put into the primary and that the relay hands on after all', () => {
  async function filed(): Promise<OutageWorld> {
    const world = await open();
    await missed(world);
    await world.passGrace();
    await world.look(2);
    expect(world.words()).toEqual(['received confirmed appended INBOX']);
    return world;
  }
  const move = (world: OutageWorld) => world.elsewhere('a', (client, uids) => client.move(uids.slice(0, 1), 'Projects'));
  const isOurs = async (world: OutageWorld, path: string): Promise<boolean> => {
    await world.primary.select(path, { readOnly: true });
    return (await world.primary.uids('HEADER Received "by filter"')).length === 1;
  };

  it('is told as a double, and our copy alone is removed when that is asked for', async () => {
    const world = await filed();
    await world.deliver(mail('a'));
    await world.look(3);
    expect(world.words()).toEqual(['received confirmed appended INBOX', 'received exception double INBOX']);
    world.reconciler.removeDouble(world.run().id, world.items().at(-1)!.id);
    await world.look(2);
    expect(world.words().at(-1)).toBe('received confirmed double INBOX, removed');
    expect([await world.places('a'), await isOurs(world, 'INBOX')]).toEqual([['INBOX'], false]);
  });

  it('is told as a double though a person has moved our copy; that is left where it is', async () => {
    const world = await filed();
    await move(world);
    await world.look(3);
    await world.deliver(mail('a'));
    await world.look(3);
    expect(world.words()).toEqual(['received confirmed appended INBOX', 'received exception double INBOX']);
    world.reconciler.removeDouble(world.run().id, world.items().at(-1)!.id);
    await world.look(2);
    expect(world.words().at(-1)).toBe('received exception double INBOX changed-on-both-sides');
    expect([await world.places('a'), await isOurs(world, 'Projects')]).toEqual([['INBOX', 'Projects'], true]);
  });

  it('stays told while nothing is read yet of the place to which our copy was moved', async () => {
    const world = await filed();
    await world.deliver(mail('a'));
    await world.look(3);
    await move(world);
    await world.look(3);
    const unread = 'UPDATE placements SET source_id = NULL, body_state = ? WHERE mailbox_id = ?';
    const { changes } = world.engine.store.handle.db.prepare(unread).run('missing', world.mailbox('Projects'));
    world.judge();
    expect([changes, world.words().at(-1)]).toEqual([1, 'received exception double INBOX']);
  });

  it('stays told while both copies are there, when our copy is moved afterwards', async () => {
    const world = await filed();
    await world.deliver(mail('a'));
    await world.look(3);
    await move(world);
    await world.look(3);
    expect([world.words().at(-1), await world.places('a')]).toEqual(['received exception double INBOX', ['INBOX', 'Projects']]);
    await world.elsewhere('a', (client, uids) => client.expunge(uids));
    await world.look(3);
    expect([world.words().at(-1), await world.places('a')]).toEqual(['received confirmed double INBOX, ended', ['Projects']]);
  });
});
