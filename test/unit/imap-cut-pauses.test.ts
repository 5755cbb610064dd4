import { beforeEach, describe, expect, it } from 'vitest';
import { MailError } from '../../shared/errors.ts';
import { CutPauses } from '../../main/engine/imap/cut-pauses.ts';

const lost = new MailError('connection-lost', { scope: 'connection', retry: 'later' });
const refused = new MailError('command-refused', { scope: 'mailbox', retry: 'later' });
const MINUTE_MS = 60_000;

let now: number;
let lookedAt: number | null;
let cuts: CutPauses;
let alone: boolean[];
beforeEach(() => {
  now = 0;
  lookedAt = null;
  alone = [];
  cuts = new CutPauses({ monotonic: () => now });
});

const watch = { lookedAt: () => lookedAt, onCut: (isAlone: boolean) => void alone.push(isAlone) };
const end = async (error: unknown, isOpen = false): Promise<void> => {
  const work = () => (error === null ? Promise.resolve() : Promise.reject(error as Error));
  await cuts.around(1, { isOpen }, work, watch).catch(() => undefined);
};

describe('a piece of work at which the connection ends', () => {
  it('counts as alone with it only when a complete look came to its end since the cut before', async () => {
    lookedAt = 1;
    await end(lost); // since the start, say: who knows what was wrong before
    await end(lost);
    lookedAt = 2;
    await end(lost);
    await end(lost);
    lookedAt = 3;
    await end(lost);
    expect(alone).toEqual([false, false, true, false, true]);
  });

  it('never counts so while no look has ended at all', async () => {
    for (let n = 0; n < 20; n += 1) await end(lost);
    expect(alone).toEqual(Array.from({ length: 20 }, () => false));
    lookedAt = 1;
    await end(lost);
    expect(alone.at(-1)).toBe(true);
  });

  it('waits longer each time, and begins anew after it was done; a refusal is no cut', async () => {
    await end(lost);
    expect(cuts.isPaused(1)).toBe(false);
    await end(lost);
    now += MINUTE_MS / 2 - 1;
    expect(cuts.isPaused(1)).toBe(true);
    now += 1;
    expect(cuts.isPaused(1)).toBe(false);
    await end(refused, true);
    expect([alone.length, cuts.total(1)]).toEqual([2, 2]);
    await end(null);
    expect(cuts.total(1)).toBe(0);
    await end(lost);
    expect(cuts.isPaused(1)).toBe(false);
  });
});
