import type { Socket } from 'node:net';

/** Bytes of an answer, made as they are sent: an endless generator is sent for as long as the client reads. */
export type Chunks = Iterable<Buffer | string> | AsyncIterable<Buffer | string>;

/** A command as a client gave it. */
export interface ScriptCommand {
  /** Number of the connection, from 1. */
  readonly connection: number;
  readonly tag: string;
  /** Upper case, `UID FETCH` with its prefix. */
  readonly name: string;
  /** What follows the name; literals as their mark only. */
  readonly args: string;
  /** The how-manieth of this name on this server, from 1. */
  readonly nth: number;
  readonly isSecure: boolean;
  /** Path of the selected mailbox. */
  readonly selected: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a test does to one command. `then` is what follows; without it the command is carried out as usual. */
export type ScriptAction =
  | 'pass'
  /** These bytes instead of carrying it out. The tagged line is the test's business, too. */
  | { readonly reply: Chunks }
  | { readonly no: string }
  | { readonly bad: string }
  /** Untagged BYE and end, without carrying it out. */
  | { readonly bye: string }
  /** Carries it out, sends the first n bytes of the answer, closes (or resets). */
  | { readonly cutAfterBytes: number; readonly reset?: boolean }
  /** Carries it out, sends the first n bytes of the answer, then nothing ever more; the connection stays. */
  | { readonly stallAfterBytes: number }
  /** These bytes before the usual answer. */
  | { readonly garbage: Buffer | string; readonly then?: ScriptAction }
  /** These bytes after the usual answer, in the same write (for STARTTLS: still in clear text). */
  | { readonly suffix: Buffer | string }
  /** The usual answer, edited as a whole; the connection is closed where `cutAt` says (-1: not at all). */
  | { readonly rewrite: (answer: Buffer) => Buffer; readonly cutAt?: (edited: Buffer) => number }
  /** Changes the store (or anything) before the command is carried out. */
  | { readonly before: () => void | Promise<void>; readonly then?: ScriptAction }
  | { readonly delayMs: number; readonly then?: ScriptAction };

/** Byte-level faults of one connection's output, counted from its first byte (the greeting included, TLS not). */
export interface StreamFaults {
  /** Close after this many bytes. */
  readonly cutAt?: number;
  /** With cutAt: RST in place of an orderly end. */
  readonly reset?: boolean;
  /** Send nothing more after this many bytes; the connection stays. */
  readonly stallAt?: number;
  /** Send in small pieces. */
  readonly dribble?: { readonly bytesPerTick: number; readonly tickMs?: number };
}

type Ending = 'cut' | 'reset' | 'stall';

const DEFAULT_TICK_MS = 1;

/** The writing half of a connection: keeps to the client's pace and carries out faults at the exact byte. */
export class FaultyOutput {
  #socket: Socket;
  /** A reset needs the TCP socket below TLS. */
  readonly #tcp: Socket;
  #faults: StreamFaults;
  #sent = 0;
  #limit: { left: number; ending: Ending } | null = null;
  #isDead = false;
  #capture: Buffer[] | null = null;

  constructor(socket: Socket, tcp: Socket, faults: StreamFaults) {
    this.#socket = socket;
    this.#tcp = tcp;
    this.#faults = faults;
    if (faults.cutAt !== undefined) this.limit(faults.cutAt, faults.reset ? 'reset' : 'cut');
    else if (faults.stallAt !== undefined) this.limit(faults.stallAt, 'stall');
  }

  /** True after a cut or a stall: nothing goes out any more. */
  get isDead(): boolean {
    return this.#isDead || this.#socket.destroyed;
  }

  get bytesSent(): number {
    return this.#sent;
  }

  /** After STARTTLS: the same output over the wrapped socket. */
  replaceSocket(socket: Socket): void {
    this.#socket = socket;
  }

  /** Ends the output after this many bytes from now on. */
  limit(bytes: number, ending: Ending): void {
    this.#limit = { left: bytes, ending };
  }

  /** Carries out a limit that the answer was too short to reach. */
  strike(): void {
    if (this.#limit && !this.#isDead) this.#end(this.#limit.ending);
  }

  /** Holds back what is written until release(), which gives it for editing. */
  hold(): void {
    this.#capture = [];
  }

  release(): Buffer {
    const held = Buffer.concat(this.#capture ?? []);
    this.#capture = null;
    return held;
  }

  /** Sends; resolves when the client has room for more. Without effect after a fault has struck. */
  async write(chunk: Buffer | string): Promise<void> {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
    if (this.#capture) {
      this.#capture.push(bytes);
      return;
    }
    if (this.isDead) return;
    const limit = this.#limit;
    const allowed = limit ? bytes.subarray(0, limit.left) : bytes;
    await this.#send(allowed);
    if (!limit) return;
    limit.left -= allowed.length;
    if (limit.left <= 0) this.#end(limit.ending);
  }

  async #send(bytes: Buffer): Promise<void> {
    const { dribble } = this.#faults;
    const step = dribble?.bytesPerTick ?? Math.max(1, bytes.length);
    for (let at = 0; at < bytes.length && !this.isDead; at += step) {
      const piece = bytes.subarray(at, at + step);
      this.#sent += piece.length;
      if (!this.#socket.write(piece)) await this.#drained();
      if (dribble) await new Promise((resolve) => setTimeout(resolve, dribble.tickMs ?? DEFAULT_TICK_MS));
    }
  }

  #drained(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const done = (): void => {
        socket.off('drain', done).off('close', done);
        resolve();
      };
      socket.once('drain', done).once('close', done);
    });
  }

  #end(ending: Ending): void {
    this.#isDead = true;
    if (ending === 'reset') this.#tcp.resetAndDestroy();
    else if (ending === 'cut') this.#socket.end(() => this.#socket.destroy());
  }
}
