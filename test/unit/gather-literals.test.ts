import { ImapFlow } from 'imapflow';
import { describe, expect, it } from 'vitest';
import { gatherLiterals } from '../../main/engine/imap/gather-literals.ts';
import type { FlowStream, StreamItem } from '../../main/engine/imap/flow-connection.ts';
import { seededRandom } from '../support/random.ts';
import { seed } from '../support/this-run.ts';

type Stream = FlowStream &
  Omit<NodeJS.ReadWriteStream, 'read' | 'write'> & { read(): (StreamItem & { next(): void }) | null; write(piece: Buffer): boolean };

function newStream(gathers: boolean): Stream {
  const flow = new ImapFlow({ host: 'localhost', port: 1, auth: { user: 'x', pass: 'x' }, logger: false });
  const stream = (flow as unknown as { streamer: Stream }).streamer;
  if (gathers) gatherLiterals(stream, () => true);
  return stream;
}

/** What comes out of the pieces, read as long as it is certain to be there. */
function answersOf(stream: Stream, pieces: readonly Buffer[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const answers: string[] = [];
    stream.on('error', reject);
    stream.on('readable', () => {
      for (let item = stream.read(); item !== null; item = stream.read()) {
        answers.push([item.payload, ...item.literals].map((one) => one.toString('latin1')).join('\n'));
        item.next();
        if (item.payload.toString('latin1').startsWith('A OK')) resolve(answers);
      }
    });
    for (const piece of pieces) stream.write(piece);
  });
}

/** Answers of a download, with literals of all sizes, beside each other and within one line. */
function conversation(random: ReturnType<typeof seededRandom>): Buffer {
  const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random.pick([10, 13, 32, 65, 123, 125, 195, 0])));
  const parts: Buffer[] = [];
  for (let n = 1; n <= 12; n += 1) {
    const sizes = Array.from({ length: random.int(0, 2) }, () => random.pick([0, 1, 100, 5_000, 40_000, 90_000]));
    parts.push(Buffer.from(`* ${n} FETCH (UID ${n}`));
    for (const size of sizes) parts.push(Buffer.from(` BODY[${size}] {${size}}\r\n`), bytes(size));
    parts.push(Buffer.from(')\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('A OK done\r\n')]);
}

/** Each piece in a buffer of its own, as it comes from a socket. */
function cut(whole: Buffer, random: ReturnType<typeof seededRandom>, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length;) {
    const piece = whole.subarray(at, at + random.pick(sizes));
    const own = Buffer.allocUnsafeSlow(piece.length);
    piece.copy(own);
    pieces.push(own);
    at += piece.length;
  }
  return pieces;
}

describe('literals put together in place', () => {
  it.each([
    ['large pieces', [65_536]],
    ['pieces just large enough to be freed', [16_384, 16_385]],
    ['small ones', [1, 7, 100]],
    ['pieces of all sizes', [1, 2, 1_000, 16_384, 30_000, 65_536]],
  ])('are those that the library gives, from %s', async (_what, sizes) => {
    const random = seededRandom(seed);
    for (let n = 0; n < 20; n += 1) {
      const whole = conversation(random);
      const pieces = cut(whole, random, sizes);
      const plain = await answersOf(newStream(false), [whole]);
      expect(plain).toHaveLength(13);
      expect(await answersOf(newStream(true), pieces)).toEqual(plain);
    }
  });

  it('leave nothing of a large piece behind, and small ones alone', async () => {
    const random = seededRandom(seed);
    const pieces = cut(conversation(random), random, [1_000, 40_000]);
    const lengths = pieces.map((one) => one.length);
    await answersOf(newStream(true), pieces);
    await new Promise((resolve) => setImmediate(resolve));
    expect(lengths.some((one) => one === 40_000)).toBe(true);
    expect(pieces.map((one) => one.length)).toEqual(lengths.map((one) => (one >= 16_384 ? 0 : one)));
  });
});
