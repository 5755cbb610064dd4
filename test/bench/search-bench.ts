import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountConfigSchema } from '../../shared/model/account.ts';
import { asModSeq, asUid, asUidValidity } from '../../shared/model/ids.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { createEngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { search } from '../../main/engine/read/search.ts';
import { recordSummary } from '../../main/engine/mirror/record-summary.ts';
import { bareSummary } from '../../main/engine/mirror/evidence.ts';
import { storeSource } from '../../main/engine/mirror/store-source.ts';
import { ChangeBatch } from '../../main/engine/mirror/change-batch.ts';
import { viewContext } from '../../main/engine/mirror/view-context.ts';
import { seededRandom } from '../support/random.ts';
import { percentile, type BenchResult } from './report.ts';

export interface BenchMessage {
  readonly raw: Buffer;
  readonly internalDate: number;
}

const ROWS = 50;
const QUERIES = 400;
const BATCH = 100;
const MERGE_PAGES = 250;

/** Search in a store that holds these messages, filled through the same code as the mirror. */
export async function benchSearch(messages: AsyncIterable<BenchMessage>, seed: number): Promise<BenchResult[]> {
  const dir = mkdtempSync(join(tmpdir(), 'holdover-bench-search-'));
  const { handle, outboxHandle } = openProfileStores({ dir, key: randomBytes(32), clock: systemClock, log: silentLog });
  const store = createEngineStore(handle, outboxHandle);
  const imap = { host: 'localhost', port: 1, security: 'plain' as const, user: 'x' };
  const { id: accountId } = store.accounts.add(accountConfigSchema.parse({ email: 'b@example.com', primary: { imap, smtp: null } }), 0);
  const place = { accountId, side: 'primary' as const, path: 'INBOX', delimiter: '/', role: 'inbox' as const, kind: 'incoming' as const };
  const mailboxId = store.mailboxes.record({ ...place, objectId: null, isSubscribed: true, isSelectable: true, isMirrored: true });
  store.mailboxes.beginEpoch(mailboxId, asUidValidity(1));
  const ingest = createInlineIngest();
  const step = () => undefined;
  const context = {
    store,
    deps: { clock: systemClock, log: silentLog, ingest },
    accountId,
    side: 'primary' as const,
    account: () => store.accounts.get(accountId),
    onListsChanged: step,
    onDeliveryReport: step,
    onProgress: step,
    step,
  };
  const words = new Set<string>();
  let count = 0;
  let batch: BenchMessage[] = [];
  const flush = async (): Promise<void> => {
    const read = await Promise.all(batch.map(async (one) => ({ one, ingested: await ingest.ingest(new Uint8Array(one.raw)) })));
    handle.tx('bench.fill', () => {
      const view = viewContext(store, accountId);
      const mailbox = store.mailboxes.get(mailboxId)!;
      for (const { one, ingested } of read) {
        count += 1;
        const flags = { uid: asUid(count), flags: [], modSeq: asModSeq(1) };
        const summary = { ...bareSummary(flags, one.internalDate), messageId: ingested.parsed.messageId, subject: ingested.parsed.subject };
        const { placementId } = recordSummary(store, mailbox, summary, view, one.internalDate);
        storeSource(context, { placement: store.placements.get(placementId)!, ingested, slicedInto: null }, view, new ChangeBatch(step));
        if (words.size < 50_000) for (const word of ingested.parsed.search.body.split(' ').slice(0, 40)) words.add(word);
      }
    });
    batch = [];
  };
  for await (const message of messages) {
    batch.push(message);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  // As the engine does once all bodies are there.
  while (store.search.merge(MERGE_PAGES));
  const random = seededRandom(seed);
  const list = [...words].filter((word) => word.length > 3);
  // What people type: beginnings of words, whole words, parts of words, two words, a person.
  const kinds: (() => string)[] = [
    () => random.pick(list).slice(0, 2),
    () => random.pick(list).slice(0, 3),
    () => random.pick(list),
    () => random.pick(list).slice(1),
    () => `${random.pick(list)} ${random.pick(list)}`,
    () => `from:${random.pick(list).slice(0, 4)}`,
  ];
  const took: number[] = [];
  for (let n = 0; n < QUERIES; n += 1) {
    const text = kinds[n % kinds.length]!();
    const startedAt = performance.now();
    search(store, systemClock, { text, mailboxKey: null, limit: ROWS });
    took.push(performance.now() - startedAt);
  }
  handle.close();
  outboxHandle.close();
  rmSync(dir, { recursive: true, force: true });
  const note = `${count} messages, ${QUERIES} queries, ${ROWS} rows each`;
  return [
    { bar: 'search, p95', unit: 'ms', ours: percentile(took, 0.95), runs: [percentile(took, 0.95)], atMost: 30, note },
    { bar: 'search, p50', unit: 'ms', ours: percentile(took, 0.5), runs: [percentile(took, 0.5)], atMost: 30, note },
  ];
}
