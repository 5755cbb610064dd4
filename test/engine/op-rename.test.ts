import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCapabilities, without } from '../support/imap-script.ts';
import { profileMail, ScriptProfile, type ScriptCase } from '../support/script-profile.ts';

/** A mailbox that a person renames, on servers and after restarts that make it seem to have failed. */

let profile: ScriptProfile;
beforeAll(async () => {
  profile = await ScriptProfile.start({ capabilities: allCapabilities, mailboxes: { Trash: { specialUse: '\\Trash' }, Old: {} } });
});
afterAll(() => profile.close());

const rename = (one: ScriptCase): void =>
  one.actions.changeMailbox(one.rig.accountId, { kind: 'rename-mailbox', mailboxId: one.mailbox('Old'), path: 'New' });

async function settled(one: ScriptCase): Promise<unknown[]> {
  await one.settle();
  const here = one.rig.engine.store.mailboxes.list(one.rig.accountId, 'primary').map(({ path }) => path);
  const there = one.profile.server.store.mailboxes.map(({ path }) => path);
  const commands = one.profile.server.commands.filter(({ name }) => name === 'RENAME').length;
  return [one.openCount(), one.actions.failed().map(({ kind }) => kind), here.sort(), there.sort(), commands];
}
const isMirrored = (one: ScriptCase, path: string): boolean | undefined =>
  one.rig.engine.store.mailboxes.list(one.rig.accountId, 'primary').find((known) => known.path === path)?.isMirrored;

/** The connection ends when the server has carried out the renaming, or has refused it; what happens on the server before that, `before` does. */
async function cutInRenaming(one: ScriptCase, before: () => void): Promise<void> {
  rename(one);
  one.profile.server.fault({ command: 'RENAME', action: { before, then: { cutAfterBytes: 0 } } });
  expect(await one.look()).not.toBeNull();
}
/** Subscriptions are kept by name. */
const forgetsSubscription = (one: ScriptCase) => (): void => void (one.profile.server.store.get('Old').isSubscribed = false);

const RENAMED = ['INBOX', 'New', 'Trash'];

it('is renamed where the server no longer knows the old name, and says no when its subscription is ended', async () => {
  await profile.run(async (one) => {
    rename(one);
    expect(await settled(one)).toEqual([0, [], RENAMED, RENAMED, 1]);
    expect(one.profile.server.commands.filter(({ name }) => name === 'UNSUBSCRIBE')).toHaveLength(1);
  });
});

it('is renamed once, where the new name was noted and the change could not be confirmed before the process ended', async () => {
  await profile.run(async (one) => {
    const before = one.profile.server.commands.filter(({ name }) => name === 'RENAME').length;
    rename(one);
    one.profile.server.store.rename('Old', 'New');
    one.rig.engine.store.mailboxes.rename(one.mailbox('Old'), 'New');
    expect(await settled(one)).toEqual([0, [], RENAMED, RENAMED, before]);
  });
});

it('is kept in view where the connection ended before its new name was subscribed, and a look took it for gone', async () => {
  const plain = await ScriptProfile.start({
    capabilities: without('OBJECTID'),
    mailboxes: { Trash: { specialUse: '\\Trash' }, Old: {} },
  });
  try {
    await plain.run(async (one) => {
      const { server } = plain;
      const { mailboxes } = one.rig.engine.store;
      const old = one.mailbox('Old');
      await cutInRenaming(one, forgetsSubscription(one));
      // As where changes wait for the end of an outage: nothing is carried out in that look.
      mailboxes.markVanished(old, Date.now());
      expect(await settled(one)).toEqual([0, [], RENAMED, RENAMED, 1]);
      await one.look();
      expect([isMirrored(one, 'New'), server.store.get('New').isSubscribed]).toEqual([true, true]);
    });
  } finally {
    await plain.close();
  }
});

describe('the connection ends in the renaming, and both names are there afterwards', () => {
  const BOTH = ['INBOX', 'New', 'Old', 'Trash'];
  let plain: ScriptProfile;
  beforeAll(async () => {
    plain = await ScriptProfile.start({
      capabilities: without('OBJECTID'),
      mailboxes: { Trash: { specialUse: '\\Trash' }, Old: {} },
      // What is in it before, no other mail has.
      prepare: async (one) => {
        one.profile.server.store.get('Old').add({ raw: profileMail('kept') });
        await one.look();
      },
    });
  });
  afterAll(() => plain.close());

  it('is renamed once where the server makes a mailbox of the old name by itself', async () => {
    await plain.run(async (one) => {
      await cutInRenaming(one, forgetsSubscription(one));
      plain.server.store.create('Old');
      expect(await settled(one)).toEqual([0, [], BOTH, BOTH, 1]);
      await one.look();
      expect([isMirrored(one, 'New'), isMirrored(one, 'Old')]).toEqual([true, true]);
      expect(one.rig.recoverable()).toEqual([]);
      expect(one.rig.rows('New').map(({ subject }) => subject)).toEqual(['subject kept']);
    });
  });

  it('is refused, and told, where somebody else made one of the new name', async () => {
    await plain.run(async (one) => {
      await cutInRenaming(one, () => void plain.server.store.create('New'));
      expect((await settled(one)).slice(0, 4)).toEqual([0, ['rename-mailbox'], BOTH, BOTH]);
      await one.look();
      expect(one.rig.rows('Old').map(({ subject }) => subject)).toEqual(['subject kept']);
    });
  });
});
