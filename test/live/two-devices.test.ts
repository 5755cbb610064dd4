import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ImapGateway, ImapSession } from '../../main/engine/imap/gateway.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { OutageWorld } from '../support/outage-world.ts';

/** One person with two devices, each with an app of its own on the same two mailboxes: both were there in the outage, both carry it back. */
let primary: Dovecot;
let relay: Dovecot;
let user = 0;
const open: OutageWorld[] = [];
beforeAll(async () => {
  const users = Array.from({ length: 12 }, (_, n) => `d${n}`);
  [primary, relay] = await Promise.all([startDovecot({ users }), startDovecot({ users })]);
});
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
});

interface Meanwhile {
  readonly before?: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

/** A gateway at whose first APPEND something else happens. */
const atFirstAppend =
  ({ before, after }: Meanwhile) =>
  (gateway: ImapGateway): ImapGateway => {
    let isFirst = true;
    const append = async (session: ImapSession, given: Parameters<ImapSession['append']>): ReturnType<ImapSession['append']> => {
      const isIt = isFirst;
      isFirst = false;
      if (isIt) await before?.();
      const answer = await session.append(...given);
      if (isIt) await after?.();
      return answer;
    };
    const get = (target: ImapSession, name: string | symbol): unknown => {
      if (name === 'append') return (...given: Parameters<ImapSession['append']>) => append(target, given);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    };
    const set = (target: ImapSession, name: string | symbol, value: unknown): boolean => Reflect.set(target, name, value, target);
    return { connect: async (...args) => new Proxy(await gateway.connect(...args), { get, set }) };
  };

/** Two devices that have been through an outage in which the relay received these, and for both of which the primary is back. */
async function twoDevices(names: readonly string[], meanwhile: (laptop: OutageWorld, desktop: OutageWorld) => Meanwhile) {
  user += 1;
  const servers = { primary, relay, user: `d${user}` };
  const at = {
    before: () => meanwhile(laptop, desktop).before?.() ?? Promise.resolve(),
    after: () => meanwhile(laptop, desktop).after?.() ?? Promise.resolve(),
  };
  const laptop = await OutageWorld.open(servers, { aroundImap: atFirstAppend(at), seed: [{ name: 'before' }] });
  open.push(laptop);
  const desktop = await OutageWorld.open(servers);
  open.push(desktop);
  for (const one of [laptop, desktop]) one.lose();
  await laptop.relayReceives(...names);
  for (const one of [laptop, desktop]) await one.look();
  for (const one of [laptop, desktop]) one.back();
  for (const one of [laptop, desktop]) await one.look();
  return { laptop, desktop };
}

const once = (names: readonly string[]): Record<string, string[]> => Object.fromEntries(names.map((name) => [name, ['INBOX']]));
const opened = (world: OutageWorld): string[] => world.words().filter((line) => !line.includes(' confirmed '));

const doubles = (world: OutageWorld) => world.items().filter((one) => one.operation === 'note-double');
const lookAll = async (...worlds: OutageWorld[]): Promise<void> => {
  for (const one of worlds) await one.look();
};

describe('an outage carried back by two devices of one person', { timeout: 120_000 }, () => {
  it('leaves each mail once at the primary, where both are at it at the same time', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `both-${n}`);
    const { laptop, desktop } = await twoDevices(names, (_laptop, other) => ({ before: () => other.passGrace() }));
    await laptop.passGrace();
    await lookAll(laptop, desktop, laptop, desktop);
    expect(await laptop.allPlaces(names)).toEqual(once(names));
    expect([opened(laptop), opened(desktop)]).toEqual([[], []]);
    // All of the first lot but the one that was on its way already.
    expect(laptop.words().filter((line) => line === 'received confirmed found INBOX').length).toBeGreaterThanOrEqual(24);
  });

  it('even in the moment between the last question and the filing: the later copy goes', async () => {
    const { laptop, desktop } = await twoDevices(['one'], (_laptop, other) => ({ before: () => other.passGrace() }));
    await laptop.passGrace();
    await lookAll(desktop, laptop, laptop, desktop);
    expect(await laptop.places('one')).toEqual(['INBOX']);
    expect([opened(laptop), opened(desktop)]).toEqual([[], []]);
    expect(laptop.words()).toEqual(['received confirmed appended INBOX', 'received confirmed double INBOX, removed']);
    expect(doubles(laptop)).toMatchObject([{ reason: 'filed-twice' }]);
  });

  it('a later copy that was changed meanwhile stays, and is told on both', async () => {
    const mark = (world: OutageWorld): Promise<void> =>
      world.elsewhere('one', async (client, uids) => client.store(uids.slice(-1), '+', ['\\Flagged']));
    const { laptop, desktop } = await twoDevices(['one'], (own, other) => ({ before: () => other.passGrace(), after: () => mark(own) }));
    await laptop.passGrace();
    await lookAll(desktop, laptop, laptop, desktop);
    expect(await laptop.places('one')).toEqual(['INBOX', 'INBOX \\Flagged']);
    expect(opened(laptop)).toEqual(['received exception double INBOX changed-on-both-sides']);
    const [told] = doubles(desktop);
    expect(told).toMatchObject({ reason: 'filed-twice', state: 'exception' });
    expect(() => desktop.reconciler.removeDouble(desktop.run().id, told!.id)).toThrow(
      expect.objectContaining({ code: 'operation-unsafe' }) as Error,
    );
    await lookAll(desktop, laptop);
    expect(await desktop.places('one')).toEqual(['INBOX', 'INBOX \\Flagged']);
    // A person deletes one of them.
    await desktop.elsewhere('one', async (client, uids) => {
      await client.store(uids.slice(0, 1), '+', ['\\Deleted']);
      await client.expunge(uids.slice(0, 1));
    });
    await lookAll(desktop, laptop, desktop, laptop);
    expect([opened(laptop), opened(desktop)]).toEqual([[], []]);
  });

  it('what the relay delivers in that moment is told as that, and removed only by a person', async () => {
    const { laptop, desktop } = await twoDevices(['one'], (own) => ({ before: () => own.deliver('one') }));
    await laptop.passGrace();
    await desktop.passGrace();
    await lookAll(laptop, desktop, laptop);
    expect(doubles(laptop)).toMatchObject([{ reason: 'delivered-after-append', state: 'exception' }]);
    expect(await laptop.places('one')).toEqual(['INBOX', 'INBOX']);
    expect(opened(desktop)).toEqual([]);
  });
});
