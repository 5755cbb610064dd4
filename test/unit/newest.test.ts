import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Newest } from '../../renderer/state/newest.ts';

describe('answers that overtake one another', () => {
  it('counts the answer to the newest question, whichever comes last', async () => {
    const newest = new Newest();
    const older = newest.ask(() => setTimeout(20, 'older'));
    const newer = newest.ask(() => setTimeout(1, 'newer'));
    expect(await Promise.all([older, newer])).toEqual([null, 'newer']);
  });

  it('counts none that was under way when something newer came by itself', async () => {
    const newest = new Newest();
    const asked = newest.ask(() => setTimeout(5, 'asked'));
    newest.outdate();
    expect(await asked).toBeNull();
    expect(await newest.ask(() => Promise.resolve('again'))).toBe('again');
  });

  it('takes a failure for no answer', async () => {
    expect(await new Newest().ask(() => Promise.reject(new Error('gone')))).toBeNull();
  });
});
