import { MailError } from '../../../shared/errors.ts';
import type { Endpoint, Side } from '../../../shared/model/account.ts';
import type { Clock } from '../core/clock.ts';
import type { Credentials } from '../imap/gateway.ts';
import { classifySmtpError, replyOfError } from './classify-smtp-error.ts';
import { checkRequest } from './door.ts';
import type { SmtpStep, SubmissionRequest, SubmissionResult, SubmitOptions } from './gateway.ts';
import { inTime } from './in-time.ts';
import { NodemailerSession } from './nodemailer-session.ts';
import { openSocket, type Way } from './open-socket.ts';
import { ReplyChannel } from './reply-channel.ts';
import { CallerFailure, SubmissionRecord, type SubmissionEnd } from './submission-record.ts';
import type { SubmitTimes } from './submit-times.ts';
import { Transaction } from './transaction.ts';

export interface SubmitParts {
  readonly clock: Clock;
  readonly times: SubmitTimes;
  readonly way: Way;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly request: SubmissionRequest;
  readonly options: SubmitOptions;
}

/** Submits one mail as SmtpGateway.submit says. */
export async function submitMail(parts: SubmitParts): Promise<SubmissionResult> {
  const { request, options } = parts;
  const record = new SubmissionRecord(request.to, options);
  const reach: Reach = { step: null };
  const stop = options.signal ?? new AbortController().signal;
  let end: SubmissionEnd;
  try {
    end = await carriedOut(parts, record, reach, stop);
  } catch (error) {
    const known = stop.aborted ? abortError(stop, options.side) : typed(error, options.side, reach.step);
    const isRejected = known.code === 'call-rejected' && !record.hasBodyBegun;
    const verdict = record.hasBodyBegun ? 'unknown' : isRejected ? 'permanent' : 'transient';
    end = { verdict, reply: replyOfError(error), error: known, queueId: null };
  }
  return record.result(end);
}

/** The last step that has succeeded. */
interface Reach {
  step: SmtpStep | null;
}

async function carriedOut(parts: SubmitParts, record: SubmissionRecord, reach: Reach, stop: AbortSignal): Promise<SubmissionEnd> {
  const { times, options } = parts;
  const mail = await checkRequest(parts.request, options.side);
  stop.throwIfAborted();
  await record.enter('connect');
  const channel = await loggedIn(parts, record, reach, stop);
  const onAbort = () => channel.fail(abortError(stop, options.side));
  stop.addEventListener('abort', onAbort, { once: true });
  if (stop.aborted) onAbort();
  try {
    return await new Transaction(channel, mail, record, { times, side: options.side }).run();
  } finally {
    stop.removeEventListener('abort', onAbort);
  }
}

async function loggedIn(parts: SubmitParts, record: SubmissionRecord, reach: Reach, stop: AbortSignal): Promise<ReplyChannel> {
  const { clock, times, way, endpoint, credentials, options } = parts;
  const { side } = options;
  const pass = (step: SmtpStep) => {
    reach.step = step;
    options.onStep?.(step);
  };
  const onStep = async (step: SmtpStep): Promise<void> => {
    pass(step);
    if (step === 'connect' && endpoint.security === 'tls') await record.enter('tls');
  };
  const socket = await inTime(clock, times.connectMs, stop, (signal) => openSocket(endpoint, { side, signal, way, onStep }));
  const session = new NodemailerSession(socket, endpoint, side, times);
  const logIn = async (): Promise<ReplyChannel> => {
    if (endpoint.security === 'starttls') await record.enter('tls');
    await session.connect();
    if (endpoint.security === 'starttls') pass('tls');
    await record.enter('login');
    await session.logIn(credentials);
    pass('login');
    return new ReplyChannel(session.takeOver(), clock);
  };
  return inTime(clock, times.sessionMs, stop, (signal) => session.run(signal, logIn));
}

function typed(error: unknown, side: Side, reached: SmtpStep | null): MailError {
  if (!(error instanceof CallerFailure)) return classifySmtpError(error, side, reached);
  if (error.cause instanceof MailError) return error.cause;
  return new MailError('internal', { scope: 'message', retry: 'later', side, detail: error.message, cause: error.cause });
}

function abortError(signal: AbortSignal, side: Side): MailError {
  if (signal.reason instanceof MailError) return signal.reason;
  return new MailError('cancelled', { scope: 'connection', retry: 'later', side });
}
