import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { CutWay } from './smtp-script/cut-way.ts';
import { breakOff, FaultPlans, type SmtpCut, type SmtpFault } from './smtp-script/faults.ts';
import { SmtpSession, type AcceptedMail, type SmtpCommand, type SmtpHost } from './smtp-script/session.ts';
import type { TlsIdentity } from './tls.ts';

export type { SmtpCut, SmtpFault, SmtpPoint } from './smtp-script/faults.ts';
export type { AcceptedMail, SmtpCommand } from './smtp-script/session.ts';

/** What a present-day submission server offers. STARTTLS is added where there is a certificate for it. */
export const allSmtpCapabilities: readonly string[] = [
  'PIPELINING',
  'SIZE 157286400',
  'AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER',
  'ENHANCEDSTATUSCODES',
  '8BITMIME',
  'SMTPUTF8',
  'CHUNKING',
];

/** All capabilities but those that begin with one of these words. */
export const withoutSmtp = (...names: string[]): string[] =>
  allSmtpCapabilities.filter((line) => !names.includes(line.split(' ')[0] as string));

export interface SmtpScriptOptions {
  readonly capabilities?: readonly string[];
  /** Default `{ alice: 'pw-alice' }`. */
  readonly passwords?: Readonly<Record<string, string>>;
  readonly tokens?: Readonly<Record<string, string>>;
  readonly tls?: { readonly identity: TlsIdentity; readonly mode: 'implicit' | 'starttls' };
  readonly port?: number;
  /** The greeting, without its line end. */
  readonly greeting?: string;
  /**
   * The reply to a command (also `BODY`) in place of the usual one, without line end, several lines with `\n`; undefined for the usual.
   * With a refusal the command is not carried out.
   */
  readonly reply?: (command: SmtpCommand) => string | undefined | Promise<string | undefined>;
  /** Told of each accepted mail before it is answered: e.g. to put it into a mailbox. */
  readonly onMail?: (mail: AcceptedMail) => void | Promise<void>;
  /** False: only the length of bodies is kept (default true). */
  readonly keepsBodies?: boolean;
}

export interface SmtpScript {
  readonly port: number;
  /** Every command of every connection, in order. */
  readonly commands: readonly SmtpCommand[];
  /** Every mail taken over, answered or not. */
  readonly mails: readonly AcceptedMail[];
  /** When each connection was opened, milliseconds since 1970. */
  readonly attempts: readonly number[];
  readonly openConnections: number;
  /** How many connections have fallen silent by a fault. */
  readonly stalls: number;
  /** Everything a connection (from 1) sent, TLS taken off; of all connections without a number. */
  received(connection?: number): Buffer;
  /** Plans a fault; returns the way to withdraw it. */
  fault(fault: SmtpFault): () => void;
  /** Replaces the capability list for commands from now on. */
  setCapabilities(capabilities: readonly string[]): void;
  /** Closes all connections; the server goes on listening. */
  dropConnections(how?: SmtpCut): void;
  /** Stops listening and closes all connections, as in an outage. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
  close(): Promise<void>;
}

class ScriptServer implements SmtpScript, SmtpHost {
  readonly plans = new FaultPlans();
  readonly commands: SmtpCommand[] = [];
  readonly mails: AcceptedMail[] = [];
  readonly attempts: number[] = [];
  readonly keepsBodies: boolean;
  stalls = 0;
  readonly #options: SmtpScriptOptions;
  readonly #sockets = new Set<Socket>();
  readonly #received = new Map<number, Buffer[]>();
  #server: Server;
  #capabilities: readonly string[];
  #port: number;

  constructor(options: SmtpScriptOptions) {
    this.#options = options;
    this.keepsBodies = options.keepsBodies ?? true;
    this.#capabilities = options.capabilities ?? allSmtpCapabilities;
    this.#port = options.port ?? 0;
    this.#server = this.#make();
  }

  get port(): number {
    return this.#port;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  received(connection?: number): Buffer {
    const of = connection === undefined ? [...this.#received.values()].flat() : (this.#received.get(connection) ?? []);
    return Buffer.concat(of);
  }

  fault(fault: SmtpFault): () => void {
    return this.plans.add(fault);
  }

  setCapabilities(capabilities: readonly string[]): void {
    this.#capabilities = capabilities;
  }

  dropConnections(how: SmtpCut = 'end'): void {
    for (const socket of this.#sockets) void breakOff(how, socket, socket);
  }

  async up(): Promise<void> {
    if (this.#server.listening) return;
    this.#server = this.#make();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#port, '127.0.0.1', () => resolve());
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  down(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.dropConnections();
    return closed;
  }

  close(): Promise<void> {
    return this.down();
  }

  capabilities(session: { isSecure: boolean; user: string | null }): readonly string[] {
    const offersTls = this.#options.tls?.mode === 'starttls' && !session.isSecure;
    return offersTls ? [...this.#capabilities, 'STARTTLS'] : this.#capabilities;
  }

  canOffer(name: string): boolean {
    if (name === 'STARTTLS') return this.#options.tls?.mode === 'starttls';
    return this.#capabilities.some((line) => line.split(' ')[0] === name);
  }

  logIn(mechanism: string, message: string): string | null {
    const { passwords = { alice: 'pw-alice' }, tokens = {} } = this.#options;
    if (mechanism === 'PLAIN') {
      const [, user = '', password] = message.split('\0');
      return passwords[user] === password && password !== undefined ? user : null;
    }
    const user = /(?:^user=|a=)([^\u0001,]*)/.exec(message)?.[1] ?? '';
    const token = /auth=Bearer ([^\u0001]*)/.exec(message)?.[1];
    return tokens[user] === token && token !== undefined ? user : null;
  }

  record(command: SmtpCommand): void {
    this.commands.push(command);
  }

  noteBytes(connection: number, bytes: Buffer): void {
    if (!this.keepsBodies) return;
    const known = this.#received.get(connection);
    if (known) known.push(bytes);
    else this.#received.set(connection, [bytes]);
  }

  async accept(mail: AcceptedMail): Promise<string> {
    const number = this.mails.push(mail);
    await this.#options.onMail?.(mail);
    return `Q${String(number).padStart(5, '0')}`;
  }

  async reply(command: SmtpCommand): Promise<string | undefined> {
    return this.#options.reply?.(command);
  }

  breakOff(cut: SmtpCut, socket: Socket, raw: Socket): Promise<void> {
    if (cut === 'stall' || cut === 'deaf') this.stalls += 1;
    return breakOff(cut, socket, raw);
  }

  async secure(socket: Socket, raw: Socket): Promise<Socket> {
    const identity = this.#options.tls?.identity;
    if (!identity) throw new Error('no certificate');
    const fault = this.plans.at('TLS');
    if (fault?.bytes !== undefined) raw.write(fault.bytes);
    const isWithin = fault?.cut !== undefined && fault.when !== 'after';
    const end = () => this.breakOff(fault?.cut ?? 'end', raw, raw);
    const way = isWithin ? new CutWay(socket, fault.afterBytes ?? 0, () => void end()) : socket;
    const secured = await handshake(way, identity);
    if (fault?.cut === undefined || isWithin) return secured;
    await this.breakOff(fault.cut, secured, raw);
    throw new Error('cut after the TLS handshake');
  }

  #make(): Server {
    // Half-open: a client that has ended its side may still be answered, and we may end ours alone.
    return createServer({ allowHalfOpen: true }, (socket) => void this.#accept(socket));
  }

  async #accept(raw: Socket): Promise<void> {
    const number = this.attempts.push(Date.now());
    this.#sockets.add(raw);
    raw.on('error', () => undefined).once('close', () => this.#sockets.delete(raw));
    raw.setNoDelay(true);
    const fault = this.plans.at('connect');
    if (fault?.cut) return this.breakOff(fault.cut, raw, raw);
    const isImplicit = this.#options.tls?.mode === 'implicit';
    let socket = raw;
    try {
      if (isImplicit) socket = await this.secure(raw, raw);
    } catch {
      raw.destroy(); // the client refused our certificate
      return;
    }
    await new SmtpSession(this, raw, socket, number, isImplicit).run(this.#options.greeting ?? '220 smtp.test ESMTP');
  }
}

function handshake(way: Duplex, { key, cert }: TlsIdentity): Promise<TLSSocket> {
  const secured = new TLSSocket(way, { isServer: true, secureContext: createSecureContext({ key, cert }) });
  return new Promise((resolve, reject) => {
    secured.once('secure', () => resolve(secured));
    secured.on('error', reject);
    secured.once('close', () => reject(new Error('closed in the TLS handshake')));
  });
}

/** Starts the scripted SMTP submission server on a free loopback port. Login is needed where AUTH is offered. */
export async function startSmtpScript(options: SmtpScriptOptions = {}): Promise<SmtpScript> {
  const server = new ScriptServer(options);
  await server.up();
  return server;
}
