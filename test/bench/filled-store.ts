import { accountConfigSchema } from '../../shared/model/account.ts';
import { asModSeq, asUid, asUidValidity } from '../../shared/model/ids.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { createEngineStore, type EngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { recordSummary } from '../../main/engine/mirror/record-summary.ts';
import { bareSummary } from '../../main/engine/imap/summary-digest.ts';
import { storeSource } from '../../main/engine/mirror/store-source.ts';
import { ChangeBatch } from '../../main/engine/mirror/change-batch.ts';
import { viewContext } from '../../main/engine/mirror/view-context.ts';

export interface BenchMessage {
  readonly raw: Buffer;
  readonly internalDate: number;
}

export interface FilledStore {
  readonly store: EngineStore;
  readonly count: number;
  /** Words of the bodies, as search knows them. */
  readonly words: readonly string[];
  close(): void;
}

const BATCH = 100;
const MERGE_PAGES = 250;
const MAX_WORDS = 50_000;

/** A profile's store that holds these messages in one inbox, filled through the same code as the mirror; its server is never there. */
export async function fillStore(dir: string, key: Uint8Array, messages: AsyncIterable<BenchMessage>): Promise<FilledStore> {
  const { handle, outboxHandle } = openProfileStores({ dir, key, clock: systemClock, log: silentLog });
  const store = createEngineStore(handle, outboxHandle);
  const imap = { host: 'localhost', port: 1, security: 'plain' as const, user: 'x' };
  const retention = { incomingDays: 90, outgoingDays: 90, quarantinedDays: 90 };
  const { id: accountId } = store.accounts.add(
    accountConfigSchema.parse({ email: 'b@example.com', primary: { imap, smtp: null }, retention }),
    0,
  );
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
    onReceived: step,
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
        if (words.size < MAX_WORDS) for (const word of ingested.parsed.search.body.split(' ').slice(0, 40)) words.add(word);
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
  return {
    store,
    count,
    words: [...words],
    close: () => {
      handle.close();
      outboxHandle.close();
    },
  };
}
