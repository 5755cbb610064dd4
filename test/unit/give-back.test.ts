import { describe, expect, it } from 'vitest';
import { giveBack } from '../../main/engine/core/give-back.ts';

const MB = 1_000_000;

describe('memory given back', () => {
  it('is free at once, and what was in it is gone', () => {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let n = 0; n < 100; n += 1) {
      const bytes = Buffer.alloc(MB, n);
      giveBack(bytes);
      expect(bytes.length).toBe(0);
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(most).toBeLessThan(3 * MB);
  });

  it('is left alone where it is part of a larger buffer, or small', () => {
    const whole = Buffer.alloc(64 * 1024, 7);
    giveBack(whole.subarray(0, 32 * 1024));
    giveBack(whole.subarray(1024));
    const small = Buffer.alloc(100, 7);
    const pooled = Buffer.from('from the pool that others use');
    for (const one of [small, pooled]) giveBack(one);
    expect([whole.length, small.length, pooled.toString()]).toEqual([64 * 1024, 100, 'from the pool that others use']);
  });

  it('twice is nothing more', () => {
    const bytes = new Uint8Array(MB);
    giveBack(bytes);
    expect(() => giveBack(bytes)).not.toThrow();
  });
});
