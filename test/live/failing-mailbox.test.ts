import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionServers, type ActionSetting } from '../support/action-world.ts';
import { ShiftClock } from '../support/shift-clock.ts';
import { until } from '../support/until.ts';

const DAY_MS = 86_400_000;

let servers: ActionServers;
beforeAll(async () => {
  servers = await ActionServers.start({}, 4);
});
afterAll(() => servers.dispose());

/** The primary refuses to open this mailbox until the returned call. */
function refuse({ proxy }: ActionSetting, path: string): () => void {
  const withdraw = ['SELECT', 'EXAMINE'].map((command) =>
    proxy.refuse({ command, args: path, nth: 'every', reply: 'NO [NOPERM] no rights' }),
  );
  return () => withdraw.forEach((one) => one());
}

const stateOf = (s: ActionSetting) => s.rig.engine.syncStates().find((one) => one.side === 'primary')!;

describe('one mailbox can never be opened', () => {
  const clock = new ShiftClock();

  it('nothing else waits for it, and what was moved into it is found when it can be opened', () =>
    servers.with(
      async (s) => {
        const allow = refuse(s, 'Projects');
        for (const id of ['deleted', 'moved', 'into']) await s.world.add('primary', { id, path: 'INBOX', ageDays: 1 });
        await s.world.add('primary', { id: 'old', path: 'INBOX', ageDays: 29, flags: ['\\Seen'] });
        await s.world.add('primary', { id: 'there', path: 'Projects', ageDays: 1 });
        await s.world.add('relay', { id: 'filed', path: 'INBOX', ageDays: 5 });
        await s.rig.mirror();
        const into = s.entry('into');
        expect(stateOf(s)).toMatchObject({ failedMailboxes: ['Projects'], error: { code: 'command-refused', scope: 'mailbox' } });
        expect(stateOf(s).lastCompleteAt).not.toBeNull();
        // The first look at the primary counts: what it has filed or deleted long ago is not listed by the relay's copy.
        expect(s.list('INBOX').sort()).toEqual(['deleted', 'into', 'moved', 'old']);

        await s.world.remove('primary', 'INBOX', 'deleted');
        await s.world.move('primary', 'INBOX', 'moved', 'Kunden');
        await s.world.move('primary', 'INBOX', 'into', 'Projects');
        clock.pass(4 * DAY_MS);
        await s.rig.mirror();
        expect([s.list('INBOX'), s.list('Kunden')]).toEqual([[], ['moved']]);
        expect(s.recoverable()).toEqual(['filed']);
        await s.rig.mirror();
        expect(s.recoverable().sort()).toEqual(['deleted', 'filed', 'into']);

        allow();
        await s.settle();
        expect(s.list('Projects').sort()).toEqual(['into', 'there']);
        expect(s.entry('into')).toBe(into);
        expect(s.recoverable().sort()).toEqual(['deleted', 'filed']);
        expect(stateOf(s)).toMatchObject({ failedMailboxes: [], error: null });
        expect(await s.equal()).toEqual([]);
      },
      { clock },
    ));

  it('the watch goes on where INBOX is that mailbox, and looks again once after a loss, not for ever', () =>
    servers.with(
      async (s) => {
        await s.world.add('primary', { id: 'lost', path: 'Kunden', ageDays: 1 });
        refuse(s, 'INBOX');
        s.rig.engine.start();
        await until('watched', () => stateOf(s).phase === 'watching' && s.list('Kunden').length === 1);
        await s.world.remove('primary', 'Kunden', 'lost');
        s.rig.engine.syncNow();
        await until('missed', () => s.list('Kunden').length === 0);
        const looks = () => s.proxy.commands.filter((one) => one.name === 'LIST' && one.args.includes('"*"')).length;
        const before = looks();
        await clock.sleep(5_000);
        expect(looks() - before).toBe(1);
        expect(stateOf(s)).toMatchObject({ phase: 'watching', isConnected: true, failedMailboxes: ['INBOX'] });
        expect(s.proxy.attempts).toHaveLength(1);
      },
      { config: { pollSeconds: 3600 } },
    ));

  it('the look goes on where a mailbox with a new name is that mailbox', () =>
    servers.with(async (s) => {
      await s.world.add('primary', { id: 'kept', path: 'Kunden', ageDays: 1 });
      await s.rig.mirror();
      const kept = s.entry('kept');
      const allow = refuse(s, 'Neu');
      await s.world.primary.rename('Kunden', 'Neu');
      await s.world.primary.subscribe('Neu');
      await s.seed('news');
      expect(s.list('INBOX')).toEqual(['news']);
      expect(stateOf(s).failedMailboxes).toEqual(['Neu']);
      await s.settle();
      expect(s.recoverable()).toEqual(['kept']);
      allow();
      await s.settle();
      expect([s.list('Neu'), s.recoverable(), s.entry('kept')]).toEqual([['kept'], [], kept]);
      expect(await s.equal()).toEqual([]);
    }));
});
