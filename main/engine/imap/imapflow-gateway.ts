import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import { MailError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import type { Clock } from '../core/clock.ts';
import { bareHost } from '../core/server-identity.ts';
import type { Log } from '../core/log.ts';
import { noProxies, type ProxyFinder } from '../core/proxy/proxy-finder.ts';
import { alertText } from './alert-text.ts';
import { clientIdentity } from './client-identity.ts';
import { connectSession, type GatewayTimes, type ServerMemory } from './connect-session.ts';
import { FetchSuspects } from './fetch-suspects.ts';
import type { FlowConnection, FlowOptions, StreamItem } from './flow-connection.ts';
import { gatherLiterals } from './gather-literals.ts';
import type { ImapGateway } from './gateway.ts';
import { MailboxNames } from './mailbox-names.ts';
import { tunnelTransport } from './tunnel-transport.ts';

type FlowCommandHandler = (connection: unknown, ...args: unknown[]) => unknown;

/**
 * What we use of imapflow beyond its published types. Its sockets, TLS, log-in, stream, literals and tags are used as they
 * are; untagged answers are taken over before its parser, which is made for comfort and not for tens of thousands of
 * messages, and hides missing answers. The version is pinned; test/unit/imapflow-inside.test.ts fails when any of this
 * has changed.
 */
interface FlowInside extends Pick<FlowConnection, 'streamer' | 'socket' | 'writeSocket' | 'exec' | 'write'> {
  commands: ReadonlyMap<string, FlowCommandHandler>;
  readonly currentRequest: { readonly tag: string } | false;
  handleResponse(item: StreamItem): Promise<boolean>;
  initialPREAUTH(): Promise<void>;
  authenticate(): Promise<unknown>;
  throttleWait(delay: number): Promise<boolean>;
}

const InsideFlow = ImapFlow as unknown as new (options: ImapFlowOptions) => ImapFlow & FlowInside;

const STAR = 0x2a;
const PLUS = 0x2b;
/** Before log-in a server has little to say: a greeting, capabilities, an id. */
const LOGIN_ANSWERS = 500;
const LOGIN_LINE_BYTES = 64 * 1024;
const LOGIN_TOKENS = 5_000;
/** Of one connection: more are no notices to a person. */
const MAX_ALERTS = 10;
/** imapflow's own watchdog is put out of the way: ours knows what each command may take. */
const NEVER_MS = 2 ** 31 - 1;

function flowOptions({ endpoint, credentials, tls, tunnel, connectTimeoutMs, greetingTimeoutMs }: FlowOptions): ImapFlowOptions {
  const { host, port, security, user } = endpoint;
  return {
    host: bareHost(host),
    port,
    secure: security === 'tls',
    doSTARTTLS: security === 'starttls',
    tls,
    ...(tunnel ? { transport: tunnelTransport(tunnel) } : {}),
    auth: { user, ...(credentials.type === 'password' ? { pass: credentials.password } : { accessToken: credentials.accessToken }) },
    logger: false,
    emitLogs: false,
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
    disableIMAP4rev2: true,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: greetingTimeoutMs,
    socketTimeout: NEVER_MS,
    maxLineLength: LOGIN_LINE_BYTES,
    maxLiteralSize: LOGIN_LINE_BYTES,
    maxResponseSize: 2 * LOGIN_LINE_BYTES,
    maxResponseTokens: LOGIN_TOKENS,
  } as ImapFlowOptions;
}

class TappedFlow extends InsideFlow implements FlowConnection {
  readonly #options: FlowOptions;
  #loginAnswers = 0;
  #alerts = 0;
  completion: Buffer = Buffer.alloc(0);
  failure: MailError | null = null;
  tap: FlowConnection['tap'] = null;
  onClose: () => void = () => undefined;
  onError: (error: unknown) => void = () => undefined;

  constructor(options: FlowOptions) {
    super(flowOptions(options));
    this.#options = options;
    this.clientInfo = { ...clientIdentity };
    // Before log-in the library holds what it pleases of an answer.
    gatherLiterals(this.streamer, () => this.tap !== null);
    const id = this.commands.get('ID');
    const isBeforeLogin = (): boolean => this.state === this.states.NOT_AUTHENTICATED;
    this.commands = new Map<string, FlowCommandHandler>([
      ...this.commands,
      // A round trip for nothing that we use.
      ['NAMESPACE', () => false],
      // Sent once, after log-in: some servers insist on that, and nobody before it has to know who we are.
      ['ID', (...args) => (isBeforeLogin() ? {} : id?.(...args))],
    ]);
    this.on('error', (error: unknown) => this.onError(error)); // 'close' follows
    this.on('close', () => this.onClose());
  }

  override async handleResponse(item: StreamItem): Promise<boolean> {
    const { payload } = item;
    this.#noteAlert(payload);
    if (payload[0] === STAR) {
      if (this.tap === null) this.#countLoginAnswer();
      else {
        const pending = this.tap(item);
        if (pending) await pending;
        if (this.isClosed) return false;
        if (!isBye(payload)) return true;
      }
    } else if (payload[0] !== PLUS) this.#noteTagged(item);
    return this.isClosed ? false : super.handleResponse(item);
  }

  #noteTagged(item: StreamItem): void {
    const tag = this.currentRequest === false ? '' : this.currentRequest.tag;
    if (tag !== '' && item.payload.toString('latin1', 0, tag.length + 1) === `${tag} `) this.completion = Buffer.from(item.payload);
    else void this.tap?.(item); // of no command of ours: counted, never believed
  }

  #noteAlert(payload: Buffer): void {
    // Without the TLS that is asked for, anybody on the way may have said it.
    if (this.#alerts >= MAX_ALERTS || (this.#options.endpoint.security !== 'plain' && !this.secureConnection)) return;
    const text = alertText(payload);
    if (text === null) return;
    this.#alerts += 1;
    this.#options.onAlert(text);
  }

  #countLoginAnswer(): void {
    this.#loginAnswers += 1;
    if (this.#loginAnswers === 1) this.#options.onGreeting();
    if (this.#loginAnswers > LOGIN_ANSWERS) this.#refuse('answer-too-large', 'too many answers before log-in');
  }

  #refuse(code: 'protocol-violation' | 'answer-too-large', detail: string): void {
    this.failure ??= new MailError(code, { scope: 'connection', retry: 'later', side: this.#options.side, detail });
    this.close();
  }

  /** Whoever says that we are logged in already decides whose mail we would see. */
  override initialPREAUTH(): Promise<void> {
    this.#refuse('protocol-violation', 'PREAUTH');
    return Promise.resolve();
  }

  /** The pause that a throttling server asks for is kept by the owner, not with the connection held. */
  override throttleWait(): Promise<boolean> {
    return Promise.resolve(false);
  }

  override async upgradeToSTARTTLS(): Promise<boolean> {
    const { endpoint, side, onTls } = this.#options;
    const notOffered = (): MailError => new MailError('tls-not-offered', { scope: 'connection', retry: 'ask', side });
    if (endpoint.security === 'starttls' && !this.capabilities.has('STARTTLS')) throw notOffered();
    const isSecure = await super.upgradeToSTARTTLS().catch((error: unknown) => {
      const { tlsFailed, code } = error as { tlsFailed?: unknown; code?: unknown };
      // Without a code: the server refused the command; with one: the handshake failed.
      throw tlsFailed === true && code === undefined ? notOffered() : error;
    });
    if (endpoint.security !== 'plain' && !this.secureConnection) throw notOffered();
    if (endpoint.security === 'starttls') onTls();
    return isSecure;
  }

  override authenticate(): Promise<unknown> {
    this.#requireMechanism();
    return super.authenticate();
  }

  /** Exactly the mechanism that the account is set to, or none: the server does not choose. */
  #requireMechanism(): void {
    const { credentials, side } = this.#options;
    const missing = (detail: string): MailError =>
      new MailError('auth-mechanism-missing', { scope: 'account', retry: 'ask', side, detail });
    if (credentials.type === 'password') {
      const hasSasl = this.capabilities.has('AUTH=PLAIN') || this.capabilities.has('AUTH=LOGIN');
      if (!hasSasl && this.capabilities.has('LOGINDISABLED')) throw missing('LOGINDISABLED');
      return;
    }
    if (!this.capabilities.has(`AUTH=${credentials.mechanism}`)) throw missing(credentials.mechanism);
    if (credentials.mechanism === 'XOAUTH2') this.capabilities.delete('AUTH=OAUTHBEARER');
  }
}

function isBye(payload: Buffer): boolean {
  return /^\* BYE\b/i.test(payload.toString('latin1', 0, 6));
}

export interface ImapGatewayDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly proxies?: ProxyFinder;
  /** Other times than those of limits, for tests. */
  readonly times?: Partial<GatewayTimes>;
}

/** The gateway over imapflow, the only file that imports it. Remembers of each server the odd names and messages it met. */
export function createImapGateway({ clock, log, times, proxies = noProxies }: ImapGatewayDeps): ImapGateway {
  const memories = new Map<string, ServerMemory>();
  const memoryOf = (key: string): ServerMemory => {
    const known = memories.get(key) ?? { names: new MailboxNames(), suspects: new FetchSuspects() };
    memories.set(key, known);
    return known;
  };
  return {
    connect: (endpoint, credentials, options) => {
      const memory = memoryOf(`${endpoint.host}:${endpoint.port}:${endpoint.user}`);
      const shared = { clock, log, proxies, times: { ...limits, ...times } };
      const deps = { ...shared, memory, makeFlow: (of: FlowOptions) => new TappedFlow(of) };
      return connectSession(deps, endpoint, credentials, options);
    },
  };
}
