import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dateOf, sourceOf } from '../crash/world.ts';
import { differences } from '../support/compare.ts';
import { startDovecot, usualMailboxes, type Dovecot, type LoggedCommand } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { seededRandom, type SeededRandom } from '../support/random.ts';
import { RefusedError, type SecondClient } from '../support/second-client.ts';
import { isFull, seed } from '../support/this-run.ts';
import { until } from '../support/until.ts';

const CLIENTS = 5;
const SECONDS = isFull ? 300 : 12;
const PATHS = ['INBOX', 'Projects', 'Archive'] as const;
const FLAGS = ['\\Seen', '\\Flagged', '\\Answered', '$Forwarded', 'Wichtig'] as const;
/** What the server writes when a client broke the protocol, or when it broke itself. */
const PROTOCOL_ERROR = /Error:|Panic:|Fatal:|Warning:.*(?:corrupt|protocol)|Too many invalid IMAP commands/u;

let server: Dovecot;
let scratch: string;
beforeAll(async () => {
  server = await startDovecot({ users: ['alice'], mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
  scratch = mkdtempSync(join(tmpdir(), 'holdover-clients-'));
});
afterAll(async () => {
  await server.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

/** One change by one client; the others do theirs at the same time. */
async function change(client: SecondClient, random: SeededRandom, tag: string): Promise<void> {
  const path = random.pick(PATHS);
  const kind = random.pick(['append', 'append', 'flag', 'flag', 'copy', 'move', 'expunge'] as const);
  if (kind === 'append') {
    const ageDays = random.int(0, 20);
    const raw = sourceOf({ id: tag, path, ageDays, bytes: random.int(10, 20_000) }, 'primary');
    await client.append(path, raw, { internalDate: dateOf(ageDays), flags: random.bool(0.3) ? [random.pick(FLAGS)] : [] });
    return;
  }
  await client.select(path);
  const uids = await client.uids();
  if (uids.length === 0) return;
  const some = random.shuffle(uids).slice(0, random.int(1, 5));
  if (kind === 'flag') await client.store(some, random.pick(['+', '-'] as const), [random.pick(FLAGS)]);
  else if (kind === 'copy') await client.copy(some, random.pick(PATHS));
  else if (kind === 'move') await client.move(some, random.pick(PATHS.filter((one) => one !== path)));
  else await client.expunge(some);
}

async function mutate(n: number, isOver: () => boolean): Promise<number> {
  const random = seededRandom(seed + n);
  const client = await server.connect();
  let changes = 0;
  while (!isOver()) {
    try {
      await change(client, random, `c${n}-${changes}`);
    } catch (error) {
      // Another client was quicker: the message or its mailbox is gone.
      if (!(error instanceof RefusedError)) throw error;
    }
    changes += 1;
  }
  await client.close();
  return changes;
}

/** Sessions of the engine, told by what it says of itself (RFC 2971), with the commands that the server called bad. */
function ourSessions(): { commands: LoggedCommand[]; bad: string[] } {
  const all = server.commandsSince();
  const sessions = new Set(all.filter((one) => one.name === 'ID' && one.text.includes('"Holdover"')).map((one) => one.session));
  const answered = [...sessions].flatMap((session) =>
    readFileSync(join(server.root, 'rawlog', session.replace(/in$/u, 'out')), 'latin1').split('\n'),
  );
  const bad = answered.filter((line) => /^\d+\.\d+ \S+ BAD /u.test(line));
  return { commands: all.filter((one) => sessions.has(one.session)), bad };
}

function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { stdio: 'ignore' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
}

/** A program by other people: mbsync carries changes of a Maildir to the server and back, over and over. */
async function foreignProgram(isOver: () => boolean): Promise<{ rounds: number; removed: number }> {
  const { name, password } = server.user();
  const config = join(scratch, 'mbsyncrc');
  const mail = join(scratch, 'mail');
  mkdirSync(mail);
  writeFileSync(
    config,
    `IMAPAccount a\nHost 127.0.0.1\nPort ${server.imapPort}\nUser ${name}\nPass ${password}\nSSLType None\nAuthMechs LOGIN\n\n` +
      `IMAPStore far\nAccount a\n\nMaildirStore near\nPath ${mail}/\nInbox ${mail}/INBOX\nSubFolders Verbatim\n\n` +
      'Channel c\nFar :far:\nNear :near:\nPatterns INBOX Projects\nCreate Near\nSync All\nExpunge Both\nSyncState *\n',
    { mode: 0o600 },
  );
  const random = seededRandom(seed + 99);
  const counts = { rounds: 0, removed: 0 };
  while (!isOver()) {
    // It ends with an error where messages vanish under it; the next round goes on.
    await run('mbsync', ['-c', config, '-q', '-a']);
    counts.rounds += 1;
    const folder = join(mail, 'INBOX/cur');
    const files = random.shuffle(readdirSync(folder)).slice(0, 2);
    for (const file of files) unlinkSync(join(folder, file));
    counts.removed += files.length;
  }
  return counts;
}

it(
  `is equal after ${CLIENTS} clients and mbsync changed the same mailboxes for ${SECONDS} s (I3)`,
  { timeout: (SECONDS + 120) * 1000 },
  async () => {
    const login = { port: server.imapPort, user: 'alice', password: server.user().password };
    const rig = await EngineRig.open({ primary: login });
    rig.engine.start();
    try {
      await until('watching', () => rig.engine.syncStates().every((one) => one.phase === 'watching'));
      const endAt = performance.now() + SECONDS * 1000;
      const isOver = (): boolean => performance.now() >= endAt;
      const clients = Promise.all(Array.from({ length: CLIENTS }, (_, n) => mutate(n, isOver)));
      const [counts, foreign] = await Promise.all([clients, foreignProgram(isOver)]);
      const changes = counts.reduce((sum, one) => sum + one, 0);
      // Nobody asks for a look: the watching engine has to come to rest by itself.
      let found: string[] = ['not compared'];
      await until('equal', async () => (found = await differences(rig, 'primary', server, 'alice')).length === 0, 60_000).catch(
        () => undefined,
      ); // what is left is in the assertion
      expect(found).toEqual([]);
      const ours = ourSessions();
      const logged = server.log().split('\n');
      expect(ours.commands.length).toBeGreaterThan(20);
      expect(ours.commands.filter((one) => one.isMutating)).toEqual([]);
      expect(ours.bad).toEqual([]);
      const errors = logged.filter((line) => PROTOCOL_ERROR.test(line));
      expect(errors).toEqual([]);
      expect(foreign.rounds).toBeGreaterThan(1);
      reportFigure('I3 many clients', {
        ...{ clients: CLIENTS, seconds: SECONDS, changes, foreignRounds: foreign.rounds, foreignRemoved: foreign.removed },
        ...{ commands: ours.commands.length, different: found.length, protocolErrors: errors.length + ours.bad.length, seed },
      });
    } finally {
      await rig.close();
    }
  },
);
