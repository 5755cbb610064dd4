import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packError, type ErrorCode, type ErrorScope, type Retry } from '../../shared/errors.ts';
import type { Side } from '../../shared/model/account.ts';
import { reportFigure } from '../support/figures.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapScript, without, type ImapScript, type ScriptAction } from '../support/imap-script.ts';
import { seededRandom } from '../support/random.ts';
import { profileMail } from '../support/script-profile.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { tlsIdentity } from '../support/tls.ts';

/**
 * Whatever goes wrong at whatever command between the greeting and the first mailbox: the try ends within its time with an error that says
 * what to do, nothing is taken for gone, the other side goes on, and everything is there as soon as the server is itself again.
 */

const random = seededRandom(seed);
/** Cases of each kind of log-in in the sampled run. */
const SAMPLE = 6;
/** For servers that fall silent: everywhere else they may be as slow as a busy machine makes them. */
const SHORT = { connectTimeoutMs: 700, greetingTimeoutMs: 500, commandTimeoutMs: 500, stallTimeoutMs: 500 };
/** All of these together, and what a busy machine adds. */
const MOST_MS = 15_000;

interface Meaning {
  readonly code: ErrorCode;
  readonly scope: ErrorScope;
  readonly retry: Retry;
}

interface Fault {
  readonly name: string;
  readonly isSilent?: boolean;
  readonly action: ScriptAction;
  /** What comes of it; null where the server is understood all the same. */
  readonly means: (command: string) => Meaning | null;
}

const later = (code: ErrorCode, scope: ErrorScope = 'connection'): Meaning => ({ code, scope, retry: 'later' });
const isLogIn = (command: string): boolean => command === 'AUTHENTICATE' || command === 'LOGIN';

/** A tagged refusal: some of what is asked for can be done without. */
function refused(command: string, code: ErrorCode): Meaning | null {
  if (command === 'STARTTLS') return { code: 'tls-not-offered', scope: 'connection', retry: 'ask' };
  // A BAD judges no password.
  if (isLogIn(command)) return code === 'protocol-violation' ? later(code) : { code: 'auth-rejected', scope: 'account', retry: 'ask' };
  return command === 'LIST' ? later(code, 'mailbox') : null;
}

/** Before the log-in little is listened to; afterwards a long line is skipped. */
const tooLong = (command: string): Meaning | null => (['ENABLE', 'LIST'].includes(command) ? null : later('answer-too-large'));

const faults: readonly Fault[] = [
  { name: 'cut before the answer', action: { cutAfterBytes: 0 }, means: () => later('connection-lost') },
  { name: 'cut in the answer', action: { cutAfterBytes: 3 }, means: () => later('connection-lost') },
  { name: 'reset', action: { cutAfterBytes: 0, reset: true }, means: () => later('connection-lost') },
  { name: 'NO', action: { no: 'what' }, means: (command) => refused(command, 'command-refused') },
  { name: 'BAD', action: { bad: 'what' }, means: (command) => refused(command, 'protocol-violation') },
  {
    name: 'NO, for now',
    action: { no: '[UNAVAILABLE] Temporary authentication failure' },
    means: (command) => (isLogIn(command) ? later('command-refused') : refused(command, 'command-refused')),
  },
  { name: 'BYE', action: { bye: 'going down' }, means: () => later('server-bye') },
  { name: 'BYE, too many', action: { bye: 'Too many connections from your IP' }, means: () => later('too-many-connections') },
  { name: 'garbage', action: { garbage: '\x15\x03\x01 what is this\r\n' }, means: () => null },
  { name: 'another tag', action: { garbage: 'Z99 OK done\r\n' }, means: () => null },
  { name: 'an endless line', action: { garbage: `* OK ${'x'.repeat(2_000_000)}\r\n` }, means: tooLong },
  { name: 'silent', isSilent: true, action: { stallAfterBytes: 0 }, means: () => later('server-timeout') },
  { name: 'silent in the answer', isSilent: true, action: { stallAfterBytes: 3 }, means: () => later('server-timeout') },
];

const tally = { cases: 0, survived: 0, slowestMs: 0 };
afterAll(() => reportFigure('IMAP faults of a log-in', { ...tally, seed, mode }));

let primary: ImapScript;
let relay: ImapScript;
const rigs: EngineRig[] = [];
let mails = 0;

const add = (server: ImapScript): void => {
  mails += 1;
  server.store.get('INBOX').add({ raw: profileMail(`mail-${mails}`), internalDate: Math.floor(Date.now() / 1000) * 1000 - 3_600_000 });
};
/** Both sides together: mail of the relay's inbox is shown in the primary's. */
const count = (rig: EngineRig): number => rig.rows('INBOX').length;
const held = (server: ImapScript): number => server.store.get('INBOX').messages.length;

async function rigWith(times: typeof SHORT | null): Promise<EngineRig> {
  const of = (port: number) => ({ port, user: 'alice', password: 'pw-alice' });
  const login = { host: '127.0.0.1', user: 'alice', auth: { type: 'password' as const } };
  const imap = { ...login, port: primary.port, security: 'starttls' as const, caFile: tlsIdentity().caFile };
  const rig = await EngineRig.open({
    ...{ primary: of(primary.port), relay: of(relay.port), config: { primary: { imap, smtp: null } } },
    ...(times ? { imapTimes: times } : {}),
  });
  rigs.push(rig);
  return rig;
}

beforeEach(async () => {
  primary = await startImapScript({ tls: { identity: tlsIdentity(), mode: 'starttls' } });
  relay = await startImapScript();
  for (const server of [primary, relay]) for (let n = 0; n < 5; n += 1) add(server);
});
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
  await primary.close();
  await relay.close();
});

/** Everything a look at a server asks for before it opens a mailbox. */
async function commandsOf(rig: EngineRig): Promise<string[]> {
  const from = primary.commands.length;
  await rig.mirror();
  const names = primary.commands.slice(from).map((one) => one.name);
  return [...new Set(names.slice(0, names.indexOf('LIST') + 1))];
}

async function play(rig: EngineRig, command: string, { name: what, action, means }: Fault): Promise<void> {
  const name = `${what} at ${command}`;
  await rig.mirror();
  const before = count(rig);
  expect(before, name).toBe(held(primary) + held(relay));
  for (const server of [primary, relay]) add(server);
  const withdraw = primary.fault({ command, nth: 'every', action });
  const start = performance.now();
  const runs = await rig.engine.mirrorOnce();
  const tookMs = Math.round(performance.now() - start);
  withdraw();
  tally.cases += 1;
  tally.slowestMs = Math.max(tally.slowestMs, tookMs);
  const errorOf = (side: Side) => {
    const error = runs.find((one) => one.side === side)?.error ?? null;
    return error === null ? null : packError(error);
  };
  const meaning = means(command);
  expect(errorOf('primary'), name).toEqual(meaning === null ? null : expect.objectContaining({ ...meaning, side: 'primary' }));
  expect(errorOf('relay'), name).toBeNull();
  expect(tookMs, name).toBeLessThan(MOST_MS);
  // Nothing is gone, and the mail of the other side is there.
  expect(count(rig), name).toBe(before + (meaning === null ? 2 : 1));
  await rig.mirror();
  expect(count(rig), name).toBe(before + 2);
  expect(rig.recoverable(), name).toEqual([]);
  tally.survived += 1;
}

describe.each(['AUTHENTICATE', 'LOGIN'])('faults before a mailbox is opened, log-in by %s', (login) => {
  it('end the look and nothing else', { timeout: isFull ? 600_000 : 120_000 }, async () => {
    if (login === 'LOGIN') primary.setCapabilities(without('AUTH=PLAIN', 'AUTH=XOAUTH2', 'AUTH=OAUTHBEARER', 'SASL-IR'));
    const patient = await rigWith(null);
    const short = await rigWith(SHORT);
    const commands = await commandsOf(patient);
    expect(commands).toEqual(expect.arrayContaining(['STARTTLS', 'CAPABILITY', login, 'ID', 'ENABLE', 'LIST']));
    const all = commands.flatMap((command) => faults.map((fault) => ({ command, fault })));
    for (const { command, fault } of isFull ? sliceOf(all) : random.shuffle(all).slice(0, SAMPLE)) {
      await play(fault.isSilent ? short : patient, command, fault);
    }
    expect(primary.mutating()).toEqual([]);
  });
});
