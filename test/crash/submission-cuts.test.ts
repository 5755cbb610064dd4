import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { SubmissionResult } from '../../main/engine/smtp/gateway.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { startSmtpScript, type SmtpCut, type SmtpFault, type SmtpPoint, type SmtpScript } from '../support/smtp-script.ts';
import { SubmitClock } from '../support/submit-clock.ts';
import { mailOf } from '../support/submit-rig.ts';
import { isFull } from '../support/this-run.ts';
import { tlsIdentity } from '../support/tls.ts';

const BODY_BYTES = 200 * 1024;
const STEP_BYTES = 1024;
const raw = mailOf(`${'x'.repeat(78)}\r\n`.repeat(BODY_BYTES / 80));
const cuts: readonly SmtpCut[] = ['reset', 'end', 'half-close', 'stall'];
const TO = ['one@example.com', 'two@example.com'];

const tally = newTally();
const verdicts = { accepted: 0, transient: 0, unknown: 0 };
type Verdict = 'accepted' | 'transient' | 'unknown';

let server: SmtpScript | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function start(isTls: boolean): Promise<SmtpScript> {
  server = await startSmtpScript({
    keepsBodies: false,
    ...(isTls ? { tls: { identity: tlsIdentity('good'), mode: 'implicit' as const } } : {}),
  });
  return server;
}

/** Submits while one fault waits; where the server falls silent the clock is moved beyond every limit. */
async function submitInto(script: SmtpScript, fault: SmtpFault, isTls: boolean): Promise<SubmissionResult> {
  const clock = new SubmitClock();
  const stallsBefore = script.stalls;
  const withdraw = script.fault(fault);
  // Greeting and login are timed by the library on the real clock; there a limit that is met too early changes no verdict.
  const times =
    fault.cut === 'stall' && ['connect', 'greeting', 'EHLO', 'AUTH'].includes(fault.at) ? { greetingMs: 150, loginMs: 150 } : {};
  let isOver = false;
  const submission = createSmtpGateway({ clock, times })
    .submit(
      {
        host: 'localhost',
        port: script.port,
        security: isTls ? 'tls' : 'plain',
        user: 'alice',
        auth: { type: 'password' },
        ...(isTls ? { caFile: tlsIdentity().caFile } : {}),
      },
      { type: 'password', password: 'pw-alice' },
      { raw, sizeBytes: raw.length, from: 'alice@example.com', to: TO },
      { side: 'relay', onPhase: () => undefined },
    )
    .finally(() => (isOver = true));
  // What was sent before the silence arrives first: both ends take turns in this one process.
  for (let silentTurns = 0; !isOver;) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (script.stalls > stallsBefore && (silentTurns += 1) > 20) clock.passAll();
  }
  withdraw();
  clock.passAll();
  return submission;
}

/** What has to come out, from what the server knows: whether it took the mail, and whether it said so. */
async function check(script: SmtpScript, fault: SmtpFault, expected: readonly Verdict[], isTls = false): Promise<void> {
  const mailsBefore = script.mails.length;
  const result = await submitInto(script, fault, isTls);
  const took = script.mails.length - mailsBefore;
  tally.cases += 1;
  const verdict = result.verdict as Verdict;
  verdicts[verdict] += 1;
  // Told as taken by a server that has it not; or about to be sent again to one that has it.
  if (verdict === 'accepted' && took === 0) tally.lost += 1;
  if (took > 1 || (verdict === 'transient' && took > 0)) tally.duplicated += 1;
  const isRight =
    expected.includes(verdict) &&
    took <= 1 &&
    (took === 0 || verdict !== 'transient') &&
    (took === 1 || verdict !== 'accepted') &&
    (verdict !== 'unknown' || ['body', 'data-sent'].includes(result.phase)) &&
    (verdict !== 'transient' || !['body', 'data-sent', 'replied'].includes(result.phase)) &&
    result.recipients.every((recipient) => recipient.verdict === verdict);
  if (!isRight) tally.stuck += 1;
  expect(isRight, JSON.stringify({ fault, took, verdict, phase: result.phase, code: result.error?.code })).toBe(true);
}

interface Place {
  readonly fault: Omit<SmtpFault, 'cut'>;
  readonly expected: readonly Verdict[];
}

/** Every command, before it is carried out, between that and its answer, and after the answer. */
const places: readonly Place[] = [
  { fault: { at: 'connect' }, expected: ['transient'] },
  ...(['greeting', 'EHLO', 'AUTH', 'MAIL', 'RCPT'] as const satisfies readonly SmtpPoint[]).flatMap((at): Place[] => [
    { fault: { at, when: 'before' }, expected: ['transient'] },
    { fault: { at, when: 'unanswered' }, expected: ['transient'] },
    { fault: { at, when: 'after' }, expected: ['transient'] },
    { fault: { at, bytes: '25' }, expected: ['transient'] },
  ]),
  { fault: { at: 'EHLO', nth: 2, when: 'before' }, expected: ['transient'] },
  { fault: { at: 'EHLO', nth: 2, when: 'after' }, expected: ['transient'] },
  { fault: { at: 'RCPT', nth: 2, when: 'before' }, expected: ['transient'] },
  { fault: { at: 'RCPT', nth: 2, when: 'after' }, expected: ['transient'] },
  { fault: { at: 'DATA', when: 'before' }, expected: ['transient'] },
  { fault: { at: 'DATA', when: 'unanswered' }, expected: ['transient'] },
  // The leave to send has been given: whether the body had begun depends on which of both was noticed first.
  { fault: { at: 'DATA', when: 'after' }, expected: ['transient', 'unknown'] },
  { fault: { at: 'BODY', when: 'before' }, expected: ['unknown'] },
  { fault: { at: 'BODY', when: 'unanswered' }, expected: ['unknown'] },
  { fault: { at: 'BODY', when: 'after' }, expected: ['accepted'] },
  { fault: { at: 'BODY', bytes: '250 2.0.0 Ok' }, expected: ['unknown'] },
  { fault: { at: 'QUIT', when: 'before' }, expected: ['accepted'] },
  { fault: { at: 'QUIT', when: 'after' }, expected: ['accepted'] },
];

describe('O3: a connection that breaks, wherever it does', () => {
  for (const cut of cuts) {
    it(`${cut} at every command`, async () => {
      const script = await start(false);
      for (const { fault, expected } of places) {
        // A reset may overtake the reply that was sent before it: then nobody knows, and that is what has to be said.
        const isOvertaken = cut === 'reset' && fault.at === 'BODY' && fault.when === 'after';
        await check(script, { ...fault, cut }, isOvertaken ? [...expected, 'unknown'] : expected);
      }
    });

    it(`${cut} in the body`, async () => {
      const script = await start(false);
      const steps = Array.from({ length: Math.floor(raw.length / STEP_BYTES) }, (_, n) => n * STEP_BYTES + 1);
      const some = isFull ? steps : steps.filter((_, n) => n % 8 === cuts.indexOf(cut) * 2);
      for (const afterBytes of some) await check(script, { at: 'BODY', afterBytes, cut }, ['unknown']);
    });
  }

  it('the same under TLS', async () => {
    const script = await start(true);
    const some = isFull ? places : places.filter(({ fault }) => ['DATA', 'BODY'].includes(fault.at));
    for (const { fault, expected } of some) {
      for (const cut of isFull ? cuts : (['end', 'stall'] as const)) {
        const isOvertaken = cut === 'reset' && fault.at === 'BODY' && fault.when === 'after';
        await check(script, { ...fault, cut }, isOvertaken ? [...expected, 'unknown'] : expected, true);
      }
    }
  });

  afterAll(() => reportCases('O3 cuts of a submission (wire)', tally, verdicts));
});
