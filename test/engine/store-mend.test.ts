import { afterAll, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import type { DatabaseHandle } from '../../main/engine/store/contract.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { salvageMirror } from '../../main/engine/store/mend/salvage-mirror.ts';
import { salvageOutbox } from '../../main/engine/store/mend/salvage-outbox.ts';
import { StoreFixture } from '../support/store-fixture.ts';

/** What the servers have, or what is made anew of the rest. */
const MADE_ANEW = /^(?:sources|segments|source_segments|packs|search.*|contacts|contact_words|counted_entries|thread_ids|conversations)$/u;

const fixture = new StoreFixture();
const stores = openProfileStores({ dir: fixture.dir, key: fixture.key, clock: systemClock, log: silentLog });
afterAll(() => {
  stores.handle.close();
  stores.outboxHandle.close();
  fixture.remove();
});

const tablesOf = ({ db }: DatabaseHandle): string[] =>
  (db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all() as { name: string }[]).map(
    ({ name }) => name,
  );

it('every table of a store is brought over when it is mended, or is made anew', () => {
  expect(tablesOf(stores.outboxHandle).filter((name) => !salvageOutbox.tables.includes(name))).toEqual([]);
  expect(tablesOf(stores.handle).filter((name) => !salvageMirror([]).tables.includes(name) && !MADE_ANEW.test(name))).toEqual([]);
});
