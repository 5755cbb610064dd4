import { isLeftover } from '../../main/engine/compose/leftovers.ts';
import type { OutboxId } from '../../shared/model/ids.ts';
import type { Dovecot } from '../support/dovecot.ts';
import { OutageWorld, worldMail } from '../support/outage-world.ts';

/** What has to become of one mail at the primary: its live places with their flags. */
export interface Wish {
  readonly name: string;
  readonly want: readonly string[];
  /** Copies that have to be left where the person is told that it could not be done: least and most. */
  readonly told: readonly [number, number];
}

export interface FaultWorld {
  readonly name: string;
  /** Everything that was done in the outage; the primary is about to return. */
  readonly prepare: (world: OutageWorld) => Promise<void>;
  readonly wishes: readonly Wish[];
  /** A person has asked for the removal of our copy of a double. */
  readonly isDouble?: boolean;
  /** Another client has marked mail as deleted in these mailboxes: nobody but itself may remove it. */
  readonly marked: readonly string[];
}

const moved = (name: string, ...want: string[]): Wish => ({ name, want, told: [1, 1] });
/** What this machine or the relay holds as well. */
const filed = (name: string, ...want: string[]): Wish => ({ name, want, told: [0, 1] });

const draft = (name: string, ...told: [number, number]): Wish => ({ name, want: ['Drafts \\Draft \\Seen'], told });

function uncertain(world: OutageWorld, name: string): OutboxId {
  const id = world.sentByRelay(name);
  const { outbox } = world.engine.store;
  outbox.setRecipients(id, ['pending', 'accepted'], 'unknown');
  outbox.change(id, { state: 'unknown', acceptedAt: null, bodyStarted: true, uncertainSince: world.clock.now(), sentCopy: null });
  return id;
}

async function writeDraft(world: OutageWorld, name: string): Promise<() => void> {
  const { desk } = world.engine.features.compose;
  const draft = await desk.start({ kind: 'new', accountId: null, mailto: null });
  const { version } = desk.save(draft.id, 0, { ...draft.content, subject: `subject ${name}`, text: 'a draft' });
  return () => void desk.save(draft.id, version, { ...draft.content, subject: `subject ${name}`, text: 'written on' });
}

/** Flags, moves, copies, deletions, a mailbox. */
const changes: FaultWorld = {
  name: 'changes',
  prepare: async (world) => {
    world.lose();
    const { actions } = world.engine;
    actions.setFlag([world.entry('a'), world.entry('b')], 'seen', true);
    actions.setFlag([world.entry('c')], 'flagged', true);
    actions.move([world.entry('c')], world.mailbox('Projects'));
    actions.move([world.entry('d')], world.mailbox('Projects'));
    actions.delete([world.entry('e')]);
    actions.changePlace(world.entry('f'), { kind: 'copy', targetMailboxId: world.mailbox('Projects') });
    actions.changePlace(world.entry('g'), { kind: 'delete' });
    actions.changeMailbox(world.rig.accountId, { kind: 'create-mailbox', path: 'Von hier' });
    await Promise.resolve();
  },
  wishes: [
    ...[moved('a', 'INBOX \\Seen'), moved('b', 'INBOX \\Seen'), moved('c', 'Projects \\Flagged'), moved('d', 'Projects')],
    ...([moved('e', 'Trash'), { name: 'f', want: ['INBOX', 'Projects'], told: [1, 2] }, { name: 'g', want: [], told: [0, 1] }] as const),
  ],
  marked: ['INBOX', 'Projects'],
};

/** Mail that only the relay received, and what is brought back out of the Trash and out of the store. */
const received: FaultWorld = {
  name: 'received',
  prepare: async (world) => {
    const { actions } = world.engine;
    actions.delete([world.entry('a')]);
    await world.look(2);
    await world.elsewhere('b', (client, uids) => client.expunge(uids));
    await world.look(2);
    world.lose();
    await world.relayReceives('n1', 'n2', 'n3');
    await world.look(1);
    actions.restore([world.entry('a')]);
    actions.restore([world.entry('b')]);
    actions.setFlag([world.entry('n2')], 'seen', true);
    actions.move([world.entry('n2')], world.mailbox('Projects'));
    actions.delete([world.entry('n3')]);
  },
  wishes: [
    ...[moved('a', 'INBOX'), filed('b', 'INBOX'), filed('n1', 'INBOX'), filed('n2', 'Projects \\Seen'), filed('n3', 'Trash')],
    ...[moved('c', 'INBOX')],
  ],
  marked: ['INBOX', 'Projects', 'Trash'],
};

/** Copies in Sent, uncertain mail that has to be looked for, drafts: one that is new and one of which an older copy is filed. */
const written: FaultWorld = {
  name: 'written',
  prepare: async (world) => {
    const goOn = await writeDraft(world, 'd1');
    world.clock.pass(20_000);
    await world.look(1);
    world.lose();
    goOn();
    await writeDraft(world, 'd2');
    world.sentByRelay('s1');
    for (const name of ['u1', 'u2']) uncertain(world, name);
    await world.primary.append('Sent', worldMail({ name: 'u1' }, 'here'), { flags: ['\\Seen'] });
    await world.relay.append('INBOX', worldMail({ name: 'u2' }, 'here'));
  },
  wishes: [
    ...[filed('s1', 'Sent \\Seen'), filed('u1', 'Sent \\Seen'), filed('u2', 'Sent \\Seen'), moved('a', 'INBOX')],
    ...[draft('d1', 1, 2), draft('d2', 0, 1)],
  ],
  marked: ['Sent', 'Drafts'],
};

/** Mail that was delivered after we had filed it: our copy, read here, is to be removed. */
const double: FaultWorld = {
  name: 'double',
  prepare: async (world) => {
    world.lose();
    await world.relayReceives('n1');
    await world.look(1);
    world.engine.actions.setFlag([world.entry('n1')], 'seen', true);
    world.back();
    await world.look(3);
    await world.deliver('n1');
    await world.look(2);
  },
  wishes: [{ name: 'n1', want: ['INBOX \\Seen'], told: [1, 2] }, moved('a', 'INBOX')],
  isDouble: true,
  marked: ['INBOX'],
};

export const faultWorlds: readonly FaultWorld[] = [changes, received, written, double];

/** Makes a world for a user, and leaves its profile where it is. */
export async function prepareWorld(
  servers: { readonly primary: Dovecot; readonly relay: Dovecot; readonly user: string },
  of: FaultWorld,
  ports: Readonly<Record<'primary' | 'relay', number>>,
): Promise<{ readonly dir: string; readonly key: Uint8Array }> {
  const seed = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ name }));
  const world = await OutageWorld.open(servers, { continuity: { deliveryGraceSeconds: 0 }, seed, ports });
  for (const path of of.marked) {
    await world.primary.append(path, worldMail({ name: `marked in ${path}` }, 'mx'), {
      flags: ['\\Deleted'],
      internalDate: world.clock.now(),
    });
  }
  await world.look(1);
  await of.prepare(world);
  return world.leave();
}

/** Asks for the removal of our copy, as often as it was refused; true where something was asked for. */
export function askForRemoval(world: OutageWorld): boolean {
  const { store } = world.engine;
  const item = store.reconcile.items(world.run().id, ['exception']).find((one) => one.operation === 'note-double');
  if (item === undefined) return false;
  world.reconciler.removeDouble(world.run().id, item.id);
  return true;
}

/** What is still to be done; empty when everything has settled. */
export function leftToDo(world: OutageWorld): string[] {
  const { store } = world.engine;
  const { accountId } = world.rig;
  const left: string[] = [];
  if (store.ops.countOpen(accountId) > 0) left.push(`${store.ops.countOpen(accountId)} changes`);
  const isRunOver = world.mode() !== 'continuity' && world.reconciler.list().every((one) => one.state === 'finished');
  if (!isRunOver || world.reconciler.list().length === 0) left.push('the run');
  if (store.outbox.inStates(accountId, ['unknown']).length > 0) left.push('uncertain mail');
  if (store.outbox.awaitingCopy(accountId).length > 0) left.push('copies in Sent');
  const drafts = store.drafts.openOf(accountId).filter((one) => one.filingRefusal?.isFinal !== true);
  if (drafts.some((one) => one.revision !== one.filedRevision)) left.push('drafts');
  if (store.drafts.copies.inState(accountId, 'removing').some((one) => !isLeftover(one))) left.push('old copies of drafts');
  const begun = store.drafts.copies.inState(accountId, 'filing');
  if (begun.some((one) => drafts.some(({ id }) => id === one.draftId))) left.push('begun copies of drafts');
  return left;
}

/** Subjects of which the person is told that something could not be done. */
export function toldSubjects(world: OutageWorld): Set<string> {
  const { actions, features, store } = world.engine;
  const items = world.items().filter((one) => one.state === 'exception' && one.error !== null);
  const refused = store.drafts.openOf(world.rig.accountId).filter((one) => one.filingRefusal?.isFinal === true);
  const drafts = refused.map((one) => one.content);
  return new Set([...items, ...actions.failed(), ...features.compose.leftovers(), ...drafts].map((one) => one.subject));
}
