import type { Socket } from 'node:net';
import { scheduler } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import { ReplyReader, ReplyViolation } from './reply-reader.ts';
import type { Reply } from './reply.ts';

/** A wait that lasted longer than its limit; `code` as the system names it. */
const timedOut = () => Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
const lost = () => Object.assign(new Error('connection ended'), { code: 'ECONNRESET' });

/** How long a connection may take to end after QUIT. */
const QUIT_MS = 2_000;
/** Replies kept that nobody has asked for. */
const MAX_WAITING = 20;
const CRLF = '\r\n';

/**
 * Commands and replies over a connection that stands, one at a time. It knows which reply had been asked for: a reply that came before its
 * command was written is no answer to it.
 */
export class ReplyChannel {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #reader = new ReplyReader();
  readonly #replies: Reply[] = [];
  #fault: Error | null = null;
  /** Told of every reply, drain and fault. */
  #wake: () => void = () => undefined;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('drain', () => this.#wake());
    socket.on('error', (error) => this.fail(error));
    socket.on('end', () => this.fail(lost()));
    socket.on('close', () => this.fail(lost()));
    if (socket.destroyed || socket.readableEnded) this.fail(lost());
  }

  /** A reply that nobody has asked for, if one has come. */
  takeUnasked(): Reply | null {
    return this.#replies.shift() ?? null;
  }

  /** Waits for the next reply. @throws what ended the connection, or `ETIMEDOUT` after `ms` of silence */
  async reply(ms: number): Promise<Reply> {
    await this.#until(ms, () => this.#replies.length > 0);
    const reply = this.#replies.shift();
    if (!reply) throw this.#fault ?? lost();
    return reply;
  }

  /** Sends a command and waits for its reply. An unasked reply that came before is given as it is, and nothing is sent. */
  async command(line: string, ms: number): Promise<{ reply: Reply; wasSent: boolean }> {
    const unasked = this.takeUnasked();
    if (unasked) return { reply: unasked, wasSent: false };
    if (this.#fault) throw this.#fault;
    this.#socket.write(line + CRLF);
    return { reply: await this.reply(ms), wasSent: true };
  }

  /** Writes bytes and waits, at most `ms`, until the connection takes more. Resolves early when an unasked reply has come. */
  async write(bytes: Uint8Array | string, ms: number): Promise<void> {
    if (this.#fault && this.#replies.length === 0) throw this.#fault;
    if (this.#fault || this.#socket.write(bytes)) return;
    await this.#until(ms, () => this.#replies.length > 0 || !this.#socket.writableNeedDrain);
    if (this.#fault && this.#replies.length === 0) throw this.#fault;
  }

  /** Says QUIT and lets go: what the server answers is of no consequence. */
  quit(): void {
    if (this.#fault) return this.destroy();
    const cancel = this.#clock.after(QUIT_MS, () => this.#socket.destroy());
    this.#socket.once('close', cancel);
    this.#socket.end(`QUIT${CRLF}`);
  }

  /** Ends all waiting with this error, unless another one came first. */
  fail(error: Error): void {
    this.#fault ??= error;
    this.#wake();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#fault) return;
    try {
      for (const reply of this.#reader.push(chunk)) {
        if (this.#replies.push(reply) > MAX_WAITING) throw new ReplyViolation('replies to nothing');
      }
    } catch (error) {
      this.fail(error as Error);
      this.#socket.destroy();
    }
    this.#wake();
  }

  async #until(ms: number, condition: () => boolean): Promise<void> {
    let isLate = false;
    const cancel = this.#clock.after(ms, () => {
      // After the machine slept, timers are called before what has come meanwhile is read: that goes first.
      void turnsOfTheLoop(2).then(() => {
        isLate = true;
        this.#wake();
      });
    });
    try {
      while (!condition() && !this.#fault && !isLate) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (isLate && !condition()) throw this.#fault ?? timedOut();
    } finally {
      cancel();
    }
  }
}

async function turnsOfTheLoop(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await scheduler.yield();
}
