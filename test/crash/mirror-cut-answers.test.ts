import { afterAll, beforeAll, expect, it } from 'vitest';
import { differences } from '../support/compare.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { newTally, reportCases, reportFigure } from '../support/figures.ts';
import { startImapProxy, type ImapProxy } from '../support/imap-proxy.ts';
import { capabilityProfiles } from '../support/imap-proxy/profiles.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, seed } from '../support/this-run.ts';
import { messageIdOf, dateOf } from './world.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';

const MESSAGES = 800;
const STEP_BYTES = 100;
const SAMPLE = 24;

let server: Dovecot;
let proxy: ImapProxy;
let rig: EngineRig;

const plainProfile = capabilityProfiles.find((one) => one.name === 'none uidplus move idle special-use')!;

beforeAll(async () => {
  server = await startDovecot({ users: ['alice'] });
  await seedMailbox(
    server,
    'alice',
    'INBOX',
    Array.from({ length: MESSAGES }, (_, n) => ({
      raw: Buffer.from(`Subject: s${n}\r\nMessage-ID: ${messageIdOf(`m${n}`)}\r\n\r\ntext ${n}\r\n`),
      internalDate: dateOf(n % 20),
    })),
  );
  // Without CONDSTORE every look asks for all flags and all UIDs: the answers a cut could turn into deletions.
  proxy = await startImapProxy({ upstreamPort: server.imapPort, hidden: plainProfile.hidden });
  rig = await EngineRig.open({ primary: { port: proxy.port, user: 'alice', password: server.user().password } });
  await rig.mirror();
  expect(rig.rows('INBOX')).toHaveLength(MESSAGES);
});
afterAll(async () => {
  await rig.close();
  await proxy.close();
  await server.dispose();
});

/** Messages that are not where they were: any after a failed look is a wrong deletion. */
function lost(): number {
  const { db } = rig.engine.store.handle;
  return (
    (db.prepare("SELECT count(*) AS n FROM placements WHERE state <> 'present'").get() as { n: number }).n +
    MESSAGES -
    rig.rows('INBOX').length
  );
}

async function look(): Promise<boolean> {
  try {
    await rig.mirror();
    return true;
  } catch {
    return false; // the fault of the test; what counts is what is left
  }
}

/** Bytes of the longest answer to each kind of command in one undisturbed look. */
async function answerSizes(): Promise<Map<string, number>> {
  const from = proxy.commands.length;
  await rig.mirror();
  const sizes = new Map<string, number>();
  for (const { name, answerBytes } of proxy.commands.slice(from)) sizes.set(name, Math.max(sizes.get(name) ?? 0, answerBytes ?? 0));
  return sizes;
}

it('takes no answer that was cut off for an empty one (I6)', { timeout: isFull ? 3_600_000 : 300_000 }, async () => {
  const sizes = await answerSizes();
  const cuts = ['EXAMINE', 'SELECT', 'UID SEARCH', 'UID FETCH', 'LIST'].flatMap((command) =>
    Array.from({ length: Math.ceil((sizes.get(command) ?? 0) / STEP_BYTES) }, (_, n) => ({ command, bytes: n * STEP_BYTES })),
  );
  const chosen = isFull ? sliceOf(cuts) : seededRandom(seed).shuffle(cuts).slice(0, SAMPLE);
  let failedLooks = 0;
  const tally = newTally();
  for (const [n, { command, bytes }] of chosen.entries()) {
    const effect = n % 2 === 0 ? ('close' as const) : ('reset' as const);
    const fault = proxy.fault({ command, point: { at: 'answer', bytes }, effect });
    if (!(await look())) failedLooks += 1;
    fault.cancel();
    tally.cases += 1;
    tally.lost += lost();
    expect(lost(), `${command} cut after ${bytes} bytes`).toBe(0);
  }
  expect(await look()).toBe(true);
  expect(await differences(rig, 'primary', server, 'alice')).toEqual([]);
  reportCases('I6 answers cut off', tally, { of: cuts.length, failedLooks, seed });
});

it('takes no refusal for an empty answer (I6)', { timeout: 300_000 }, async () => {
  const tally = newTally();
  for (const command of ['EXAMINE', 'SELECT', 'UID SEARCH', 'UID FETCH', 'LIST', 'STATUS']) {
    for (const reply of ['NO cannot', 'NO [UNAVAILABLE] try later', 'BAD what', 'BYE shutting down']) {
      const withdraw = proxy.refuse({ command, nth: 'every', reply });
      await look();
      withdraw();
      tally.cases += 1;
      tally.lost += lost();
      expect(lost(), `${command} answered ${reply}`).toBe(0);
    }
  }
  expect(await look()).toBe(true);
  expect(await differences(rig, 'primary', server, 'alice')).toEqual([]);
  reportCases('I6 commands refused', tally);
});

it('holds mail in place when most of a mailbox is gone at once (I6)', { timeout: 60_000 }, async () => {
  const client = await server.connect();
  await client.select('INBOX');
  const uids = await client.uids();
  await client.expunge(uids.slice(0, 200));
  await client.close();
  await rig.mirror();
  await rig.mirror();
  expect(rig.rows('INBOX')).toHaveLength(MESSAGES);
  expect(rig.recoverable()).toHaveLength(0);
  const mailbox = rig.engine.store.mailboxes.list(rig.accountId, 'primary').find((one) => one.path === 'INBOX');
  expect(mailbox?.heldSince).not.toBeNull();
  expect(rig.engine.syncStates()[0]?.error?.code).toBe('mass-vanish-held');
  const held = rig.engine.store.placements.inMailbox(mailbox!.id, 'held').length;
  expect(held).toBe(200);
  reportFigure('I6 mass deletion', { gone: 200, of: MESSAGES, heldInPlace: held });
});
