import { describe, expect, it } from 'vitest';
import { allCapabilities, without, type ScriptAction, type ScriptCommand } from '../support/imap-script.ts';
import { ScriptProfile, type ScriptCase } from '../support/script-profile.ts';

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
