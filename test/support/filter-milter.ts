import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Codes of the milter protocol (Sendmail's mfdef.h, version 6): what Postfix sends. */
const NEGOTIATE = 'O';
const HEADER = 'L';
const END_OF_BODY = 'E';
const QUIT = 'Q';
/** Nobody waits for an answer to these: macros, abort, the next connection. */
const SILENT = new Set(['D', 'A', 'K']);
const ADD_HEADERS = 1;

const packet = (code: string, data: Uint8Array = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(data.length + 1);
  head.write(code, 4, 'latin1');
  return Buffer.concat([head, data]);
};

const numbers = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
};

/** A mail filter as a relay has one: it marks a mail whose subject asks for it as quarantined, by a header. */
export class FilterMilter {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(mark: string, header: string) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
      converse(socket, mark, Buffer.from(header.replace(': ', '\0') + '\0'));
    });
  }

  /** @param header added to each mail with `mark` in its subject, as `Name: value` */
  static async start(mark: string, header: string): Promise<FilterMilter> {
    const filter = new FilterMilter(mark, header);
    await new Promise<void>((resolve) => filter.#server.listen(0, '127.0.0.1', resolve));
    return filter;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function converse(socket: Socket, mark: string, header: Uint8Array): void {
  let pending: Buffer = Buffer.alloc(0);
  let isMarked = false;
  const answer = (code: string, data: Buffer): void => {
    if (code === QUIT) socket.end();
    else if (code === NEGOTIATE) socket.write(packet(NEGOTIATE, numbers(6, ADD_HEADERS, 0)));
    else if (code === END_OF_BODY) {
      if (isMarked) socket.write(packet('h', header));
      isMarked = false;
      socket.write(packet('c'));
    } else if (!SILENT.has(code)) {
      if (code === HEADER && /^subject\0/iu.test(data.toString('latin1'))) isMarked = data.includes(mark);
      socket.write(packet('c'));
    }
  };
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE()) {
      const end = 4 + pending.readUInt32BE();
      answer(pending.toString('latin1', 4, 5), pending.subarray(5, end));
      pending = pending.subarray(end);
    }
  });
}
