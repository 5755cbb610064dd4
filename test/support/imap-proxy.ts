import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { ProxyConnection } from './imap-proxy/connection.ts';
import {
  FaultPlans,
  type FaultEffect,
  type PlannedProxyFault,
  type ProxiedCommand,
  type ProxyFault,
  type ProxyRefusal,
  type ProxyOffer,
} from './imap-proxy/faults.ts';
import { Link, type ClientSocket } from './imap-proxy/link.ts';
import { isMutating } from './imap-command.ts';
import type { TlsIdentity } from './tls.ts';

export { capabilityProfiles, type CapabilityProfile } from './imap-proxy/profiles.ts';
export { EVERY_COMMAND, isCounted } from './imap-proxy/faults.ts';
export type {
  FaultEffect,
  FaultPoint,
  PlannedProxyFault,
  ProxiedCommand,
  ProxyFault,
  ProxyRefusal,
  ProxyOffer,
} from './imap-proxy/faults.ts';

export interface ImapProxyOptions {
  /** Port of the real server on 127.0.0.1 (plain text, where the proxy is to read along). */
  readonly upstreamPort: number;
  /** Fixed port; else a free one. */
  readonly port?: number;
  /** Address to listen on (default 127.0.0.1). */
  readonly host?: string;
  /** Capabilities that the client may not see or use, e.g. a profile's `hidden`. STARTTLS is always among them. */
  readonly hidden?: readonly string[];
  /** Implicit TLS towards the client. */
  readonly tls?: TlsIdentity;
  /** False passes bytes through unread (TLS end to end, or another protocol): no filter, no log, no planned faults. */
  readonly inspect?: boolean;
  /** More connections than this at a time are told BYE. */
  readonly maxConnections?: number;
}

/** How the network is away, for all connections at once. */
export type OutageKind =
  /** Nobody listens; open connections end. */
  | 'refuse'
  /** Every connection, open or new, is reset. */
  | 'reset'
  /** Connections stay open or are accepted, and nothing passes until restore(). */
  | 'blackhole';

export interface ConnectionAttempt {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly outcome: 'passed' | 'too-many' | 'reset' | 'held';
}

export interface ImapProxy {
  readonly port: number;
  /** Commands of all connections in order, refused ones included. */
  readonly commands: readonly ProxiedCommand[];
  /** Commands that the client sent though their capability is hidden: must be empty for a client that looks. */
  violations(): ProxiedCommand[];
  mutating(): ProxiedCommand[];
  /** Every connection that was tried while the proxy listened. */
  readonly attempts: readonly ConnectionAttempt[];
  readonly openConnections: number;
  /** Most connections open at one time. */
  readonly peakConnections: number;
  /** Plans a fault at a command to come. */
  fault(fault: ProxyFault): PlannedProxyFault;
  /** Plans a refusal in the server's name; returns the way to withdraw it. */
  refuse(refusal: ProxyRefusal): () => void;
  /** Plans that the server offers something else from a command on. */
  offer(offer: ProxyOffer): void;
  /** Withdraws whatever was planned and has not struck yet. */
  calm(): void;
  /** Hides other capabilities from connections to come. */
  hide(capabilities: readonly string[]): void;
  /** Holds every chunk for this long, each way. */
  setDelay(delayMs: number): void;
  outage(kind: OutageKind): Promise<void>;
  restore(): Promise<void>;
  /** Ends, resets or silences (for good) all open connections; new ones are welcome. */
  dropConnections(how?: FaultEffect): void;
  close(): Promise<void>;
}

class Proxy implements ImapProxy {
  readonly commands: ProxiedCommand[] = [];
  readonly attempts: ConnectionAttempt[] = [];
  readonly #options: ImapProxyOptions;
  readonly #plans = new FaultPlans();
  readonly #links = new Set<Link>();
  readonly #held = new Set<Socket>();
  #server: Server;
  #port: number;
  #hidden: ReadonlySet<string> = new Set();
  #delayMs = 0;
  #outage: OutageKind | null = null;
  #peak = 0;

  constructor(options: ImapProxyOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
    this.#server = this.#newServer();
    this.hide(options.hidden ?? []);
  }

  get port(): number {
    return this.#port;
  }

  get openConnections(): number {
    return this.#links.size;
  }

  get peakConnections(): number {
    return this.#peak;
  }

  violations(): ProxiedCommand[] {
    return this.commands.filter((command) => command.refusedFor !== null);
  }

  mutating(): ProxiedCommand[] {
    return this.commands.filter((command) => isMutating(command.name, `${command.name} ${command.args}`));
  }

  fault(fault: ProxyFault): PlannedProxyFault {
    return this.#plans.addFault(fault);
  }

  refuse(refusal: ProxyRefusal): () => void {
    return this.#plans.addRefusal(refusal);
  }

  calm(): void {
    this.#plans.clear();
  }

  offer(offer: ProxyOffer): void {
    this.#plans.addOffer(offer);
  }

  hide(capabilities: readonly string[]): void {
    this.#hidden = new Set(['STARTTLS', ...capabilities.map((name) => name.toUpperCase())]);
  }

  setDelay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  async outage(kind: OutageKind): Promise<void> {
    this.#outage = kind;
    if (kind === 'blackhole') for (const link of this.#links) link.suspend();
    else this.dropConnections(kind === 'reset' ? 'reset' : 'close');
    if (kind === 'refuse') await this.#stopListening();
  }

  async restore(): Promise<void> {
    const wasRefusing = this.#outage === 'refuse';
    this.#outage = null;
    for (const socket of this.#held) socket.resetAndDestroy(); // they never got a greeting
    for (const link of this.#links) link.resume();
    if (!wasRefusing) return;
    this.#server = this.#newServer();
    await this.listen();
  }

  dropConnections(how: FaultEffect = 'close'): void {
    for (const link of this.#links) link.strike(how);
  }

  async close(): Promise<void> {
    const stopped = this.#stopListening();
    for (const socket of this.#held) socket.destroy();
    for (const link of this.#links) {
      link.strike('close');
      link.client.tcp.destroy();
    }
    await stopped;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#port, this.#options.host ?? '127.0.0.1', () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  #newServer(): Server {
    return createServer((socket) => this.#accept(socket));
  }

  #stopListening(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      this.#server.close(() => undefined); // connections that are still open end on their own
      resolve();
    });
  }

  #accept(tcp: Socket): void {
    tcp.on('error', () => undefined);
    const outcome = this.#outcome();
    this.attempts.push({ at: Date.now(), outcome });
    if (outcome === 'reset') tcp.resetAndDestroy();
    else if (outcome === 'held') this.#hold(tcp);
    else if (outcome === 'too-many') tcp.end('* BYE [LIMIT] Too many connections\r\n', () => tcp.destroy());
    else this.#connect(this.#clientSocket(tcp));
  }

  #outcome(): ConnectionAttempt['outcome'] {
    if (this.#outage === 'reset') return 'reset';
    if (this.#outage === 'blackhole') return 'held';
    return this.#links.size >= (this.#options.maxConnections ?? Number.POSITIVE_INFINITY) ? 'too-many' : 'passed';
  }

  #hold(tcp: Socket): void {
    tcp.pause();
    this.#held.add(tcp);
    tcp.once('close', () => this.#held.delete(tcp));
  }

  #clientSocket(tcp: Socket): ClientSocket {
    const identity = this.#options.tls;
    if (!identity) return { stream: tcp, tcp };
    const secureContext = createSecureContext({ key: identity.key, cert: identity.cert });
    return { stream: new TLSSocket(tcp, { isServer: true, secureContext }), tcp };
  }

  #connect(client: ClientSocket): void {
    const upstream = connect({ port: this.#options.upstreamPort, host: '127.0.0.1' });
    const link = new Link(client, upstream, () => this.#delayMs);
    this.#links.add(link);
    this.#peak = Math.max(this.#peak, this.#links.size);
    client.tcp.once('close', () => this.#links.delete(link));
    if (this.#options.inspect === false) {
      link.pump(
        (chunk) => link.toUpstream(chunk),
        (chunk) => link.toClient(chunk),
      );
    } else {
      const hide = (capabilities: readonly string[]): ReadonlySet<string> => {
        this.hide(capabilities);
        return this.#hidden;
      };
      const rules = { plans: this.#plans, log: this.commands, hidden: this.#hidden, hide };
      new ProxyConnection(link, rules, this.attempts.length);
    }
  }
}

/** Starts a proxy on a free loopback port in front of a server on 127.0.0.1. */
export async function startImapProxy(options: ImapProxyOptions): Promise<ImapProxy> {
  const proxy = new Proxy(options);
  await proxy.listen();
  return proxy;
}
