import { afterAll, describe, expect, it } from 'vitest';
import { differencesFrom } from '../support/compare.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { allCapabilities, without } from '../support/imap-script.ts';
import { withoutUntagged } from '../support/imap-script/lies.ts';
import { seededRandom } from '../support/random.ts';
import { ScriptProfile, type ScriptCase } from '../support/script-profile.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, seed } from '../support/this-run.ts';

const STEP_BYTES = 100;
const SAMPLE = 8;
const LOOKS = 4;

const ids = Array.from({ length: 60 }, (_, n) => `n${n}`);
/** Really gone, and no range of UIDs: VANISHED is a long line. */
const gone = ids.filter((_, n) => n % 3 === 2);
/** What a look asks of which a false answer could remove mail. */
const COMMANDS = ['LIST', 'STATUS', 'EXAMINE', 'UID SEARCH', 'UID FETCH'];

const variants = [
  { name: 'QRESYNC', capabilities: allCapabilities, asks: ['LIST', 'EXAMINE', 'UID FETCH'] },
  { name: 'no QRESYNC, no ESEARCH', capabilities: without('QRESYNC', 'CONDSTORE', 'ESEARCH', 'LIST-STATUS'), asks: COMMANDS },
];

/** A wrong answer to one command of a look. */
interface Fault {
  readonly name: string;
  readonly plan: (profile: ScriptProfile) => () => void;
}

const tally = newTally();
const counts = { cuts: 0, refusals: 0, withoutLines: 0, failedLooks: 0 };

function arrange(one: ScriptCase): void {
  const inbox = one.profile.server.store.get('INBOX');
  for (const [n, { uid }] of [...inbox.messages].entries()) if (n % 3 === 2) inbox.expunge(uid);
  for (const { uid } of inbox.messages) if (uid % 2 === 0) inbox.setFlags(uid, ['\\Seen', '$Forwarded']);
}

/** Mail that stands on the server and is not present here. */
function lost({ rig }: ScriptCase): number {
  const marks = gone.map(() => '?').join(',');
  const { n } = rig.engine.store.handle.db
    .prepare(`SELECT count(*) AS n FROM placements WHERE state = 'present' AND message_id NOT IN (${marks})`)
    .get(...gone.map((id) => `<${id}@example.com>`)) as { n: number };
  return ids.length - gone.length - n;
}

/** Every command of an undisturbed look, cut at each 100th byte; each refused in three ways, once and for good; SEARCH without its line. */
async function faultsOf(profile: ScriptProfile, asks: readonly string[]): Promise<Fault[]> {
  const faults: Fault[] = [];
  const from = profile.proxy.commands.length;
  await profile.run(async (one) => {
    arrange(one);
    await one.look();
  });
  const seen = new Map<string, number>();
  for (const { name, answerBytes } of profile.proxy.commands.slice(from)) {
    if (!COMMANDS.includes(name)) continue;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    for (let bytes = 0; bytes < (answerBytes ?? 0); bytes += STEP_BYTES) faults.push(cut(name, nth, bytes));
  }
  expect([...seen.keys()].sort()).toEqual(expect.arrayContaining([...asks].sort()));
  for (const name of seen.keys()) {
    for (const reply of ['NO cannot', 'NO [UNAVAILABLE] later', 'BAD what', 'BYE shutting down'])
      for (const nth of [1, 'every'] as const) faults.push(refusal(name, nth, reply));
  }
  if (seen.has('UID SEARCH')) for (const nth of [1, 2, 'every'] as const) faults.push(silentSearch(nth));
  return faults;
}

const cut = (command: string, nth: number, bytes: number): Fault => ({
  name: `${command} ${nth} cut after ${bytes} bytes`,
  plan: ({ proxy }) => {
    counts.cuts += 1;
    const fault = proxy.fault({ command, nth, point: { at: 'answer', bytes }, effect: bytes % 200 === 0 ? 'close' : 'reset' });
    return () => fault.cancel();
  },
});

const refusal = (command: string, nth: 1 | 'every', reply: string): Fault => ({
  name: `${command} ${nth} answered ${reply}`,
  plan: ({ proxy }) => {
    counts.refusals += 1;
    return proxy.refuse({ command, nth, reply });
  },
});

/** As iCloud does where nothing matches; here where much does. */
const silentSearch = (nth: number | 'every'): Fault => ({
  name: `UID SEARCH ${nth} without its line`,
  plan: ({ server }) => {
    counts.withoutLines += 1;
    return server.fault({ command: 'UID SEARCH', nth, action: { rewrite: (answer) => withoutUntagged(answer, 'SEARCH') } });
  },
});

describe.each(variants)('I6: no false answer of a look removes mail here: $name', ({ capabilities, asks }) => {
  it('cut, refused, or without its line', { timeout: isFull ? 1_800_000 : 120_000 }, async () => {
    const profile = await ScriptProfile.start({ capabilities, messages: ids });
    try {
      const all = await faultsOf(profile, asks);
      const chosen = isFull ? sliceOf(all) : seededRandom(seed).shuffle(all).slice(0, SAMPLE);
      for (const { name, plan } of chosen) {
        await profile.run(async (one) => {
          arrange(one);
          const withdraw = plan(profile);
          if ((await one.look()) !== null) counts.failedLooks += 1;
          tally.cases += 1;
          tally.lost += lost(one);
          expect(lost(one), name).toBe(0);
          withdraw();
          for (let n = 0; n < LOOKS; n += 1) await one.look();
          expect(differencesFrom(one.rig, 'primary', one.remote()), name).toEqual([]);
        });
      }
    } finally {
      await profile.close();
    }
  });
});

afterAll(() => reportCases('I6 looks with a false answer', tally, { ...counts, seed }));
