import { describe, expect, it } from 'vitest';
import { hash32, seenBlocks } from '../../main/engine/ingest/seen-blocks.ts';
import { seededRandom } from '../support/random.ts';
import { seed } from '../support/this-run.ts';

const CASES = 5_000;
const UNITS = 0x10000;

/** The same by what it means, in words and not in bytes. */
function plainly(blocks: readonly string[]): { text: string; hashes: number[] } {
  const seen = blocks.map((one) => one.normalize('NFC').replace(/[\s\p{Cc}\p{Cf}]+/gu, '')).filter((one) => one !== '');
  return { text: JSON.stringify(seen.join('')), hashes: seen.map((one) => hash32(one)) };
}

function written(blocks: readonly string[]): { text: string; hashes: number[] } {
  const { text, hashes } = seenBlocks(blocks);
  return { text: `"${Buffer.from(text).toString('utf8')}"`, hashes: [...hashes] };
}

/** Usual ones, ones that vanish, that are escaped, that NFC changes or joins, and halves of pairs. */
const PIECES = [
  ...['word', 'Grüße', ' ', '\r\n', '\t', '"', '\\', '\u00a0', '\u00ad', '\u0000', '\u007f', '\u009f', '€', '–', '\u200b', '\u2028'],
  ...[
    'u\u0308',
    '\u0308',
    '\u0300',
    '\u1100',
    '\u1161',
    '\u2000',
    '\u2126',
    '\ufeff',
    '漢',
    '\u0600',
    '\u070f',
    '\ufffd',
    '\u02ff',
    '\u206f',
  ],
  ...['😀', '\ud83d', '\ude00', '\u{e0041}', '\u{110bd}', '\u{1d15e}', '한'],
];

describe('what is seen of paragraphs', () => {
  it('is, for each unit alone and between letters, what the definition says', () => {
    const different: string[] = [];
    for (let code = 0; code < UNITS; code += 1) {
      const unit = String.fromCharCode(code);
      for (const block of [unit, `a${unit}b`]) {
        const [mine, meant] = [written([block]), plainly([block])];
        if (mine.text !== meant.text || mine.hashes.join() !== meant.hashes.join()) different.push(code.toString(16));
      }
    }
    expect(different).toEqual([]);
  });

  it('is what the definition says of any blocks', () => {
    const random = seededRandom(seed);
    for (let n = 0; n < CASES; n += 1) {
      const block = (): string => Array.from({ length: random.int(0, 12) }, () => random.pick(PIECES)).join('');
      const blocks = Array.from({ length: random.int(0, 5) }, block);
      expect(written(blocks), JSON.stringify(blocks)).toEqual(plainly(blocks));
    }
  });

  it('has room for a long text, and for a short one after it', () => {
    const long = [`${'Größe "x" '.repeat(60_000)}`, 'end'];
    expect(written(long)).toEqual(plainly(long));
    expect(written(['short'])).toEqual(plainly(['short']));
  });
});
