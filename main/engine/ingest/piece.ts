import type { LineEnding } from './base64-lines.ts';

/** What a source is cut into before it is packed: text as it came, or a block of base64 lines with what they decode to. */
export interface Piece {
  readonly raw: Buffer;
  /** True for pieces of the header block, its blank line included. */
  readonly isHeader: boolean;
  /** Decoded content of base64 lines; null for text. */
  readonly decoded: Buffer | null;
  /** Characters per line of a base64 piece; 0 for text. */
  readonly lineWidth: number;
  readonly ending: LineEnding;
}
