import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A connection of which only so many bytes get out; with the next one it is broken off, and nothing more leaves. */
export class CutWay extends Duplex {
  readonly #socket: Socket;
  readonly #breakOff: () => void;
  #left: number;
  #isBroken = false;

  constructor(socket: Socket, bytes: number, breakOff: () => void) {
    super();
    this.#socket = socket;
    this.#left = bytes;
    this.#breakOff = breakOff;
    socket.on('data', (chunk: Buffer) => void (this.#isBroken || this.push(chunk)));
    socket.on('end', () => void (this.#isBroken || this.push(null)));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // Never done once it is broken: whoever writes waits until the connection is gone.
    if (this.#isBroken) return;
    const part = chunk.subarray(0, this.#left);
    this.#left -= part.length;
    if (part.length === chunk.length) return void this.#socket.write(part, done);
    this.#isBroken = true;
    if (part.length === 0) return this.#breakOff();
    this.#socket.write(part, () => this.#breakOff());
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }
}
