import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { deliveredMail, worldMail } from '../support/outage-world.ts';
import { outlast } from '../support/outlast.ts';
import { ShiftClock } from '../support/shift-clock.ts';

/** The removal of our copy of a double, at which the primary ends the connection: given up in the end, told, and asked for again. */

const GRACE_SECONDS = 60;
const MAX_LONE_CUTS = 8;

let clock: ShiftClock;
let primary: ImapScript;
let relay: ImapScript;
let rig: EngineRig;

beforeEach(async () => {
  clock = new ShiftClock();
  [primary, relay] = await Promise.all([startImapScript(), startImapScript()]);
  const login = (server: ImapScript) => ({ port: server.port, user: 'alice', password: 'pw-alice' });
  const times = { stableSeconds: 0, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: GRACE_SECONDS };
  rig = await EngineRig.open({
    ...{ primary: login(primary), relay: login(relay), clock },
    config: { continuity: { failover: 'automatic', reconcile: 'automatic', ...times } },
  });
  await rig.mirror();
  await makeDouble();
});
afterEach(async () => {
  await rig.close();
  await Promise.all([primary.close(), relay.close()]);
});

const look = async (times: number) => {
  for (let n = 0; n < times; n += 1) await rig.mirror();
};

/** Carried over by us, and delivered by the relay's queue all the same. */
async function makeDouble(): Promise<void> {
  const { monitor } = rig.engine.features;
  monitor.setControl(rig.accountId, 'forced-continuity');
  relay.store.get('INBOX').add({ raw: worldMail({ name: 'n1' }, 'filter'), internalDate: clock.now() });
  await look(2);
  monitor.setControl(rig.accountId, 'forced-normal');
  await look(2);
  clock.pass((GRACE_SECONDS + 1) * 1000);
  await look(3);
  primary.store.get('INBOX').add({ raw: deliveredMail({ name: 'n1' }), internalDate: clock.now() });
  await look(3);
  rig.engine.features.reconciler.acknowledge(run().id);
}

const run = () => rig.engine.features.reconciler.list()[0]!;
const double = () => rig.engine.features.reconciler.items(run().id, 0, 100).items.find((one) => one.operation === 'note-double')!;
const said = () => [double().state, double().detail, double().error?.code].filter(Boolean).join(' ');
const stored = () => primary.store.get('INBOX').messages.length;
const ask = () => rig.engine.features.reconciler.removeDouble(run().id, double().id);
const tries = (command: string) => primary.commands.filter((one) => one.name === command).length;
const loneCuts = () => rig.engine.store.reconcile.item(double().id)!.attempts;
const isTold = () => double().error !== null;

describe('the removal of our copy of a double, at which the primary ends the connection', () => {
  it.each(['UID STORE', 'UID EXPUNGE'])(
    'at %s is given up after eight lone cuts, a restart included, told, and done once that is over',
    async (command) => {
      const withdraw = primary.fault({ command, nth: 'every', action: { bye: 'no' } });
      ask();
      rig.engine.start();
      expect(await outlast(rig, clock, isTold, 5)).toBe(5);
      const before = loneCuts();
      expect(before).toBeGreaterThan(0);
      await rig.restart();
      expect(loneCuts()).toBe(before);
      rig.engine.start();
      await outlast(rig, clock, isTold);
      expect([said(), run().isAcknowledged, loneCuts()]).toEqual(['exception double INBOX server-hangs-up', false, MAX_LONE_CUTS]);
      const made = tries(command);
      // Those in a row at each start prove nothing: no look had ended between them.
      expect(made).toBeLessThanOrEqual(MAX_LONE_CUTS + 2 * 3);
      await outlast(rig, clock, () => false, 2);
      await rig.restart();
      rig.engine.start();
      await outlast(rig, clock, () => false, 2);
      expect([tries(command), stored()]).toEqual([made, 2]);
      withdraw();
      ask();
      expect(double().error).toBeNull();
      await outlast(rig, clock, () => double().state === 'confirmed', 3);
      expect([said(), stored()]).toEqual(['confirmed double INBOX, removed', 1]);
      expect(primary.store.get('INBOX').messages[0]!.raw.equals(deliveredMail({ name: 'n1' }))).toBe(true);
    },
    180_000,
  );

  it('is done when the server changes its mind before that', async () => {
    const withdraw = primary.fault({ command: 'UID STORE', nth: 'every', action: { bye: 'no' } });
    ask();
    rig.engine.start();
    await outlast(rig, clock, isTold, 4);
    withdraw();
    await outlast(rig, clock, () => double().state === 'confirmed', 3);
    expect([said(), stored()]).toEqual(['confirmed double INBOX, removed', 1]);
  }, 60_000);

  it('is no failure where the server has removed it each time', async () => {
    primary.fault({ command: 'UID EXPUNGE', nth: 'every', action: { cutAfterBytes: 0 } });
    ask();
    rig.engine.start();
    await outlast(rig, clock, () => double().state === 'confirmed', 3);
    expect([said(), stored(), tries('UID EXPUNGE')]).toEqual(['confirmed double INBOX, removed', 1, 1]);
  }, 60_000);

  it('holds up nothing else meanwhile', async () => {
    primary.fault({ command: 'UID STORE', nth: 'every', action: { bye: 'no' } });
    ask();
    rig.engine.start();
    await outlast(rig, clock, isTold, 2);
    primary.store.get('INBOX').add({ raw: worldMail({ name: 'news' }, 'mx') });
    await outlast(rig, clock, () => rig.rows('INBOX').some((row) => row.subject === 'subject news'), 3);
    expect(rig.rows('INBOX').map((row) => row.subject)).toContain('subject news');
  }, 60_000);
});
