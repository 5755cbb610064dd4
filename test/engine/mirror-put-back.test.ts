import { afterEach, expect, it } from 'vitest';
import { without, type ScriptStore } from '../support/imap-script.ts';
import { MirroredScripts, type MirroredScript } from '../support/mirrored-script.ts';
import { profileMail } from '../support/script-profile.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const scripts = new MirroredScripts();
afterEach(() => scripts.close());

interface Setting extends MirroredScript {
  /** When the mails of the begin came. */
  readonly at: number;
}

/** An engine that has mirrored mails in INBOX; nothing but their summaries tells the server's mails apart. */
async function mirrored(...ids: readonly string[]): Promise<Setting> {
  let at = 0;
  const fill = (store: ScriptStore, now: number): void => {
    store.create('Projects');
    store.create('Trash', { specialUse: '\\Trash' });
    at = now - DAY_MS;
    for (const [n, id] of ids.entries()) store.get('INBOX').add({ raw: profileMail(id), internalDate: at - n * HOUR_MS });
  };
  return { ...(await scripts.open(fill, { capabilities: without('OBJECTID') })), at };
}

const idsIn = ({ rig }: Setting, path: string) => rig.rows(path).map((one) => one.id);
const lost = ({ rig }: Setting) => rig.recoverable().map((one) => one.id);
const sourceOf = ({ rig }: Setting, id: Setting['rig']['accountId'] | ReturnType<typeof idsIn>[number]) => {
  const { store } = rig.engine;
  const { sourceId } = store.entries.shown(id as ReturnType<typeof idsIn>[number])!;
  return sourceId === null ? null : Buffer.concat([...store.sources.raw(sourceId)]).toString('latin1');
};

/** Another program deletes the first mail, and two looks have found it nowhere. */
async function loseFirst(s: Setting): Promise<void> {
  const inbox = s.server.store.get('INBOX');
  inbox.expunge(inbox.messages[0]!.uid);
  await s.rig.mirror();
  s.clock.pass(HOUR_MS);
  await s.rig.mirror();
}

it('a lost mail that another program puts back with another date is that mail', async () => {
  const s = await mirrored('a');
  const before = idsIn(s, 'INBOX');
  await loseFirst(s);
  expect([idsIn(s, 'INBOX'), lost(s)]).toEqual([[], before]);
  s.server.store.get('INBOX').add({ raw: profileMail('a'), internalDate: s.clock.now() });
  await s.rig.mirror();
  expect([idsIn(s, 'INBOX'), lost(s)]).toEqual([before, []]);
  expect(sourceOf(s, before[0]!)).toBe(profileMail('a'));
  expect(s.rig.placements(before[0]!)).toHaveLength(1);
});

it.each(['before the look', 'after it'])('its restore, asked for %s, adds no second one', async (when) => {
  const s = await mirrored('a');
  const [id] = idsIn(s, 'INBOX');
  await loseFirst(s);
  const inbox = s.server.store.get('INBOX');
  inbox.add({ raw: profileMail('a'), internalDate: s.clock.now() });
  if (when === 'after it') await s.rig.mirror();
  s.rig.engine.actions.restore([id!]);
  await s.rig.mirror();
  await s.rig.mirror();
  expect(inbox.messages).toHaveLength(1);
  expect([idsIn(s, 'INBOX'), lost(s), s.rig.engine.store.ops.countOpen(s.rig.accountId)]).toEqual([[id], [], 0]);
});

it('a move of another program that dates the mail anew is a move', async () => {
  const s = await mirrored('a', 'b');
  const [a, b] = idsIn(s, 'INBOX');
  const inbox = s.server.store.get('INBOX');
  s.server.store.get('Projects').add({ raw: profileMail('a'), internalDate: s.clock.now() });
  inbox.expunge(inbox.messages[0]!.uid);
  await s.rig.mirror();
  s.clock.pass(HOUR_MS);
  await s.rig.mirror();
  expect([idsIn(s, 'INBOX'), idsIn(s, 'Projects').length, lost(s)]).toEqual([[b], 1, []]);
  const moved = idsIn(s, 'Projects')[0]!;
  expect([s.rig.placements(moved).length, sourceOf(s, moved)]).toEqual([1, profileMail('a')]);
  expect(a === moved || s.rig.placements(a!).length === 0).toBe(true);
});

it('a mailbox made anew from a backup that kept no dates holds the same mails', async () => {
  const s = await mirrored('a', 'b', 'c');
  const before = [...idsIn(s, 'INBOX')].sort();
  const inbox = s.server.store.get('INBOX');
  inbox.resetUidValidity();
  for (const one of [...inbox.messages]) inbox.expunge(one.uid);
  for (const id of ['c', 'a', 'b']) inbox.add({ raw: profileMail(id), internalDate: s.clock.now() });
  await s.rig.mirror();
  s.clock.pass(HOUR_MS);
  await s.rig.mirror();
  expect([[...idsIn(s, 'INBOX')].sort(), lost(s)]).toEqual([before, []]);
});

it('another mail with the same head and size is not the lost one', async () => {
  const s = await mirrored('a');
  const before = idsIn(s, 'INBOX');
  await loseFirst(s);
  const other = profileMail('a').replaceAll('usual', 'other');
  s.server.store.get('INBOX').add({ raw: other, internalDate: s.clock.now() });
  await s.rig.mirror();
  s.clock.pass(HOUR_MS);
  await s.rig.mirror();
  const [now] = idsIn(s, 'INBOX');
  expect(sourceOf(s, now!)).toBe(other);
  expect(lost(s).map((id) => sourceOf(s, id))).toEqual([profileMail('a')]);
  expect(before).toHaveLength(1);
});

it('of two copies that stood there, the one that is deleted stays to be brought back', async () => {
  const s = await mirrored('a');
  const inbox = s.server.store.get('INBOX');
  inbox.add({ raw: profileMail('a'), internalDate: s.at + HOUR_MS });
  await s.rig.mirror();
  const both = idsIn(s, 'INBOX');
  expect(both).toHaveLength(2);
  s.clock.pass(HOUR_MS);
  await loseFirst(s);
  expect([idsIn(s, 'INBOX').length, lost(s).length]).toEqual([1, 1]);
});

it('more mail than one portion that went elsewhere, or for good, is each told apart', async () => {
  // So few that nobody holds them back as a mass deletion.
  const [moved, gone] = [110, 20];
  const s = await mirrored(...Array.from({ length: 700 }, (_, n) => `m${n}`));
  const inbox = s.server.store.get('INBOX');
  const before = new Map(s.rig.rows('INBOX').map(({ id, subject }) => [subject, id]));
  for (const [n, { uid, raw, internalDate }] of [...inbox.messages].slice(0, moved + gone).entries()) {
    if (n < moved) s.server.store.get('Projects').add({ raw, internalDate });
    inbox.expunge(uid);
  }
  await s.rig.mirror();
  s.clock.pass(HOUR_MS);
  await s.rig.mirror();
  const entries = (ids: readonly number[]) => ids.map((n) => before.get(`subject m${n}`)).sort();
  const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);
  expect([...idsIn(s, 'Projects')].sort()).toEqual(entries(range(0, moved)));
  expect([...lost(s)].sort()).toEqual(entries(range(moved, gone)));
  expect(s.rig.engine.store.placements.inState(s.rig.accountId, 'primary', 'unlinked', Infinity)).toEqual([]);
});
