import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.ts';
import type { DeliveryVerdict } from '../../shared/model/outbox.ts';
import type { SubmissionResult } from '../../main/engine/smtp/gateway.ts';
import { reportFigure } from '../support/figures.ts';
import { startSmtpScript, type SmtpPoint, type SmtpScript } from '../support/smtp-script.ts';
import { submitTo } from '../support/submit-rig.ts';
import { isFull } from '../support/this-run.ts';

/**
 * What a reply means to the mail: `ok` is no refusal, `retry` later, `permanent` never, `auth` the account has to be looked after first (no
 * attempt is used up), `nonsense` is no reply at all.
 */
type Class = 'ok' | 'retry' | 'permanent' | 'auth' | 'nonsense';

interface Specimen {
  readonly reply: string | Buffer;
  readonly means: Class;
  readonly enhanced?: string;
  /** Where it means something else. */
  readonly but?: Partial<Record<SmtpPoint, Class>>;
}

const of = (means: Class, reply: string | Buffer, enhanced?: string, but: Specimen['but'] = {}): Specimen => ({
  reply,
  means,
  but,
  ...(enhanced === undefined ? {} : { enhanced }),
});

const specimens: readonly Specimen[] = [
  // 4xx: later, whatever it says
  of('retry', '400 odd'),
  of('retry', '421 4.3.2 shutting down', '4.3.2'),
  of('retry', '421 smtp.test Service not available, closing transmission channel'),
  of('retry', '421 4.7.0 Try again later, closing connection. (MAIL)', '4.7.0'),
  of('retry', '421-4.7.28 rate limit\n421 4.7.28 see support page', '4.7.28'),
  of('retry', '450 4.2.0 mailbox busy', '4.2.0'),
  of('retry', '450 4.1.8 sender domain not found', '4.1.8'),
  of('retry', '450 4.7.1 greylisted, please retry in 300 seconds', '4.7.1'),
  of('retry', '450 mailbox unavailable'),
  of('retry', '451 4.7.1 Greylisting in action', '4.7.1'),
  of('retry', '451 4.3.0 queue file write error', '4.3.0'),
  of('retry', '451 4.3.5 server configuration problem', '4.3.5'),
  of('retry', '451 local error in processing'),
  of('retry', '452 4.5.3 too many recipients', '4.5.3'),
  of('retry', '452 4.3.1 insufficient system storage', '4.3.1'),
  of('retry', '452 4.2.2 over quota', '4.2.2'),
  of('retry', '452 too many recipients'),
  of('retry', '454 4.7.0 temporary authentication failure', '4.7.0'),
  of('retry', '454 4.7.1 relay access denied for now', '4.7.1'),
  of('retry', '455 4.5.4 cannot take the parameters now', '4.5.4'),
  of('retry', '458 unable to queue messages'),
  of('retry', '499 local class four'),
  of('retry', '450 5.7.1 class of another kind'),
  // 503: our sequence got lost, not the mail's fault
  of('retry', '503 5.5.1 bad sequence of commands', '5.5.1'),
  of('retry', '503 need RCPT'),
  of('retry', '503-5.5.1 first\n503 5.5.1 second', '5.5.1'),
  // refusals of the login, wherever they come
  of('auth', '530 5.7.0 Authentication required', '5.7.0'),
  of('auth', '530 5.7.57 Client was not authenticated to send anonymous mail', '5.7.57'),
  of('auth', '530-5.5.1 Authentication Required. Learn more at\n530 5.5.1 https://support.test', '5.5.1'),
  of('auth', '534 5.7.9 Application-specific password required', '5.7.9'),
  of('auth', '535 5.7.8 Username and Password not accepted', '5.7.8'),
  of('auth', '535 authentication failed'),
  of('auth', '538 5.7.11 Encryption required for requested authentication mechanism', '5.7.11'),
  // other 5xx: never
  of('permanent', '500 5.5.2 syntax error', '5.5.2'),
  of('permanent', '501 5.1.7 bad sender address', '5.1.7'),
  of('permanent', '502 5.5.1 not implemented', '5.5.1'),
  of('permanent', '504 5.5.4 parameter not implemented', '5.5.4'),
  of('permanent', '521 5.3.2 host does not accept mail', '5.3.2'),
  of('permanent', '550 5.1.1 no such user', '5.1.1'),
  of('permanent', '550 5.7.1 relaying denied', '5.7.1'),
  of('permanent', '550 5.7.26 unauthenticated mail is prohibited', '5.7.26'),
  of('permanent', '550 5.7.60 client does not have permissions to send as this sender', '5.7.60'),
  of('permanent', '550 mailbox unavailable'),
  of('permanent', '550-5.7.1 our policy\n550-5.7.1 does not want\n550 5.7.1 this', '5.7.1'),
  of('permanent', '551 5.1.6 user has moved', '5.1.6'),
  of('permanent', '552 5.2.2 mailbox full', '5.2.2'),
  of('permanent', '552 5.3.4 message too big', '5.3.4'),
  of('permanent', '552 5.5.3 too many recipients', '5.5.3', { RCPT: 'retry' }),
  of('permanent', '553 5.6.7 non-ASCII addresses not permitted', '5.6.7'),
  of('permanent', '554 5.2.2 mailbox full', '5.2.2'),
  of('permanent', '554 5.7.1 spam', '5.7.1'),
  of('permanent', '554'),
  of('permanent', '555 5.5.4 parameters not recognised', '5.5.4'),
  of('permanent', '599 local class five'),
  of('permanent', Buffer.from('550 5.1.1 gibt es nicht: \xe4\xf6\xfc\r\n', 'latin1'), '5.1.1'),
  of('permanent', '550 5.1.1 存在しないユーザー', '5.1.1'),
  of('permanent', `550 5.7.1 ${'long '.repeat(1_000)}`, '5.7.1'),
  // not what was asked for
  of('nonsense', '354 go ahead', undefined, { DATA: 'ok' }),
  of('nonsense', '334 challenge'),
  of('nonsense', '199 class one'),
  of('nonsense', '999 class nine'),
  of('nonsense', 'OK thank you'),
  of('nonsense', Buffer.from('\x15\x03\x01\x00\x02\x02\x28\r\n', 'latin1')),
  of('nonsense', '250-queued\n550 or not'),
  of('nonsense', `550 ${'x'.repeat(10_000)}`),
  of('nonsense', `${'550-again\n'.repeat(8_000)}550 done`),
  of('nonsense', ''),
];

const points = ['MAIL', 'RCPT', 'DATA', 'BODY'] as const;
type Point = (typeof points)[number] | 'early';

/** What has to come out, by the table of the design and not by the code. */
function expected(specimen: Specimen, point: Point): { verdict: DeliveryVerdict; codes: readonly ErrorCode[] } {
  const means = specimen.but?.[point === 'early' ? 'BODY' : point] ?? specimen.means;
  if (means === 'auth') return { verdict: 'transient', codes: ['auth-rejected'] };
  if (means === 'permanent') {
    return { verdict: 'permanent', codes: ['smtp-refused', 'recipients-refused', 'message-too-large-for-server', 'address-not-supported'] };
  }
  if (means === 'retry') return { verdict: 'transient', codes: ['smtp-refused', 'recipients-refused'] };
  return { verdict: point === 'BODY' || point === 'early' ? 'unknown' : 'transient', codes: ['protocol-violation'] };
}

let server: SmtpScript;
beforeAll(async () => {
  server = await startSmtpScript();
});
afterAll(() => server.close());

async function answered(specimen: Specimen, at: SmtpPoint, early: boolean): Promise<SubmissionResult> {
  const bytes = typeof specimen.reply === 'string' ? `${specimen.reply.replaceAll('\n', '\r\n')}\r\n` : specimen.reply;
  const withdraw = server.fault({ at, bytes, ...(early ? { afterBytes: 1 } : {}) });
  try {
    return await submitTo(server, early ? { raw: endless(), sizeBytes: EARLY_BYTES } : {});
  } finally {
    withdraw();
  }
}

// So large that the connection cannot swallow it: the answer has to be found while sending.
const EARLY_BYTES = 12_000_000;
const block = Buffer.from(`${'x'.repeat(78)}\r\n`.repeat(1_000));
const endless = () => () => Array.from({ length: EARLY_BYTES / block.length }, () => block);

const tally = { replies: specimens.length, cases: 0, right: 0 };

async function check(specimen: Specimen, point: Point): Promise<void> {
  if ((specimen.but?.[point as SmtpPoint] ?? specimen.means) === 'ok') return;
  tally.cases += 1;
  const mailsBefore = server.mails.length;
  const result = await answered(specimen, point === 'early' ? 'BODY' : point, point === 'early');
  const { verdict, codes } = expected(specimen, point);
  const where = `${JSON.stringify(specimen.reply).slice(0, 60)} at ${point}`;
  expect([result.verdict, result.recipients.map((one) => one.verdict)], where).toEqual([verdict, [verdict]]);
  expect(codes, where).toContain(result.error?.code);
  if (codes[0] !== 'protocol-violation') {
    expect(result.recipients[0]?.enhancedCode ?? undefined, where).toBe(specimen.enhanced);
    expect(result.recipients[0]?.replyCode, where).toBe(Number(String(specimen.reply).slice(0, 3)));
    expect(result.recipients[0]?.reply?.length, where).toBeLessThanOrEqual(1_000);
  }
  expect(result.phase === 'replied', where).toBe(point === 'BODY' && codes[0] !== 'protocol-violation');
  expect(server.mails.length, where).toBe(mailsBefore);
  tally.right += 1;
}

describe('O5: a reply decides by its code, and by nothing else', () => {
  it('has at least 60 of them', () => expect(specimens.length).toBeGreaterThanOrEqual(60));

  for (const point of points) {
    it(`at ${point}`, async () => {
      for (const specimen of specimens) await check(specimen, point);
    });
  }

  it('while the mail is being sent', async () => {
    const some = isFull ? specimens : specimens.filter((_, i) => i % 8 === 0);
    for (const specimen of some) await check(specimen, 'early');
  });

  it('250 before the mail was complete is no acceptance', async () => {
    const result = await answered(of('nonsense', '250 2.0.0 Ok: queued as X1'), 'BODY', true);
    expect(result).toMatchObject({ verdict: 'unknown', phase: 'body', error: { code: 'protocol-violation' } });
  });

  it('250 where 354 is due begins no mail', async () => {
    const result = await answered(of('nonsense', '250 2.0.0 Ok'), 'DATA', false);
    expect(result).toMatchObject({ verdict: 'transient', phase: 'data', error: { code: 'protocol-violation' } });
  });

  it('a second reply to one command is not taken for the next one’s', async () => {
    for (const at of ['MAIL', 'RCPT'] as const) {
      const before = server.mails.length;
      const withdraw = server.fault({ at, bytes: '250 2.1.0 Ok\r\n250 2.1.0 Ok\r\n' });
      const result = await submitTo(server, {});
      withdraw();
      expect(result).toMatchObject({ verdict: 'transient', error: { code: 'protocol-violation' } });
      expect(server.mails.length).toBe(before);
    }
  });

  afterAll(() => reportFigure('O5 replies by phase', tally));
});

describe('before the mail is spoken of, a reply is about the session', () => {
  it('at the greeting and at the login: no recipient is refused for good', async () => {
    for (const [at, reply, codes] of [
      ['greeting', '554 5.7.1 your address is listed', ['smtp-refused']],
      ['greeting', '421 4.3.2 come back later', ['smtp-refused']],
      ['greeting', 'hello', ['protocol-violation']],
      ['AUTH', '535 5.7.8 no', ['auth-rejected']],
      ['AUTH', '534 5.7.9 application password', ['auth-rejected']],
      ['AUTH', '530 5.7.0 no', ['auth-rejected']],
      ['AUTH', '504 5.5.4 mechanism', ['auth-mechanism-missing']],
      ['AUTH', '454 4.7.0 not now', ['smtp-refused']],
      ['AUTH', '421 4.7.0 too many', ['smtp-refused']],
      ['AUTH', '503 5.5.1 sequence', ['smtp-refused']],
      ['AUTH', '550 5.7.1 account closed', ['smtp-refused']],
    ] as const) {
      const withdraw = server.fault({ at, reply, cut: 'end' });
      const result = await submitTo(server, {});
      withdraw();
      const what = `${reply} at ${at}`;
      expect(result.verdict, what).toBe('transient');
      expect(
        result.recipients.map(({ verdict }) => verdict),
        what,
      ).toEqual(['transient']);
      expect(codes, what).toContain(result.error?.code);
      if (/^\d/.test(reply)) expect(result.replyCode, what).toBe(Number(reply.slice(0, 3)));
    }
  });
});
