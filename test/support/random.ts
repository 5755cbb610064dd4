/** Seeded source of chance: equal seeds give equal runs. Satisfies the engine's `Random` too (`next`). */
export interface SeededRandom {
  readonly seed: number;
  /** Uniform number in [0, 1). */
  next(): number;
  /** Uniform whole number, both ends included. */
  int(min: number, max: number): number;
  /** True with the given probability (default one half). */
  bool(probability?: number): boolean;
  /** One of the items; throws on an empty list. */
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  bytes(length: number): Buffer;
  /** A name of lower-case letters and digits. */
  word(length: number): string;
  /** An independent stream whose seed is taken from this one. */
  fork(): SeededRandom;
}

const GOLDEN = 0x6d2b79f5;
const TWO_32 = 4294967296;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** One mulberry32 step (public domain, Tommy Ettinger): 32 bits of state, 32 bits out. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + GOLDEN) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** A generator for this seed (any whole number; its low 32 bits count). */
export function seededRandom(seed: number): SeededRandom {
  const uint32 = mulberry32(seed);
  const next = (): number => uint32() / TWO_32;
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const bytes = (length: number): Buffer => {
    const out = Buffer.allocUnsafe(length);
    let i = 0;
    for (; i + 4 <= length; i += 4) out.writeUInt32LE(uint32(), i);
    for (; i < length; i += 1) out[i] = uint32() & 0xff;
    return out;
  };
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError('pick from an empty list');
    return items[int(0, items.length - 1)] as T;
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i -= 1) {
      const j = int(0, i);
      [out[i], out[j]] = [out[j] as T, out[i] as T];
    }
    return out;
  };
  const word = (length: number): string => Array.from({ length }, () => LETTERS[int(0, LETTERS.length - 1)]).join('');
  return {
    seed,
    next,
    int,
    bool: (probability = 0.5) => next() < probability,
    pick,
    shuffle,
    bytes,
    word,
    fork: () => seededRandom(uint32()),
  };
}
