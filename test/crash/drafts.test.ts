import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import type { DraftRow } from '../../main/engine/store/draft-row.ts';
import type { DraftStore } from '../../main/engine/store/drafts.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { startImapScript, ScriptStore, type ImapScript, type ScriptMessage } from '../support/imap-script.ts';
import { seededRandom } from '../support/random.ts';
import { RemovalWatch } from '../support/removal-watch.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';
import { runChild } from './run-child.ts';
import type { Acknowledged, DraftsTask } from './drafts-child.ts';

const SAMPLE = 4;
/** Copies of this size are refused by the primary. */
const TOO_LARGE_BYTES = 10_000;
/** Longer than a copy whose filing was cut off is looked for. */
const LATE_MS = 15 * 60_000;

const scratch = mkdtempSync(join(tmpdir(), 'holdover-drafts-'));
let profile: { dir: string; key: Uint8Array };

function newStore(): ScriptStore {
  const store = new ScriptStore();
  store.create('Drafts', { specialUse: '\\Drafts' });
  return store;
}

/** A copy of the draft that is written on makes room only for a newer one; others go because a person discards or sends them. */
let replaced = 0;
const removals = new RemovalWatch((source, store) => {
  if (!/^Subject: kept$/mu.test(source.raw.toString('latin1'))) return true;
  replaced += 1;
  const isOther = (one: ScriptMessage): boolean => one !== source && !one.flags.has('\\Deleted');
  return store.get('Drafts').messages.some((one) => isOther(one) && /^Subject: kept$/mu.test(one.raw.toString('latin1')));
});

const login = (server: ImapScript): RigServer => ({ port: server.port, user: 'alice', password: 'pw-alice' });

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** One port for all runs: it is part of the profile. */
async function withServer<T>(work: (server: ImapScript) => Promise<T>, port = 0): Promise<T> {
  const store = newStore();
  const server = await startImapScript({ store, port, onCommand: (command) => void removals.check(store, command) });
  server.fault({
    ...{ command: 'APPEND', nth: 'every' },
    action: ({ args }) => (Number(/\{(\d+)\+?\}/u.exec(args)?.[1] ?? 0) > TOO_LARGE_BYTES ? { no: '[TOOBIG] large' } : 'pass'),
  });
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

async function makeProfile(): Promise<number> {
  return withServer(async (server) => {
    const rig = await EngineRig.open({ primary: login(server) });
    await rig.mirror();
    await rig.engine.stop();
    profile = { dir: rig.dir, key: rig.key };
    return server.port;
  });
}

async function run(task: DraftsTask) {
  const { out, ...ended } = await runChild(childFile('drafts'), task);
  const told = out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Acknowledged);
  return { ...ended, told };
}

/** Subject and text of every draft on the server that is not marked as deleted. */
async function onServer(server: ImapScript): Promise<string[]> {
  const live = server.store.get('Drafts').messages.filter((one) => !one.flags.has('\\Deleted'));
  const mails = await Promise.all(live.map((one) => simpleParser(one.raw)));
  return mails.map((mail) => `${mail.subject} ${(mail.text ?? '').trim()} ${mail.attachments.length}`).sort();
}

/** Subject, text and number of files. */
const lineOf = ({ files }: DraftStore, { id, content }: DraftRow): string =>
  `${content.subject} ${content.text} ${files.ofDraft(id).length}`;

interface Wrong {
  readonly fault: 'lost' | 'duplicated' | 'stuck';
  readonly what: string;
}

/** Goes on after the kill until nothing is left to do, and says what is wrong then. */
async function resume(server: ImapScript, dir: string, told: readonly Acknowledged[]): Promise<Wrong[]> {
  let aheadMs = 60_000;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const rig = await EngineRig.attach({ primary: login(server), clock }, { dir, key: profile.key });
  const wrong: Wrong[] = [];
  const say = (fault: Wrong['fault'], what: string): void => void wrong.push({ fault, what });
  try {
    await rig.mirror();
    // Once for what was refused before the kill, and once for the copy that its filing may have left.
    for (let n = 0; n < 2; n += 1) {
      aheadMs += LATE_MS;
      await rig.mirror();
    }
    const { drafts, outbox } = rig.engine.store;
    const open = drafts.open().filter((row) => row.revision > 0);
    const here = open.map((row) => lineOf(drafts, row)).sort();
    if (open.some((row) => row.conflictAt !== null)) say('duplicated', 'a conflict with ourselves');
    // What the primary does not take is here, and says why.
    const large = open.filter((row) => row.content.text.length >= TOO_LARGE_BYTES);
    if (large.some((row) => row.filingRefusal?.error.code !== 'message-too-large-for-server')) say('stuck', 'a refusal is not told');
    const others = open.filter((row) => !large.includes(row));
    if (others.some((row) => row.filingRefusal !== null)) say('stuck', 'a refusal outlived its reason');
    const taken = others.map((row) => lineOf(drafts, row)).sort();
    const there = await onServer(server);
    const fault = there.length < taken.length ? 'lost' : there.length > taken.length ? 'duplicated' : 'stuck';
    if (JSON.stringify(taken) !== JSON.stringify(there)) say(fault, `here ${taken.join(', ')}; on the server ${there.join(', ')}`);
    const queued = outbox.inStates(rig.accountId, ['queued']).map((one) => one.subject);
    for (const line of told) {
      if ('saved' in line) {
        const [name] = line.saved;
        const isKept = here.some((one) => one.startsWith(`${name} `)) || queued.includes(name) || name === 'dropped';
        if (!isKept) say('lost', name);
      } else if ('discarded' in line && here.some((one) => one.startsWith(line.discarded)))
        say('duplicated', 'a discarded draft came back');
      else if ('sent' in line && (queued.length !== 1 || here.some((one) => one.startsWith(line.sent))))
        say(queued.length === 0 ? 'lost' : 'duplicated', 'sent, but not once in the outbox');
    }
    const last = told.filter((line) => 'saved' in line && line.saved[0] === 'kept').at(-1);
    if (last && 'saved' in last && last.saved[1] === 'second' && !here.some((one) => one.startsWith('kept second')))
      say('lost', 'an acknowledged save');
    const lastRefused = told.filter((line) => 'saved' in line && line.saved[0] === 'refused').at(-1);
    // What was saved after it may be there though the kill came before that could be acknowledged.
    const isHere = (text: string): boolean => here.some((one) => one.startsWith(`refused ${text}`));
    if (lastRefused && 'saved' in lastRefused && !isHere(lastRefused.saved[1]) && !isHere('shorter'))
      say('lost', 'an acknowledged save of a draft that the primary refused');
    const settled = new Set<string>(['filed', ...(large.length > 0 ? ['filing'] : [])]);
    const states = rig.engine.store.outboxHandle.db.prepare('SELECT state FROM draft_copies').pluck().all() as string[];
    const unsettled = states.filter((state) => !settled.has(state));
    if (unsettled.length > 0) say('stuck', `${unsettled.length} copies never settled`);
  } finally {
    await rig.engine.stop();
  }
  return wrong;
}

it('a kill at any step loses no draft and leaves none twice', { timeout: isFull ? 7_200_000 : 300_000 }, async () => {
  const port = await makeProfile();
  const once = (crashAt: number) =>
    withServer(async (server) => {
      const dir = mkdtempSync(join(scratch, 'p-'));
      cpSync(profile.dir, dir, { recursive: true });
      const outcome = await run({
        dir,
        keyHex: Buffer.from(profile.key).toString('hex'),
        primary: login(server),
        tooLargeBytes: TOO_LARGE_BYTES,
        crashAt,
      });
      const wrong = await resume(server, dir, outcome.told);
      rmSync(dir, { recursive: true, force: true });
      return { ...outcome, wrong };
    }, port);
  const whole = await once(0);
  expect(whole.steps, whole.stderr).toBeGreaterThan(50);
  expect(whole.wrong).toEqual([]);
  const all = Array.from({ length: whole.steps }, (_, n) => n + 1);
  const chosen = isFull ? sliceOf(all) : seededRandom(seed).shuffle(all).slice(0, SAMPLE);
  const failures: string[] = [];
  const tally = newTally();
  for (const crashAt of chosen) {
    const { signal, wrong, stderr } = await once(crashAt);
    if (signal !== 'SIGKILL') failures.push(`${crashAt}: not killed ${stderr.slice(0, 300)}`);
    tally.cases += 1;
    for (const { fault } of wrong) tally[fault] += 1;
    failures.push(...wrong.map((one) => `${crashAt}: ${one.what}`));
  }
  reportCases('drafts: kills while filing', tally, { points: whole.steps, replaced, ...removals.figure, seed });
  expect(replaced).toBeGreaterThan(0);
  expect(removals.figure.violations).toBe(0);
  expect(failures).toEqual([]);
});
