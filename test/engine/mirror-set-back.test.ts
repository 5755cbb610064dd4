import { afterEach, expect, it } from 'vitest';
import { MirroredScripts, type MirroredScript } from '../support/mirrored-script.ts';
import { profileMail } from '../support/script-profile.ts';

const DAY_MS = 86_400_000;
const scripts = new MirroredScripts();
afterEach(() => scripts.close());

const mirrored = (ages: readonly number[]): Promise<MirroredScript> =>
  scripts.open((store, now) => {
    const inbox = store.get('INBOX');
    for (const [n, days] of ages.entries()) inbox.add({ raw: profileMail(`mail-${n}`), internalDate: now - days * DAY_MS });
  });

const told = ({ rig }: MirroredScript): string | null => rig.engine.syncStates()[0]?.error?.code ?? null;
const shown = ({ rig }: MirroredScript): number => rig.rows('INBOX').length;
const several = (count: number, days: number): number[] => Array.from({ length: count }, () => days);

it('a new UIDVALIDITY under which everything is still there is nothing that a person has to be told', async () => {
  const s = await mirrored(several(20, 1));
  s.server.store.get('INBOX').resetUidValidity();
  await s.rig.mirror();
  await s.rig.mirror();
  expect([told(s), shown(s), s.rig.recoverable().length]).toEqual([null, 20, 0]);
});

it('nor is mail that has left the window since, though it is not asked for any more', async () => {
  const s = await mirrored([...several(12, 25), ...several(5, 1)]);
  s.clock.pass(6 * DAY_MS);
  await s.rig.mirror();
  expect(shown(s)).toBe(17);
  s.server.store.get('INBOX').resetUidValidity();
  await s.rig.mirror();
  await s.rig.mirror();
  expect([told(s), shown(s), s.rig.recoverable().length]).toEqual([null, 17, 0]);
});

it('nor mail that was deleted elsewhere while the server lost count of its changes', async () => {
  const s = await mirrored(several(20, 1));
  const inbox = s.server.store.get('INBOX');
  inbox.expunge(3);
  Object.assign(inbox, { highestModSeq: 1n });
  await s.rig.mirror();
  await s.rig.mirror();
  expect([told(s), s.rig.recoverable().length]).toEqual([null, 1]);
});

it('an app that is off between missing the mail and giving it up tells it all the same, and puts it back once', async () => {
  const s = await mirrored(several(20, 1));
  const inbox = s.server.store.get('INBOX');
  const lost = inbox.messages.splice(-4);
  inbox.uidNext = lost[0]!.uid;
  inbox.add({ raw: profileMail('new'), internalDate: lost[0]!.internalDate });
  const { store } = s.rig.engine;
  const commit = store.handle.tx.bind(store.handle);
  let isOff = false;
  store.handle.tx = (name, work) => {
    if (isOff) throw new Error('off');
    const result = commit(name, work);
    isOff = name === 'mirror.save-progress';
    return result;
  };
  await s.rig.engine.mirrorOnce().catch(() => undefined);
  store.handle.tx = commit;
  expect(isOff).toBe(true);
  await s.rig.restart();
  s.clock.pass(DAY_MS / 2);
  await s.rig.mirror();
  await s.rig.mirror();
  expect([told(s), s.rig.recoverable().length]).toEqual(['server-set-back', lost.length]);
  await s.rig.engine.features.lostMail.decide(s.rig.accountId, true);
  await s.rig.mirror();
  await s.rig.mirror();
  expect([told(s), s.rig.recoverable().length, inbox.messages.length]).toEqual([null, 0, 21]);
});
