import { MailError } from '../../../shared/errors.ts';
import type { Endpoint, Side } from '../../../shared/model/account.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { noProxies, type ProxyFinder } from '../core/proxy/proxy-finder.ts';
import { withCompanyCa } from '../core/tls-options.ts';
import { classifySmtpError } from './classify-smtp-error.ts';
import type { SmtpGateway, SmtpStep } from './gateway.ts';
import { inTime } from './in-time.ts';
import { NodemailerSession } from './nodemailer-session.ts';
import { openSocket, type Way } from './open-socket.ts';
import { submitMail } from './submit.ts';
import { submitTimes, type SubmitTimes } from './submit-times.ts';

interface GatewayOptions {
  readonly clock?: Clock;
  readonly times?: Partial<SubmitTimes>;
  readonly proxies?: ProxyFinder;
}

/** Submission servers through nodemailer's log-in and a transaction of our own. `times` and `clock` are for tests. */
export function createSmtpGateway(options: GatewayOptions = {}): SmtpGateway {
  const clock = options.clock ?? systemClock;
  const times = { ...submitTimes, ...options.times };
  const way = { clock, proxies: options.proxies ?? noProxies, connectMs: times.connectMs };
  const trusted = (endpoint: Endpoint): Promise<Endpoint> => withCompanyCa(endpoint, way.proxies);
  return {
    verify: async (endpoint, credentials, how) => verify(way, times, await trusted(endpoint), credentials, how),
    submit: async (endpoint, credentials, request, how) =>
      submitMail({ clock, times, way, endpoint: await trusted(endpoint), credentials, request, options: how }),
  };
}

type VerifyArgs = Parameters<SmtpGateway['verify']>;

async function verify(
  way: Way,
  times: SubmitTimes,
  ...[endpoint, credentials, { side, signal: given, onStep }]: VerifyArgs
): Promise<void> {
  let reached: SmtpStep | null = null;
  const pass = (step: SmtpStep) => {
    reached = step;
    onStep?.(step);
  };
  const stop = given ?? new AbortController().signal;
  try {
    const { clock } = way;
    const socket = await inTime(clock, times.connectMs, stop, (signal) => openSocket(endpoint, { side, signal, way, onStep: pass }));
    const session = new NodemailerSession(socket, endpoint, side, times);
    const ask = async (): Promise<void> => {
      await session.connect();
      if (endpoint.security === 'starttls') pass('tls');
      await session.logIn(credentials);
      pass('login');
      await session.reset();
      pass('submission');
    };
    await inTime(clock, times.sessionMs, stop, (signal) => session.run(signal, ask));
  } catch (error) {
    if (stop.aborted) throw stop.reason instanceof MailError ? stop.reason : cancelled(side);
    throw classifySmtpError(error, side, reached);
  }
}

function cancelled(side: Side): MailError {
  return new MailError('cancelled', { scope: 'connection', retry: 'never', side });
}
