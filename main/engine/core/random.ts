import { randomInt } from 'node:crypto';

/** Source of chance; tests give a seeded one. */
export interface Random {
  /** Uniform number in [0, 1). */
  next(): number;
}

const STEPS = 2 ** 47;

export const systemRandom: Random = { next: () => randomInt(STEPS) / STEPS };
