import { describe, expect, it } from 'vitest';
import { isFitAddress, wireAddress } from '../../main/engine/smtp/envelope.ts';
import { DotStuffing, piecesOf, RawInspection } from '../../main/engine/smtp/raw-bytes.ts';
import { unstuffed } from '../support/smtp-script/client-bytes.ts';
import { seededRandom } from '../support/random.ts';

const split = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

function stuffedIn(bytes: Buffer, size: number): Buffer {
  const stuffing = new DotStuffing();
  return Buffer.concat(split(bytes, size).map((piece) => stuffing.stuff(piece)));
}

/** The rule of RFC 5321 4.5.2, line by line. */
const stuffedByLines = (bytes: Buffer): Buffer =>
  Buffer.from(
    bytes
      .toString('latin1')
      .split('\r\n')
      .map((line) => (line.startsWith('.') ? `.${line}` : line))
      .join('\r\n'),
    'latin1',
  );

function inspect(bytes: Buffer, size: number) {
  const inspection = new RawInspection();
  for (const piece of split(bytes, size)) {
    const fault = inspection.take(piece);
    if (fault) return fault;
  }
  return inspection.end() ?? inspection;
}

describe('dots that begin a line', () => {
  it('are doubled, and only those, however the mail is cut', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 100; round += 1) {
      const parts = Array.from({ length: random.int(1, 12) }, () => random.pick(['.', '..', 'a', '\r\n', 'b.c']));
      const bytes = Buffer.from(parts.join(''));
      for (const size of [1, 2, 5, 64]) {
        const stuffed = stuffedIn(bytes, size);
        expect(stuffed).toEqual(stuffedByLines(bytes));
        expect(unstuffed(Buffer.concat([stuffed, Buffer.from('.\r\n')]))).toEqual(bytes);
      }
    }
  });
});

describe('bytes that may not leave', () => {
  it('are found however the mail is cut', () => {
    for (const size of [1, 2, 3, 100]) {
      expect(inspect(Buffer.from('a\r\nb\nc'), size)).toBe('bare-lf');
      expect(inspect(Buffer.from('a\r\nb\rc'), size)).toBe('bare-cr');
      expect(inspect(Buffer.from('a\r\nb\r\r\n'), size)).toBe('bare-cr');
      expect(inspect(Buffer.from('a\r\nb\r'), size)).toBe('bare-cr');
      expect(inspect(Buffer.from('\na'), size)).toBe('bare-lf');
      expect(inspect(Buffer.from('a\0b\r\n'), size)).toBe('nul');
      expect(['nul', 'bare-cr']).toContain(inspect(Buffer.from('a\r\0\n'), size));
      expect(inspect(Buffer.from('a\r\nb'), size)).toMatchObject({ sizeBytes: 4, has8Bit: false, endsWithLine: false });
      expect(inspect(Buffer.from('ä\r\n'), size)).toMatchObject({ sizeBytes: 4, has8Bit: true, endsWithLine: true });
    }
  });

  it('are looked at in pieces of 64 KiB', () => {
    const chunks = [Buffer.alloc(150_000, 1), Buffer.alloc(0), Buffer.alloc(10, 2)];
    const sizes = [...piecesOf(() => chunks)].map((piece) => piece.length);
    expect(sizes).toEqual([65_536, 65_536, 18_928, 10]);
    expect(Buffer.concat([...piecesOf(chunks[0] as Buffer)]).equals(chunks[0] as Buffer)).toBe(true);
  });
});

describe('envelope addresses', () => {
  it.each([
    'a@b',
    'first.last+tag@mail.example.com',
    "o'neill!#$%&*@example.com",
    'jörg@example.com',
    'info@bücher.example',
    'a@b@example.com',
  ])('takes %s', (address) => expect(isFitAddress(address)).toBe(true));
  it.each([
    '',
    'a',
    '@b',
    'a@',
    'a b@c',
    'a@b c',
    'a@b\r\n',
    'a@b\n',
    'a\0@b',
    '<a@b>',
    'a@b>',
    'a\u00a0b@c',
    'a@b\u2028',
    'a\u202e@b',
    'a\u200b@b',
    '\ud800@b',
    `${'a'.repeat(250)}@b.cd`,
  ])('refuses %j', (address) => expect(isFitAddress(address)).toBe(false));

  it('writes a domain in ASCII where the local part allows it', () => {
    expect(wireAddress('info@bücher.example')).toBe('info@xn--bcher-kva.example');
    expect(wireAddress('jörg@bücher.example')).toBe('jörg@bücher.example');
    expect(wireAddress('info@example.com')).toBe('info@example.com');
  });
});
