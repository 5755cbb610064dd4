import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { startImapProxy, type ImapProxy } from '../support/imap-proxy.ts';
import { OutageWorld } from '../support/outage-world.ts';

/** A refusal in passing, at the moments where it could be taken for a verdict over mail that only the relay has. */

const REPLIES = ['NO [TRYCREATE] none', 'NO [NOPERM] denied', 'NO not now'];
/** Longer than the first pause after a refusal. */
const PAUSE_MS = 130_000;

let primary: Dovecot;
let relay: Dovecot;
beforeAll(async () => {
  const users = Array.from({ length: 2 * REPLIES.length }, (_, n) => `r${n}`);
  primary = await startDovecot({ users });
  relay = await startDovecot({ users });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
});

let user = -1;
const toEnd: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end();
});

async function open(hidden: readonly string[], onStep: (name: string, gateway: ImapProxy) => void = () => undefined) {
  user += 1;
  const servers = { primary, relay, user: `r${user}` };
  const gateway = await startImapProxy({ upstreamPort: primary.imapPort, hidden });
  toEnd.push(() => gateway.close());
  const place = await (await OutageWorld.open(servers, { ports: { primary: gateway.port } })).leave();
  const world = await OutageWorld.attach(servers, place, 0, { step: (name) => onStep(name, gateway) });
  toEnd.push(() => world.close());
  await world.look(1);
  world.lose();
  await world.relayReceives('n1');
  await world.look();
  world.back();
  await world.look();
  return { world, gateway };
}

async function settle(world: OutageWorld): Promise<void> {
  await world.passGrace();
  world.clock.pass(PAUSE_MS);
  await world.look(3);
}

describe('mail that only the relay has', () => {
  it.each(REPLIES)('and that was put into the Trash at the primary is found there though the Trash was refused once: %s', async (reply) => {
    const { world, gateway } = await open([]);
    await world.deliver({ name: 'n1', path: 'Trash' });
    gateway.refuse({ command: 'EXAMINE', args: 'Trash', reply });
    await settle(world);
    expect(await world.places('n1')).toEqual(['Trash']);
    expect(world.words()).toEqual(['received confirmed found Trash']);
  });

  it.each(REPLIES)('and was filed with an OK is no exception because its proof was refused once: %s', async (reply) => {
    let refused = 0;
    const { world } = await open(['UIDPLUS'], (name, gateway) => {
      if (name !== 'reconcile.append-acknowledged' || refused > 0) return;
      refused += 1;
      gateway.refuse({ command: 'STATUS', reply });
    });
    await settle(world);
    expect(refused).toBe(1);
    expect(await world.places('n1')).toEqual(['INBOX']);
    expect(world.words()).toEqual(['received confirmed appended INBOX']);
    expect(world.run().state).toBe('finished');
  });
});
