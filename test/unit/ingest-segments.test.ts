import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isFull } from '../support/this-run.ts';
import { Segmenter } from '../../main/engine/ingest/segmenter.ts';
import { decodePiece, decodeSegment, encodeSegment } from '../../main/engine/ingest/segment-codec.ts';
import { SourceDigester } from '../../main/engine/ingest/source-digester.ts';
import type { Piece } from '../../main/engine/ingest/piece.ts';
import type { Segment } from '../../main/engine/ingest/protocol.ts';

/** Random sources of a test: a third of them still has every kind of part many times. */
const sources = (first: number, count: number): number[] =>
  Array.from({ length: isFull ? count : Math.ceil(count / 3) }, (_, n) => first + n);

/** Small seeded generator, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function base64Lines(bytes: Buffer, width: number, ending: string, lastEnding = true): Buffer {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
  return Buffer.from(lines.join(ending) + (lastEnding ? ending : ''), 'latin1');
}

/** Pieces are views that the next slice overwrites. */
const keep = (pieces: readonly Piece[]): Piece[] => pieces.map((piece) => ({ ...piece, raw: Buffer.from(piece.raw) }));

function cut(source: Buffer, slices: readonly number[]): Piece[] {
  const segmenter = new Segmenter();
  const pieces: Piece[] = [];
  let at = 0;
  for (const length of slices) {
    pieces.push(...keep(segmenter.push(source.subarray(at, at + length))));
    at += length;
  }
  if (at < source.length) pieces.push(...keep(segmenter.push(source.subarray(at))));
  pieces.push(...keep(segmenter.finish()));
  return pieces;
}

function withoutSpaceAtEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && [9, 10, 11, 12, 13, 32].includes(bytes[end - 1] as number)) end--;
  return bytes.subarray(0, end);
}

function shape(pieces: readonly Piece[]): string[] {
  return pieces.map(
    (p) => `${p.isHeader ? 'h' : 'b'}${p.decoded ? p.lineWidth + p.ending : 't'}:${p.raw.length}:${sha(p.raw).slice(0, 12)}`,
  );
}

function randomSlices(total: number, random: () => number, max: number): number[] {
  const slices: number[] = [];
  for (let left = total; left > 0;) {
    const length = Math.min(left, 1 + Math.floor(random() * max));
    slices.push(length);
    left -= length;
  }
  return slices;
}

/** Bytes that provoke every border: headers, text, runs of all widths and endings, damaged runs, long lines. */
function randomSource(random: () => number): Buffer {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const ending = pick(['\r\n', '\n', '\r\n']);
  const parts: Buffer[] = [];
  if (random() < 0.9) parts.push(Buffer.from(`Subject: x${ending}To: y${ending}${ending}`));
  for (let n = Math.floor(random() * 6); n >= 0; n--) {
    const kind = random();
    const width = pick([76, 76, 64, 72, 60, 100, 996, 56, 75]);
    const content = randomBytes(Math.floor(random() ** 3 * 600_000) + 3000);
    const run = base64Lines(content, width, pick([ending, '\n', '\r\n']), random() < 0.9);
    if (kind < 0.45) parts.push(run);
    else if (kind < 0.6) {
      run[Math.floor(random() * run.length)] = pick([0, 10, 13, 32, 45, 61, 95, 65, 200]);
      parts.push(run);
    } else if (kind < 0.7) parts.push(run.subarray(0, Math.floor(random() * run.length)));
    else if (kind < 0.8) parts.push(Buffer.alloc(Math.floor(random() * 700_000), pick(['x', 'ab \r\n', '\n', 'Zm9v'])));
    else
      parts.push(Buffer.from(`some text${ending}--b${ending}Content-Type: a/b${ending}${ending}`.repeat(1 + Math.floor(random() * 2000))));
  }
  return Buffer.concat(parts);
}

describe('segmenter and codec', () => {
  it('give back every source exactly, cut alike whatever the slices', () => {
    for (const seed of sources(1, 120)) {
      const random = seeded(seed);
      const source = randomSource(random);
      const whole = new Segmenter().whole(source);
      const segments = whole.map(encodeSegment);
      expect(sha(Buffer.concat(segments.map(decodeSegment))), `seed ${seed}`).toBe(sha(source));
      const sliced = cut(source, randomSlices(source.length, random, seed % 3 === 0 ? 900_000 : 20_000));
      expect(shape(sliced), `seed ${seed}`).toEqual(shape(whole));
      for (const piece of whole) expect(piece.raw.length).toBeLessThanOrEqual(4_100_000);
    }
  });

  it('cut alike when bytes come one by one', () => {
    const random = seeded(7);
    const run = base64Lines(Buffer.from(Array.from({ length: 6000 }, () => Math.floor(random() * 256))), 76, '\r\n');
    const source = Buffer.concat([Buffer.from('A: b\r\n\r\ntext\r\n'), run, Buffer.from('--end\r\n'), run.subarray(0, 5000)]);
    expect(shape(cut(source, new Array(source.length).fill(1)))).toEqual(shape(cut(source, [source.length])));
  });

  it('go on the same way when started anew at any segment border', () => {
    for (const seed of sources(200, 40)) {
      const random = seeded(seed);
      const source = randomSource(random);
      const whole = cut(source, [source.length]);
      const border = Math.floor(random() * whole.length);
      const segmenter = new Segmenter();
      let at = 0;
      for (const piece of whole.slice(0, border)) {
        const stored = decodePiece(encodeSegment(piece));
        expect(segmenter.resume(stored).isHeader).toBe(piece.isHeader);
        at += piece.raw.length;
      }
      const rest = [...keep(segmenter.push(source.subarray(at))), ...keep(segmenter.finish())];
      expect(sha(Buffer.concat(rest.map((p) => p.raw)))).toBe(sha(source.subarray(at)));
      expect(shape(rest), `seed ${seed}`).toEqual(shape(whole.slice(border)));
    }
  });

  it('give one attachment the same segments in whatever message it lies', () => {
    const attachment = base64Lines(randomBytes(1_500_000), 76, '\r\n');
    const one = Buffer.concat([Buffer.from('A: b\r\n\r\nhello\r\n'), attachment, Buffer.from('--x--\r\n')]);
    const two = Buffer.concat([
      Buffer.from('Received: z\r\nA: b\r\n\r\nother text, longer\r\n--x\r\n\r\n'),
      attachment,
      Buffer.from('\r\n--x--\r\n'),
    ]);
    const digests = (source: Buffer) =>
      cut(source, [source.length])
        .map(encodeSegment)
        .filter((s) => s.lineWidth > 0)
        .map((s) => Buffer.from(s.digest as Uint8Array).toString('hex'));
    expect(digests(one).length).toBe(7);
    expect(digests(two)).toEqual(digests(one));
  });

  it('share all of the body when only header lines were added', () => {
    const body = Buffer.concat([
      Buffer.from('hello world\r\n'.repeat(40_000)),
      base64Lines(randomBytes(400_000), 76, '\r\n'),
      Buffer.from('--x--\r\n'),
    ]);
    const relayed = Buffer.concat([Buffer.from('Received: by relay\r\nX-Relay: 1\r\nSubject: s\r\n\r\n'), body]);
    const plain = Buffer.concat([Buffer.from('Subject: s\r\n\r\n'), body]);
    const bodyShape = (source: Buffer) => shape(cut(source, [source.length])).filter((s) => s.startsWith('b'));
    expect(bodyShape(relayed)).toEqual(bodyShape(plain));
  });

  it('keep content as it is where deflating does not pay, and decode base64', () => {
    const noise = cut(base64Lines(randomBytes(200_000), 76, '\r\n'), []).map(encodeSegment);
    expect(noise.map((s) => s.codec)).toEqual([2]);
    const calm = cut(base64Lines(Buffer.alloc(200_000, 'abc '), 76, '\n'), []).map(encodeSegment);
    expect(calm.map((s) => s.codec)).toEqual([7]);
    expect((calm[0] as Segment).content.length).toBeLessThan(2000);
  });

  it('tell a damaged segment from a right one', () => {
    const [segment] = cut(base64Lines(Buffer.alloc(9000, 'abc '), 76, '\r\n'), []).map(encodeSegment);
    const damaged = { ...(segment as Segment), content: (segment as Segment).content.subarray(0, 9) };
    expect(() => decodeSegment(damaged)).toThrow(/store-corrupt/);
  });
});

describe('source digests', () => {
  it('are equal to digests over the whole, and ignore white space at the end of the body', () => {
    for (const seed of sources(300, 30)) {
      const random = seeded(seed);
      const header = 'Subject: a\r\nTo: b\r\n\r\n';
      const body = randomSource(random).toString('latin1').trimEnd();
      const space = ' \r\n\t \n'.repeat(Math.floor(random() * 90_000));
      const source = Buffer.from(header + body + space, 'latin1');
      const digester = new SourceDigester();
      for (const piece of cut(source, randomSlices(source.length, random, 100_000))) digester.update(piece);
      const digest = digester.finish();
      expect(sha(source)).toBe(Buffer.from(digest.raw).toString('hex'));
      expect(sha(Buffer.from(header))).toBe(Buffer.from(digest.header).toString('hex'));
      expect(sha(withoutSpaceAtEnd(Buffer.from(body, 'latin1')))).toBe(Buffer.from(digest.body).toString('hex'));
      expect(digest.sizeBytes).toBe(source.length);
    }
  });
});
