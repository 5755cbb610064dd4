import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { limits } from '../../shared/limits.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import type { StoreHandle } from '../../main/engine/store/contract.ts';
import { createSourceStore } from '../../main/engine/store/sources.ts';
import { reportFigure } from '../support/figures.ts';
import { StoreFixture } from '../support/store-fixture.ts';

const MAILS = 100;
let fixture: StoreFixture;
let store: StoreHandle;
beforeEach(() => {
  fixture = new StoreFixture();
  store = fixture.open();
});
afterEach(() => {
  store.close();
  fixture.remove();
});

/** All pages as they are once the key has opened them. */
const pages = (): Buffer => store.db.serialize();

it('S10: nothing of deleted mails is in any page, and the log is cut off', async () => {
  const ingest = createInlineIngest();
  const ids: SourceId[] = [];
  for (let n = 0; n < MAILS; n += 1) {
    const raw = Buffer.from(`Subject: s${n}\r\nMessage-ID: <${n}@x>\r\n\r\n${randomBytes(600).toString('hex')}\r\n`);
    const read = await ingest.ingest(raw);
    ids.push(store.tx('test.record', () => createSourceStore(store).record(read)));
  }
  const stored = store.db.prepare('SELECT content FROM segments WHERE pack_id IS NULL').all() as { content: Buffer }[];
  // What was random is not found by chance: 24 bytes out of the middle of each.
  const canaries = stored
    .map(({ content }) => content.subarray(content.length >> 1, (content.length >> 1) + 24))
    .filter((one) => one.length === 24);
  expect(canaries.length).toBeGreaterThanOrEqual(MAILS);
  const found = (): number => {
    const plain = pages();
    return canaries.filter((one) => plain.includes(one)).length;
  };
  store.checkpoint();
  expect(found()).toBe(canaries.length);
  store.tx('test.remove', () => createSourceStore(store).removeUnreferenced(ids));
  expect(fixture.walBytes()).toBeGreaterThan(0);
  store.checkpoint();
  const wal = fixture.walBytes();
  const left = found();
  store.close();
  reportFigure('S10 deleted mails', {
    mails: MAILS,
    canaries: canaries.length,
    left,
    walBytesAfterCheckpoint: wal,
    walBytesAtQuit: fixture.walBytes(),
  });
  expect(left).toBe(0);
  // One frame may follow at once: the store writes down that it is open.
  expect(wal).toBeLessThan(64 * 1024);
  expect(fixture.walBytes()).toBe(0);
  expect(limits.maxWalBytes).toBeLessThanOrEqual(64 * 1024 * 1024);
});
