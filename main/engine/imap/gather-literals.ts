import { giveBack } from '../core/give-back.ts';
import { FLOW_IN_LINE, FLOW_IN_LITERAL, type FlowStream } from './flow-connection.ts';

/** Smaller pieces come one at a time, in a conversation and not in a download. */
const LARGE_PIECE_BYTES = 16 * 1024;

/**
 * Has imapflow's stream put literals together in place, as they come, and free what came from the socket once it is read. By itself it
 * keeps the pieces of a literal and then copies them all, and leaves twice the size of a mailbox to the collector.
 * @param mayFree whether nothing holds a part of a piece any more once its answers were handed out
 */
export function gatherLiterals(stream: FlowStream, mayFree: () => boolean): void {
  const readSegment = stream.processChunkSegment.bind(stream);
  const readPiece = stream.processInputChunk.bind(stream);
  let literal: Buffer | null = null;
  let filled = 0;

  stream.processChunkSegment = (piece, from) => {
    if (stream.state !== FLOW_IN_LITERAL || stream.destroyed || from >= piece.length) return readSegment(piece, from);
    if (literal === null) {
      literal = Buffer.allocUnsafeSlow(stream.literalWaiting);
      filled = 0;
    }
    const until = from + Math.min(piece.length - from, stream.literalWaiting);
    filled += piece.copy(literal, filled, from, until);
    stream.literalWaiting -= until - from;
    if (stream.literalWaiting > 0) return Promise.resolve(null);
    stream.literals.push(literal);
    literal = null;
    stream.state = FLOW_IN_LINE;
    return Promise.resolve(until < piece.length ? until : null);
  };

  stream.processInputChunk = async (piece) => {
    await readPiece(piece);
    if (piece.length < LARGE_PIECE_BYTES || !mayFree()) return;
    for (const lines of [stream.lineBuffer, stream.inputBuffer]) keepApart(lines, piece);
    giveBack(piece);
  };
}

/** Beginnings of a line or answer whose end is still to come. */
function keepApart(lines: Buffer[], piece: Buffer): void {
  for (const [n, line] of lines.entries()) if (line.buffer === piece.buffer) lines[n] = Buffer.from(line);
}
