import { describe, expect, it } from 'vitest';
import { Backoff } from '../../main/engine/core/backoff.ts';
import { classifyError } from '../../main/engine/core/classify-error.ts';
import type { Clock } from '../../main/engine/core/clock.ts';
import { withDeadline } from '../../main/engine/core/deadline.ts';
import { Mutex } from '../../main/engine/core/mutex.ts';
import { redactError } from '../../main/engine/core/redact.ts';
import { limits } from '../../shared/limits.ts';
import { MailError } from '../../shared/errors.ts';
import { seededRandom } from '../support/random.ts';

/** A clock moved by hand: timers fire in order as time passes. */
function handClock(): Clock & { advance(ms: number): void } {
  let time = 1_000_000;
  let timers: { at: number; callback: () => void }[] = [];
  const after = (ms: number, callback: () => void) => {
    const timer = { at: time + ms, callback };
    timers.push(timer);
    return () => (timers = timers.filter((one) => one !== timer));
  };
  return {
    now: () => time,
    monotonic: () => time,
    after,
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
    advance(ms) {
      const end = time + ms;
      for (;;) {
        const next = timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        time = next.at;
        timers = timers.filter((one) => one !== next);
        next.callback();
      }
      time = end;
    },
  };
}

const constant = (value: number) => ({ next: () => value });

describe('backoff', () => {
  it.each([
    ['shortest', 0, [600, 1200, 2400, 4800, 9600, 19200, 28800, 57600, 115200, 135000, 135000]],
    ['longest', 0.999_999, [1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000]],
  ])('doubles to five minutes and stays there (%s)', (_, chance, delays) => {
    const backoff = new Backoff({ clock: handClock(), random: constant(chance) });
    expect(delays.map(() => backoff.nextDelayMs())).toEqual(delays);
  });

  it('makes at most 12 attempts in the first ten minutes of an outage, whatever chance does', () => {
    let most = 0;
    for (const random of [constant(0), constant(0.999), ...Array.from({ length: 500 }, (_, seed) => seededRandom(seed))]) {
      const backoff = new Backoff({ clock: handClock(), random });
      let attempts = 0;
      for (let at = 0; at < 600_000; at += backoff.nextDelayMs()) attempts += 1;
      most = Math.max(most, attempts);
    }
    expect(most).toBeLessThanOrEqual(12);
  });

  it('starts anew only after a connection has survived', () => {
    const clock = handClock();
    const backoff = new Backoff({ clock, random: constant(0.999_999) });
    const live = (ms: number) => {
      backoff.connected();
      clock.advance(ms);
      backoff.lost();
    };
    backoff.nextDelayMs();
    live(limits.provenSurvivalMs - 1);
    expect(backoff.nextDelayMs()).toBe(2000);
    live(limits.provenSurvivalMs);
    expect(backoff.nextDelayMs()).toBe(1000);
    backoff.lost();
    expect(backoff.nextDelayMs()).toBe(2000);
  });

  it('spreads clients that lost their server at one moment', () => {
    const delays = Array.from({ length: 100 }, (_, seed) => new Backoff({ clock: handClock(), random: seededRandom(seed) }).nextDelayMs());
    expect(new Set(delays).size).toBeGreaterThan(50);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(600);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1000);
  });
});

describe('deadline', () => {
  it('gives the result in time, else the error, and leaves no timer', async () => {
    const clock = handClock();
    await expect(withDeadline(clock, 10, Promise.resolve(1), () => new Error('late'))).resolves.toBe(1);
    const waiting = withDeadline(clock, 10, new Promise(() => undefined), () => new Error('late'));
    clock.advance(10);
    await expect(waiting).rejects.toThrow('late');
  });
});

describe('mutex', () => {
  it('runs one piece of work at a time, in order, and goes on after a failure', async () => {
    const mutex = new Mutex();
    const log: string[] = [];
    const work = (name: string) =>
      mutex.run(async () => {
        log.push(`${name} begins`);
        await Promise.resolve();
        log.push(`${name} ends`);
        if (name === 'b') throw new Error('b fails');
        return name;
      });
    expect((await Promise.allSettled([work('a'), work('b'), work('c')])).map((one) => one.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });
});

const withCode = (code: string) => Object.assign(new Error('text that may hold anna@example.com'), { code });

describe('classes of errors', () => {
  it.each([
    ['ENOTFOUND', 'dns-failed', 'later'],
    ['EAI_AGAIN', 'dns-failed', 'later'],
    ['ECONNREFUSED', 'connect-refused', 'later'],
    ['ETIMEDOUT', 'connect-timeout', 'later'],
    ['CONNECT_TIMEOUT', 'connect-timeout', 'later'],
    ['ENETUNREACH', 'network-unreachable', 'later'],
    ['EHOSTUNREACH', 'network-unreachable', 'later'],
    ['ECONNRESET', 'connection-lost', 'later'],
    ['NoConnection', 'connection-lost', 'later'],
    ['GREETING_TIMEOUT', 'server-timeout', 'later'],
    ['LiteralTooLarge', 'answer-too-large', 'later'],
    ['LineTooLarge', 'answer-too-large', 'later'],
    ['TooManyTokens', 'answer-too-large', 'later'],
    ['UnexpectedTag', 'protocol-violation', 'later'],
    ['ParserError12', 'protocol-violation', 'later'],
    ['CERT_HAS_EXPIRED', 'tls-certificate-expired', 'ask'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-certificate-wrong-host', 'ask'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-certificate-untrusted', 'ask'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls-certificate-untrusted', 'ask'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-failed', 'ask'],
    ['STARTTLS_INJECTION', 'tls-failed', 'ask'],
    ['ETHROTTLE', 'command-refused', 'later'],
    ['SOMETHING_NEW', 'connection-lost', 'later'],
  ])('%s is %s, retry %s', (foreign, code, retry) => {
    const error = classifyError(withCode(foreign), 'relay');
    expect(error).toMatchObject({ code, retry, scope: 'connection', side: 'relay', detail: foreign });
    expect(error.message).not.toContain('anna');
  });

  it('keeps a MailError as it is', () => {
    const error = new MailError('over-quota', { scope: 'mailbox', retry: 'ask' });
    expect(classifyError(error)).toBe(error);
  });

  it.each([
    [['ENETUNREACH', 'ECONNREFUSED'], 'connect-refused'],
    [['ECONNREFUSED', 'ENETUNREACH'], 'connect-refused'],
    [['ENETUNREACH', 'EHOSTUNREACH'], 'network-unreachable'],
    [['ETIMEDOUT', 'ENETUNREACH'], 'connect-timeout'],
  ])('of several addresses (%j) the reachable one counts: %s', (codes, code) => {
    expect(classifyError(new AggregateError(codes.map(withCode))).code).toBe(code);
  });

  it.each([[null], [undefined], ['text'], [42], [{}]])('survives %j being thrown', (thrown) =>
    expect(classifyError(thrown).code).toBe('connection-lost'),
  );
});

describe('errors in logs', () => {
  it('show codes and places, never texts', () => {
    const secret = 'SECRET anna@example.com /home/anna/mail.db SELECT "x"';
    const inner = Object.assign(new Error(secret), { code: 'ECONNRESET' });
    const errors: unknown[] = [
      new MailError('over-quota', { scope: 'mailbox', retry: 'ask', side: 'relay', detail: 'NO [OVERQUOTA]', cause: inner }),
      inner,
      Object.assign(new TypeError(secret), { code: secret }),
      Object.assign(new Error(secret), { name: secret }),
      secret,
      null,
      undefined,
      { message: secret },
    ];
    const shown = errors.map(redactError);
    expect(JSON.stringify(shown)).not.toMatch(/SECRET|anna|\/home|SELECT/);
    expect(shown[0]).toMatchObject({
      error: 'MailError',
      code: 'over-quota',
      scope: 'mailbox',
      retry: 'ask',
      side: 'relay',
      detail: 'NO [OVERQUOTA]',
      cause: 'Error ECONNRESET',
    });
    expect(shown[0]?.at).toContain('imap-core.test.ts:');
    expect(shown[1]).toMatchObject({ error: 'Error', code: 'ECONNRESET' });
  });
});
