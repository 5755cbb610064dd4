import type { Socket } from 'node:net';
import type { FaultEffect } from './faults.ts';

const UPSTREAM_CLOSE_MS = 500;

/** A client's socket: what is read and written may be TLS, but a reset needs the TCP socket below. */
export interface ClientSocket {
  readonly stream: Socket;
  readonly tcp: Socket;
}

/** Both halves of one proxied connection, with what can happen to them. Knows nothing of IMAP. */
export class Link {
  readonly client: ClientSocket;
  readonly upstream: Socket;
  readonly #delayMs: () => number;
  #isBlack = false;
  #isSuspended = false;
  #isUpstreamGone = false;

  constructor(client: ClientSocket, upstream: Socket, delayMs: () => number) {
    this.client = client;
    this.upstream = upstream;
    this.#delayMs = delayMs;
    client.stream.on('error', () => undefined).on('close', () => this.#endUpstream());
    client.tcp.on('error', () => undefined);
    upstream.on('error', () => undefined).on('close', () => this.#onUpstreamClosed());
    for (const socket of [client.tcp, upstream]) socket.setNoDelay(true);
  }

  get isOpen(): boolean {
    return !this.client.stream.destroyed;
  }

  /** Starts reading; data from each side goes to these, which write on with toUpstream and toClient. */
  pump(fromClient: (chunk: Buffer) => void, fromUpstream: (chunk: Buffer) => void): void {
    this.client.stream.on('data', (chunk: Buffer) => {
      if (this.#isUpstreamGone) this.strike('reset');
      else if (!this.#isBlack) fromClient(chunk);
    });
    this.upstream.on('data', (chunk: Buffer) => {
      if (!this.#isBlack) fromUpstream(chunk);
    });
  }

  toUpstream(bytes: Buffer): void {
    this.#write(bytes, this.upstream, this.client.stream);
  }

  toClient(bytes: Buffer): void {
    this.#write(bytes, this.client.stream, this.upstream);
  }

  strike(effect: FaultEffect): void {
    if (effect === 'blackhole') {
      this.#isBlack = true;
      return;
    }
    this.upstream.destroy();
    if (effect === 'reset') this.client.tcp.resetAndDestroy();
    else this.client.stream.end(() => this.client.stream.destroy());
  }

  /** A network that is away: what is sent waits, in both directions. */
  suspend(): void {
    this.#isSuspended = true;
    this.client.stream.pause();
    this.upstream.pause();
  }

  /** The network is back. If the server has gone meanwhile, the client learns it by a reset when it next sends. */
  resume(): void {
    this.#isSuspended = false;
    this.client.stream.resume();
    this.upstream.resume();
  }

  // What the client sent last still reaches the server; one that does not close then is left after a while.
  #endUpstream(): void {
    this.upstream.end();
    setTimeout(() => this.upstream.destroy(), UPSTREAM_CLOSE_MS).unref();
  }

  #onUpstreamClosed(): void {
    this.#isUpstreamGone = true;
    if (!this.#isBlack && !this.#isSuspended) this.client.stream.end(() => this.client.stream.destroy());
  }

  #write(bytes: Buffer, to: Socket, from: Socket): void {
    const delayMs = this.#delayMs();
    if (delayMs > 0) {
      setTimeout(() => to.writable && to.write(bytes), delayMs);
    } else if (to.writable && !to.write(bytes)) {
      from.pause();
      to.once('drain', () => {
        if (!this.#isSuspended) from.resume();
      });
    }
  }
}
