import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Endpoint } from '../../shared/model/account.ts';
import { limits } from '../../shared/limits.ts';
import type { SubmissionPhase } from '../../shared/model/outbox.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { submitTimes, type SubmitTimes } from '../../main/engine/smtp/submit-times.ts';
import { reportFigure } from '../support/figures.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { freePort } from '../support/ports.ts';
import { RateClock } from '../support/rate-clock.ts';
import { openSilentPort } from '../support/silent-port.ts';
import { startSmtpScript, withoutSmtp, type SmtpFault, type SmtpScript } from '../support/smtp-script.ts';
import { tlsIdentity } from '../support/tls.ts';
import { until } from '../support/until.ts';

/** A server that falls silent, wherever it does: the try ends when its time is over, and the mail is uncertain only once its body has gone. */

type Security = Endpoint['security'];

interface Silence {
  readonly name: string;
  readonly security: Security;
  readonly fault: SmtpFault;
  readonly phase: SubmissionPhase;
  /** The stated time. The log-in's are kept by the library on the machine's own clock: there short ones are set. */
  readonly limit: keyof SubmitTimes;
  readonly text?: string;
}

const LIBRARY_MS = 300;
const isOfLibrary = (limit: keyof SubmitTimes): boolean => limit === 'greetingMs' || limit === 'loginMs';
const of = (
  limit: keyof SubmitTimes,
  phase: SubmissionPhase,
  name: string,
  fault: Omit<SmtpFault, 'cut'>,
  more: Partial<Silence> = {},
) => ({
  ...{ name, security: 'starttls' as const, fault: { ...fault, cut: 'stall' as const }, phase, limit },
  ...more,
});

const silences: readonly Silence[] = [
  of('connectMs', 'tls', 'in the handshake of TLS', { at: 'TLS', afterBytes: 0 }, { security: 'tls' }),
  of('connectMs', 'tls', 'in the middle of that handshake', { at: 'TLS', afterBytes: 200 }, { security: 'tls' }),
  of('greetingMs', 'tls', 'in place of the greeting, behind TLS', { at: 'greeting' }, { security: 'tls' }),
  of('greetingMs', 'tls', 'in place of the greeting', { at: 'greeting' }),
  of('loginMs', 'tls', 'after EHLO', { at: 'EHLO' }),
  of('loginMs', 'tls', 'in the answer to EHLO', { at: 'EHLO', bytes: '250-smtp.test\r\n' }),
  of('loginMs', 'tls', 'after STARTTLS', { at: 'STARTTLS' }),
  of('greetingMs', 'tls', 'in the handshake after STARTTLS', { at: 'TLS', afterBytes: 0 }),
  of('greetingMs', 'tls', 'in the middle of that handshake, after STARTTLS', { at: 'TLS', afterBytes: 200 }),
  of('loginMs', 'tls', 'after EHLO behind TLS', { at: 'EHLO', nth: 2 }),
  of('loginMs', 'login', 'after AUTH', { at: 'AUTH' }),
  of('loginMs', 'login', 'after the user name', { at: 'AUTH-STEP', nth: 2 }),
  of('commandMs', 'login', 'after EHLO behind the log-in', { at: 'EHLO', nth: 3 }),
  of('commandMs', 'mail', 'after MAIL', { at: 'MAIL' }),
  of('commandMs', 'recipients', 'after the first RCPT', { at: 'RCPT' }),
  of('commandMs', 'recipients', 'between two RCPT', { at: 'RCPT', nth: 2 }),
  of('dataMs', 'data', 'after DATA', { at: 'DATA' }),
  of('blockMs', 'body', 'while the mail leaves', { at: 'BODY', afterBytes: 1 }, { text: `${'x'.repeat(70)}\r\n`.repeat(120_000) }),
  of('replyMs', 'data-sent', 'after the final dot', { at: 'BODY' }),
  of('replyMs', 'data-sent', 'in the last reply', { at: 'BODY', bytes: '250 2.0.0 O' }),
];

const tally = { cases: 0, endedInTime: 0, uncertain: 0 };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => reportFigure('O12 silence in a submission (outbox)', tally));

interface Stage {
  readonly rig: OutboxRig;
  /** The time that the submission goes by. */
  readonly patience: RateClock;
}

function stageFor(port: number, endpoint: Partial<Endpoint>, times: Partial<SubmitTimes>): Stage {
  const patience = new RateClock();
  const rig = new OutboxRig({ primary: port, endpoint, smtp: createSmtpGateway({ clock: patience, times }) });
  closers.push(() => rig.close());
  rig.outbox.start();
  return { rig, patience };
}

const isLarge = (text: string): boolean => text.length > 1_000_000;

/** Sends, lets the stated time go by once the server is silent, and gives what the try came to; it may not end before. */
async function endOf({ rig, patience }: Stage, isSilent: () => boolean, ms: number | null, text = 'one') {
  const id = rig.send({ text, envelope: { from: 'anna@example.com', to: ['a@example.com', 'b@example.com'] } });
  const isOver = (): boolean => rig.outbox.item(id).attempts.some((one) => one.endedAt !== null);
  await until('silence', isSilent);
  if (ms !== null) {
    await sleep(50);
    patience.pass(ms - 10_000);
    await sleep(50);
    expect(isOver()).toBe(false);
    patience.pass(10_000);
  }
  // What this machine itself has room for leaves first, and each block has its time.
  while (ms !== null && isLarge(text) && !isOver()) {
    await sleep(100);
    patience.pass(ms);
  }
  await until('the end of the try', isOver);
  return { row: rig.row(id), attempt: rig.outbox.item(id).attempts[0] };
}

describe('a server that falls silent', () => {
  it.each(silences)('$name', async ({ security, fault, phase, limit, text }) => {
    const mode = security === 'tls' ? 'implicit' : 'starttls';
    const capabilities = fault.at === 'AUTH-STEP' ? [...withoutSmtp('AUTH'), 'AUTH LOGIN'] : undefined;
    const server: SmtpScript = await startSmtpScript({
      ...{ tls: { identity: tlsIdentity(), mode }, keepsBodies: false },
      ...(capabilities ? { capabilities } : {}),
    });
    closers.push(() => server.close());
    server.fault(fault.at === 'BODY' && fault.afterBytes !== undefined ? { ...fault, cut: 'deaf' } : fault);
    const isShort = isOfLibrary(limit);
    const stage = stageFor(
      ...[server.port, { security, caFile: tlsIdentity().caFile }],
      isShort ? { greetingMs: LIBRARY_MS, loginMs: LIBRARY_MS } : {},
    );
    const { row, attempt } = await endOf(stage, () => server.stalls > 0, isShort ? null : submitTimes[limit], text);
    const isUncertain = phase === 'body' || phase === 'data-sent';
    tally.cases += 1;
    tally.uncertain += row.state === 'unknown' ? 1 : 0;
    const error = { code: 'server-timeout', scope: 'connection', side: 'primary' };
    expect(attempt).toMatchObject({ phase, verdict: isUncertain ? 'unknown' : 'transient', replyCode: null, error });
    expect(row).toMatchObject(isUncertain ? { state: 'unknown', route: 'primary' } : { state: 'queued', route: null, bodyStarted: false });
    expect(server.mails).toEqual([]);
    tally.endedInTime += 1;
  });

  it('before it takes the connection', async () => {
    const port = await freePort();
    const silent = await openSilentPort(port);
    closers.push(() => silent.close());
    const stage = stageFor(port, { host: '::1' }, {});
    const { row, attempt } = await endOf(stage, () => true, submitTimes.connectMs);
    expect(attempt).toMatchObject({ phase: 'connect', verdict: 'transient', error: { code: 'connect-timeout' } });
    expect(row).toMatchObject({ state: 'queued', retries: 0 });
    tally.cases += 1;
    tally.endedInTime += 1;
  });
});

/** Says a byte now and then in place of one answer, for as long as it is listened to; so it is never silent. */
async function startDripping(at: 'greeting' | 'EHLO' | 'AUTH' | 'MAIL'): Promise<{ readonly port: number; readonly drops: number }> {
  const sockets = new Set<Socket>();
  let drops = 0;
  const drip = (socket: Socket, start: string): void => {
    socket.write(start);
    const timer = setInterval(() => void (socket.write('x'), (drops += 1)), 40);
    socket.once('close', () => clearInterval(timer));
  };
  const usual = { EHLO: '250-drip.test\r\n250 AUTH PLAIN\r\n', AUTH: '235 2.7.0 in\r\n', MAIL: '250 2.1.0 Ok\r\n' };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (at === 'greeting') return drip(socket, '220 ');
    socket.write('220 drip.test\r\n');
    socket.on('data', (chunk) => {
      const word = /^(EHLO|AUTH|MAIL)/u.exec(chunk.toString('latin1'))?.[1] as keyof typeof usual | undefined;
      if (word === at) drip(socket, usual[word].slice(0, 4));
      else if (word !== undefined) socket.write(usual[word]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get drops() {
      return drops;
    },
  };
}

describe('a server that says a byte now and then', () => {
  it.each([
    ['greeting', 'sessionMs', 'connect'],
    ['EHLO', 'sessionMs', 'connect'],
    ['AUTH', 'sessionMs', 'login'],
    ['MAIL', 'commandMs', 'mail'],
  ] as const)('in place of the answer to %s: %s', async (at, limit, phase) => {
    const server = await startDripping(at);
    const { row, attempt } = await endOf(stageFor(server.port, {}, {}), () => server.drops > 5, submitTimes[limit]);
    const code: ErrorCode = 'server-timeout';
    expect(attempt).toMatchObject({ phase, verdict: 'transient', replyCode: null, error: { code } });
    expect(row).toMatchObject({ state: 'queued', route: null, bodyStarted: false });
    tally.cases += 1;
    tally.endedInTime += 1;
  });

  it('and to one who only knocks', async () => {
    const server = await startDripping('EHLO');
    const clock = new RateClock();
    const endpoint = { host: '127.0.0.1', port: server.port, security: 'plain', user: 'alice', auth: { type: 'password' } } as const;
    const knock = createSmtpGateway({ clock }).verify(endpoint, { type: 'password', password: 'pw-alice' }, { side: 'relay' });
    const ended = expect(knock).rejects.toMatchObject({ code: 'server-timeout', scope: 'connection', side: 'relay' });
    await until('drops', () => server.drops > 5);
    clock.pass(limits.submitSessionTimeoutMs);
    await ended;
  });
});

describe('a server that is slow at every step', () => {
  it('has time for the handshake after STARTTLS, however late its greeting came', async () => {
    const server = await startSmtpScript({ tls: { identity: tlsIdentity(), mode: 'starttls' } });
    closers.push(() => server.close());
    const greetingMs = 1_500;
    for (const at of ['greeting', 'EHLO'] as const) server.fault({ at, delayMs: greetingMs * 0.6 });
    const { rig } = stageFor(server.port, { security: 'starttls', caFile: tlsIdentity().caFile }, { greetingMs });
    const id = rig.send();
    await rig.reaches(id, 'accepted');
    expect(rig.outbox.item(id).attempts).toHaveLength(1);
  });
});
