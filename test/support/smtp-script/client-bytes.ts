import type { Socket } from 'node:net';

const END = Buffer.from('\r\n.\r\n');
const DATA_END_AT_START = Buffer.from('.\r\n');

/** What a client sends, by lines and by bodies; null when it has ended. */
export class ClientBytes {
  #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #isOver = false;
  #wake: () => void = () => undefined;
  readonly #onBytes: (bytes: Buffer) => void;
  readonly #take = (chunk: Buffer): void => {
    this.#onBytes(chunk);
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    // Back-pressure: no more is read than is asked for.
    this.#socket.pause();
    this.#wake();
  };
  readonly #end = (): void => {
    this.#isOver = true;
    this.#wake();
  };

  /** @param onBytes told of everything that arrives, in order */
  constructor(socket: Socket, onBytes: (bytes: Buffer) => void) {
    this.#onBytes = onBytes;
    this.#socket = socket;
    this.attach(socket);
  }

  /** Reads from another socket from now on; what the old one had sent ahead is given back and forgotten. */
  attach(socket: Socket): Buffer {
    const ahead = this.#rest;
    this.#socket.off('data', this.#take).off('end', this.#end).off('close', this.#end);
    this.#rest = Buffer.alloc(0);
    this.#socket = socket;
    socket.on('data', this.#take).on('end', this.#end).on('close', this.#end);
    return ahead;
  }

  detach(): Buffer {
    const ahead = this.#rest;
    this.#rest = Buffer.alloc(0);
    this.#socket.off('data', this.#take).off('end', this.#end).off('close', this.#end);
    return ahead;
  }

  /** The next line without its end (CRLF or LF alone). */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end >= 0) {
        const line = this.#rest.subarray(0, end).toString('utf8').replace(/\r$/, '');
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (!(await this.#more())) return null;
    }
  }

  /** Exactly this many bytes, or fewer when the client ends before. */
  async exactly(count: number): Promise<Buffer> {
    while (this.#rest.length < count && (await this.#more()));
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /**
   * A body up to and with the dot that ends it (CRLF . CRLF and nothing else). `watch` is told how many bytes have come and may end the
   * reading; then, and when the client ends, the result is null. With `isKept` false only the length is kept.
   */
  async body(watch: (bytes: number) => boolean, isKept: boolean): Promise<{ wire: Buffer; bytes: number } | null> {
    const kept: Buffer[] = [];
    let bytes = 0;
    let tail: Buffer = Buffer.from('\r\n');
    for (;;) {
      const found = endOfBody(tail, this.#rest);
      const part = this.#rest.subarray(0, found ?? this.#rest.length);
      this.#rest = this.#rest.subarray(part.length);
      bytes += part.length;
      if (isKept) kept.push(part);
      if (watch(bytes)) return null;
      if (found !== null) return { wire: Buffer.concat(kept), bytes };
      tail = Buffer.concat([tail, part.subarray(-END.length)]).subarray(-(END.length - 1));
      if (!(await this.#more())) return null;
    }
  }

  async #more(): Promise<boolean> {
    if (this.#isOver) return false;
    const had = this.#rest.length;
    this.#socket.resume();
    while (this.#rest.length === had && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#rest.length > had;
  }
}

/** How many bytes of `next` belong to the body when its end is in there; `tail` are the bytes before. */
function endOfBody(tail: Buffer, next: Buffer): number | null {
  const joined = Buffer.concat([tail, next.subarray(0, END.length)]);
  const atSeam = joined.indexOf(END);
  if (atSeam >= 0) return atSeam + END.length - tail.length;
  const at = next.indexOf(END);
  return at < 0 ? null : at + END.length;
}

/** The mail itself: without the final dot, and without the dots that were doubled (RFC 5321 4.5.2). */
export function unstuffed(wire: Buffer): Buffer {
  const isEmpty = wire.equals(DATA_END_AT_START);
  const content = isEmpty ? Buffer.alloc(0) : wire.subarray(0, wire.length - DATA_END_AT_START.length);
  const kept: Buffer[] = [];
  let from = 0;
  for (let at = content.indexOf('.'); at >= 0; at = content.indexOf('.', at + 1)) {
    const isLineStart = at === 0 || (content[at - 1] === 0x0a && content[at - 2] === 0x0d);
    if (!isLineStart) continue;
    kept.push(content.subarray(from, at));
    from = at + 1;
    at += content[from] === 0x2e ? 1 : 0;
  }
  return Buffer.concat([...kept, content.subarray(from)]);
}
