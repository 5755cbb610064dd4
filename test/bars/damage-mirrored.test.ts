import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { readReport } from '../../main/engine/store/mend/journal.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { differencesFrom } from '../support/compare.ts';
import { readAll } from '../support/damage-image.ts';
import { flip, SPECIALS, type LeftState } from '../support/damage-kinds.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { frozenMessage } from '../support/frozen.ts';
import { allCapabilities } from '../support/imap-script.ts';
import { seededRandom, type SeededRandom } from '../support/random.ts';
import { profileMail, ScriptProfile, type ScriptCase } from '../support/script-profile.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';

/**
 * Bar S6, to its end: after a store was damaged, set aside and salvaged, everything is mirrored again, and what is here is what the server holds;
 * unsent mail is all there, and every change of the person is with the server, or told as lost.
 */

const FLIPS = isFull ? 120 : 6;
const CUTS = isFull ? 40 : 2;
const SPECIAL_SAMPLE = 3;
const UNSENT = 8;
const DAY_MS = 86_400_000;
const LOOKS = 4;

const flagged = ['a', 'b', 'c'];
const inbox = [...flagged, 'd', ...Array.from({ length: 20 }, (_, n) => `m${n}`)];
const projects = Array.from({ length: 6 }, (_, n) => `p${n}`);

let profile: ScriptProfile;
let killedDir = '';
let unsent: ReadonlyMap<string, string> = new Map();
const tally = newTally();
const totals = { mended: 0, restarts: 0, changesKept: 0, changesTold: 0 };

/** Unsent mail and changes, the last of them in the WAL alone. */
async function prepare(one: ScriptCase): Promise<void> {
  const { server } = one.profile;
  for (const id of projects) server.store.get('Projects').add({ raw: profileMail(id), internalDate: wholeDay() });
  await one.settle();
  const { store } = one.rig.engine;
  store.handle.checkpoint();
  for (let n = 0; n < UNSENT; n += 1) {
    const text = 'x'.repeat(n % 3 === 0 ? 20_000 : 400);
    store.outbox.add(frozenMessage(one.rig.accountId, { text, sendAfter: Date.now() + DAY_MS }), 'alice@example.com', n + 1);
  }
  one.actions.setFlag(
    flagged.map((id) => one.entry(id)),
    'flagged',
    true,
  );
  one.actions.move([one.entry('d')], one.mailbox('Projects'));
  unsent = new Map([...readAll({ handle: store.handle, outboxHandle: store.outboxHandle }).mails]);
  killedDir = mkdtempSync(join(tmpdir(), 'holdover-killed-'));
  cpSync(one.rig.dir, killedDir, { recursive: true });
}

const wholeDay = (): number => Math.floor(Date.now() / 1000) * 1000 - DAY_MS;

beforeAll(async () => {
  profile = await ScriptProfile.start({ capabilities: allCapabilities, messages: inbox, prepare });
  expect(unsent.size).toBe(UNSENT);
});
afterAll(async () => {
  await profile.close();
  rmSync(killedDir, { recursive: true, force: true });
  reportCases('S6 mirrored again after damage', tally, { ...totals, seed, mode });
});

/** Opens as the app does, looks until nothing changes, and reads everything: at most one new start after a page that is met in use. */
async function openAndMirror(place: { readonly dir: string; readonly key: Uint8Array }): Promise<number> {
  for (let restarts = 0; ; restarts += 1) {
    const rig = await EngineRig.attach({ primary: { port: profile.proxy.port, user: 'alice', password: 'pw-alice' } }, place);
    try {
      for (let n = 0; n < LOOKS; n += 1) await rig.mirror();
      const { handle, outboxHandle } = rig.engine.store;
      readAll({ handle, outboxHandle });
      return restarts;
    } catch (error) {
      if (restarts > 0) throw error;
    } finally {
      await rig.engine.stop();
    }
  }
}

/** What happened at the server meanwhile. */
function meanwhile(): void {
  const box = profile.server.store.get('INBOX');
  box.add({ raw: profileMail('new'), internalDate: wholeDay() });
  const uidOf = (id: string): number => box.messages.find(({ raw }) => raw.equals(Buffer.from(profileMail(id))))!.uid;
  box.setFlags(uidOf('m1'), ['\\Seen']);
  box.expunge(uidOf('m2'));
}

interface Case {
  readonly name: string;
  readonly state: LeftState;
  readonly file: 'mail.db' | 'outbox.db';
  readonly damage: (path: string, key: Uint8Array) => void;
}

function judge(one: ScriptCase, { name, file }: Case): void {
  const remote = one.remote();
  const found = differencesFrom(one.rig, 'primary', remote);
  tally.stuck += found.length + one.openCount();
  expect([found, one.openCount()], name).toEqual([[], 0]);
  for (const [path, { messages }] of remote) expect(one.rig.rows(path).length, `${name}: rows of ${path}`).toBe(messages.length);
  // Nothing of the server's was touched but by the person's changes.
  const wanted = [...inbox, ...projects, 'new'].filter((id) => id !== 'm2');
  for (const id of wanted) {
    const copies = one.copies(id).length;
    if (copies === 0) tally.lost += 1;
    if (copies > 1) tally.duplicated += 1;
    expect(copies, `${name}: ${id} at the server`).toBe(1);
  }
  const report = readReport(join(one.rig.dir, file));
  const isTold = report !== null && !report.isWhole;
  // A change that was read, and whose mail was not, is listed as well.
  const failed = one.actions.failed().map(({ error }) => error?.code);
  expect(failed, name).toEqual(isTold ? failed.map(() => 'message-missing') : []);
  const isFlagged = (id: string): boolean =>
    one.profile.server.store.mailboxes.some(({ messages }) =>
      messages.some(({ raw, flags }) => raw.equals(Buffer.from(profileMail(id))) && [...flags].some((flag) => /^\\flagged$/iu.test(flag))),
    );
  const done = flagged.filter(isFlagged).length + (one.copies('d')[0] === 'Projects' ? 1 : 0);
  const lostChanges = flagged.length + 1 - done;
  const { handle, outboxHandle } = one.rig.engine.store;
  const kept = readAll({ handle, outboxHandle }).mails;
  const lostMails = [...unsent].filter(([id, digest]) => kept.get(id) !== digest).length;
  if (!isTold) tally.lost += lostChanges + lostMails;
  if (file === 'mail.db') expect(lostMails, `${name}: damage of the mirror touched unsent mail`).toBe(0);
  else expect(lostChanges, `${name}: damage of the outbox touched changes`).toBe(0);
  expect(lostChanges + lostMails === 0 || isTold, `${name}: ${lostChanges} changes and ${lostMails} mails lost without a word`).toBe(true);
  totals.mended += report === null ? 0 : 1;
  totals.changesKept += done;
  totals.changesTold += lostChanges;
}

async function check(one: Case): Promise<void> {
  tally.cases += 1;
  await profile.run(
    async (opened) => {
      // The app's next start, on what was mended.
      await opened.settle();
      judge(opened, one);
    },
    async ({ dir, key }) => {
      if (one.state === 'killed') {
        rmSync(dir, { recursive: true });
        cpSync(killedDir, dir, { recursive: true });
      }
      meanwhile();
      one.damage(join(dir, one.file), key);
      totals.restarts += await openAndMirror({ dir, key });
    },
  );
}

/** A file of the database that has bytes, by its size: the database itself most often. */
function partOf(random: SeededRandom, path: string): string {
  const parts = ['', '-wal']
    .map((part) => path + part)
    .filter((name) => readdirSync(join(path, '..')).some((one) => name.endsWith(`/${one}`)));
  return random.pick(parts.filter((name) => statSync(name).size > 0));
}

/** A page that the engine meets when it prepares its statements, after the stores are open. */
function spoilIndex(path: string, key: Uint8Array): void {
  const { handle, outboxHandle } = openProfileStores({ dir: dirname(path), key, clock: systemClock, log: silentLog });
  const root = handle.db.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'search_terms_config'").pluck().get() as number;
  const pageBytes = handle.db.pragma('page_size', { simple: true }) as number;
  handle.close();
  outboxHandle.close();
  flip(path, (root - 1) * pageBytes + 100, 1);
}

function allCases(): Case[] {
  const random = seededRandom(seed);
  const states = ['closed', 'killed'] as const;
  const cases: Case[] = [];
  for (let n = 0; n < FLIPS + CUTS; n += 1) {
    const isCut = n >= FLIPS;
    const [state, at, bit, own] = [states[n % 2]!, random.next(), random.int(0, 7), seededRandom(seed + n)];
    const damage = (path: string): void => {
      const part = partOf(own, path);
      const offset = Math.floor(at * statSync(part).size);
      if (isCut) truncateSync(part, offset);
      else flip(part, offset, bit);
    };
    const name = `${isCut ? 'cut' : `flip of bit ${bit}`} at ${at.toFixed(4)}`;
    cases.push({ name: `${name} of mail.db, ${state}`, state, file: 'mail.db', damage });
    if (n % 4 === 0) cases.push({ name: `${name} of outbox.db, ${state}`, state, file: 'outbox.db', damage });
  }
  cases.push({ name: 'page of the search index of mail.db, closed', state: 'closed', file: 'mail.db', damage: spoilIndex });
  const specials = isFull ? SPECIALS : random.shuffle([...SPECIALS]).slice(0, SPECIAL_SAMPLE);
  for (const [name, state, damage] of specials) cases.push({ name: `${name} of mail.db, ${state}`, state, file: 'mail.db', damage });
  return cases;
}

it('what is mirrored after any damage is what the server holds, and unsent mail and changes are kept or told', async () => {
  const wrong: string[] = [];
  for (const one of sliceOf(allCases())) await check(one).catch((error: unknown) => wrong.push(`${one.name}: ${String(error)}`));
  expect(wrong).toEqual([]);
  expect(tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
  expect(totals.mended).toBeGreaterThan(tally.cases / 3);
  expect(totals.changesKept).toBeGreaterThan(0);
});
