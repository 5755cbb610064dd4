import { MailError, type ErrorCode } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import type { Account, Endpoint, Service, Side } from '../../../shared/model/account.ts';
import type { EndpointRef } from '../../../shared/model/continuity.ts';
import type { Clock } from '../core/clock.ts';
import type { Credentials, ImapGateway } from '../imap/gateway.ts';
import type { SmtpGateway } from '../smtp/gateway.ts';

export interface ProbeDeps {
  readonly clock: Clock;
  readonly imap: ImapGateway;
  readonly smtp: Pick<SmtpGateway, 'verify'>;
  /** Fresh ones, renewed where they have run out. */
  readonly credentials: (account: Account, side: Side, service: Service) => Promise<Credentials>;
  /** A server has refused them: the next ones are renewed. */
  readonly reject: (account: Account, side: Side, service: Service, credentials: Credentials) => void;
  /** What a server wants a person to be told at the log-in, refused or not: nobody else may be asked to log in meanwhile. */
  readonly onAlert: (account: Account, side: Side, text: string) => void;
}

export type ProbeOutcome = { readonly isGood: true } | { readonly isGood: false; readonly code: ErrorCode };

type Steps = (step: string) => void;

async function knock(deps: ProbeDeps, account: Account, of: EndpointRef, signal: AbortSignal, onStep: Steps): Promise<void> {
  const { side, service } = of;
  const endpoint: Endpoint | null | undefined = account.config[side]?.[service];
  if (!endpoint) throw new MailError('config-invalid', { scope: 'account', retry: 'never', side, detail: 'no such endpoint' });
  const enter = async (credentials: Credentials): Promise<void> => {
    signal.throwIfAborted();
    if (service === 'smtp') return deps.smtp.verify(endpoint, credentials, { side, signal, onStep });
    const onAlert = (text: string): void => deps.onAlert(account, side, text);
    const session = await deps.imap.connect(endpoint, credentials, { side, signal, onStep, onAlert });
    await session.close();
  };
  const first = await deps.credentials(account, side, service);
  try {
    await enter(first);
  } catch (error) {
    if (first.type !== 'token' || !(error instanceof MailError) || error.code !== 'auth-rejected') throw error;
    // A token may have been withdrawn before its time: that is no outage.
    deps.reject(account, side, service, first);
    await enter(await deps.credentials(account, side, service));
  }
}

export interface ProbeOptions {
  readonly stop: AbortSignal;
  /** Leaves as soon as the server has answered, behind TLS where it has some: nobody logs in. */
  readonly isReachOnly?: boolean;
}

/**
 * One bounded look at an endpoint: connects, logs in and leaves; submission is asked for a fresh transaction and nothing is
 * submitted. Ends within limits.probeTimeoutMs whatever the server does. Never throws: what fails here, fails with a code.
 */
export async function probe(
  deps: ProbeDeps,
  account: Account,
  of: EndpointRef,
  { stop, isReachOnly = false }: ProbeOptions,
): Promise<ProbeOutcome> {
  const late = new AbortController();
  let isReached = false;
  let tellReached = (): void => undefined;
  const reached = new Promise<ProbeOutcome>((resolve) => {
    tellReached = () => {
      resolve({ isGood: true });
      late.abort(new MailError('cancelled', { scope: 'connection', retry: 'never', side: of.side }));
    };
  });
  const isPlain = account.config[of.side]?.[of.service]?.security === 'plain';
  const onStep = (step: string): void => {
    isReached ||= step === 'connect';
    if (isReachOnly && step === (isPlain ? 'connect' : 'tls')) tellReached();
  };
  let cancel = (): void => undefined;
  const timeout = new Promise<ProbeOutcome>((resolve) => {
    cancel = deps.clock.after(limits.probeTimeoutMs, () => {
      resolve({ isGood: false, code: isReached ? 'server-timeout' : 'connect-timeout' });
      late.abort(new MailError('cancelled', { scope: 'connection', retry: 'never', side: of.side }));
    });
  });
  const outcome = knock(deps, account, of, AbortSignal.any([late.signal, stop]), onStep).then(
    (): ProbeOutcome => ({ isGood: true }),
    (error: unknown): ProbeOutcome => ({ isGood: false, code: error instanceof MailError ? error.code : 'internal' }),
  );
  try {
    return await Promise.race([reached, outcome, timeout]);
  } finally {
    cancel();
  }
}
