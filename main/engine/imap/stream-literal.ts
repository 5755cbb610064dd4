import type { Writable } from 'node:stream';
import type { MessagePieces } from './gateway.ts';

/** Ends a command whose last part is a literal. */
const LINE_END = '\r\n';

/**
 * Writes a literal that the server has asked for, and the end of its command, at the pace at which the server reads: a large message is
 * never in memory whole. Resolves early when the connection ends. @throws what the source throws; the command is then incomplete
 */
export async function writeLiteral(socket: Writable, { pieces }: MessagePieces): Promise<void> {
  for (const piece of pieces()) {
    if (socket.destroyed) return;
    if (!socket.write(piece)) await drained(socket);
  }
  if (!socket.destroyed) socket.write(LINE_END);
}

function drained(socket: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
    if (socket.destroyed) done();
  });
}
