import { MailError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { classifySmtpError } from './classify-smtp-error.ts';
import type { SmtpGateway, SmtpStep } from './gateway.ts';
import { NodemailerSession } from './nodemailer-session.ts';
import { openSocket } from './open-socket.ts';
import { submitMail } from './submit.ts';
import { submitTimes, type SubmitTimes } from './submit-times.ts';

/** Submission servers through nodemailer's log-in and a transaction of our own. `times` and `clock` are for tests. */
export function createSmtpGateway(options: { clock?: Clock; times?: Partial<SubmitTimes> } = {}): SmtpGateway {
  const clock = options.clock ?? systemClock;
  const times = { ...submitTimes, ...options.times };
  const submit: SmtpGateway['submit'] = (endpoint, credentials, request, how) =>
    submitMail({ clock, times, endpoint, credentials, request, options: how });
  return { verify, submit };
}

const verify: SmtpGateway['verify'] = async (endpoint, credentials, { side, signal, onStep }) => {
  let reached: SmtpStep | null = null;
  const pass = (step: SmtpStep) => {
    reached = step;
    onStep?.(step);
  };
  const stop = signal ?? new AbortController().signal;
  try {
    const socket = await openSocket(endpoint, { side, signal: stop, onStep: pass });
    const session = new NodemailerSession(socket, endpoint, side, submitTimes);
    await session.run(stop, async () => {
      await session.connect();
      if (endpoint.security === 'starttls') pass('tls');
      await session.logIn(credentials);
      pass('login');
      await session.reset();
      pass('submission');
    });
  } catch (error) {
    if (stop.aborted) throw stop.reason instanceof MailError ? stop.reason : cancelled(side);
    throw classifySmtpError(error, side, reached);
  }
};

function cancelled(side: Side): MailError {
  return new MailError('cancelled', { scope: 'connection', retry: 'never', side });
}
