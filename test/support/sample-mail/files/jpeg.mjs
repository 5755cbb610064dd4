// @ts-check

/** Baseline JPEG (ITU-T T.81) with the example tables of its annex K, without chroma subsampling. */

const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57,
  50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];
/** Table K.1, used for chroma too: the file grows a little and the code stays short. */
const QUANTISATION = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62, 18, 22,
  37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_VALUES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const AC_COUNTS = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
const AC_VALUES = [
  ...Buffer.from(
    '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a' +
      '434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9' +
      'aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
    'hex',
  ),
];

/** @typedef {Map<number, {code: number, length: number}>} CodeTable */

/**
 * @param {readonly number[]} counts
 * @param {readonly number[]} values
 * @returns {CodeTable}
 */
function huffman(counts, values) {
  const table = new Map();
  let code = 0;
  let index = 0;
  for (const [length, count] of counts.entries()) {
    for (let i = 0; i < count; i += 1) {
      table.set(values[index], { code, length: length + 1 });
      index += 1;
      code += 1;
    }
    code <<= 1;
  }
  return table;
}

const DC_CODES = huffman(DC_COUNTS, DC_VALUES);
const AC_CODES = huffman(AC_COUNTS, AC_VALUES);

/** COSINES[u * 8 + x]: one-dimensional DCT-II with its norm. */
const COSINES = Float64Array.from({ length: 64 }, (_, index) => {
  const u = index >> 3;
  const x = index & 7;
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

/**
 * @param {import('./picture.mjs').Picture} picture
 * @returns {Buffer}
 */
export function encodeJpeg(picture) {
  const bits = bitWriter();
  const planes = [0, 1, 2].map((component) => ({ component, previous: 0 }));
  for (let y = 0; y < picture.height; y += 8) {
    for (let x = 0; x < picture.width; x += 8) {
      for (const plane of planes) {
        const levels = quantise(transform(readBlock(picture, plane.component, x, y)));
        writeBlock(bits, levels, plane.previous);
        plane.previous = levels[0] ?? 0;
      }
    }
  }
  return Buffer.concat([header(picture), bits.finish(), Buffer.of(0xff, 0xd9)]);
}

/** @param {import('./picture.mjs').Picture} picture */
function header({ width, height }) {
  const frame = [8, height >> 8, height & 0xff, width >> 8, width & 0xff, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    segment(0xe0, [...Buffer.from('JFIF\0', 'latin1'), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xdb, [0, ...ZIGZAG.map((at) => QUANTISATION[at] ?? 1)]),
    segment(0xc0, frame),
    segment(0xc4, [0x00, ...DC_COUNTS, ...DC_VALUES]),
    segment(0xc4, [0x10, ...AC_COUNTS, ...AC_VALUES]),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
  ]);
}

/**
 * @param {number} marker
 * @param {readonly number[]} content
 */
function segment(marker, content) {
  const length = content.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 0xff, ...content]);
}

/**
 * One 8x8 block of Y, Cb or Cr around zero; edges repeat the last pixel.
 * @param {import('./picture.mjs').Picture} picture
 * @param {number} component
 * @param {number} left
 * @param {number} top
 */
function readBlock({ width, height, pixels }, component, left, top) {
  const block = new Float64Array(64);
  for (let i = 0; i < 64; i += 1) {
    const at = (Math.min(top + (i >> 3), height - 1) * width + Math.min(left + (i & 7), width - 1)) * 3;
    const r = pixels[at] ?? 0;
    const g = pixels[at + 1] ?? 0;
    const b = pixels[at + 2] ?? 0;
    if (component === 0) block[i] = 0.299 * r + 0.587 * g + 0.114 * b - 128;
    else if (component === 1) block[i] = -0.168736 * r - 0.331264 * g + 0.5 * b;
    else block[i] = 0.5 * r - 0.418688 * g - 0.081312 * b;
  }
  return block;
}

/** @param {Float64Array} block */
function transform(block) {
  const rows = new Float64Array(64);
  const out = new Float64Array(64);
  for (let y = 0; y < 8; y += 1) {
    for (let u = 0; u < 8; u += 1) rows[y * 8 + u] = dot(u, (x) => block[y * 8 + x] ?? 0);
  }
  for (let u = 0; u < 8; u += 1) {
    for (let v = 0; v < 8; v += 1) out[v * 8 + u] = dot(v, (y) => rows[y * 8 + u] ?? 0);
  }
  return out;
}

/**
 * @param {number} frequency
 * @param {(index: number) => number} sample
 */
function dot(frequency, sample) {
  let sum = 0;
  for (let i = 0; i < 8; i += 1) sum += (COSINES[frequency * 8 + i] ?? 0) * sample(i);
  return sum;
}

/** @param {Float64Array} block */
function quantise(block) {
  return ZIGZAG.map((at) => Math.round((block[at] ?? 0) / (QUANTISATION[at] ?? 1)));
}

/**
 * @param {ReturnType<typeof bitWriter>} bits
 * @param {readonly number[]} levels
 * @param {number} previousDc
 */
function writeBlock(bits, levels, previousDc) {
  writeLevel(bits, DC_CODES, 0, (levels[0] ?? 0) - previousDc);
  let zeros = 0;
  let last = 63;
  while (last > 0 && levels[last] === 0) last -= 1;
  for (let i = 1; i <= last; i += 1) {
    const level = levels[i] ?? 0;
    if (level === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) bits.put(AC_CODES.get(0xf0));
    writeLevel(bits, AC_CODES, zeros, level);
    zeros = 0;
  }
  if (last < 63) bits.put(AC_CODES.get(0));
}

/**
 * @param {ReturnType<typeof bitWriter>} bits
 * @param {CodeTable} codes
 * @param {number} zeros
 * @param {number} level
 */
function writeLevel(bits, codes, zeros, level) {
  const size = level === 0 ? 0 : Math.floor(Math.log2(Math.abs(level))) + 1;
  bits.put(codes.get((zeros << 4) | size));
  if (size > 0) bits.put({ code: level > 0 ? level : level + (1 << size) - 1, length: size });
}

function bitWriter() {
  /** @type {number[]} */
  const out = [];
  let held = 0;
  let count = 0;
  /** @param {{code: number, length: number} | undefined} entry */
  const put = (entry) => {
    if (entry === undefined) throw new RangeError('no Huffman code for this level');
    held = (held << entry.length) | entry.code;
    count += entry.length;
    while (count >= 8) {
      const byte = (held >>> (count - 8)) & 0xff;
      out.push(byte);
      if (byte === 0xff) out.push(0); // byte stuffing
      count -= 8;
    }
    held &= (1 << count) - 1;
  };
  return {
    put,
    finish: () => {
      if (count > 0) put({ code: (1 << (8 - count)) - 1, length: 8 - count });
      return Buffer.from(out);
    },
  };
}
