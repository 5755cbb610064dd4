import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { readReport } from '../../main/engine/store/mend/journal.ts';
import { damageNotice, endDamageNotice } from '../../main/engine/store/mend/notice.ts';
import { openOutbox } from '../../main/engine/store/open-outbox.ts';
import { readLossFigures } from '../../shared/loss-figures.ts';
import { frozenMessage } from '../support/frozen.ts';
import { flip, removeAll, SPECIALS, type LeftState } from '../support/damage-kinds.ts';
import { DamageImage, key, openAll, readAll, storeOf } from '../support/damage-image.ts';
import { reportFigure } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { isFull, seed } from '../support/this-run.ts';

const FLIPS = isFull ? 300 : 6;
const CUTS = isFull ? 50 : 2;
const FILES = ['outbox.db', 'mail.db'] as const;
type File = (typeof FILES)[number];

let image: DamageImage;
beforeAll(() => {
  image = new DamageImage();
});
afterAll(() => image.remove());

const totals = { cases: 0, mended: 0, mailsKept: 0, mailsTold: 0, opsKept: 0, opsTold: 0, silent: 0, restarts: 0 };
const sha = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Opens a damaged profile as the app does: at most one new start after a page that turns out to be damaged in use. */
function useDamaged(dir: string): { found: ReturnType<typeof readAll>; restarts: number } {
  for (let restarts = 0; ; restarts += 1) {
    const stores = openAll(dir);
    try {
      return { found: readAll(stores), restarts };
    } catch (error) {
      if (restarts > 0) throw error;
    } finally {
      stores.handle.close();
      stores.outboxHandle.close();
    }
  }
}

/** One case: nothing lost without being told, unsent mail of an undamaged file untouched, the damaged file kept as it was. */
function check(name: string, state: LeftState, file: File, damage: (path: string) => void): void {
  const dir = image.copy(state);
  const path = join(dir, file);
  damage(path);
  const before = existsSync(path) ? sha(path) : null;
  const { found, restarts } = useDamaged(dir);
  const report = readReport(path);
  const mailsKept = [...image.kept.mails].filter(([id, digest]) => found.mails.get(id) === digest).length;
  const isTold = report !== null && !report.isWhole;
  const lost = (file === 'outbox.db' ? image.kept.mails.size - mailsKept : 0) + (file === 'mail.db' ? image.kept.ops - found.ops : 0);
  if (lost > 0 && !isTold) totals.silent += 1;
  expect(lost === 0 || isTold, `${name}: ${lost} lost without a word`).toBe(true);
  if (file === 'mail.db') expect(mailsKept, `${name}: damage of the mirror touched unsent mail`).toBe(image.kept.mails.size);
  expect(found.accounts, name).toBe(1);
  expect(restarts, name).toBeLessThanOrEqual(1);
  if (report !== null && before !== null) expect(keptDigests(dir, report.aside, before), name).toContain(before);
  totals.cases += 1;
  totals.mended += report === null ? 0 : 1;
  totals.restarts += restarts;
  totals.mailsKept += mailsKept;
  totals.mailsTold += image.kept.mails.size - mailsKept;
  totals.opsKept += found.ops;
  totals.opsTold += image.kept.ops - found.ops;
  rmSync(dir, { recursive: true, force: true });
}

/** A file that was opened first has a WAL written back into it; its damaged bytes are in it all the same. */
function keptDigests(dir: string, aside: string, before: string): string[] {
  const file = join(dir, aside);
  return existsSync(file) ? [sha(file), ...(readdirSync(dir).some((name) => name.startsWith(aside)) ? [before] : [])] : [];
}

it.each(FILES.flatMap((file) => (['closed', 'killed'] as const).map((state) => [file, state] as const)))(
  'a flipped bit or a cut in %s (%s) loses nothing without telling (S6)',
  (file, state) => {
    const random = seededRandom(seed);
    const parts = state === 'killed' ? ['', '-wal'] : [''];
    for (const part of parts) {
      const size = statSync(join(image[state], file + part)).size;
      for (let n = 0; n < FLIPS / 2; n += 1) {
        const [at, bit] = [random.int(0, size - 1), random.int(0, 7)];
        check(`flip ${at}.${bit} of ${file}${part}, ${state}`, state, file, (path) => flip(path + part, at, bit));
      }
      for (let n = 0; n < CUTS / 2; n += 1) {
        const length = random.int(0, size - 1);
        check(`cut ${file}${part} at ${length}, ${state}`, state, file, (path) => truncateSync(path + part, length));
      }
    }
  },
);

it('a damaged page that is met while the profile opens is mended by that very open (S6)', () => {
  const { handle, outboxHandle } = openAll(image.copy('closed'));
  const root = handle.db.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'accounts'").pluck().get() as number;
  const pageBytes = handle.db.pragma('page_size', { simple: true }) as number;
  handle.close();
  outboxHandle.close();
  const before = totals.restarts;
  check('page of the accounts', 'closed', 'mail.db', (path) => flip(path, (root - 1) * pageBytes + 100, 1));
  expect(totals.restarts).toBe(before);
});

it.each(SPECIALS)('%s (%s): told, or nothing lost (S6)', (name, state, damage) => {
  for (const file of FILES) check(`${name} of ${file}`, state, file, damage);
});

it.each([true, false])('a removed outbox is told with what was noted of it, once, and its ids are not given again (S6)', (isNoted) => {
  const dir = image.copy('killed');
  const paths = { outbox: join(dir, 'outbox.db'), mirror: join(dir, 'mail.db') };
  const losses = { mails: 24, drafts: 2, changes: 48 };
  if (isNoted) writeFileSync(join(dir, 'unsent.json'), JSON.stringify({ losses, at: 1 }));
  removeAll(paths.outbox);
  const stores = openAll(dir);
  const notice = damageNotice(paths);
  expect(notice).toMatchObject({ code: 'outbox-missing', retry: 'never' });
  expect(readLossFigures(notice?.detail ?? '')).toEqual(isNoted ? losses : null);
  const { accounts, outbox } = storeOf(stores);
  const [account] = accounts.list();
  expect(Number(outbox.add(frozenMessage(account!.id, { text: 'new' }), 'anna@example.com', 1))).toBeGreaterThan(1_000_000);
  stores.handle.close();
  stores.outboxHandle.close();
  // Until a person was told; a first start has nothing to tell.
  expect(damageNotice(paths)).toEqual(notice);
  endDamageNotice(paths, notice!);
  expect(damageNotice(paths)).toBeNull();
  const again = openAll(dir);
  expect(damageNotice(paths)).toBeNull();
  again.handle.close();
  again.outboxHandle.close();
});

it('a removed store is not made anew under another key (S7)', () => {
  for (const file of FILES) {
    const dir = image.copy('closed');
    removeAll(join(dir, file));
    expect(() => openAll(dir, { key: new Uint8Array(32).fill(9) })).toThrow(/store-key-wrong/u);
    expect(existsSync(join(dir, file))).toBe(false);
  }
});

it('a first start that was killed between its two stores has lost nothing, and says nothing', () => {
  const dir = join(image.root, 'first');
  openOutbox({ path: join(dir, 'outbox.db'), key, clock: systemClock, log: silentLog }).close();
  const stores = openAll(dir);
  expect(damageNotice({ outbox: stores.outboxHandle.path, mirror: stores.handle.path })).toBeNull();
  stores.handle.close();
  stores.outboxHandle.close();
});

it('setting aside goes on wherever it was stopped, and nothing is lost by that', () => {
  let stops = 0;
  for (const file of FILES) {
    for (let stopAt = 1; ; stopAt += 1) {
      const dir = image.copy('closed');
      const path = join(dir, file);
      flip(path, 100, 1);
      const before = sha(path);
      let steps = 0;
      const step = () => {
        if (++steps === stopAt) throw new Error('stopped');
      };
      let isStopped = false;
      try {
        const stores = openAll(dir, { step });
        stores.handle.close();
        stores.outboxHandle.close();
      } catch {
        isStopped = true;
      }
      const { found } = useDamaged(dir);
      const report = readReport(path);
      expect(found.mails, `${file} stopped at ${stopAt}`).toEqual(image.kept.mails);
      expect(found.ops).toBe(image.kept.ops);
      expect(report?.isWhole).toBe(true);
      expect(sha(join(dir, report?.aside ?? ''))).toBe(before);
      expect(readdirSync(dir).filter((name) => /mending/u.test(name))).toEqual([]);
      if (!isStopped) break;
      stops += 1;
    }
  }
  expect(stops).toBeGreaterThanOrEqual(12);
  reportFigure('S6 stopped while set aside', { stops, lost: 0 });
});

it('a wrong key is never taken for damage: nothing is set aside, changed or made (S7)', () => {
  for (const state of ['closed', 'killed'] as const) {
    for (const isKeyNoted of [true, false]) {
      const dir = image.copy(state);
      if (!isKeyNoted) for (const file of FILES) rmSync(join(dir, `${file}.keycheck`));
      const digests = () =>
        readdirSync(dir)
          .filter((name) => !name.includes('.lock') && !name.endsWith('-shm') && statSync(join(dir, name)).isFile())
          .map((name) => `${name} ${sha(join(dir, name))}`);
      const before = digests();
      expect(() => openAll(dir, { key: new Uint8Array(32).fill(9) })).toThrow(/store-key-wrong/u);
      expect(digests()).toEqual(before);
    }
  }
});

it('reports what the damage did', () => {
  expect(totals.silent).toBe(0);
  expect(totals.mended).toBeGreaterThan(totals.cases / 3);
  reportFigure('S6 corruption', { ...totals, mailsEach: image.kept.mails.size, opsEach: image.kept.ops, seed });
});
