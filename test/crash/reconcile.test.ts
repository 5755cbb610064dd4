import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { keepMail } from '../support/kept-mail.ts';
import { OutageWorld } from '../support/outage-world.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { childFile } from './build-children.ts';
import { runChild, type EndedChild } from './run-child.ts';
import type { ReconcileTask } from './reconcile-child.ts';

const isFull = process.env['HOLDOVER_FULL'] === '1';
const seed = Number(process.env['HOLDOVER_SEED'] ?? 20261128);
/** Kills in one scenario of the sampled run. */
const SAMPLE = 2;
/** Later than anything the killed process can have noted. */
const LATER_MS = 20 * 60_000;

const tally = newTally();
let points = 0;
let primary: Dovecot;
let relay: Dovecot;

beforeAll(async () => {
  const users = ['carry', 'double'];
  primary = await startDovecot({ users, mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
  relay = await startDovecot({ users, rawlog: false });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
  reportCases('kill -9 in a reconciliation', tally, { points, seed, mode: isFull ? 'full' : 'sample' });
});

interface Prepared {
  readonly user: string;
  readonly place: { readonly dir: string; readonly key: Uint8Array };
}

const continuity = { deliveryGraceSeconds: 0 };

/** An outage in which everything was done that can be carried back; the primary is about to return. */
async function prepareCarry(): Promise<Prepared> {
  const user = 'carry';
  const world = await OutageWorld.open({ primary, relay, user }, { continuity, seed: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
  world.lose();
  await world.relayReceives('n1', 'n2', 'n3');
  await world.look(1);
  const { actions, features } = world.engine;
  actions.setFlag([world.entry('a'), world.entry('n2')], 'seen', true);
  actions.move([world.entry('b'), world.entry('n2')], world.mailbox('Projects'));
  actions.delete([world.entry('c'), world.entry('n3')]);
  world.sentByRelay('s1');
  world.sentByRelay('s2');
  const draft = await features.compose.desk.start({ kind: 'new', accountId: null, mailto: null });
  features.compose.desk.save(draft.id, 0, { ...draft.content, subject: 'subject d1', text: 'a draft' });
  return { user, place: await world.leave() };
}

/** A finished run one of whose mails was delivered after all. */
async function prepareDouble(): Promise<Prepared> {
  const user = 'double';
  const world = await OutageWorld.open({ primary, relay, user }, { continuity });
  world.lose();
  await world.relayReceives('n1');
  await world.look(1);
  world.back();
  await world.look(3);
  await world.deliver('n1');
  await world.look(2);
  return { user, place: await world.leave() };
}

function killedAt(prepared: Prepared, scenario: ReconcileTask['scenario'], crashAt: number): Promise<EndedChild> {
  const login = (server: Dovecot) => ({ port: server.imapPort, user: prepared.user, password: server.user(prepared.user).password });
  const { dir, key } = prepared.place;
  const task: ReconcileTask = {
    ...{ dir, keyHex: Buffer.from(key).toString('hex'), primary: login(primary), relay: login(relay), scenario, crashAt },
  };
  return runChild(childFile('reconcile'), task, 120_000);
}

const CARRIED: Readonly<Record<string, readonly string[]>> = {
  ...{ a: ['INBOX \\Seen'], b: ['Projects'], c: ['Trash'], n1: ['INBOX'], n2: ['Projects \\Seen'], n3: ['Trash'] },
  ...{ s1: ['Sent \\Seen'], s2: ['Sent \\Seen'] },
};

/** Goes on where the killed process was, and looks what the primary really holds. */
async function resume(prepared: Prepared, scenario: ReconcileTask['scenario']): Promise<string[]> {
  const { user, place } = prepared;
  const world = await OutageWorld.attach({ primary, relay, user }, place, LATER_MS);
  const wrong: string[] = [];
  try {
    const { features, store } = world.engine;
    if (features.monitor.mode(world.rig.accountId) === 'continuity') world.back();
    if (scenario === 'double') {
      const double = store.reconcile.items(world.run().id, ['exception']).find((one) => one.operation === 'note-double');
      if (double) features.reconciler.removeDouble(world.run().id, double.id);
    }
    for (let n = 0; n < 8; n += 1) {
      await world.look(1);
      world.clock.pass(130_000);
      if (n >= 2 && features.reconciler.current(world.rig.accountId) === null) break;
    }
    const mark = primary.mark(user);
    await world.look(1);
    wrong.push(...primary.mutatingSince(mark, { user }).map((one) => `second run sent ${one.name}`));
    for (const [name, expected] of Object.entries(scenario === 'carry' ? CARRIED : { n1: ['INBOX'] })) {
      const places = await world.places(name);
      if (places.length < expected.length) tally.lost += 1;
      if (places.length > expected.length) tally.duplicated += 1;
      if (JSON.stringify(places) !== JSON.stringify(expected)) wrong.push(`${name} is at [${places.join(', ')}]`);
    }
    if (scenario === 'carry') {
      await world.primary.select('Drafts', { readOnly: true });
      const drafts = await world.primary.uids('SUBJECT "subject d1"');
      if (drafts.length < 1) tally.lost += 1;
      if (drafts.length > 1) tally.duplicated += 1;
      if (drafts.length !== 1) wrong.push(`${drafts.length} copies of the draft`);
    }
    const open = world.items().filter((one) => one.state !== 'confirmed');
    if (world.run().state !== 'finished' || open.length > 0) {
      tally.stuck += 1;
      wrong.push(`the run is ${world.run().state}: ${world.words().join('; ')}`);
    }
  } finally {
    await world.leave();
  }
  return wrong;
}

describe.each([
  { scenario: 'carry', prepare: prepareCarry },
  { scenario: 'double', prepare: prepareDouble },
] as const)('a reconciliation ($scenario)', ({ scenario, prepare }) => {
  it('ends the same at whatever step the process is killed', { timeout: isFull ? 6 * 3_600_000 : 180_000 }, async () => {
    const { user, place } = await prepare();
    const putBack = await Promise.all([keepMail(primary, user), keepMail(relay, user)]);
    const once = async (crashAt: number): Promise<EndedChild> => {
      for (const one of putBack) await one();
      const dir = mkdtempSync(join(tmpdir(), 'holdover-reconcile-'));
      cpSync(place.dir, dir, { recursive: true });
      const prepared = { user, place: { dir, key: place.key } };
      const ended = await killedAt(prepared, scenario, crashAt);
      if (ended.signal === 'SIGKILL') tally.cases += 1;
      expect(await resume(prepared, scenario), `killed at point ${crashAt}`).toEqual([]);
      rmSync(dir, { recursive: true, force: true });
      return ended;
    };
    const whole = await once(0);
    expect(whole, whole.stderr).toMatchObject({ code: 0 });
    points += whole.steps;
    const all = Array.from({ length: whole.steps }, (_, n) => n + 1);
    const chosen = isFull ? sliceOf(all) : seededRandom(seed).shuffle(all).slice(0, SAMPLE);
    for (const crashAt of chosen) {
      const killed = await once(crashAt);
      // Both sides work at once: the number of points may vary by a few, and the last ones may not be reached.
      if (killed.signal !== 'SIGKILL') expect(killed.steps, killed.stderr).toBeLessThan(crashAt);
    }
    rmSync(place.dir, { recursive: true, force: true });
  });
});
