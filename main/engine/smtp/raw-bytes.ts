import { isAscii } from 'node:buffer';
import type { SubmissionRequest } from './gateway.ts';

const PIECE_BYTES = 64 * 1024;
const [CR, LF, DOT, NUL] = [0x0d, 0x0a, 0x2e, 0x00];

/** The mail in pieces of at most 64 KiB, so that no more of it than that is copied at a time. */
export function* piecesOf(raw: SubmissionRequest['raw']): Generator<Uint8Array> {
  for (const chunk of typeof raw === 'function' ? raw() : [raw]) {
    for (let from = 0; from < chunk.length; from += PIECE_BYTES) yield chunk.subarray(from, from + PIECE_BYTES);
  }
}

/** Why bytes must not go to a server. */
export type RawFault = 'nul' | 'bare-cr' | 'bare-lf';

/**
 * Looks at a mail piece by piece. Lines may end with CRLF only (RFC 5321 2.3.8): where servers disagree on what else ends a line, one mail
 * can be made into two (smuggling).
 */
export class RawInspection {
  sizeBytes = 0;
  has8Bit = false;
  endsWithLine = true;
  #isAfterCr = false;

  /** Takes the next piece; gives the first fault in it. */
  take(piece: Uint8Array): RawFault | null {
    const fault = this.#faultIn(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
    if (piece.length === 0) return null;
    const last = piece[piece.length - 1];
    this.#isAfterCr = last === CR;
    this.endsWithLine = last === LF;
    this.has8Bit ||= !isAscii(piece);
    this.sizeBytes += piece.length;
    return fault;
  }

  /** Searches by the system's own means: every byte of every mail passes here. */
  #faultIn(piece: Buffer): RawFault | null {
    if (this.#isAfterCr && piece.length > 0 && piece[0] !== LF) return 'bare-cr';
    if (piece.includes(NUL)) return 'nul';
    for (let at = piece.indexOf(LF); at >= 0; at = piece.indexOf(LF, at + 1)) {
      if (at === 0 ? !this.#isAfterCr : piece[at - 1] !== CR) return 'bare-lf';
    }
    for (let at = piece.indexOf(CR); at >= 0; at = piece.indexOf(CR, at + 1)) {
      if (at < piece.length - 1 && piece[at + 1] !== LF) return 'bare-cr';
    }
    return null;
  }

  /** The fault of the end, once everything was taken. */
  end(): RawFault | null {
    return this.#isAfterCr ? 'bare-cr' : null;
  }
}

/** Doubles the dot that begins a line (RFC 5321 4.5.2), over all pieces of a mail. */
export class DotStuffing {
  #isAtLineStart = true;

  /** The piece as it goes on the wire; the piece itself where no dot has to be doubled. */
  stuff(piece: Uint8Array): Uint8Array {
    const places = this.#places(piece);
    if (piece.length > 0) this.#isAtLineStart = piece[piece.length - 1] === LF;
    if (places.length === 0) return piece;
    const stuffed = new Uint8Array(piece.length + places.length);
    let from = 0;
    places.forEach((place, doubled) => {
      stuffed.set(piece.subarray(from, place), from + doubled);
      stuffed[place + doubled] = DOT;
      from = place;
    });
    stuffed.set(piece.subarray(from), from + places.length);
    return stuffed;
  }

  #places(piece: Uint8Array): number[] {
    const places: number[] = [];
    for (let at = piece.indexOf(DOT); at >= 0; at = piece.indexOf(DOT, at + 1)) {
      if (at === 0 ? this.#isAtLineStart : piece[at - 1] === LF) places.push(at);
    }
    return places;
  }
}
