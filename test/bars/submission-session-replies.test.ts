import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode, ErrorScope, Retry } from '../../shared/errors.ts';
import type { SubmissionPhase } from '../../shared/model/outbox.ts';
import type { Credentials } from '../../main/engine/imap/gateway.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { reportFigure } from '../support/figures.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { startSmtpScript, withoutSmtp, type SmtpFault, type SmtpPoint, type SmtpScript } from '../support/smtp-script.ts';
import { isFull, seed } from '../support/this-run.ts';
import { tlsIdentity } from '../support/tls.ts';
import { until } from '../support/until.ts';

/**
 * Bar O5 before the mail is spoken of: whatever a server says to greeting, EHLO, STARTTLS or the log-in is about the way or the account.
 * The mail stays queued, no recipient is refused or put off by it, and a refused log-in uses up no try.
 */

const random = seededRandom(seed);
/** Cases of each point in the sampled run. */
const SAMPLE = 4;
const LATER_RATE = 400;
const PASSWORD: Credentials = { type: 'password', password: 'pw-alice' };
const TOKEN: Credentials = { type: 'token', mechanism: 'XOAUTH2', accessToken: 'tok-1' };

/** What a reply says, wherever it comes. */
type Class = 'busy' | 'closing' | 'refusal' | 'unknown-command' | 'no-mechanism' | 'credentials' | 'nonsense';

const specimens: readonly (readonly [Class, string | Buffer])[] = [
  ['closing', '421 4.3.2 shutting down'],
  ['closing', '421 smtp.test Service not available, closing transmission channel'],
  ['closing', '421-4.7.28 rate limit\n421 4.7.28 see support page'],
  ['busy', '400 odd'],
  ['busy', '450 4.7.1 try again in 300 seconds'],
  ['busy', '451 4.3.0 local error'],
  ['busy', '452 4.3.1 insufficient system storage'],
  ['busy', '454 4.7.0 not now'],
  ['busy', '454-4.7.0 not\n454-4.7.0 just\n454 4.7.0 now'],
  ['busy', '503 5.5.1 bad sequence of commands'],
  ['unknown-command', '500 5.5.1 command unrecognized'],
  ['unknown-command', '502 5.5.1 not implemented'],
  ['no-mechanism', '504 5.5.4 parameter not implemented'],
  ['credentials', '530 5.7.0 Authentication required'],
  ['credentials', '534 5.7.9 Application-specific password required'],
  ['credentials', '535 5.7.8 Username and Password not accepted'],
  ['credentials', '535-5.7.8 not accepted. Learn more at\n535 5.7.8 https://support.test'],
  ['credentials', '538 5.7.11 Encryption required for requested authentication mechanism'],
  ['refusal', '501 5.5.2 syntax error'],
  ['refusal', '521 5.3.2 host does not accept mail'],
  ['refusal', '550 5.7.1 your address is listed'],
  ['refusal', '550-5.7.1 our policy\n550 5.7.1 does not want this'],
  ['refusal', '554 5.7.1 no service for you'],
  ['refusal', '554'],
  ['refusal', Buffer.from('550 5.7.1 das geht nicht: \xe4\xf6\xfc\r\n', 'latin1')],
  ['refusal', `550 5.7.1 ${'long '.repeat(1_000)}`],
  ['nonsense', '354 go ahead'],
  ['nonsense', '199 class one'],
  ['nonsense', '999 class nine'],
  ['nonsense', 'OK thank you'],
  ['nonsense', Buffer.from('\x15\x03\x01\x00\x02\x02\x28\r\n', 'latin1')],
  ['nonsense', '454-first\n550 second'],
  ['nonsense', '250-queued\n550 or not'],
  ['nonsense', `550 ${'x'.repeat(10_000)}`],
  ['nonsense', `${'550-again\n'.repeat(8_000)}550 done`],
];

interface Point {
  readonly name: string;
  readonly at: SmtpPoint;
  readonly nth?: number;
  readonly phase: SubmissionPhase;
  readonly how?: 'login' | 'token';
}

const points: readonly Point[] = [
  { name: 'greeting', at: 'greeting', phase: 'tls' },
  { name: 'EHLO in clear text', at: 'EHLO', phase: 'tls' },
  { name: 'STARTTLS', at: 'STARTTLS', phase: 'tls' },
  { name: 'EHLO behind TLS', at: 'EHLO', nth: 2, phase: 'tls' },
  { name: 'AUTH PLAIN', at: 'AUTH', phase: 'login' },
  { name: 'AUTH LOGIN', at: 'AUTH-STEP', phase: 'login', how: 'login' },
  { name: 'the user name', at: 'AUTH-STEP', nth: 2, phase: 'login', how: 'login' },
  { name: 'the password', at: 'AUTH-STEP', nth: 3, phase: 'login', how: 'login' },
  { name: 'AUTH with a token', at: 'AUTH', phase: 'login', how: 'token' },
  { name: 'EHLO behind the log-in', at: 'EHLO', nth: 3, phase: 'login' },
];

interface Meaning {
  readonly code: ErrorCode;
  readonly scope: ErrorScope;
  readonly retry: Retry;
  /** Whether a try is used up: the server was there, and what it refused was neither the log-in nor TLS. */
  readonly isTry: boolean;
}

const meaning = (code: ErrorCode, scope: ErrorScope, retry: Retry, isTry = false): Meaning => ({ code, scope, retry, isTry });

/** What has to come of it, by the tables of the design and not by the code. */
function expected(kind: Class, { name, phase, nth }: Point): Meaning {
  const isLogin = phase === 'login' && name !== 'EHLO behind the log-in';
  const isBehindLogin = phase === 'login' && !isLogin;
  if (kind === 'nonsense') return meaning('protocol-violation', 'connection', 'later');
  if (kind === 'credentials' && phase === 'login') return meaning('auth-rejected', 'account', 'ask');
  if (kind === 'no-mechanism' && isLogin) return meaning('auth-mechanism-missing', 'account', 'ask');
  const retry = kind === 'busy' || kind === 'closing' ? 'later' : 'ask';
  if (isLogin) return meaning('smtp-refused', 'account', retry);
  if (name === 'STARTTLS' && kind !== 'closing') return meaning('tls-not-offered', 'connection', retry);
  // A server that does not know EHLO has no STARTTLS either.
  if (name === 'EHLO in clear text' && nth === undefined && kind === 'unknown-command') {
    return meaning('tls-not-offered', 'connection', 'ask');
  }
  if (isBehindLogin) return meaning('smtp-refused', 'message', retry === 'later' ? 'later' : 'never', true);
  return meaning('smtp-refused', 'connection', retry, true);
}

const tally = { cases: 0, right: 0, refused: 0 };
let server: SmtpScript;
let rig: OutboxRig;
let credentials: Credentials = PASSWORD;
const rejected: Credentials[] = [];

beforeEach(async () => {
  server = await startSmtpScript({ tls: { identity: tlsIdentity('good'), mode: 'starttls' }, tokens: { alice: 'tok-1' } });
  rejected.length = 0;
  rig = new OutboxRig({
    ...{ primary: server.port, endpoint: { security: 'starttls', caFile: tlsIdentity().caFile }, smtp: createSmtpGateway() },
    around: () => ({
      credentials: () => Promise.resolve(credentials),
      rejectCredentials: (_account, _side, one) => void rejected.push(one),
    }),
  });
  rig.outbox.start();
});
afterEach(async () => {
  await rig.close();
  await server.close();
});
afterAll(() => reportFigure('O5 replies before the mail (outbox)', { replies: specimens.length, points: points.length, ...tally, seed }));

async function play(point: Point, kind: Class, reply: string | Buffer): Promise<void> {
  const name = `${JSON.stringify(reply.toString('latin1')).slice(0, 60)} to ${point.name}`;
  credentials = point.how === 'token' ? TOKEN : PASSWORD;
  server.setCapabilities(point.how === 'login' ? [...withoutSmtp('AUTH'), 'AUTH LOGIN'] : [...withoutSmtp('AUTH'), 'AUTH PLAIN XOAUTH2']);
  const from = { mails: server.mails.length, rejected: rejected.length };
  const fault: SmtpFault = { at: point.at, nth: point.nth ?? 1, ...(typeof reply === 'string' ? { reply } : { bytes: reply }) };
  const withdraw = server.fault(kind === 'closing' ? { ...fault, cut: 'end' } : fault);
  rig.clock.rate = 1;
  const id = rig.send();
  await until(`first try of ${name}`, () => rig.outbox.item(id).attempts.some((one) => one.endedAt !== null), 60_000);
  withdraw();
  tally.cases += 1;
  const { code, scope, retry, isTry } = expected(kind, point);
  const said = kind === 'nonsense' ? null : Number(reply.toString('latin1').slice(0, 3));
  const row = rig.row(id);
  if (row.state === 'rejected' || row.recipients.some((one) => one.state !== 'pending')) tally.refused += 1;
  expect(rig.outbox.item(id).attempts[0], name).toMatchObject({
    ...{ phase: point.phase, verdict: 'transient', replyCode: said, error: { code, scope, retry, side: 'primary' } },
  });
  expect(row, name).toMatchObject({
    ...{ state: 'queued', bodyStarted: false, route: null, retries: isTry ? 1 : 0, error: { code } },
    hold: ['auth-rejected', 'auth-mechanism-missing'].includes(code) ? 'login-refused' : 'retry',
    // It was said of the way or the account, and to nobody's address.
    recipients: [{ state: 'pending', replyCode: null, reply: null }],
  });
  expect(rejected.length - from.rejected, name).toBe(code === 'auth-rejected' ? 1 : 0);
  rig.clock.rate = LATER_RATE;
  await rig.reaches(id, 'accepted');
  expect([server.mails.length - from.mails, rig.outbox.item(id).attempts.length], name).toEqual([1, 2]);
  tally.right += 1;
}

describe.each(points)('O5: what is said to $name', (point) => {
  it('is about the way or the account, and never about the mail', { timeout: isFull ? 1_800_000 : 60_000 }, async () => {
    for (const [kind, reply] of isFull ? sliceOf(specimens) : random.shuffle([...specimens]).slice(0, SAMPLE)) {
      await play(point, kind, reply);
    }
  });
});
