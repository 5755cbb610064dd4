import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editBytes } from '../support/byte-edits.ts';
import { differences } from '../support/compare.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { lies } from '../support/imap-script/hostile-answers.ts';
import { startImapScript, without, type ImapScript, type ScriptAction, type ScriptCommand } from '../support/imap-script.ts';
import { scriptMail } from '../support/imap-rig.ts';
import { peakMemory } from '../support/memory-peak.ts';
import { seededRandom } from '../support/random.ts';
import { RewritingProxy } from '../support/rewriting-proxy.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, seed } from '../support/this-run.ts';

const MIB = 1024 * 1024;
const MEMORY_BYTES = 200 * MIB;
const DAY = 86_400_000;
const MESSAGES = 60;
/** The full run takes about a quarter of an hour: a million answers, or half a gigabyte, to each command. */
const COMMANDS = ['LIST', 'EXAMINE', 'UID SEARCH', 'UID FETCH'] as const;
const imapTimes = { commandTimeoutMs: 1_000, stallTimeoutMs: 500 };
/** A look that nothing disturbs may still take longer than these times on a busy machine. */
const TRIES = 5;

type Counted = ReturnType<typeof countRows>;

/** Mail that is in its place (held there, too, by the guard against mass deletions), and mail that counts as lost. */
function countRows({ engine }: EngineRig): { present: number; lost: number } {
  const { db } = engine.store.handle;
  const count = (where: string): number => (db.prepare(`SELECT count(*) AS n FROM placements WHERE ${where}`).get() as { n: number }).n;
  return { present: count("state IN ('present', 'held')"), lost: count("state IN ('vanished', 'unlinked')") };
}

/** Looks once, whatever comes of it: a failed look says so by an error of its own kind. */
async function look(rig: EngineRig): Promise<boolean> {
  try {
    await rig.mirror();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: 'MailError' });
    return false;
  }
}

async function lookWell(rig: EngineRig): Promise<void> {
  for (let n = 1; n < TRIES; n += 1) if (await look(rig)) return;
  await rig.mirror();
}

/** Answers that are well formed and untrue: made of the true one. */
const half = (answer: Buffer, line: RegExp): Buffer =>
  Buffer.from(
    answer.toString('latin1').replace(line, (_all: string, head: string, list: string) => {
      const numbers = list.trim().split(' ');
      return `${head} ${numbers.slice(0, Math.ceil(numbers.length / 2)).join(' ')}\r\n`;
    }),
    'latin1',
  );
const edited = (answer: Buffer, from: RegExp, to: string | ((...found: string[]) => string)): Buffer =>
  Buffer.from(answer.toString('latin1').replace(from, to as string), 'latin1');
const names = ['../../etc/passwd', '..', '/', '\\x01\\x1b[31m', '&AAA', '&&&-', 'n'.repeat(10_240), '\xff\xfe', 'con', '%00', '*'];

const untruths: readonly {
  readonly name: string;
  readonly command: (typeof COMMANDS)[number];
  readonly rewrite: (answer: Buffer) => Buffer;
}[] = [
  { name: 'half of the UIDs', command: 'UID SEARCH', rewrite: (answer) => half(answer, /^(\* SEARCH)((?: \d+)+)\r\n/mu) },
  { name: 'half of the UIDs (ESEARCH)', command: 'UID SEARCH', rewrite: (answer) => edited(answer, /ALL 1:(\d+)/u, 'ALL 1:10') },
  { name: 'EXISTS backwards', command: 'EXAMINE', rewrite: (answer) => edited(answer, /^\* \d+ EXISTS/mu, '* 3 EXISTS') },
  { name: 'EXISTS 0', command: 'EXAMINE', rewrite: (answer) => edited(answer, /^\* \d+ EXISTS/mu, '* 0 EXISTS') },
  { name: 'UIDNEXT backwards', command: 'EXAMINE', rewrite: (answer) => edited(answer, /UIDNEXT \d+/u, 'UIDNEXT 2') },
  {
    name: 'every UID another one',
    command: 'UID FETCH',
    rewrite: (answer) => edited(answer, /UID (\d+)/gu, (_all, uid) => `UID ${Number(uid!) + 7}`),
  },
  { name: 'every UID the same', command: 'UID FETCH', rewrite: (answer) => edited(answer, /UID \d+/gu, 'UID 5') },
  ...names.map((name, n) => ({
    name: `a mailbox name no. ${n + 1} of those that mean harm`,
    command: 'LIST' as const,
    rewrite: (answer: Buffer) =>
      edited(answer, /^\* LIST/mu, () => `* LIST () "/" {${Buffer.byteLength(name, 'latin1')}}\r\n${name}\r\n* LIST`),
  })),
];

describe('I11: a whole mirror on a server that lies', () => {
  let server: ImapScript;
  let rig: EngineRig;
  const totals = { cases: 0, failedLooks: 0, deletions: 0, peakBytes: 0 };

  const arrive = (): void => {
    const inbox = server.store.get('INBOX');
    inbox.add({ raw: scriptMail(inbox.messages.length + 1), internalDate: Date.now() - DAY });
  };

  beforeAll(async () => {
    server = await startImapScript({ capabilities: without('CONDSTORE', 'QRESYNC', 'LIST-STATUS') });
    while (server.store.get('INBOX').messages.length < MESSAGES) arrive();
    rig = await EngineRig.open({ primary: { port: server.port, user: 'alice', password: 'pw-alice' }, imapTimes });
    await rig.mirror();
    expect(countRows(rig)).toEqual({ present: MESSAGES, lost: 0 });
  });
  afterAll(async () => {
    await rig.close();
    await server.close();
    const { peakBytes, ...rest } = totals;
    reportFigure('I11 lies to a whole mirror', { ...rest, peakMb: Math.round(peakBytes / MIB) });
  });

  /** Everything the server holds is here, byte by byte, and nothing else. */
  async function expectWhole(): Promise<void> {
    await lookWell(rig);
    const { store } = rig.engine;
    const mailbox = store.mailboxes.list(rig.accountId, 'primary').find((one) => one.path === 'INBOX')!;
    const here = store.placements.inMailbox(mailbox.id, 'present').map((one) => {
      const hash = createHash('sha256');
      if (one.sourceId !== null) for (const piece of store.sources.raw(one.sourceId)) hash.update(piece);
      return `${one.uid} ${hash.digest('hex')}`;
    });
    const there = server.store.get('INBOX').messages.map((one) => `${one.uid} ${createHash('sha256').update(one.raw).digest('hex')}`);
    expect(here.sort()).toEqual(there.sort());
  }

  async function tell(command: string, action: ScriptAction | ((command: ScriptCommand) => ScriptAction)): Promise<void> {
    arrive();
    const before: Counted = countRows(rig);
    const withdraw = server.fault({ command, nth: 'every', action });
    const { result, peakBytes } = await peakMemory(() => look(rig));
    withdraw();
    totals.cases += 1;
    if (!result) totals.failedLooks += 1;
    totals.peakBytes = Math.max(totals.peakBytes, peakBytes);
    const after = countRows(rig);
    totals.deletions += Math.max(0, before.present - after.present) + after.lost;
    expect(after.lost, 'counts as lost').toBe(0);
    expect(after.present, 'in its place').toBeGreaterThanOrEqual(before.present);
    expect(peakBytes).toBeLessThan(MEMORY_BYTES);
    expect(server.mutating()).toEqual([]);
    await expectWhole();
  }

  // A million answers to each command of a look take a minute: the sample leaves them to the gateway's own test.
  const isMillion = (name: string): boolean => name.startsWith('10^6 ') && !/flags|tokens/u.test(name);
  const told = lies.filter(({ name }) => isFull || !isMillion(name));

  /** The sampled run tells each lie in answer to one command, the next lie to the next; the full one to all. */
  const commandsFor = (name: string, index: number) => {
    if (isFull) return COMMANDS;
    const isHeavy = /without end|2 GB|many literals/u.test(name);
    return isHeavy ? (['UID FETCH'] as const) : COMMANDS.filter((_, at) => (at + index) % COMMANDS.length === 0);
  };

  it.each(told.map((lie, index) => ({ ...lie, index })))('$name', { timeout: 240_000 }, async ({ name, answer, index }) => {
    for (const command of commandsFor(name, index)) await tell(command, (of) => ({ reply: answer(of) }));
  });

  it.each(untruths)('$name', { timeout: 60_000 }, ({ command, rewrite }) => tell(command, { rewrite }));
});

describe('I11: a whole mirror of Dovecot, with edited bytes in an answer', () => {
  /** Looks of the full run, about a quarter of an hour; the sample takes every twentieth. */
  const MUTANTS = 400;
  const CHUNKS = 24;
  const COMPARE_EVERY = 10;
  /** What a server says of a mail that is seen for the first time is all that is known of it; of the others everything is. */
  const isOldMail = (difference: string): boolean => Number(/UID (\d+)/u.exec(difference)?.[1] ?? 0) <= MESSAGES;
  let server: Dovecot;
  let proxy: RewritingProxy;
  let rig: EngineRig;

  beforeAll(async () => {
    server = await startDovecot({ mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
    for (const path of ['INBOX', 'Projects']) {
      const mails = Array.from({ length: MESSAGES }, (_, n) => ({
        raw: Buffer.from(scriptMail(n + (path === 'INBOX' ? 0 : 1000))),
        flags: n % 2 === 0 ? ['\\Seen'] : [],
        internalDate: Date.now() - DAY,
      }));
      await seedMailbox(server, 'alice', path, mails);
    }
    proxy = await RewritingProxy.start(server.imapPort);
    rig = await EngineRig.open({ primary: { port: proxy.port, user: 'alice', password: server.user().password }, imapTimes });
    await rig.mirror();
  });
  afterAll(async () => {
    await rig.close();
    proxy.close();
    await server.dispose();
  });

  it(
    'no deletion, no crash, nothing changed on the server, and equal again by the next look',
    { timeout: isFull ? 3_600_000 : 240_000 },
    async () => {
      const mark = server.mark();
      const client = await server.connect();
      const all = Array.from({ length: MUTANTS }, (_, n) => n);
      const chosen = isFull ? sliceOf(all) : all.filter((n) => n % 20 === 0);
      const totals = { looks: 0, failedLooks: 0, deletions: 0, different: 0 };
      const { peakBytes } = await peakMemory(async () => {
        for (const [at, n] of chosen.entries()) {
          const random = seededRandom(seed * 7 + n);
          const raw = Buffer.from(scriptMail(10_000 + n));
          await client.append(random.bool() ? 'INBOX' : 'Projects', raw, { internalDate: Date.now() - DAY });
          // One chunk of all that the server sends in a look.
          let left = random.int(3, CHUNKS);
          proxy.rewrite = (chunk) => ((left -= 1) === 0 ? editBytes(chunk, random) : chunk);
          totals.looks += 1;
          if (!(await look(rig))) totals.failedLooks += 1;
          proxy.rewrite = null;
          totals.deletions += countRows(rig).lost;
          expect(countRows(rig).lost, `mutant ${n}, seed ${seed}`).toBe(0);
          if (at % COMPARE_EVERY !== COMPARE_EVERY - 1 && at < chosen.length - 1) continue;
          await lookWell(rig);
          await lookWell(rig);
          const found = (await differences(rig, 'primary', server, 'alice')).filter(
            (one) => isOldMail(one) || one.endsWith('not on the server'),
          );
          totals.different += found.length;
          expect(found, `after mutant ${n}, seed ${seed}`).toEqual([]);
        }
      });
      await client.close();
      expect(server.mutatingSince(mark)).toEqual([]);
      expect(peakBytes).toBeLessThan(MEMORY_BYTES);
      reportFigure('I11 edited answers to a whole mirror', { ...totals, of: MUTANTS, peakMb: Math.round(peakBytes / MIB), seed });
    },
  );
});
