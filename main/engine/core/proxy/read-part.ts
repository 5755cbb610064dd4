import type { Socket } from 'node:net';

const MAX_BYTES = 64 * 1024;

/**
 * Reads the next part of what a proxy says. What comes behind it belongs to the server and stays in the socket, for whoever listens next.
 * @param lengthOf bytes of the part that `got` begins with; 0 where more has to come
 * @throws the socket's error; ECONNRESET when it ends before; EPROTO for a part that has no end
 */
export function readPart(socket: Socket, lengthOf: (got: Buffer) => number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let got = Buffer.alloc(0);
    const settle = (error: unknown, part?: Buffer): void => {
      socket.off('readable', onReadable).off('error', settle).off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (part) return resolve(part);
      socket.on('error', () => undefined).destroy();
      reject(error instanceof Error ? error : new Error('cancelled'));
    };
    const onClose = (): void => settle(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const onAbort = (): void => settle(signal.reason);
    const onReadable = (): void => {
      // 'readable' and not 'data': the socket is handed on as it would be had nobody read.
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        got = Buffer.concat([got, chunk]);
      }
      const length = lengthOf(got);
      if (length > 0) {
        if (got.length > length) socket.unshift(got.subarray(length));
        settle(null, got.subarray(0, length));
      } else if (got.length > MAX_BYTES) settle(Object.assign(new Error('answer without an end'), { code: 'EPROTO' }));
    };
    socket.once('error', settle).once('close', onClose).on('readable', onReadable);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (socket.destroyed) onClose();
  });
}
