import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { systemRandom } from '../../main/engine/core/random.ts';
import { createIngest } from '../../main/engine/ingest/ingest.ts';
import type { Ingest } from '../../main/engine/ingest/protocol.ts';
import { MAX_BODY_ATTEMPTS } from '../../main/engine/mirror/body-fetch.ts';
import { openMessage, readSource } from '../../main/engine/read/read-message.ts';
import type { EntryId } from '../../shared/model/ids.ts';
import type { MessageProblem } from '../../shared/model/message.ts';
import { brokenWorker } from '../support/broken-worker.ts';
import { buildIngest, type BuiltIngest } from '../support/built-ingest.ts';
import { EngineRig, type RigOptions } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { asOtherMail, editFetchAnswer } from '../support/fetch-answer.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { until } from '../support/until.ts';

const MESSAGES = 1_000;
const LOGIN = { user: 'alice', password: 'pw-alice' };
const sha = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const mail = (n: number, body: string): string =>
  `From: A <a@example.com>\r\nTo: b@example.org\r\nSubject: n ${n}\r\nMessage-ID: <${n}@example.com>\r\n` +
  `Date: Wed, 01 Jan 2025 10:00:00 +0000\r\n\r\n${body}\r\n`;

/** What the server does where it would send the source of a message. */
type Lie = 'refused' | 'garbage' | 'nil' | 'other-mail' | 'cut';

interface Poison {
  readonly raw: (n: number) => Buffer | string;
  readonly lie?: Lie;
  /** Problem that is told of it, or one of them; where its bytes came, they can be seen. */
  readonly problem: string;
}

const usual = (n: number): string => mail(n, `Line ${n}`);
const POISON: Readonly<Record<string, Poison>> = {
  'kills the worker': { raw: (n) => mail(n, 'DIE-HERE'), problem: 'parse-failed' },
  'hangs the worker': { raw: (n) => mail(n, 'HANG-HERE'), problem: 'parse-timeout' },
  'takes all memory': { raw: (n) => mail(n, 'GROW-HERE'), problem: 'parse-failed or parse-timeout' },
  'has no byte': { raw: () => '', problem: 'no-message-id' },
  'is NUL': { raw: () => Buffer.alloc(4_000), problem: 'no-message-id' },
  'is refused': { raw: usual, lie: 'refused', problem: 'not-downloaded' },
  'comes as garbage': { raw: usual, lie: 'garbage', problem: 'not-downloaded' },
  'comes as NIL': { raw: usual, lie: 'nil', problem: 'not-downloaded' },
  'is another mail': { raw: usual, lie: 'other-mail', problem: 'not-downloaded' },
  'ends the connection': { raw: usual, lie: 'cut', problem: 'not-downloaded' },
};
const KINDS = Object.keys(POISON);
/** Spread over the folder, so that each stands between good mail. */
const uidOf = (kind: string): number => 60 + 93 * KINDS.indexOf(kind);
const kindOf = new Map(KINDS.map((kind) => [uidOf(kind), kind]));

/** Waits are a twentieth, the worker's deadline a half: long enough for whatever is no poison. */
const quick: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};
const parserClock: Clock = { ...systemClock, after: (ms, callback) => systemClock.after(ms / 2, callback) };

let built: BuiltIngest;
let server: ImapScript;
let rig: EngineRig | undefined;
/** Of the engine that runs, which closes it. */
let ingest: Ingest;
/** How often the source of each poison was asked for and the server came to it, by its UID. */
let fetches = new Map<number, number>();

beforeAll(async () => {
  built = await buildIngest();
}, 120_000);
afterEach(async () => {
  await rig?.close();
  await server.close();
}, 60_000);
afterAll(() => built?.remove());

/** Lines of the answer, each from its `* n FETCH` to the next. */
function edit(answer: Buffer): Buffer {
  let isRefused = false;
  const edited = editFetchAnswer(answer, (line) => {
    const uid = Number(/UID (\d+)/u.exec(line)?.[1] ?? 0);
    const kind = kindOf.get(uid);
    if (kind === undefined || !line.startsWith('* ')) return [line];
    fetches.set(uid, (fetches.get(uid) ?? 0) + 1);
    isRefused ||= POISON[kind]?.lie === 'refused';
    return lied(line, POISON[kind]?.lie);
  });
  if (!isRefused) return edited;
  const refused = edited.toString('latin1').replace(/^([A-Z0-9]+) OK .*$/mu, '$1 NO [SERVERBUG] some messages could not be read');
  return Buffer.from(refused, 'latin1');
}

function lied(line: string, lie: Lie | undefined): string[] {
  if (lie === 'refused') return [];
  if (lie === 'garbage') return [line.replace(/BODY\[\] \{\d+\}/u, 'BODY[] ((("')];
  if (lie === 'nil') return [line.replace(/BODY\[\] \{\d+\}\r\n[^]*\)\r\n$/u, 'BODY[] NIL)\r\n')];
  if (lie === 'other-mail') return [asOtherMail(line)];
  return [line];
}

function cutAt(edited: Buffer): number {
  const at = edited.indexOf(`UID ${uidOf('ends the connection')} `);
  return at < 0 ? -1 : edited.indexOf('Message-ID', at);
}

const openIngest = (): Promise<Ingest> =>
  createIngest({ workerPath: brokenWorker(built), clock: parserClock, random: systemRandom, log: silentLog });

async function openFolder(): Promise<EngineRig> {
  server = await startImapScript();
  const now = Date.now();
  for (let n = 1; n <= MESSAGES; n += 1) {
    const kind = kindOf.get(n);
    const raw = (kind === undefined ? usual : POISON[kind]!.raw)(n);
    server.store.get('INBOX').add({ raw, internalDate: now - (MESSAGES - n) * 60_000 });
  }
  server.fault({
    command: 'UID FETCH',
    nth: 'every',
    action: ({ args }) => (args.includes('(UID BODY.PEEK[])') ? { rewrite: edit, cutAt } : 'pass'),
  });
  ingest = await openIngest();
  const options: RigOptions = {
    primary: { port: server.port, ...LOGIN },
    clock: quick,
    get ingest() {
      return ingest;
    },
  };
  return EngineRig.open(options);
}

const missing = (open: EngineRig): number =>
  open.engine.store.placements.countMissing(open.accountId, 'primary', MAX_BODY_ATTEMPTS).missing;

/** What is told of a message in the list, and when it is opened. */
async function problemsOf(open: EngineRig, id: EntryId): Promise<MessageProblem[]> {
  const { store, deps } = open.engine;
  const listed = JSON.parse(store.lists.detail(id)!.problems) as MessageProblem[];
  return [...listed, ...(await openMessage(store, deps.ingest, id)).problems];
}

/** Runs as the app does, until nothing is left to fetch and the server is watched. */
async function runOnce(open: EngineRig): Promise<void> {
  fetches = new Map();
  const before = server.commands.length;
  open.engine.start();
  const isWatched = () => server.commands.slice(before).some(({ name }) => name === 'IDLE');
  await until('nothing is missing', () => isWatched() && open.rows('INBOX').length === MESSAGES && missing(open) === 0, 180_000);
}

it('M5 ten poison messages hide none of a thousand, and none is fetched more than twice in a start', { timeout: 480_000 }, async () => {
  rig = await openFolder();
  await runOnce(rig);
  const first = new Map(fetches);
  const rows = rig.rows('INBOX');
  const stateOf = new Map(rows.map((row) => [rig!.placements(row.id)[0]!.uid as number, row]));
  expect(stateOf.size).toBe(MESSAGES);
  const good = [...stateOf].filter(([uid]) => !kindOf.has(uid));
  expect(good).toHaveLength(MESSAGES - KINDS.length);
  expect(good.filter(([uid, row]) => row.bodyState !== 'complete' || row.subject !== `n ${uid}`)).toEqual([]);
  const { store, deps } = rig.engine;
  for (const [uid, row] of good.slice(0, 5)) expect((await openMessage(store, deps.ingest, row.id)).text).toBe(`Line ${uid}`);

  // The poison is listed, says what is wrong with it, and shows its bytes where they came.
  for (const kind of KINDS) {
    const { problem, raw, lie } = POISON[kind]!;
    const row = stateOf.get(uidOf(kind))!;
    const told = (await problemsOf(rig, row.id)).map(({ code }) => code);
    // Which bound a message that grows meets first is the machine's business.
    expect(
      problem.split(' or ').some((one) => told.includes(one as (typeof told)[number])),
      `${kind}: ${told.join()}`,
    ).toBe(true);
    if (lie === undefined) expect(sha(Buffer.from(readSource(store, row.id).text, 'latin1')), kind).toBe(sha(raw(uidOf(kind))));
    else expect(row.subject, kind).toBe(`n ${uidOf(kind)}`);
  }

  // The next look asks for what is new alone.
  const mailbox = store.mailboxes.list(rig.accountId, 'primary').find((one) => one.path === 'INBOX')!;
  expect(mailbox).toMatchObject({ uidNext: MESSAGES + 1, lastError: null });

  ingest = await openIngest();
  await rig.restart();
  await runOnce(rig);
  const second = new Map(fetches);
  const worst = Math.max(...first.values(), ...second.values());
  reportFigure('M5 poison in a folder', {
    ...{ messages: MESSAGES, shown: good.length, poison: KINDS.length, listed: KINDS.filter((kind) => stateOf.has(uidOf(kind))).length },
    ...{ starts: 2, fetchesOfOneInAStart: worst },
  });
  expect([...first.keys()].sort()).toEqual([...kindOf.keys()].sort());
  expect(worst, JSON.stringify([[...first], [...second]])).toBeLessThanOrEqual(2);
  // What was read, in whatever way, is not fetched again.
  expect([...second.keys()].filter((uid) => POISON[kindOf.get(uid)!]!.lie === undefined)).toEqual([]);

  server.store.get('INBOX').add({ raw: usual(MESSAGES + 1), internalDate: Date.now() });
  await until('new mail comes', () =>
    rig!.rows('INBOX').some((row) => row.subject === `n ${MESSAGES + 1}` && row.bodyState === 'complete'),
  );
});
