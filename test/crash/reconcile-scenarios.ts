import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { MailError } from '../../shared/errors.ts';
import { asEntryId, type EntryId } from '../../shared/model/ids.ts';
import type { EngineRig } from '../support/engine-rig.ts';
import { idOf, type OutageWorld } from '../support/outage-world.ts';
import { OutageDrafts } from '../support/outage-drafts.ts';
import { outlast } from '../support/outlast.ts';
import { seededRandom } from '../support/random.ts';
import type { ShiftClock } from '../support/shift-clock.ts';
import { until } from '../support/until.ts';
import type { ScenarioName } from './reconcile-points.ts';

export interface ReconcileScenario {
  readonly continuity?: { readonly previewSeconds?: number; readonly reconcile?: 'automatic' | 'ask' };
  /** An outage (or a finished run) in which everything was done that can be carried back. */
  readonly prepare: (world: OutageWorld) => Promise<void>;
  /** What happens then, in the process that is killed. */
  readonly drive: (rig: EngineRig, clock: ShiftClock) => Promise<void>;
  /** What a person does after the restart, once for each look. */
  readonly goOn?: (rig: EngineRig) => void;
  /** Where each mail has to be at the primary in the end. */
  readonly expected: Readonly<Record<string, readonly string[]>>;
  readonly drafts?: number;
  /** Items that end as exceptions, with the code they are told with. */
  readonly told?: readonly string[];
  /** Stands between the process that is killed and its servers. */
  readonly aroundSession?: (session: ImapSession) => ImapSession;
  /** The engine is started in the process. */
  readonly isStarting?: boolean;
  /** What is wrong beside that, in the end. */
  readonly check?: (world: OutageWorld) => string[] | Promise<string[]>;
}

/** The first proves nothing, the second follows at once, and before the third everything was looked at. */
const CUTS = 3;
/** More than a preview lasts. */
const PUT_BACK_MS = 3_600_000;
/** Time that passes between two looks: more than any grace or wait of the parts. */
const ROUND_MS = 130_000;

async function rounds(rig: EngineRig, clock: ShiftClock, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await rig.mirror();
    clock.pass(ROUND_MS);
  }
}

function entryOf({ engine }: EngineRig, name: string): EntryId {
  const found = engine.store.handle.db.prepare('SELECT id FROM entries WHERE message_id = ? ORDER BY id LIMIT 1').get(idOf(name));
  return asEntryId((found as { id: number }).id);
}

const control = ({ engine, accountId }: EngineRig, to: 'forced-normal' | 'forced-continuity'): void =>
  void engine.features.monitor.setControl(accountId, to);

async function carryBack(rig: EngineRig, clock: ShiftClock): Promise<void> {
  control(rig, 'forced-normal');
  await rounds(rig, clock, 6);
}

function doubleOf({ engine }: EngineRig) {
  const [run] = engine.features.reconciler.list();
  return run && engine.store.reconcile.items(run.id).find((one) => one.operation === 'note-double');
}

/** Asks for the removal of our copy, unless that was refused. */
function remove(rig: EngineRig): void {
  const item = doubleOf(rig);
  if (item?.state === 'exception' && item.error === null) rig.engine.features.reconciler.removeDouble(item.runId, item.id);
}

function approve({ engine }: EngineRig): void {
  const [run] = engine.features.reconciler.list();
  if (run?.state === 'awaiting-approval') engine.features.reconciler.approve(run.id);
}

function read({ engine }: EngineRig): void {
  const [run] = engine.features.reconciler.list();
  if (run?.state === 'finished' && !run.isAcknowledged) engine.features.reconciler.acknowledge(run.id);
}

/** Ends the connection at the first times that a mail is marked as deleted. */
function cutAtRemoval(): (session: ImapSession) => ImapSession {
  let cuts = 0;
  return (session) =>
    new Proxy(session, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== 'storeFlags') return value.bind(target) as unknown;
        return async (...args: Parameters<ImapSession['storeFlags']>) => {
          if (!args[2].includes('\\Deleted') || (cuts += 1) > CUTS) return target.storeFlags(...args);
          await target.close();
          throw new MailError('connection-lost', { scope: 'connection', retry: 'later', side: target.side });
        };
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    });
}

const hasLoggedIn = ({ engine, accountId }: EngineRig): boolean =>
  (['primary', 'relay'] as const).every((side) => engine.store.outages.hasLoggedIn(accountId, side, 'imap'));

/** A finished run one of whose mails was delivered after all. */
async function delivered(world: OutageWorld): Promise<void> {
  world.lose();
  await world.relayReceives('n1');
  await world.look(1);
  world.back();
  await world.look(3);
  await world.deliver('n1');
  await world.look(2);
}

async function removeDouble(rig: EngineRig, clock: ShiftClock): Promise<void> {
  remove(rig);
  await rounds(rig, clock, 2);
}

/** A mail that came and a change that was made, whose plan is shown for a while. */
const longPreview: Pick<ReconcileScenario, 'continuity' | 'prepare'> = {
  continuity: { previewSeconds: 600 },
  prepare: async (world) => {
    world.lose();
    await world.relayReceives('n1');
    await world.look(1);
    world.engine.actions.setFlag([world.entry('a')], 'seen', true);
  },
};

export const reconcileScenarios: Readonly<Record<ScenarioName, ReconcileScenario>> = {
  carry: {
    prepare: async (world) => {
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
    },
    drive: carryBack,
    expected: {
      ...{ a: ['INBOX \\Seen'], b: ['Projects'], c: ['Trash'], n1: ['INBOX'], n2: ['Projects \\Seen'], n3: ['Trash'] },
      ...{ s1: ['Sent \\Seen'], s2: ['Sent \\Seen'] },
    },
    drafts: 1,
  },
  double: {
    prepare: delivered,
    drive: removeDouble,
    goOn: remove,
    expected: { n1: ['INBOX'] },
  },
  /** Our copy was flagged elsewhere: it is somebody's by now, and stays. */
  'removal refused': {
    prepare: async (world) => {
      await delivered(world);
      await world.elsewhere('n1', (client, uids) => client.store(uids.slice(0, 1), '+', ['\\Flagged']));
    },
    drive: removeDouble,
    goOn: remove,
    expected: { n1: ['INBOX', 'INBOX \\Flagged'] },
    told: ['changed-on-both-sides'],
  },
  /** The connection ends at the first tries. */
  'removal cut': {
    prepare: delivered,
    drive: async (rig, clock) => {
      remove(rig);
      rig.engine.start();
      await outlast(rig, clock, () => doubleOf(rig)?.state === 'confirmed', 8);
    },
    goOn: remove,
    expected: { n1: ['INBOX'] },
    aroundSession: cutAtRemoval(),
  },
  /** The outage has a second part while the plan is being shown. */
  'planned again': {
    ...longPreview,
    drive: async (rig, clock) => {
      control(rig, 'forced-normal');
      await rounds(rig, clock, 2);
      control(rig, 'forced-continuity');
      rig.engine.actions.setFlag([entryOf(rig, 'b')], 'flagged', true);
      await rounds(rig, clock, 1);
      control(rig, 'forced-normal');
      await rounds(rig, clock, 9);
    },
    goOn: (rig) => rig.engine.actions.setFlag([entryOf(rig, 'b')], 'flagged', true),
    expected: { a: ['INBOX \\Seen'], b: ['INBOX \\Flagged'], n1: ['INBOX'] },
  },
  /** While the plan is being shown, a clock that was wrong is put right. */
  'clock put back': {
    ...longPreview,
    drive: async (rig, clock) => {
      control(rig, 'forced-normal');
      await rounds(rig, clock, 2);
      clock.putBack(PUT_BACK_MS);
      await rounds(rig, clock, 9);
    },
    expected: { a: ['INBOX \\Seen'], n1: ['INBOX'] },
  },
  /** A person has to approve, and reads the report. */
  approval: {
    continuity: { reconcile: 'ask' },
    prepare: async (world) => {
      world.lose();
      await world.relayReceives('n1');
      await world.look(1);
      world.engine.actions.delete([world.entry('a')]);
    },
    drive: async (rig, clock) => {
      control(rig, 'forced-normal');
      await rounds(rig, clock, 2);
      approve(rig);
      await rounds(rig, clock, 3);
      read(rig);
    },
    goOn: (rig) => {
      approve(rig);
      read(rig);
    },
    check: (world) => (world.run().isAcknowledged ? [] : ['the report was not read']),
    expected: { a: ['Trash'], n1: ['INBOX'] },
  },
  /** Out of the Trash, out of what is stored here, and out of the relay's quarantine. */
  restore: {
    prepare: async (world) => {
      const { actions } = world.engine;
      actions.delete([world.entry('a')]);
      await world.look(2);
      await world.elsewhere('b', (client, uids) => client.expunge(uids));
      await world.look(2);
      await world.relayReceives({ name: 'q1', path: 'Quarantine' });
      await world.look(1);
      world.lose();
      actions.restore([world.entry('a')]);
      actions.restore([world.entry('b')]);
      actions.restore([world.entry('q1')]);
    },
    drive: carryBack,
    expected: { a: ['INBOX'], b: ['INBOX'], q1: ['INBOX'] },
  },
  /** Two drafts were discarded; on one of them another program has written on, under the same Message-ID. */
  discarded: {
    prepare: async (world) => {
      const drafts = new OutageDrafts(world, seededRandom(1));
      const ours = { ours: 'discarded', isForeign: false } as const;
      await drafts.write([
        { ...ours, theirs: 'rewritten' },
        { ...ours, theirs: 'nothing' },
      ]);
      world.lose();
      await drafts.here();
      await drafts.elsewhere();
    },
    drive: carryBack,
    expected: {},
    told: ['changed-on-both-sides'],
    check: async ({ primary }) => {
      await primary.select('Drafts', { readOnly: true });
      const [all, theirs] = [await primary.uids('ALL'), await primary.uids('BODY "words written elsewhere"')];
      return all.length === 1 && theirs.length === 1 ? [] : [`${all.length} drafts, ${theirs.length} of them theirs`];
    },
  },
  /** The app starts, for the first time since it ended without network, with a finished run. */
  started: {
    isStarting: true,
    prepare: async (world) => {
      world.lose();
      await world.relayReceives('n1');
      await world.look(1);
      world.back();
      await world.look(3);
      const { store } = world.engine;
      const offline = { from: 'normal', to: 'offline', reason: 'network-lost', cause: 'network-down' } as const;
      store.handle.tx('test.offline', () => store.outages.recordMode(world.rig.accountId, { at: world.clock.now(), ...offline }));
    },
    drive: async (rig) => {
      rig.engine.start();
      await until('both sides', () => hasLoggedIn(rig));
    },
    expected: { n1: ['INBOX'] },
    check: (world) => [
      ...(hasLoggedIn(world.rig) ? [] : ['a log-in was not noted']),
      ...(world.engine.store.outages.modeChanges(world.rig.accountId, 1)[0]?.to === 'normal' ? [] : ['a mode of before the start']),
    ],
  },
};
