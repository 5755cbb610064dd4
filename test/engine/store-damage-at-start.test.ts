import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createEngineStore } from '../../main/engine/store/engine-store.ts';
import { readReport } from '../../main/engine/store/mend/journal.ts';
import { onProfileStores, openProfileStores, type ProfileStores } from '../../main/engine/store/open-profile.ts';
import { flip } from '../support/damage-kinds.ts';
import { StoreFixture } from '../support/store-fixture.ts';

/** A damaged page that is met only when something is made on the open stores. */

const close = ({ handle, outboxHandle }: ProfileStores): void => [handle, outboxHandle].forEach((one) => one.close());

function withProfile(work: (of: { dir: string; key: Uint8Array; clock: typeof systemClock; log: typeof silentLog }) => void): void {
  const fixture = new StoreFixture();
  const { dir, key } = fixture;
  try {
    work({ dir, key, clock: systemClock, log: silentLog });
  } finally {
    fixture.remove();
  }
}

/** Damages the first page of a table. */
function spoil(of: Parameters<typeof openProfileStores>[0], table: string): void {
  const stores = openProfileStores(of);
  const root = stores.handle.db.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').pluck().get(table) as number;
  const pageBytes = stores.handle.db.pragma('page_size', { simple: true }) as number;
  close(stores);
  flip(join(of.dir, 'mail.db'), (root - 1) * pageBytes + 100, 1);
}

it('is mended at once, and nobody is told to start anew', () => {
  withProfile((of) => {
    spoil(of, 'search_terms_config');
    let told = 0;
    const stores = onProfileStores({ ...of, onDamage: () => (told += 1) }, (opened) => {
      createEngineStore(opened.handle, opened.outboxHandle);
      return opened;
    });
    expect(readReport(join(of.dir, 'mail.db'))).not.toBeNull();
    expect(told).toBe(0);
    close(stores);
  });
});

it('is told where what is made gets over it, and when it is met later', () => {
  withProfile((of) => {
    spoil(of, 'search_terms_config');
    let told = 0;
    const meet = (opened: ProfileStores): ProfileStores => {
      expect(() => opened.handle.db.prepare('SELECT * FROM search_terms_config').all()).toThrow('store-corrupt');
      expect(told).toBe(0);
      return opened;
    };
    close(onProfileStores({ ...of, onDamage: () => (told += 1) }, meet));
    expect(told).toBe(1);
  });
});

it('lets the stores go where what is made fails for another reason, at the first time', () => {
  withProfile((of) => {
    let made = 0;
    const fail = (): never => {
      made += 1;
      throw new Error('no');
    };
    expect(() => onProfileStores(of, fail)).toThrow('no');
    expect(made).toBe(1);
    close(openProfileStores(of));
  });
});
