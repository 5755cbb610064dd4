import { afterAll, beforeAll, expect, it } from 'vitest';
import { differencesFrom } from '../support/compare.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { without } from '../support/imap-script.ts';
import { RemovalWatch } from '../support/removal-watch.ts';
import { ScriptProfile, type ScriptCase } from '../support/script-profile.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';
import type { ChangesTask } from './changes-child.ts';
import { chainsFor, killAtEach, type Chain } from './kill-chain.ts';
import { changeCommits } from './oplog-places.ts';
import { runChild } from './run-child.ts';

/** Kills at the commits of everything a person can do with mail, and of a server's refusals, and at what follows from them. */

const isSliced = process.env['HOLDOVER_SLICE'] !== undefined;
const LATER_MS = 2 * 3_600_000;

/** Where each mail stands in the end, with its flags. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  ...{ back: ['INBOX'], flagged: ['INBOX \\flagged'], filed: ['Archive'], gone: ['Trash'], again: ['INBOX'] },
  ...{ marked: ['INBOX \\answered'], twice: ['INBOX', 'Projects'], inside: ['Full'], old: ['Renamed'] },
};
const mails = Object.keys(EXPECTED);

const tally = newTally();
const removals = new RemovalWatch();
const killedAt = new Map<string, number>();
let profile: ScriptProfile;

beforeAll(async () => {
  let isReady = false;
  profile = await ScriptProfile.start(
    {
      capabilities: without('MOVE'),
      messages: mails,
      mailboxes: { Trash: { specialUse: '\\Trash' }, Archive: { specialUse: '\\Archive' }, Projects: {}, Full: {}, Old: {} },
      prepare: async (one) => {
        one.actions.delete([one.entry('again')]);
        one.actions.move([one.entry('inside')], one.mailbox('Full'));
        one.actions.move([one.entry('old')], one.mailbox('Old'));
        await one.settle();
        // The journal of before is nobody's concern any more.
        one.rig.engine.store.handle.db.exec('DELETE FROM ops');
      },
    },
    { onCommand: (command) => (isReady ? void removals.check(profile.server.store, command) : 'pass') },
  );
  isReady = true;
});
afterAll(async () => {
  await profile.close();
  reportCases('O1 kills at the commits of changes', tally, {
    ...{ points: killedAt.size, ...removals.figure, seed, mode },
  });
});

/** The first flag is refused for now, and at the first copy the server hangs up. */
function misbehave(): () => void {
  const { server } = profile;
  const ends = [
    server.fault({ command: 'UID STORE', action: { no: '[LIMIT] not now' } }),
    server.fault({ command: 'UID COPY', action: { bye: 'not now' } }),
  ];
  return () => ends.forEach((end) => end());
}

function placesOf(id: string): string[] {
  return profile.server.store.mailboxes
    .flatMap(({ path, messages }) =>
      messages.filter(({ raw }) => raw.includes(`Message-ID: <${id}@`)).map(({ flags }) => [path, ...[...flags].sort()].join(' ')),
    )
    .sort();
}

function judge(one: ScriptCase, place: string): void {
  for (const [id, wanted] of Object.entries(EXPECTED)) {
    const stands = placesOf(id);
    if (stands.length < wanted.length) tally.lost += 1;
    if (stands.length > wanted.length) tally.duplicated += 1;
    expect(stands, `${id}, killed at ${place}`).toEqual(wanted);
  }
  if (one.openCount() > 0) tally.stuck += 1;
  expect([one.openCount(), one.actions.failed()], `killed at ${place}`).toEqual([0, []]);
  const { mailboxes } = one.profile.server.store;
  expect(mailboxes.map(({ path }) => path).sort(), `killed at ${place}`).toEqual(
    ['INBOX', 'Trash', 'Archive', 'Projects', 'Full', 'New', 'Renamed'].sort(),
  );
  expect(differencesFrom(one.rig, 'primary', one.remote()), `killed at ${place}`).toEqual([]);
}

async function play(chain: Chain): Promise<void> {
  const places: string[] = [];
  const dismissed: string[] = [];
  const restore = misbehave();
  let aheadMs = 0;
  await profile.run(
    async (one) => {
      restore();
      await one.settle();
      const place = places.join(', ');
      // One was refused, for good, and a person has read that once.
      expect(dismissed, `killed at ${place}`).toEqual(['delete-mailbox']);
      judge(one, place);
    },
    async ({ dir, key }) => {
      const start = async (crashAt: ChangesTask['crashAt']): Promise<string | null> => {
        const primary = { port: profile.proxy.port, user: 'alice', password: 'pw-alice' };
        const task: ChangesTask = { dir, keyHex: Buffer.from(key).toString('hex'), primary, aheadMs, crashAt };
        const { signal, code, out, stderr } = await runChild(childFile('changes'), task);
        aheadMs += LATER_MS;
        dismissed.push(...[...out.matchAll(/^dismissed (.+)$/gmu)].map((found) => found[1] ?? ''));
        if (signal !== 'SIGKILL') expect(code, `after kills at ${places.join(', ')}: ${stderr}`).toBe(0);
        if (signal !== 'SIGKILL') return null;
        const at = /^killed at (.+)$/mu.exec(out)?.[1] ?? '';
        tally.cases += 1;
        killedAt.set(at, (killedAt.get(at) ?? 0) + 1);
        places.push(at);
        // Put away, and killed before anybody was told.
        if (at === 'commit oplog.dismiss') dismissed.push('delete-mailbox');
        return at;
      };
      await killAtEach(chain, start);
      expect(await start(null)).toBeNull();
    },
  );
}

it(
  'a kill at the commit of any change, refusal or cut loses no mail, doubles none and leaves nothing undone',
  { timeout: isFull ? 7_200_000 : 300_000 },
  async () => {
    for (const chain of sliceOf(chainsFor(changeCommits, { isFull, seed }))) await play(chain);
    expect(tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
    expect(removals.figure.violations).toBe(0);
    const names = new Set([...killedAt.keys()].map((one) => one.split(' ').at(-1)));
    if (!isSliced) expect(changeCommits.flat().filter((name) => !names.has(name))).toEqual([]);
  },
);
