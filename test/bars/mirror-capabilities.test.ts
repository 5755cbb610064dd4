import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences } from '../support/compare.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapProxy } from '../support/imap-proxy.ts';
import { capabilityProfiles, type CapabilityProfile } from '../support/imap-proxy/profiles.ts';
import { seededRandom } from '../support/random.ts';
import { finderOf } from '../crash/finder.ts';
import { scenarios } from '../crash/scenarios.ts';
import { commonSeed, messageIdOf, sourceOf, World, type Scenario } from '../crash/world.ts';
import { isFull, seed } from '../support/this-run.ts';

/** The scenarios whose way depends on what the server offers. */
const CORE = [
  'new mail at both sides',
  'twenty new mails',
  'a large new mail',
  'mail answered and tagged elsewhere',
  'all mail read elsewhere',
  'mail deleted at the primary',
  'mail moved to another mailbox',
  'mail copied',
  'a mailbox renamed and added to',
  'UIDVALIDITY changed',
  'everything at once',
  'read here',
  'moved here',
  'copied here',
  'deleted here',
];
const core = CORE.map((name) => scenarios.find((one) => one.name === name)!);

let primary: Dovecot;
let relay: Dovecot;
const totals = { profiles: 0, runs: 0, foreignDeletedLost: 0, unwantedCommands: 0 };

beforeAll(async () => {
  const users = capabilityProfiles
    .flatMap((_, p) => core.map((__, s) => `c${p}s${s}`))
    .concat(Array.from({ length: 10 }, (_, n) => `refused${n}`));
  primary = await startDovecot({ users, rawlog: false, mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
  relay = await startDovecot({ users, rawlog: false, mailboxes: [...usualMailboxes, { path: 'Quarantine', autoSubscribe: true }] });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
  reportFigure('I5 capability matrix', { ...totals, seed });
});

const FOREIGN: NonNullable<Scenario['seed']>[number] = { id: 'foreign', path: 'INBOX', ageDays: 1, flags: ['\\Deleted'] };

async function withWorld<T>(user: string, work: (world: World) => Promise<T>): Promise<T> {
  const world = new World(await primary.connect(user), await relay.connect(user));
  try {
    return await work(world);
  } finally {
    await world.primary.close();
    await world.relay.close();
  }
}

async function seedServers(user: string, scenario: Scenario): Promise<void> {
  await withWorld(user, async (world) => {
    for (const { side = 'primary', ...message } of [...commonSeed, ...(scenario.seed ?? []), FOREIGN]) {
      if (side !== 'relay') await world.add('primary', message);
      if (side !== 'primary') await world.add('relay', message);
    }
  });
}

/** Places of a message on the primary, without copies that are only marked as deleted. */
async function places(world: World, id: string): Promise<string[]> {
  const found: string[] = [];
  for (const { path } of await world.primary.list()) {
    await world.primary.select(path, { readOnly: true });
    const uids = await world.primary.uids(`HEADER Message-ID "${messageIdOf(id)}" UNDELETED`);
    found.push(...uids.map(() => path));
  }
  return found.sort();
}

async function play(profile: CapabilityProfile, scenario: Scenario, user: string): Promise<void> {
  await seedServers(user, scenario);
  const proxy = await startImapProxy({ upstreamPort: primary.imapPort, hidden: profile.hidden });
  const { password } = primary.user(user);
  const rig = await EngineRig.open({ primary: { port: proxy.port, user, password }, relay: { port: relay.imapPort, user, password } });
  try {
    await rig.mirror();
    scenario.ours?.(rig.engine, finderOf(rig));
    await withWorld(user, async (world) =>
      scenario.act?.(world, { setUidValidity: (path, value) => primary.setUidValidity(user, path, value) }),
    );
    for (let n = 0; n < 3; n += 1) await rig.mirror();
    expect(await differences(rig, 'primary', primary, user)).toEqual([]);
    expect(rig.engine.store.ops.countOpen(rig.accountId)).toBe(0);
    totals.unwantedCommands += proxy.violations().length;
    expect(proxy.violations().map((one) => one.name)).toEqual([]);
    const expunges = proxy.commands.filter(
      (one) => one.name === 'EXPUNGE' || one.name === 'CLOSE' || (!profile.uidplus && one.name === 'UID EXPUNGE'),
    );
    expect(expunges).toEqual([]);
    await withWorld(user, async (world) => {
      const foreign = await world.find('primary', 'INBOX', 'foreign');
      totals.foreignDeletedLost += foreign.length === 1 ? 0 : 1;
      expect(foreign).toHaveLength(1);
      for (const [id, expected] of Object.entries(scenario.expect ?? {})) {
        expect(await places(world, id), id).toEqual(expected.map((place) => place.split(' ')[0]).sort());
      }
    });
    totals.runs += 1;
  } finally {
    await rig.close();
    await proxy.close();
  }
}

/**
 * In the sample a third of the profiles: whatever a server offers of the four that it has or has not, and each way of counting changes with
 * each of them.
 */
const MOD_SEQ = ['qresync', 'condstore', 'none'] as const;
const isSampled = ({ modSeq, uidplus, move, idle, specialUse }: CapabilityProfile): boolean =>
  ([uidplus, move, idle, specialUse].filter(Boolean).length + seed) % MOD_SEQ.length === MOD_SEQ.indexOf(modSeq);
const sampledProfiles = capabilityProfiles.filter(isSampled);
/** In the sample one scenario each, every one of them on some profile. */
const order = seededRandom(seed).shuffle(core.map((_, n) => n));
const profiles = capabilityProfiles.map((profile, index) => ({ profile, index, name: profile.name }));

describe.each(profiles.filter(({ profile }) => isFull || isSampled(profile)))('a server with $name', ({ profile, index }) => {
  it('is mirrored and changed rightly (I5)', { timeout: isFull ? 600_000 : 60_000 }, async () => {
    const chosen = isFull ? core.map((_, n) => n) : [order[sampledProfiles.indexOf(profile) % order.length]!];
    for (const n of chosen) {
      try {
        await play(profile, core[n]!, `c${index}s${n}`);
      } catch (error) {
        throw new Error(`scenario "${core[n]!.name}": ${(error as Error).message}`, { cause: error });
      }
    }
    totals.profiles += 1;
  });
});

const REFUSALS = [
  'NO [OVERQUOTA] full',
  'NO [TRYCREATE] no such mailbox',
  'NO [CANNOT] no',
  'NO [LIMIT] too many',
  'NO [NOPERM] not yours',
  'NO [INUSE] busy',
  'NO [SERVERBUG] oops',
  'NO [UNAVAILABLE] later',
  'NO',
  'BAD unknown',
];

it('leaves the source alone when the copy is refused (I5)', { timeout: 120_000 }, async () => {
  const profile = capabilityProfiles.find((one) => one.name === 'none -uidplus -move idle special-use')!;
  let intact = 0;
  for (const [n, reply] of REFUSALS.entries()) {
    const user = `refused${n}`;
    await withWorld(user, (world) => world.primary.append('INBOX', sourceOf({ id: 'a', path: 'INBOX' }, 'primary')));
    const proxy = await startImapProxy({ upstreamPort: primary.imapPort, hidden: profile.hidden });
    const rig = await EngineRig.open({ primary: { port: proxy.port, user, password: primary.user(user).password } });
    await rig.mirror();
    const find = finderOf(rig);
    rig.engine.actions.changePlace(find('a'), { kind: 'move', targetMailboxId: find.mailbox('Projects') as never });
    const withdraw = proxy.refuse({ command: 'UID COPY', nth: 'every', reply });
    for (let k = 0; k < 2; k += 1) await rig.mirror();
    withdraw();
    await withWorld(user, async (world) => {
      await world.primary.select('INBOX');
      intact += (await world.primary.uids('UNDELETED')).length;
    });
    expect(proxy.commands.filter((one) => one.name.includes('STORE') || one.name.includes('EXPUNGE'))).toEqual([]);
    await rig.close();
    await proxy.close();
  }
  expect(intact).toBe(REFUSALS.length);
  reportFigure('I5 copy refused', { cases: REFUSALS.length, sourceIntact: intact });
});
