import { afterEach, expect, it } from 'vitest';
import { limits } from '../../shared/limits.ts';
import { viewMailboxes } from '../../main/engine/read/view-mailboxes.ts';
import { without, type ScriptMailbox } from '../support/imap-script.ts';
import { MirroredScripts, type MirroredScript } from '../support/mirrored-script.ts';
import { profileMail } from '../support/script-profile.ts';

const DAY_MS = 86_400_000;
/** More than the guard lets vanish at once. */
const MANY = limits.massVanishCount + 1;

const scripts = new MirroredScripts();
afterEach(() => scripts.close());

/** An engine that has mirrored mailboxes of so many messages each. */
const mirrored = (mailboxes: Readonly<Record<string, number>>): Promise<MirroredScript> =>
  // Without EMAILID: what stands elsewhere is known by its summary.
  scripts.open(
    (store, now) => {
      for (const [path, count] of Object.entries(mailboxes)) {
        const mailbox = store.create(path);
        for (let n = 0; n < count; n += 1) mailbox.add({ raw: profileMail(`${path}-${n}`), internalDate: now - DAY_MS });
      }
    },
    { capabilities: without('OBJECTID') },
  );

/** The same mailbox again, counters and all, as after an answer to LIST that left it out. */
function bringBack({ server }: MirroredScript, gone: ScriptMailbox, path = gone.path): void {
  const { uidValidity, uidNext, highestModSeq, messages, expunged } = gone;
  Object.assign(server.store.create(path, { uidValidity }), { uidNext, highestModSeq, messages, expunged });
}

const shown = ({ rig }: MirroredScript) =>
  viewMailboxes(rig.engine.store)
    .filter((one) => one.role !== 'inbox' && one.total > 0)
    .map((one) => `${one.path || one.role} ${one.total}`);
const told = ({ rig }: MirroredScript) => rig.engine.syncStates()[0]?.error?.code ?? null;

it('a mailbox of many messages that LIST leaves out stays for seven days, and is told', async () => {
  const s = await mirrored({ Kunden: MANY });
  s.server.store.delete('Kunden');
  await s.rig.mirror();
  expect([shown(s), told(s)]).toEqual([[`Kunden ${MANY}`], 'mass-vanish-held']);
  s.clock.pass((limits.massVanishHoldDays - 0.1) * DAY_MS);
  await s.rig.mirror();
  expect([shown(s), told(s)]).toEqual([[`Kunden ${MANY}`], 'mass-vanish-held']);
  s.clock.pass(0.2 * DAY_MS);
  await s.rig.mirror();
  expect([shown(s), told(s)]).toEqual([[`recoverable ${MANY}`], null]);
});

it.each([true, false])('what is held waits for a person, who may put it back: %s', async (isPutBack) => {
  const s = await mirrored({ Kunden: MANY });
  s.server.store.delete('Kunden');
  await s.rig.mirror();
  await s.rig.engine.features.lostMail.decide(s.rig.accountId, isPutBack);
  for (let n = 0; n < 3; n += 1) await s.rig.mirror();
  expect([shown(s), told(s)]).toEqual([[isPutBack ? `Kunden ${MANY}` : `recoverable ${MANY}`], null]);
  expect(s.server.store.find('Kunden')?.messages.length ?? 0).toBe(isPutBack ? MANY : 0);
  expect(new Set(s.server.store.find('Kunden')?.messages.map(({ raw }) => raw.toString())).size).toBe(isPutBack ? MANY : 0);
});

it('an app that ends while it puts back goes on with the rest by itself, and files nothing twice', async () => {
  const s = await mirrored({ Kunden: 130 });
  s.server.store.delete('Kunden');
  await s.rig.mirror();
  const { store } = s.rig.engine;
  const commit = store.handle.tx.bind(store.handle);
  let portions = 0;
  store.handle.tx = (name, work) => {
    if (name === 'mirror.settle-lost' && (portions += 1) === 2) throw new Error('the process ended here');
    return commit(name, work);
  };
  await expect(s.rig.engine.features.lostMail.decide(s.rig.accountId, true)).rejects.toThrow('the process ended here');
  store.handle.tx = commit;
  await s.rig.restart();
  for (let n = 0; n < 4; n += 1) await s.rig.mirror();
  // The portion at whose commit it ended is told in the journal twice, no mail else.
  expect([...s.rig.engine.journal.entries()].filter(({ kind }) => kind === 'restored').length).toBe(130 + 30);
  expect([shown(s), told(s)]).toEqual([['Kunden 130'], null]);
  expect(new Set(s.server.store.get('Kunden').messages.map(({ raw }) => raw.toString())).size).toBe(130);
  expect(s.server.store.get('Kunden').messages).toHaveLength(130);
});

it('one of few messages is let go at once, several of few together are not', async () => {
  const s = await mirrored({ A: 10, B: 30, C: 30 });
  s.server.store.delete('A');
  await s.rig.mirror();
  expect([shown(s), told(s)]).toEqual([['B 30', 'C 30', 'recoverable 10'], null]);
  s.server.store.delete('B');
  s.server.store.delete('C');
  await s.rig.mirror();
  expect([shown(s), told(s)]).toEqual([['B 30', 'C 30', 'recoverable 10'], 'mass-vanish-held']);
});

it('held mail that comes back is as it was, and is told no more', async () => {
  const s = await mirrored({ Kunden: MANY });
  const gone = s.server.store.get('Kunden');
  s.server.store.delete('Kunden');
  await s.rig.mirror();
  bringBack(s, gone);
  await s.rig.mirror();
  expect([shown(s), told(s)]).toEqual([[`Kunden ${MANY}`], null]);
  s.clock.pass((limits.massVanishHoldDays + 0.1) * DAY_MS);
  await s.rig.mirror();
  expect([shown(s), told(s)]).toEqual([[`Kunden ${MANY}`], null]);
});

it('few messages that were let go and come back are where they were', async () => {
  const s = await mirrored({ Kunden: 3 });
  const gone = s.server.store.get('Kunden');
  s.server.store.delete('Kunden');
  await s.rig.mirror();
  expect(shown(s)).toEqual(['recoverable 3']);
  bringBack(s, gone);
  await s.rig.mirror();
  expect(shown(s)).toEqual(['Kunden 3']);
});

it('a mailbox whose messages turn up under another name and epoch was moved, not lost', async () => {
  const s = await mirrored({ Kunden: MANY });
  const gone = s.server.store.get('Kunden');
  s.server.store.delete('Kunden');
  const moved = s.server.store.create('Neu');
  for (const { raw, internalDate } of gone.messages) moved.add({ raw, internalDate });
  await s.rig.mirror();
  await s.rig.mirror();
  expect([shown(s), told(s)]).toEqual([[`Neu ${MANY}`], null]);
});
