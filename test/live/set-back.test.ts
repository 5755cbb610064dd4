import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { templateFields } from '../../shared/model/account-template.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { deliveredMail, idOf, OutageWorld, type WorldMail } from '../support/outage-world.ts';
import type { SecondClient } from '../support/second-client.ts';

/** How an attack or a broken disk often ends: the mail server comes back as it was some days ago, and gives its UIDs once more. */
const LOST = ['lost-1', 'lost-2', 'lost-3', 'lost-4'];
const KEPT = ['kept-1', 'kept-2', 'kept-3'];

/** With owners and times. */
const copy = (from: string, to: string): void => void execFileSync('cp', ['-a', from, to]);

const WITHOUT = 'IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE NAMESPACE UIDPLUS MOVE UNSELECT SPECIAL-USE LIST-EXTENDED'.split(' ');
const servers = [
  { name: 'a server that counts changes', capabilities: undefined },
  { name: 'a server that counts none (Exchange)', capabilities: WITHOUT },
] as const;

describe.each(servers)('a primary that was set back to a backup: $name', { timeout: 120_000 }, ({ capabilities }) => {
  let primary: Dovecot;
  let relay: Dovecot;
  let user = 0;
  let world: OutageWorld;
  let client: SecondClient;
  beforeAll(async () => {
    const users = Array.from({ length: 12 }, (_, n) => `b${n}`);
    primary = await startDovecot({
      users,
      mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }],
      ...(capabilities ? { capabilities } : {}),
    });
    relay = await startDovecot({ users });
  });
  afterEach(async () => {
    await client.close();
    await world.close();
  });
  afterAll(async () => {
    await primary.dispose();
    await relay.dispose();
  });

  const mailDir = (): string => primary.user(`b${user}`).maildir;
  const backup = (): string => `${mailDir()}.backup`;

  /** Mail that came after the backup was made is there and known; then the outage, and the server comes back as the backup has it. */
  async function setBack(
    meanwhile: () => Promise<void> = () => Promise.resolve(),
    more: readonly WorldMail[] = [],
    to: 'backup' | 'nothing' = 'backup',
  ): Promise<void> {
    user += 1;
    world = await OutageWorld.open({ primary, relay, user: `b${user}` }, { seed: KEPT.map((name) => ({ name })) });
    copy(mailDir(), backup());
    for (const name of LOST) {
      await world.deliver(name);
      await world.relayReceives(name);
    }
    if (more.some(({ path }) => path === 'Kunden/Nord')) {
      await world.primary.create('Kunden/Nord');
      await world.primary.subscribe('Kunden/Nord');
    }
    for (const mail of more) await world.deliver(mail);
    await world.look();
    world.lose();
    await meanwhile();
    await primary.stop();
    rmSync(mailDir(), { recursive: true });
    if (to === 'backup') copy(backup(), mailDir());
    await primary.start();
    client = await primary.connect(`b${user}`);
  }

  const deliverLate = async (names: readonly string[]): Promise<void> => {
    for (const name of names) await client.append('INBOX', deliveredMail({ name }));
  };

  /** Subjects that are listed, each with what its own source says. */
  function shown(): string[] {
    const { store } = world.engine;
    return world.rig.rows('INBOX').map((row) => {
      const { sourceId } = store.entries.shown(row.id)!;
      const source = sourceId === null ? '' : Buffer.concat([...store.sources.raw(sourceId)]).toString();
      const name = row.subject.replace('subject ', '');
      return source.includes(idOf(name)) && source.includes(`text of ${name}`) ? name : `${name} with another text`;
    });
  }

  const told = (): string | null => world.engine.syncStates().find(({ side }) => side === 'primary')?.error?.code ?? null;
  const recoverable = (): string[] => world.rig.recoverable().map((row) => row.subject.replace('subject ', ''));

  it.each([1, 3, 4, 6])('of the outage %s mails are delivered, and each is the mail that it says', async (count) => {
    const late = Array.from({ length: count }, (_, n) => `late-${n + 1}`);
    await setBack();
    await world.relayReceives(...late);
    await world.look();
    await deliverLate(late);
    world.back();
    await world.look(3);
    await world.passGrace();
    expect(shown().sort()).toEqual([...KEPT, ...late].sort());
    expect(recoverable().sort()).toEqual(LOST);
    expect(await world.allPlaces(late, client)).toEqual(Object.fromEntries(late.map((name) => [name, ['INBOX']])));
    expect(world.words().filter((line) => !line.includes(' confirmed '))).toEqual([]);
    expect(told()).toBe('server-set-back');
    // What was lost is put back, once each.
    const { actions } = world.engine;
    actions.restore(world.rig.recoverable().map((row) => row.id));
    await world.look(3);
    expect(await world.allPlaces([...LOST, ...KEPT, ...late], client)).toEqual(
      Object.fromEntries([...LOST, ...KEPT, ...late].map((name) => [name, ['INBOX']])),
    );
    expect([recoverable(), told()]).toEqual([[], null]);
    expect(shown().sort()).toEqual([...KEPT, ...LOST, ...late].sort());
  });

  it('what was done with lost mail in the outage touches no other mail', async () => {
    const late = ['late-1', 'late-2', 'late-3', 'late-4', 'late-5'];
    await setBack(async () => {
      await world.relayReceives(...late);
      await world.look();
      const { actions } = world.engine;
      actions.setFlag([world.entry('lost-1')], 'flagged', true);
      actions.delete([world.entry('lost-2')]);
      actions.move([world.entry('lost-3')], world.mailbox('Projects'));
      actions.setFlag([world.entry('kept-1')], 'flagged', true);
    });
    await deliverLate(late);
    world.back();
    await world.look(3);
    await world.passGrace();
    expect(await world.allPlaces([...late, 'kept-1'], client)).toEqual({
      ...Object.fromEntries(late.map((name) => [name, ['INBOX']])),
      'kept-1': ['INBOX \\Flagged'],
    });
    expect(shown().filter((name) => name.includes('another text'))).toEqual([]);
  });

  it('so much lost that it is held in place is put back at once when a person wants it, into its mailbox', async () => {
    const many = Array.from({ length: 70 }, (_, n) => `many-${n}`);
    await setBack(
      () => Promise.resolve(),
      [...many.map((name) => ({ name })), { name: 'sent', path: 'Sent' }, { name: 'filed', path: 'Projects' }],
    );
    await deliverLate(['late-1', 'late-2']);
    world.back();
    await world.look(3);
    expect(shown()).toEqual(expect.arrayContaining([...many, 'late-1', 'late-2']));
    expect(told()).toBe('server-set-back');
    await world.engine.features.lostMail.decide(world.rig.accountId, true);
    await world.look(4);
    expect(await world.allPlaces([...many, ...LOST, 'sent', 'filed'], client)).toEqual({
      ...Object.fromEntries([...many, ...LOST].map((name) => [name, ['INBOX']])),
      ...{ sent: ['Sent'], filed: ['Projects'] },
    });
    expect([recoverable(), told()]).toEqual([[], null]);
    await world.look();
    expect(shown().sort()).toEqual([...KEPT, ...many, ...LOST, 'late-1', 'late-2'].sort());
  });

  it.each([3, 130])('a server that was set up anew gets everything back, once each (%s mails)', async (count) => {
    const many = Array.from({ length: count }, (_, n) => `many-${n}`);
    const more = [...many.map((name) => ({ name })), { name: 'sent', path: 'Sent' }, { name: 'filed', path: 'Kunden/Nord' }];
    await setBack(() => Promise.resolve(), more, 'nothing');
    await deliverLate(['late-1', 'late-2']);
    world.back();
    await world.look(3);
    expect(told()).toBe('server-set-back');
    await world.engine.features.lostMail.decide(world.rig.accountId, true);
    await world.look(4);
    expect(await world.allPlaces([...KEPT, ...many, ...LOST, 'late-1', 'sent', 'filed'], client)).toEqual({
      ...Object.fromEntries([...KEPT, ...many, ...LOST, 'late-1'].map((name) => [name, ['INBOX']])),
      ...{ sent: ['Sent'], filed: ['Kunden/Nord'] },
    });
    expect([recoverable(), told()]).toEqual([[], null]);
    expect(shown().filter((name) => name.includes('another text'))).toEqual([]);
  });

  it('another mail server that takes the place of the first gets everything, once each', async () => {
    user += 1;
    const name = `b${user}`;
    const { password } = primary.user(name);
    const next = await startDovecot({ users: { [name]: password }, mailboxes: usualMailboxes });
    try {
      world = await OutageWorld.open({ primary, relay, user: name }, { seed: KEPT.map((one) => ({ name: one })) });
      client = await next.connect(name);
      const more = Array.from({ length: 60 }, (_, n) => `many-${n}`);
      for (const one of more) await world.deliver(one);
      await world.look();
      world.lose();
      await world.relayReceives('late-1', 'late-2');
      await world.look();
      const { accounts } = world.engine.store;
      const { config } = accounts.get(world.rig.accountId);
      const imap = { ...config.primary.imap, port: next.imapPort };
      await world.engine.followTemplate(config.email, { ...templateFields(config), primary: { ...config.primary, imap } });
      await client.append('INBOX', deliveredMail({ name: 'late-1' }));
      world.back();
      await world.look(3);
      await world.passGrace();
      expect(told()).toBe('server-set-back');
      await world.engine.features.lostMail.decide(world.rig.accountId, true);
      await world.look(4);
      const all = [...KEPT, ...more, 'late-1', 'late-2'];
      expect(await world.allPlaces(all, client)).toEqual(Object.fromEntries(all.map((one) => [one, ['INBOX']])));
      expect([recoverable(), told()]).toEqual([[], null]);
      expect(shown().sort()).toEqual(all.sort());
    } finally {
      await next.dispose();
    }
  });

  it('an app that ends in between has the same in the end', async () => {
    await setBack();
    const late = ['late-1', 'late-2', 'late-3', 'late-4', 'late-5'];
    await deliverLate(late);
    await world.rig.restart();
    const { store } = world.engine;
    const commit = store.handle.tx.bind(store.handle);
    let isEnded = false;
    store.handle.tx = (name, work) => {
      if (isEnded) throw new Error('the process ended here');
      const result = commit(name, work);
      isEnded = name === 'mirror.displace';
      return result;
    };
    await world.engine.mirrorOnce().catch(() => undefined);
    expect(isEnded).toBe(true);
    store.handle.tx = commit;
    await world.rig.restart();
    world.back();
    await world.look(3);
    expect(shown().sort()).toEqual([...KEPT, ...late].sort());
    expect(recoverable().sort()).toEqual(LOST);
  });
});
