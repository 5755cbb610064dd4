import { afterAll, describe, expect, it } from 'vitest';
import { asMailboxId, type EntryId } from '../../shared/model/ids.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { allCapabilities, startImapScript, without } from '../support/imap-script.ts';
import { RateClock } from '../support/rate-clock.ts';
import { profileMail } from '../support/script-profile.ts';
import { isFull, mode } from '../support/this-run.ts';

/** Bar O10: a change that the server refuses for good is shown as the server has it, and told; deletions too. None is dropped in silence. */

const LONGEST_PAUSE_MS = 6 * 60_000;
/** More looks than a change without a verdict is tried. */
const LOOKS = 12;

const faces = [
  { name: 'MOVE', capabilities: allCapabilities },
  { name: 'no MOVE', capabilities: without('MOVE') },
  { name: 'no UIDPLUS, no CONDSTORE', capabilities: without('UIDPLUS', 'CONDSTORE', 'QRESYNC', 'MOVE') },
] as const;

/** `once more`: a refusal that says nothing, again and again. */
const refusals = {
  'not allowed': '[NOPERM] no',
  'cannot be done': '[CANNOT] no',
  'over quota': '[OVERQUOTA] full',
  'once more': 'no',
} as const;

type Way = (rig: EngineRig, id: EntryId, mailbox: (path: string) => number) => void;
const ways: Readonly<Record<string, Way>> = {
  'mark as read': ({ engine }, id) => void engine.actions.setFlag([id], 'seen', true),
  'take a star away': ({ engine }, id) => void engine.actions.setFlag([id], 'flagged', false),
  move: ({ engine }, id, mailbox) => void engine.actions.move([id], asMailboxId(mailbox('Projects'))),
  archive: ({ engine }, id) => void engine.actions.archive([id]),
  delete: ({ engine }, id) => void engine.actions.delete([id]),
  'delete for good': ({ engine }, id) => void engine.actions.changePlace(id, { kind: 'delete' }),
};

const tally = { cases: 0, reverted: 0, shown: 0, silent: 0 };
afterAll(() => reportFigure('O10 changes refused for good', { ...tally, mode }));

async function play(capabilities: readonly string[], text: string, way: Way, name: string): Promise<void> {
  const server = await startImapScript({ capabilities });
  for (const [path, specialUse] of [['Trash', '\\Trash'], ['Archive', '\\Archive'], ['Projects']] as const) {
    server.store.create(path, specialUse === undefined ? {} : { specialUse });
  }
  const inbox = server.store.get('INBOX');
  inbox.add({ raw: profileMail('a'), flags: ['\\Flagged'], internalDate: Date.now() - 86_400_000 });
  const clock = new RateClock();
  const rig = await EngineRig.open({ primary: { port: server.port, user: 'alice', password: 'pw-alice' }, clock });
  try {
    await rig.mirror();
    const before = rig.rows('INBOX')[0]!;
    const mailboxes = rig.engine.store.mailboxes.list(rig.accountId, 'primary');
    for (const command of ['UID STORE', 'UID MOVE', 'UID COPY', 'UID EXPUNGE', 'APPEND'])
      server.fault({ command, nth: 'every', action: { no: text } });
    way(rig, before.id, (path) => mailboxes.find((one) => one.path === path)!.id);
    for (let n = 0; n < LOOKS && rig.engine.store.ops.countOpen(rig.accountId) > 0; n += 1) {
      await rig.mirror();
      clock.suspend(LONGEST_PAUSE_MS);
    }
    await rig.mirror();
    tally.cases += 1;
    const failed = rig.engine.actions.failed();
    const rows = rig.rows('INBOX').filter((row) => row.id === before.id);
    const isReverted = rows.length === 1 && rows[0]!.isSeen === before.isSeen && rows[0]!.isFlagged === before.isFlagged;
    tally.reverted += Number(isReverted);
    tally.shown += Number(failed.length === 1);
    tally.silent += Number(failed.length === 0);
    expect(rig.engine.store.ops.countOpen(rig.accountId), `${name}: left open`).toBe(0);
    expect(
      failed.map((one) => [one.subject, one.entryId]),
      `${name}: told`,
    ).toEqual([['subject a', before.id]]);
    expect(failed[0]!.error, name).not.toBeNull();
    expect(isReverted, `${name}: shown as the server has it`).toBe(true);
    expect(
      inbox.messages.map((one) => [...one.flags]),
      name,
    ).toEqual([['\\Flagged']]);
    // It stays told over a restart, until the person has seen it.
    await rig.restart();
    expect(rig.engine.actions.failed(), name).toHaveLength(1);
    rig.engine.actions.dismiss(failed[0]!.opId);
    expect(rig.engine.actions.failed(), name).toEqual([]);
  } finally {
    await rig.close();
    await server.close();
  }
}

describe.each(faces)('what a server refuses for good: $name', ({ name: face, capabilities }) => {
  it.each(Object.entries(ways))('%s', async (what, way) => {
    const all = Object.entries(refusals);
    // In the sample each way meets another refusal on each face.
    const nth = Object.keys(ways).indexOf(what) + faces.findIndex((one) => one.name === face);
    const chosen = isFull ? all : [all[nth % all.length]!];
    for (const [why, text] of chosen) await play(capabilities, text, way, `${face}, ${what}, ${why}`);
  });
});
