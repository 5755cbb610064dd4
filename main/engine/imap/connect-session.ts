import { MailError } from '../../../shared/errors.ts';
import { isLoopbackHost, type Endpoint, type Side } from '../../../shared/model/account.ts';
import type { Clock } from '../core/clock.ts';
import { withDeadline } from '../core/deadline.ts';
import type { Log } from '../core/log.ts';
import { tunnelTo } from '../core/proxy/tunnel-to.ts';
import type { ProxyFinder } from '../core/proxy/proxy-finder.ts';
import { FlowClient } from './flow-client.ts';
import type { FlowConnection, FlowOptions } from './flow-connection.ts';
import type { Credentials, ImapGateway, ImapSession } from './gateway.ts';
import { capsLeft, capsOf, offers } from './imap-caps.ts';
import { loginError, type ConnectPhase } from './login-error.ts';
import type { FetchSuspects } from './fetch-suspects.ts';
import type { MailboxNames } from './mailbox-names.ts';
import { emailIdItem } from './quirks.ts';
import { WireSession } from './session.ts';
import { tlsOptions, withCompanyCa } from '../core/tls-options.ts';
import { RefusedError } from './wire/completion.ts';
import { Wire } from './wire/wire.ts';

/** Times of a connection, in milliseconds; those of limits unless a test says otherwise. */
export type GatewayTimes = Readonly<
  Record<
    'connectTimeoutMs' | 'greetingTimeoutMs' | 'commandTimeoutMs' | 'stallTimeoutMs' | 'overdueMs' | 'idleRenewMs' | 'silenceMs',
    number
  >
>;

export interface ServerMemory {
  readonly names: MailboxNames;
  readonly suspects: FetchSuspects;
}

export interface ConnectDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly times: GatewayTimes;
  readonly proxies: ProxyFinder;
  /** What is remembered of a server from one session to the next. */
  readonly memory: ServerMemory;
  makeFlow(options: FlowOptions): FlowConnection;
}

type ConnectOptions = Parameters<ImapGateway['connect']>[2];
type Step = 'resolve' | 'connect' | 'tls' | 'login';

/** One attempt to connect: knows how far it came. */
class Attempt {
  phase: ConnectPhase = 'resolve';
  readonly #endpoint: Endpoint;
  readonly #onStep: ((step: Step) => void) | undefined;
  readonly #told = new Set<Step>();

  constructor(endpoint: Endpoint, onStep: ((step: Step) => void) | undefined) {
    this.#endpoint = endpoint;
    this.#onStep = onStep;
  }

  /** Steps in their order, each once, whatever the socket leaves out (an address needs no look-up). */
  reached(step: Step): void {
    const { security } = this.#endpoint;
    const order: readonly Step[] = ['resolve', 'connect', 'tls', 'login'];
    for (const one of order.slice(0, order.indexOf(step) + 1)) {
      if (this.#told.has(one) || (one === 'tls' && security === 'plain')) continue;
      this.#told.add(one);
      this.#onStep?.(one);
    }
    this.phase = this.#phaseAfter(step);
  }

  /** The server has spoken. */
  greeted(): void {
    this.phase = this.#endpoint.security === 'starttls' ? 'tls' : 'login';
  }

  #phaseAfter(step: Step): ConnectPhase {
    const { security } = this.#endpoint;
    if (step === 'resolve') return 'connect';
    if (step === 'connect') return security === 'tls' ? 'tls' : 'greeting';
    return step === 'tls' && security === 'tls' ? 'greeting' : 'login';
  }

  follow(flow: FlowConnection): void {
    const { socket } = flow;
    if (!socket) return;
    socket.on('lookup', (error: unknown) => error === null && this.reached('resolve'));
    socket.once('connect', () => this.reached('connect'));
    socket.once('secureConnect', () => this.reached('tls'));
  }
}

function refusePlain({ security, host }: Endpoint, side: Side): void {
  if (security !== 'plain' || isLoopbackHost(host)) return;
  throw new MailError('plain-refused', { scope: 'account', retry: 'ask', side });
}

/**
 * Connects, proves the server, logs in, and puts a session on top.
 * @throws MailError that says which step failed: plain-refused, ca-file-unreadable, dns-failed, connect-*, tls-*,
 * auth-rejected, auth-mechanism-missing, too-many-connections, server-*, cancelled.
 */
export async function connectSession(
  deps: ConnectDeps,
  endpoint: Endpoint,
  credentials: Credentials,
  options: ConnectOptions,
): Promise<ImapSession> {
  const { side, signal, onStep, onAlert = () => undefined } = options;
  const { times } = deps;
  refusePlain(endpoint, side);
  throwIfAborted(signal, side);
  const attempt = new Attempt(endpoint, onStep);
  const tls = tlsOptions(await withCompanyCa(endpoint, deps.proxies), side);
  const tunnel = await tunnelTo(deps, endpoint, { side, timeoutMs: times.connectTimeoutMs, ...(signal ? { signal } : {}) });
  if (tunnel) attempt.reached('connect');
  const flow = deps.makeFlow({
    endpoint,
    credentials,
    side,
    tls,
    tunnel,
    connectTimeoutMs: times.connectTimeoutMs,
    greetingTimeoutMs: times.greetingTimeoutMs,
    onGreeting: () => attempt.greeted(),
    onTls: () => attempt.reached('tls'),
    onAlert,
  });
  const abort = (): void => flow.close();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await logIn(deps, flow, attempt, side);
    const session = await openSession(deps, flow, side);
    attempt.reached('login');
    return session;
  } catch (error) {
    flow.close();
    throwIfAborted(signal, side);
    throw flow.failure ?? loginError(error, attempt.phase, side);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function throwIfAborted(signal: AbortSignal | undefined, side: Side): void {
  if (signal?.aborted) throw new MailError('cancelled', { scope: 'connection', retry: 'never', side });
}

async function logIn({ clock, times }: ConnectDeps, flow: FlowConnection, attempt: Attempt, side: Side): Promise<void> {
  const connecting = flow.connect();
  attempt.follow(flow);
  const allMs = times.connectTimeoutMs + times.greetingTimeoutMs + times.commandTimeoutMs;
  const late = (): MailError => new MailError('server-timeout', { scope: 'connection', retry: 'later', side, detail: attempt.phase });
  await withDeadline(clock, allMs, connecting, late);
}

async function openSession({ clock, log, times, memory }: ConnectDeps, flow: FlowConnection, side: Side): Promise<ImapSession> {
  const wire = new Wire(new FlowClient(flow), { side, clock, timeouts: times });
  let told: readonly string[] | null = null;
  wire.onCapabilities = (names) => (told = names);
  const enabled = await enable(wire);
  const offered = capsOf(wire.capabilities, enabled);
  // Taken back in answer to ENABLE already.
  const caps = told === null ? offered : capsLeft(offered, told);
  log.debug({ ev: 'imap.connected', side, ...caps });
  return new WireSession({ wire, caps, ...memory, emailIdItem: emailIdItem(wire.capabilities), times });
}

/** ENABLE (RFC 5161) of QRESYNC, or of CONDSTORE; gives what the server confirmed. */
async function enable(wire: Wire): Promise<ReadonlySet<string>> {
  const enabled = new Set<string>();
  const wanted = ['QRESYNC', 'CONDSTORE'].filter((name) => offers(wire.capabilities, name));
  if (wanted.length === 0 || !offers(wire.capabilities, 'ENABLE')) return enabled;
  try {
    await wire.run('ENABLE', [wanted.join(' ')], {
      on: {
        ENABLED: ({ text, at }) => {
          for (const name of text.slice(at).trim().toUpperCase().split(/\s+/)) enabled.add(name);
        },
      },
    });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    enabled.clear(); // the server goes on without
  }
  return enabled;
}
