import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Side } from '../../shared/model/account.ts';
import type { SubmissionPhase } from '../../shared/model/outbox.ts';
import type { SmtpGateway } from '../../main/engine/smtp/gateway.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { seededRandom } from '../support/random.ts';
import { RateClock } from '../support/rate-clock.ts';
import { sliceOf } from '../support/slice.ts';
import { startSmtpScript, type SmtpCut, type SmtpFault, type SmtpPoint, type SmtpScript } from '../support/smtp-script.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { tlsIdentity } from '../support/tls.ts';
import { until } from '../support/until.ts';

/** Bar O3 on the way that most submission takes: clear text, STARTTLS, the handshake, and everything once more behind it. */

const random = seededRandom(seed);
/** Cases of each list for each side in the sampled run. */
const SAMPLE = 5;
/** The minutes for which a silent server is waited for, in seconds. */
const PATIENCE_RATE = 300;
/** On the clock that runs so fast; a connection is made in a moment, but a busy machine takes its time. */
const CONNECT_MS = 3_600_000;
/** How fast time goes by once the first try has ended. */
const LATER_RATE = 400;
const TO = ['a@example.com', 'b@example.com'];
/** More than a server says from its handshake on until it asks for the mail. */
const SERVER_BYTES = 1_888;
const STEP_BYTES = 16;

const cuts: readonly SmtpCut[] = ['reset', 'end', 'half-close', 'stall'];
const sides: readonly Side[] = ['primary', 'relay'];

interface Case {
  readonly fault: SmtpFault;
  /** Phases that may be noted: two where the answer and the cut after it race. */
  readonly phases: readonly SubmissionPhase[];
  /** The body has left: only proof or a person leads on. */
  readonly isUncertain?: boolean;
}

type Place = Omit<Case, 'fault'> & { readonly fault: Omit<SmtpFault, 'cut'> };

/** Before it is carried out, between that and its answer, after each part of the answer, and after all of it. */
function around(at: SmtpPoint, nth: number, parts: readonly string[], phases: readonly SubmissionPhase[], after = phases): Place[] {
  return [
    ...(['before', 'unanswered'] as const).map((when) => ({ fault: { at, nth, when }, phases })),
    ...parts.map((bytes) => ({ fault: { at, nth, bytes }, phases })),
    { fault: { at, nth, when: 'after' as const }, phases: after },
  ];
}

const EHLO_PARTS = ['2', '250-smtp.test', '250-smtp.test\r\n', '250-smtp.test\r\n250-AUTH PLAIN\r\n250 SIZ'];
const places: readonly Place[] = [
  { fault: { at: 'connect' }, phases: ['connect', 'tls'] },
  ...around('greeting', 1, ['2', '220', '220 smtp.test', '220 smtp.test ESMTP\r'], ['connect', 'tls']),
  ...around('EHLO', 1, EHLO_PARTS, ['tls']),
  ...around('STARTTLS', 1, ['2', '220', '220 2.0.0 go ahead', '220 2.0.0 go ahead\r', '220-2.0.0 go\r\n'], ['tls']),
  ...[0, 1, 5, 64, 130, 400, 700].map((afterBytes): Place => ({ fault: { at: 'TLS', afterBytes }, phases: ['tls'] })),
  { fault: { at: 'TLS', when: 'after' }, phases: ['tls'] },
  ...around('EHLO', 2, EHLO_PARTS, ['tls'], ['tls', 'login']),
  ...around('AUTH', 1, ['2', '235', '235 2.7.0 Authentication'], ['login']),
  ...around('EHLO', 3, EHLO_PARTS, ['login'], ['login', 'mail']),
  ...around('MAIL', 1, ['25'], ['mail'], ['mail', 'recipients']),
  ...around('RCPT', 2, ['25'], ['recipients'], ['recipients', 'data']),
  { fault: { at: 'DATA', when: 'before' }, phases: ['data'] },
  { fault: { at: 'BODY', when: 'before' }, phases: ['data-sent'], isUncertain: true },
  { fault: { at: 'BODY', when: 'unanswered' }, phases: ['data-sent'], isUncertain: true },
];
const atCommands: readonly Case[] = places.flatMap((place) => cuts.map((cut) => ({ ...place, fault: { ...place.fault, cut } })));

/** After every 16th byte that the server says from its handshake on; how far that is, records of TLS decide. */
const atBytes: readonly Case[] = Array.from({ length: SERVER_BYTES / STEP_BYTES }, (_, n) => {
  const fault = { at: 'TLS', afterBytes: n * STEP_BYTES, cut: random.pick(cuts) } as const;
  return { fault, phases: ['tls', 'login', 'mail', 'recipients', 'data'] };
});

const tally = newTally();
const ends: Record<string, number> = {};
let servers: Record<Side, SmtpScript>;
let rig: OutboxRig;
let isSilent = false;

/** Where the server falls silent our patience is short; everywhere else it may be as slow as a busy machine makes it. */
function patientWhere(): SmtpGateway {
  const clock = new RateClock();
  clock.rate = PATIENCE_RATE;
  const usual = createSmtpGateway({ clock, times: { connectMs: CONNECT_MS } });
  const short = createSmtpGateway({ clock, times: { connectMs: CONNECT_MS, greetingMs: 250, loginMs: 250 } });
  return {
    verify: (...how) => usual.verify(...how),
    submit: (...how) => (isSilent ? short : usual).submit(...how),
  };
}

beforeEach(async () => {
  const tls = { identity: tlsIdentity('good'), mode: 'starttls' } as const;
  servers = { primary: await startSmtpScript({ tls }), relay: await startSmtpScript({ tls }) };
  const endpoint = { security: 'starttls', caFile: tlsIdentity().caFile } as const;
  rig = new OutboxRig({ primary: servers.primary.port, relay: servers.relay.port, endpoint, smtp: patientWhere() });
  rig.outbox.start();
});
afterEach(async () => {
  await rig.close();
  for (const side of sides) await servers[side].close();
});
afterAll(() => reportCases('O3 cuts of a submission under STARTTLS (outbox)', tally, { ...ends, seed, mode }));

/** How often each recipient got it since, from this side. */
const arrivals = (side: Side, from: number): number[] =>
  TO.map((to) => servers[side].mails.slice(from).filter((mail) => mail.to.includes(to)).length);

async function play({ fault, phases, isUncertain = false }: Case, side: Side): Promise<void> {
  const name = `${side} ${JSON.stringify(fault)}`;
  const from = { primary: servers.primary.mails.length, relay: servers.relay.mails.length };
  const withdraw = servers[side].fault(fault);
  isSilent = fault.cut === 'stall' && !isUncertain;
  rig.clock.rate = 1;
  rig.route = { side, hold: null };
  const id = rig.send({ envelope: { from: 'anna@example.com', to: TO } });
  await until(`first try of ${name}`, () => rig.outbox.item(id).attempts.some((one) => one.endedAt !== null), 60_000);
  isSilent = false;
  tally.cases += 1;
  const [attempt] = rig.outbox.item(id).attempts;
  const code: ErrorCode = fault.cut === 'stall' ? 'server-timeout' : 'connection-lost';
  expect(phases, name).toContain(attempt?.phase);
  expect({ ...attempt, phase: null, startedAt: 0, endedAt: 0 }, name).toEqual({
    ...{ startedAt: 0, endedAt: 0, route: side, phase: null, verdict: isUncertain ? 'unknown' : 'transient' },
    ...{ replyCode: null, reply: null, enhancedCode: null, queueId: null },
    error: expect.objectContaining({ code, scope: 'connection', retry: 'later', side }),
  });
  // Nothing was said of the mail: it waits as it was, and no try is used up.
  const isTried = phases.every((phase) => !['connect', 'tls', 'login'].includes(phase));
  if (!isUncertain) {
    const free = { state: 'queued', hold: 'retry', route: null, bodyStarted: false, claimedBy: null, error: { code } };
    expect(rig.row(id), name).toMatchObject({ ...free, ...(phases.includes('mail') ? {} : { retries: isTried ? 1 : 0 }) });
    expect(
      rig.row(id).recipients.map((one) => [one.state, one.reply]),
      name,
    ).toEqual(TO.map(() => ['pending', null]));
  }
  rig.clock.rate = LATER_RATE;
  const { state, route } = await rig.reaches(id, isUncertain ? 'unknown' : 'accepted');
  // An uncertain mail is left alone however long it takes.
  if (isUncertain) await until('an hour', hourFrom(rig.clock.now()));
  withdraw();
  const got = arrivals(side, from[side]);
  ends[state] = (ends[state] ?? 0) + 1;
  if (state === 'accepted') tally.lost += got.filter((count) => count === 0).length;
  tally.duplicated += got.filter((count) => count > 1).length;
  expect([state, route, rig.outbox.item(id).attempts.length], name).toEqual([
    ...[isUncertain ? 'unknown' : 'accepted', side],
    isUncertain ? 1 : 2,
  ]);
  const other = side === 'primary' ? 'relay' : 'primary';
  const most = isUncertain && fault.when === 'before' ? 0 : 1;
  expect([got, servers[other].mails.length], name).toEqual([TO.map(() => most), from[other]]);
}

const hourFrom = (from: number) => (): boolean => rig.clock.now() - from > 3_600_000;

describe.each(sides)('O3 under STARTTLS, %s', (side) => {
  it.each([
    { where: 'at every command and in every answer', cases: atCommands },
    { where: 'after so many bytes of TLS', cases: atBytes },
  ])('a connection that breaks $where: the mail arrives once', { timeout: isFull ? 3_600_000 : 120_000 }, async ({ cases }) => {
    for (const one of isFull ? sliceOf(cases) : random.shuffle([...cases]).slice(0, SAMPLE)) await play(one, side);
    expect(tally).toMatchObject({ lost: 0, duplicated: 0 });
  });
});
