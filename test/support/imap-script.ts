import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { FaultyOutput, type ScriptAction, type ScriptCommand, type StreamFaults } from './imap-script/faults.ts';
import { Session, type SessionHost } from './imap-script/session.ts';
import type { ScriptLogins } from './imap-script/session-state.ts';
import { ScriptStore } from './imap-script/store.ts';
import { isMutating } from './imap-command.ts';
import type { TlsIdentity } from './tls.ts';

export type { Chunks, ScriptAction, ScriptCommand, StreamFaults } from './imap-script/faults.ts';
export { ScriptMailbox, ScriptStore, type NewMailbox, type NewMessage, type ScriptMessage } from './imap-script/store.ts';

/** What a present-day server offers. Leave out what a test wants missing: `without('MOVE')`. */
export const allCapabilities: readonly string[] = (
  'IMAP4rev1 LITERAL+ SASL-IR ID ENABLE NAMESPACE CHILDREN UIDPLUS UNSELECT CONDSTORE QRESYNC MOVE IDLE ESEARCH ' +
  'LIST-EXTENDED LIST-STATUS SPECIAL-USE OBJECTID AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER'
).split(' ');

/** All capabilities but these. */
export const without = (...names: string[]): string[] => allCapabilities.filter((name) => !names.includes(name));

export interface ImapScriptOptions {
  /** Capability list as offered, before and after login. Default allCapabilities; `NOTIFY`, `BINARY`, `LOGINDISABLED` may be added. */
  readonly capabilities?: readonly string[];
  /** Default `{ alice: 'pw-alice' }`. */
  readonly passwords?: Readonly<Record<string, string>>;
  readonly tokens?: Readonly<Record<string, string>>;
  readonly store?: ScriptStore;
  readonly tls?: { readonly identity: TlsIdentity; readonly mode: 'implicit' | 'starttls' };
  readonly port?: number;
  /** The whole greeting line in place of the usual one, with its line end. */
  readonly greeting?: string | Buffer;
  /** Asked for each command, after the faults of `fault()`; nothing or 'pass' carries it out. */
  readonly onCommand?: (command: ScriptCommand) => ScriptAction | undefined | Promise<ScriptAction | undefined>;
  /** Told of everything clients send, as it arrives. */
  readonly onBytes?: (chunk: Buffer) => void;
  /** Byte-level faults of every connection, or by its number (from 1). */
  readonly stream?: StreamFaults | ((connection: number) => StreamFaults);
}

/** A planned fault: at the n-th command of this name (default the next one), or at every one. */
export interface PlannedFault {
  /** E.g. `UID FETCH`. */
  readonly command: string;
  /** Counted from the moment of planning, from 1; `every` for all. */
  readonly nth?: number | 'every';
  readonly action: ScriptAction | ((command: ScriptCommand) => ScriptAction);
}

export interface ImapScript {
  readonly port: number;
  readonly store: ScriptStore;
  /** Every command of every connection, in order. */
  readonly commands: readonly ScriptCommand[];
  /** Those that could change a mailbox. */
  mutating(): ScriptCommand[];
  /** When each connection was opened, milliseconds since 1970. */
  readonly attempts: readonly number[];
  /** Connections open now. */
  readonly openConnections: number;
  /** Plans a fault; returns the way to withdraw it. */
  fault(fault: PlannedFault): () => void;
  /** Replaces the capability list for commands from now on. */
  setCapabilities(capabilities: readonly string[]): void;
  /** Byte-level faults of connections from now on. */
  setStream(stream: StreamFaults): void;
  /** Closes all connections (RST with `reset`); the server goes on listening. */
  dropConnections(how?: 'end' | 'reset'): void;
  /** Stops listening and closes all connections. */
  close(): Promise<void>;
}

interface Plan {
  readonly fault: PlannedFault;
  seen: number;
}

class ScriptServer implements ImapScript, SessionHost {
  readonly store: ScriptStore;
  readonly logins: ScriptLogins;
  readonly commands: ScriptCommand[] = [];
  readonly attempts: number[] = [];
  readonly #options: ImapScriptOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #plans = new Set<Plan>();
  readonly #counts = new Map<string, number>();
  #capabilities: readonly string[];
  #stream: NonNullable<ImapScriptOptions['stream']>;

  constructor(options: ImapScriptOptions) {
    this.#options = options;
    this.store = options.store ?? new ScriptStore();
    this.logins = { passwords: options.passwords ?? { alice: 'pw-alice' }, tokens: options.tokens ?? {} };
    this.#capabilities = options.capabilities ?? allCapabilities;
    this.#stream = options.stream ?? {};
    this.#server = createServer((socket) => void this.#accept(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#options.port ?? 0, '127.0.0.1', () => resolve());
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  mutating(): ScriptCommand[] {
    return this.commands.filter((command) => isMutating(command.name, `${command.name} ${command.args}`));
  }

  fault(fault: PlannedFault): () => void {
    const plan = { fault, seen: 0 };
    this.#plans.add(plan);
    return () => this.#plans.delete(plan);
  }

  setCapabilities(capabilities: readonly string[]): void {
    this.#capabilities = capabilities;
  }

  setStream(stream: StreamFaults): void {
    this.#stream = stream;
  }

  dropConnections(how: 'end' | 'reset' = 'end'): void {
    for (const socket of this.#sockets) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.dropConnections();
    return closed;
  }

  capabilities(session: { isSecure: boolean; user: string | null }): readonly string[] {
    const offersTls = this.#options.tls?.mode === 'starttls' && !session.isSecure;
    const usual = session.user === null ? this.#capabilities : this.#capabilities.filter((name) => !/^(AUTH=|LOGINDISABLED$)/.test(name));
    return offersTls ? [...usual, 'STARTTLS'] : usual.filter((name) => name !== 'LOGINDISABLED' || !session.isSecure);
  }

  noteBytes(chunk: Buffer): void {
    this.#options.onBytes?.(chunk);
  }

  async decide(given: Omit<ScriptCommand, 'nth' | 'at'>): Promise<{ command: ScriptCommand; action: ScriptAction }> {
    const nth = (this.#counts.get(given.name) ?? 0) + 1;
    this.#counts.set(given.name, nth);
    const command: ScriptCommand = { ...given, nth, at: Date.now() };
    this.commands.push(command);
    return { command, action: this.#planned(command) ?? (await this.#options.onCommand?.(command)) ?? 'pass' };
  }

  secure(socket: Socket): Promise<Socket> {
    const identity = this.#options.tls?.identity;
    if (!identity) return Promise.reject(new Error('no certificate'));
    const context = createSecureContext({ key: identity.key, cert: identity.cert });
    const wrapped = new TLSSocket(socket, { isServer: true, secureContext: context });
    return new Promise((resolve, reject) => {
      wrapped.once('secure', () => resolve(wrapped));
      wrapped.on('error', reject);
      wrapped.once('close', () => reject(new Error('closed in the TLS handshake')));
    });
  }

  #planned(command: ScriptCommand): ScriptAction | undefined {
    for (const plan of this.#plans) {
      if (plan.fault.command !== command.name) continue;
      plan.seen += 1;
      const nth = plan.fault.nth ?? 1;
      if (nth !== 'every' && plan.seen !== nth) continue;
      if (nth !== 'every') this.#plans.delete(plan);
      return typeof plan.fault.action === 'function' ? plan.fault.action(command) : plan.fault.action;
    }
    return undefined;
  }

  async #accept(raw: Socket): Promise<void> {
    const number = this.attempts.push(Date.now());
    this.#sockets.add(raw);
    raw.on('error', () => undefined).once('close', () => this.#sockets.delete(raw));
    raw.setNoDelay(true);
    const isImplicit = this.#options.tls?.mode === 'implicit';
    let socket = raw;
    try {
      if (isImplicit) socket = await this.secure(raw);
    } catch {
      raw.destroy(); // the client refused our certificate
      return;
    }
    const faults = typeof this.#stream === 'function' ? this.#stream(number) : this.#stream;
    const session = new Session(this, socket, new FaultyOutput(socket, raw, faults), number, isImplicit);
    await session.run(this.#greeting(session));
  }

  #greeting(session: Session): string {
    const given = this.#options.greeting;
    if (given !== undefined) return typeof given === 'string' ? given : given.toString('latin1');
    return `* OK [CAPABILITY ${session.capabilities().join(' ')}] ready\r\n`;
  }
}

/** Starts the scripted IMAP server on a free loopback port. */
export async function startImapScript(options: ImapScriptOptions = {}): Promise<ImapScript> {
  const server = new ScriptServer(options);
  await server.listen();
  return server;
}
