import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImapGateway } from '../../main/engine/imap/gateway.ts';
import { dateOf, messageIdOf, sourceOf } from '../crash/world.ts';
import { differences } from '../support/compare.ts';
import { snapshot } from '../support/dovecot-snapshot.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapProxy, type ImapProxy } from '../support/imap-proxy.ts';
import { RewritingProxy } from '../support/rewriting-proxy.ts';
import type { SecondClient } from '../support/second-client.ts';

const MESSAGES = 10;
const ids = Array.from({ length: MESSAGES }, (_, n) => `m${n}`);
const others = Array.from({ length: MESSAGES }, (_, n) => `o${n}`);
const ageOf = (id: string): number => Number(id.slice(1)) + 1;

const strip = (chunk: Buffer): Buffer => Buffer.from(chunk.toString('latin1').replace(/\[UIDVALIDITY \d+\]/gu, '[X-NONE]'), 'latin1');

interface Case {
  readonly name: string;
  run(test: Running): Promise<void>;
}

/** One account with its own user, in the middle of a case. */
interface Running {
  readonly rig: EngineRig;
  readonly client: SecondClient;
  readonly proxy: ImapProxy;
  readonly relay: RewritingProxy;
  look(): Promise<boolean>;
  /** Plans what happens as soon as the engine has opened Projects the next time, before its next command; tells whether it has. */
  afterSelect(isForChange: boolean, work: () => Promise<void>): () => boolean;
  /** The mailbox is made anew with the same mail in reverse order: every UID means another message. */
  remake(): Promise<void>;
  setUidValidity(value: number): Promise<void>;
}

async function fill(client: SecondClient, path: string, list: readonly string[]): Promise<void> {
  for (const id of list) await client.append(path, sourceOf({ id, path }, 'primary'), { internalDate: dateOf(ageOf(id)) });
}

/** Another client makes the mailbox anew while the engine's connection has it open and has not read from it yet. */
async function betweenSelectAndFetch(
  isForChange: boolean,
  { look, afterSelect, remake, setUidValidity }: Pick<Running, 'look' | 'afterSelect' | 'remake' | 'setUidValidity'>,
): Promise<void> {
  const made = afterSelect(isForChange, async () => {
    await remake();
    await setUidValidity(424242);
  });
  await look();
  expect(made()).toBe(true);
}

const cases: readonly Case[] = [
  {
    name: 'between sessions',
    run: async ({ remake, setUidValidity }) => {
      await remake();
      await setUidValidity(424242);
    },
  },
  {
    name: 'between SELECT and FETCH of a change that is carried out',
    run: ({ look, afterSelect, remake, setUidValidity }) => betweenSelectAndFetch(true, { look, afterSelect, remake, setUidValidity }),
  },
  {
    name: 'between SELECT and FETCH of a look',
    run: async ({ client, look, afterSelect, remake, setUidValidity }) => {
      await client.append('Projects', sourceOf({ id: 'x0', path: 'Projects' }, 'primary'), { internalDate: dateOf(1) });
      await betweenSelectAndFetch(false, { look, afterSelect, remake, setUidValidity });
    },
  },
  {
    name: 'while operations are replayed',
    run: async ({ proxy, look, remake }) => {
      const fault = proxy.fault({ command: 'UID STORE', nth: 2, point: { at: 'tagged' }, effect: 'close' });
      expect(await look()).toBe(false);
      expect(fault.hasFired).toBe(true);
      await remake();
    },
  },
  { name: 'deleted and made again', run: ({ remake }) => remake() },
  {
    name: 'another mailbox took its name',
    run: async ({ client }) => {
      await client.rename('Projects', 'Between');
      await client.rename('Other', 'Projects');
      await client.rename('Between', 'Other');
      for (const path of ['Projects', 'Other']) await client.subscribe(path);
    },
  },
  {
    name: 'the value goes down',
    run: async ({ remake, setUidValidity }) => {
      await remake();
      await setUidValidity(5);
    },
  },
  {
    name: 'the value is missing',
    run: async ({ relay, proxy, remake, look }) => {
      await remake();
      relay.rewrite = strip;
      const sent = proxy.commands.length;
      await look();
      relay.rewrite = null;
      // What cannot be proved to be the mailbox that was meant is not touched.
      expect(proxy.commands.slice(sent).map(({ name }) => name)).toContain('SELECT');
      expect(proxy.mutating()).toEqual([]);
    },
  },
];

const variants = [
  { name: 'QRESYNC', hidden: [] },
  { name: 'no QRESYNC', hidden: ['QRESYNC', 'CONDSTORE'] },
];
const runs = cases.flatMap((one, n) =>
  variants.map((variant, v) => ({ one, variant, user: `user${n}v${v}`, name: `${one.name}, ${variant.name}` })),
);
const totals = { cases: 0, operations: 0, carriedOver: 0, shownAsConflict: 0, wrongMessage: 0, copiesLost: 0 };

/** Waits for this after each SELECT, before the engine goes on. */
function atSelect(gateway: ImapGateway, onSelected: (path: string, isForChange: boolean) => Promise<void>): ImapGateway {
  return {
    connect: async (...args) => {
      const session = await gateway.connect(...args);
      const select = session.select.bind(session);
      session.select = async (path, options = {}) => {
        const selected = await select(path, options);
        await onSelected(path, options.forChange === true);
        return selected;
      };
      return session;
    },
  };
}

let server: Dovecot;
let relay: RewritingProxy;

beforeAll(async () => {
  const mailboxes = [...usualMailboxes, { path: 'Projects', autoSubscribe: true }, { path: 'Other', autoSubscribe: true }];
  server = await startDovecot({ users: runs.map(({ user }) => user), mailboxes });
  relay = await RewritingProxy.start(server.imapPort);
});
afterAll(async () => {
  relay.close();
  await server.dispose();
  reportFigure('I4 UIDVALIDITY', totals);
});

/** Message -> `mailbox flag flag` for each copy on the server. */
async function placesOf(client: SecondClient, user: string): Promise<Map<string, string[]>> {
  const places = new Map<string, string[]>([...ids, ...others].map((id) => [id, []]));
  for (const [path, { messages }] of await snapshot(server, user, { bodies: false })) {
    await client.select(path, { readOnly: true });
    for (const [id, list] of places) {
      for (const uid of await client.uids(`HEADER Message-ID "${messageIdOf(id)}"`))
        list.push([path, ...(messages.find((one) => one.uid === uid)?.flags ?? [])].join(' '));
    }
  }
  return places;
}

describe.each(runs)('I4: UIDVALIDITY changes: $name', ({ one, variant, user }) => {
  it('no operation meets another message, and no copy is lost', { timeout: 60_000 }, async () => {
    const client = await server.connect(user);
    await fill(client, 'Projects', ids);
    await fill(client, 'Other', others);
    const proxy = await startImapProxy({ upstreamPort: relay.port, hidden: variant.hidden });
    let copies = (): number => MESSAGES * 2;
    let planned: { isForChange: boolean; work: () => Promise<void> } | null = null;
    const onSelected = async (path: string, isForChange: boolean): Promise<void> => {
      if (path !== 'Projects' || planned?.isForChange !== isForChange) return;
      const { work } = planned;
      planned = null;
      await work();
    };
    const rig = await EngineRig.open({
      primary: { port: proxy.port, user, password: server.user(user).password },
      aroundImap: (gateway) => atSelect(gateway, onSelected),
      step: (name) => {
        const kept = copies();
        // m3 may be deleted for good by our own operation.
        if (kept < MESSAGES * 2 - 1) totals.copiesLost += 1;
        expect(kept, `copies after ${name}`).toBeGreaterThanOrEqual(MESSAGES * 2 - 1);
      },
    });
    const look = async (): Promise<boolean> => {
      try {
        await rig.mirror();
        return true;
      } catch {
        return false; // the fault of the case; what counts is what is left
      }
    };
    await rig.mirror();
    const { db } = rig.engine.store.handle;
    const whole = db.prepare(
      "SELECT count(DISTINCT message_id) AS n FROM placements WHERE body_state = 'complete' AND (message_id LIKE '<m%' OR message_id LIKE '<o%')",
    );
    copies = () => (whole.get() as { n: number }).n;
    expect(copies()).toBe(MESSAGES * 2);
    const entry = (id: string) => rig.rows('Projects').find((row) => row.subject === `subject ${id}`)!.id;
    const inbox = rig.engine.store.mailboxes.list(rig.accountId, 'primary').find((mailbox) => mailbox.path === 'INBOX')!.id;
    rig.engine.actions.setFlag([entry('m0')], 'seen', true);
    rig.engine.actions.setFlag([entry('m1')], 'flagged', true);
    rig.engine.actions.changePlace(entry('m2'), { kind: 'move', targetMailboxId: inbox });
    rig.engine.actions.changePlace(entry('m3'), { kind: 'delete' });
    const remake = async (): Promise<void> => {
      await client.select('Projects', { readOnly: true });
      const held: string[] = [];
      for (const id of ids) if ((await client.uids(`HEADER Message-ID "${messageIdOf(id)}"`)).length > 0) held.unshift(id);
      await client.select('INBOX');
      await client.delete('Projects');
      await client.create('Projects');
      await client.subscribe('Projects');
      await fill(client, 'Projects', held);
    };
    const setUidValidity = (value: number): Promise<void> => server.setUidValidity(user, 'Projects', value);
    const afterSelect = (isForChange: boolean, work: () => Promise<void>) => {
      planned = { isForChange, work };
      return () => planned === null;
    };
    await one.run({ rig, client, proxy, relay, look, afterSelect, remake, setUidValidity });
    for (let n = 0; n < 3; n += 1) await rig.mirror();

    const places = await placesOf(client, user);
    const homes = ['Projects', 'Other'];
    const allowed: Record<string, (place: string) => boolean> = {
      m0: (place) => homes.some((home) => place === home || place === `${home} \\Seen`),
      m1: (place) => homes.some((home) => place === home || place === `${home} \\Flagged`),
      m2: (place) => ['INBOX', ...homes].includes(place),
    };
    const wrong: string[] = [];
    for (const [id, found] of places) {
      const isDeletable = id === 'm3';
      const isFine = allowed[id] ?? ((place: string) => homes.includes(place));
      if (found.length > 1 || (found.length === 0 && !isDeletable) || !found.every(isFine)) wrong.push(`${id} is at [${found.join(', ')}]`);
    }
    totals.wrongMessage += wrong.length;
    expect(wrong).toEqual([]);
    expect(rig.engine.store.ops.countOpen(rig.accountId)).toBe(0);
    const conflicts = rig.engine.store.ops.failed(rig.accountId);
    expect(await differences(rig, 'primary', server, user)).toEqual([]);
    totals.cases += 1;
    totals.operations += 4;
    totals.shownAsConflict += conflicts.length;
    totals.carriedOver += 4 - conflicts.length;
    await client.close();
    await rig.close();
    await proxy.close();
  });
});
