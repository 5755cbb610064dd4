import { describe, expect, it } from 'vitest';
import { allCapabilities, without, type ScriptAction, type ScriptCommand } from '../support/imap-script.ts';
import { profileMail, ScriptProfile, type ScriptCase } from '../support/script-profile.ts';

const move = (one: ScriptCase): void => void one.actions.move([one.entry('a')], one.mailbox('Projects'));

async function on(capabilities: readonly string[], work: (one: ScriptCase) => Promise<void>): Promise<void> {
  const profile = await ScriptProfile.start({ capabilities });
  try {
    await profile.run(work);
  } finally {
    await profile.close();
  }
}

describe('a move by copying', () => {
  it.each(['NO [OVERQUOTA] full', 'NO [NOPERM] denied', 'BAD what'])('whose copy stands is carried to its end after %s', async (reply) => {
    await on(without('MOVE'), async (one) => {
      move(one);
      const [status = '', ...words] = reply.split(' ');
      one.profile.server.fault({ command: 'UID STORE', action: status === 'NO' ? { no: words.join(' ') } : { bad: words.join(' ') } });
      await one.settle();
      expect(one.copies('a')).toEqual(['Projects']);
      expect([one.openCount(), one.actions.failed()]).toEqual([0, []]);
    });
  });

  it('that is refused leaves the mail where it is, and is told', async () => {
    await on(without('MOVE'), async (one) => {
      move(one);
      one.profile.server.fault({ command: 'UID COPY', action: { no: '[OVERQUOTA] full' } });
      await one.settle();
      expect(one.copies('a')).toEqual(['INBOX']);
      expect(one.actions.failed()).toHaveLength(1);
    });
  });

  it('whose answer was lost is not made a second time by a MOVE that the next session offers', async () => {
    await on(without('MOVE'), async (one) => {
      move(one);
      one.profile.server.fault({ command: 'UID COPY', action: { cutAfterBytes: 0 } });
      expect(await one.look()).not.toBeNull();
      expect(one.copies('a')).toEqual(['INBOX', 'Projects']);
      one.profile.server.setCapabilities(allCapabilities);
      await one.settle();
      expect(one.copies('a')).toEqual(['Projects']);
      expect([one.openCount(), one.actions.failed()]).toEqual([0, []]);
    });
  });
});

describe('a MOVE in the middle of which the server dies', () => {
  /** It has copied these and removed none. */
  const dying = (one: ScriptCase, ids: readonly string[]): void => {
    const { store } = one.profile.server;
    const before = (): void => {
      const standing = store.get('INBOX').messages.filter(({ raw }) => ids.some((id) => raw.equals(Buffer.from(profileMail(id)))));
      for (const { raw, internalDate, flags } of standing) store.get('Projects').add({ raw, internalDate, flags: [...flags] });
    };
    one.profile.server.fault({ command: 'UID MOVE', action: { before, then: { bye: 'killed' } } });
  };

  it('has made the copy: only the original is left to go', async () => {
    await on(allCapabilities, async (one) => {
      dying(one, ['a']);
      move(one);
      expect(await one.look()).not.toBeNull();
      expect(one.copies('a')).toEqual(['INBOX', 'Projects']);
      await one.settle();
      expect(one.copies('a')).toEqual(['Projects']);
      expect([one.openCount(), one.actions.failed()]).toEqual([0, []]);
    });
  });

  it.each([[['a']], [['a', 'b']], [[]]])('of several, has copied %j', async (copied) => {
    await on(allCapabilities, async (one) => {
      dying(one, copied);
      one.actions.move([one.entry('a'), one.entry('b')], one.mailbox('Projects'));
      expect(await one.look()).not.toBeNull();
      await one.settle();
      expect([one.copies('a'), one.copies('b')]).toEqual([['Projects'], ['Projects']]);
      expect([one.openCount(), one.actions.failed()]).toEqual([0, []]);
    });
  });

  it('takes flags along that somebody has set on the original since', async () => {
    await on(allCapabilities, async (one) => {
      dying(one, ['a']);
      move(one);
      expect(await one.look()).not.toBeNull();
      const { store } = one.profile.server;
      const original = store.get('INBOX').messages.find(({ raw }) => raw.equals(Buffer.from(profileMail('a'))))!;
      store.get('INBOX').setFlags(original.uid, ['\\Flagged']);
      await one.settle();
      const [copy] = store.get('Projects').messages;
      expect([one.copies('a'), [...copy!.flags].map((flag) => flag.toLowerCase())]).toEqual([['Projects'], ['\\flagged']]);
    });
  });
});

describe('a mailbox that is to go', () => {
  it('waits for the mail that was to leave it before', async () => {
    await on(allCapabilities, async (one) => {
      move(one);
      await one.settle();
      expect(one.copies('a')).toEqual(['Projects']);
      one.actions.move([one.entry('a')], one.mailbox('Archive'));
      one.actions.changeMailbox(one.rig.accountId, { kind: 'delete-mailbox', mailboxId: one.mailbox('Projects') });
      one.profile.server.fault({ command: 'UID MOVE', action: { no: '[INUSE] busy' } });
      await one.settle();
      expect(one.copies('a')).toEqual(['Archive']);
      expect(one.profile.server.store.find('Projects')).toBeNull();
      expect([one.openCount(), one.actions.failed()]).toEqual([0, []]);
    });
  });

  it('is refused at last where that mail stays', async () => {
    await on(allCapabilities, async (one) => {
      move(one);
      await one.settle();
      one.actions.move([one.entry('a')], one.mailbox('Archive'));
      one.actions.changeMailbox(one.rig.accountId, { kind: 'delete-mailbox', mailboxId: one.mailbox('Projects') });
      one.profile.server.fault({ command: 'UID MOVE', nth: 'every', action: { no: '[OVERQUOTA] full' } });
      await one.settle();
      expect(one.copies('a')).toEqual(['Projects']);
      expect(one.openCount()).toBe(0);
      expect(one.actions.failed()).toHaveLength(2);
    });
  });
});

describe('a restore out of the Trash', () => {
  it.each(['[NOPERM] denied', '[TRYCREATE] none', '[OVERQUOTA] full'])(
    'is no second copy where the Trash was refused once: %s',
    async (no) => {
      await on(allCapabilities, async (one) => {
        one.actions.delete([one.entry('a')]);
        await one.settle();
        expect(one.copies('a')).toEqual(['Trash']);
        one.actions.restore([one.entry('a')]);
        let refused = 0;
        const action = ({ args }: ScriptCommand): ScriptAction => (args.includes('Trash') && (refused += 1) === 1 ? { no } : 'pass');
        one.profile.server.fault({ command: 'EXAMINE', nth: 'every', action });
        await one.settle();
        expect(refused).toBeGreaterThan(1);
        expect(one.copies('a')).toEqual(['INBOX']);
        expect([one.openCount(), one.actions.failed()]).toEqual([0, []]);
      });
    },
  );
});
