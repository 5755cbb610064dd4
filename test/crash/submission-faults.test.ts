import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { seededRandom } from '../support/random.ts';
import { RateClock } from '../support/rate-clock.ts';
import { sliceOf } from '../support/slice.ts';
import { startSmtpScript, type SmtpCut, type SmtpFault, type SmtpScript } from '../support/smtp-script.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { until } from '../support/until.ts';

const random = seededRandom(seed);
const SAMPLE = 5;
const BODY_BYTES = 200 * 1024;
/** Ten minutes of silence in two seconds. */
const PATIENCE_RATE = 300;
const TO = ['a@example.com', 'b@example.com'];

const tally = newTally();
const ends: Record<string, number> = {};
let server: SmtpScript;
let rig: OutboxRig;

beforeEach(async () => {
  server = await startSmtpScript();
  // A silent server is waited for as long as ever, on a clock that runs faster.
  const patience = new RateClock();
  patience.rate = PATIENCE_RATE;
  rig = new OutboxRig({ primary: server.port, smtp: createSmtpGateway({ clock: patience }) });
  rig.outbox.start();
});
afterEach(async () => {
  await rig.close();
  await server.close();
});
afterAll(() => reportCases('O3 faults of a submission (outbox)', tally, { ...ends, seed, mode }));

const points = ['greeting', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'BODY'] as const;
const cuts: readonly SmtpCut[] = ['reset', 'end', 'half-close', 'stall'];

/** The connection breaks at every command and every 1 KB of the mail. */
function brokenConnections(): SmtpFault[] {
  const atCommands = points.flatMap((at) =>
    (['before', 'unanswered', 'after'] as const).flatMap((when) => cuts.map((cut) => ({ at, when, cut }))),
  );
  const inBody = Array.from({ length: BODY_BYTES / 1024 - 1 }, (_, n) => {
    const afterBytes = (n + 1) * 1024;
    return { at: 'BODY', when: 'before', cut: random.pick(cuts), afterBytes } as const;
  });
  return [...cuts.map((cut) => ({ at: 'connect', when: 'before', cut }) as const), ...atCommands, ...inBody];
}

/** The server is there and says no for now: it closes down, it is broken, it is full; it stays, or it goes. */
function refusals(): SmtpFault[] {
  const replies = ['421 4.3.2 shutting down', '451 4.3.0 local error', '452 4.2.2 over quota', '454 4.7.0 not now'];
  return points.flatMap((at) => replies.flatMap((reply) => [{ at, reply }, { at, reply, cut: 'end' } as const]));
}

/** How often each recipient got it since. */
const arrivals = (from: number): number[] => TO.map((to) => server.mails.slice(from).filter((mail) => mail.to.includes(to)).length);

async function play(fault: SmtpFault): Promise<void> {
  const from = server.mails.length;
  const withdraw = server.fault(fault);
  rig.clock.rate = 1;
  const text = `${'x'.repeat(70)}\r\n`.repeat(Math.ceil(BODY_BYTES / 72));
  const id = rig.send({ text, envelope: { from: 'anna@example.com', to: TO } });
  rig.outbox.sendNow(id);
  await until('first try', () => rig.outbox.item(id).attempts.some((one) => one.endedAt !== null), 60_000);
  rig.clock.rate = 400;
  const { state } = await rig.reaches(id, 'accepted', 'unknown');
  withdraw();
  const got = arrivals(from);
  // Uncertain only where the body had begun; then it may be there once or not at all, and nobody sends it again.
  const mayBeUncertain = fault.reply === undefined && (fault.at === 'BODY' || (fault.at === 'DATA' && fault.when === 'after'));
  tally.cases += 1;
  ends[state] = (ends[state] ?? 0) + 1;
  if (state === 'accepted') tally.lost += got.filter((count) => count === 0).length;
  tally.duplicated += got.filter((count) => count > 1).length;
  if (state === 'unknown' && !mayBeUncertain) tally.stuck += 1;
  const name = JSON.stringify(fault);
  if (state === 'unknown') expect([mayBeUncertain, Math.max(...got) <= 1], name).toEqual([true, true]);
  else expect(got, name).toEqual([1, 1]);
}

describe.each([
  { name: 'the connection breaks', faults: brokenConnections() },
  { name: 'the server refuses for now', faults: refusals() },
])('O3: $name', ({ faults }) => {
  it('and no recipient gets the mail twice, or never', { timeout: isFull ? 3_600_000 : 90_000 }, async () => {
    for (const fault of isFull ? sliceOf(faults) : random.shuffle(faults).slice(0, SAMPLE)) await play(fault);
    expect(tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
  });
});
