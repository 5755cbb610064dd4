import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences } from '../support/compare.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig, type RigOptions } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { until } from '../support/until.ts';
import { World } from '../crash/world.ts';

let primary: Dovecot;
let relay: Dovecot;
const users = Array.from({ length: 12 }, (_, n) => `user${n}`);
let nextUser = 0;

beforeAll(async () => {
  primary = await startDovecot({ users, mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
  relay = await startDovecot({ users });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
});

async function running(
  work: (rig: EngineRig, world: World, user: string) => Promise<void>,
  change: Partial<RigOptions> = {},
): Promise<void> {
  const user = users[nextUser++]!;
  const login = (server: Dovecot) => ({ port: server.imapPort, user, password: server.user(user).password });
  const world = new World(await primary.connect(user), await relay.connect(user));
  const rig = await EngineRig.open({ primary: login(primary), relay: login(relay), ...change });
  rig.engine.start();
  try {
    await until('both sides watch', () => rig.engine.syncStates().every((one) => one.phase === 'watching'));
    await work(rig, world, user);
  } finally {
    await world.primary.close();
    await world.relay.close();
    await rig.close();
  }
}

describe('a running engine', () => {
  it('shows new mail of either side within 5 seconds (I10)', () =>
    running(async (rig, world) => {
      const took: number[] = [];
      for (const side of ['primary', 'relay'] as const) {
        for (let n = 0; n < 5; n += 1) {
          const at = performance.now();
          await world.add(side, { id: `${side}${n}`, path: 'INBOX', ageDays: 0.1 });
          const subject = `subject ${side}${n}`;
          await until(subject, () => rig.rows('INBOX').some((row) => row.subject === subject && row.bodyState === 'complete'));
          took.push(performance.now() - at);
        }
      }
      const slowestMs = Math.round(Math.max(...took));
      reportFigure('I10 arrival shown', { arrivals: took.length, missed: 0, slowestMs });
      expect(slowestMs).toBeLessThan(5_000);
    }));

  it('notices changes in mailboxes other than the inbox', () =>
    running(async (rig, world) => {
      await world.add('primary', { id: 'p1', path: 'Projects' });
      await until('mail in Projects', () => rig.rows('Projects').length === 1);
    }));

  it('follows flags, moves and deletions made elsewhere', () =>
    running(async (rig, world, user) => {
      for (const id of ['a', 'b', 'c']) await world.add('primary', { id, path: 'INBOX' });
      await until('three mails', () => rig.rows('INBOX').length === 3);
      await world.flag('primary', 'INBOX', 'a', '+', '\\Seen', '\\Flagged');
      await world.move('primary', 'INBOX', 'b', 'Projects');
      await world.remove('primary', 'INBOX', 'c');
      await until('c is recoverable', () => rig.recoverable().length === 1);
      await until('equal', async () => (await differences(rig, 'primary', primary, user)).length === 0);
      expect(rig.rows('INBOX').map((row) => [row.subject, row.isSeen, row.isFlagged])).toEqual([['subject a', true, true]]);
      expect(rig.rows('Projects').map((row) => row.subject)).toEqual(['subject b']);
      expect(rig.recoverable().map((row) => row.subject)).toEqual(['subject c']);
    }));

  it('carries a flag set here to the server while watching', () =>
    running(async (rig, world) => {
      await world.add('primary', { id: 'a', path: 'INBOX' });
      await until('the mail', () => rig.rows('INBOX').length === 1);
      rig.engine.actions.setFlag([rig.rows('INBOX')[0]!.id], 'seen', true);
      expect(rig.rows('INBOX')[0]?.isSeen).toBe(true);
      await until('seen on the server', async () => {
        await world.primary.select('INBOX');
        return (await world.primary.uids('SEEN')).length === 1;
      });
      await until('journal empty', () => rig.engine.store.ops.countOpen(rig.accountId) === 0);
    }));

  it('comes back after the server was killed, and finds what arrived meanwhile', { timeout: 120_000 }, async () => {
    const own = await startDovecot({ users: ['alice'] });
    const rig = await EngineRig.open({ primary: { port: own.imapPort, user: 'alice', password: own.user().password } });
    rig.engine.start();
    try {
      await until('watching', () => rig.engine.syncStates()[0]?.phase === 'watching');
      await own.stop('KILL');
      const lostAt = performance.now();
      await until('noticed', () => rig.engine.syncStates()[0]?.isConnected === false);
      const noticedMs = Math.round(performance.now() - lostAt);
      await own.start();
      const backAt = performance.now();
      const client = await own.connect();
      await client.append('INBOX', Buffer.from('Subject: meanwhile\r\nMessage-ID: <m@example.com>\r\n\r\nx\r\n'));
      await client.close();
      await until('mail of the outage', () => rig.rows('INBOX').length === 1, 60_000);
      reportFigure('I9 server killed', { noticedMs, backInSyncMs: Math.round(performance.now() - backAt) });
      expect(noticedMs).toBeLessThan(2_000);
    } finally {
      await rig.close();
      await own.dispose();
    }
  });

  it('lets one side work while the other one is gone', { timeout: 60_000 }, async () => {
    const own = await startDovecot({ users: ['alice'] });
    const gone = await startDovecot({ users: ['alice'] });
    const rig = await EngineRig.open({
      primary: { port: gone.imapPort, user: 'alice', password: gone.user().password },
      relay: { port: own.imapPort, user: 'alice', password: own.user().password },
    });
    await gone.stop();
    rig.engine.start();
    try {
      await until('the relay is watched', () => rig.engine.syncStates().some((one) => one.side === 'relay' && one.phase === 'watching'));
      const state = rig.engine.syncStates().find((one) => one.side === 'primary');
      expect(state).toMatchObject({ phase: 'waiting-to-retry', isConnected: false, error: { code: 'connect-refused' } });
      const client = await own.connect();
      await client.append('INBOX', Buffer.from('Subject: through the relay\r\nMessage-ID: <r@example.com>\r\n\r\nx\r\n'));
      await client.close();
      await until('mail of the relay', () => rig.rows('INBOX', 'relay').length === 1);
    } finally {
      await rig.close();
      await own.dispose();
      await gone.dispose();
    }
  });
});
