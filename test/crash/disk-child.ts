import { createHash, randomBytes } from 'node:crypto';
import { openSync, readFileSync, writeSync } from 'node:fs';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createEngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { accountConfigSchema } from '../../shared/model/account.ts';
import { asEntryId } from '../../shared/model/ids.ts';
import { frozenMessage } from '../support/frozen.ts';

/** Takes mail to be sent, notes changes and stores mirrored bytes; tells each when it is durable. The record of the disk is kept by disk.c. */
const { dir, keyHex, rounds, ackFile } = JSON.parse(readFileSync(0, 'utf8')) as {
  dir: string;
  keyHex: string;
  rounds: number;
  ackFile: string;
};
const ack = openSync(ackFile, 'w');
const told = (fact: object): void => void writeSync(ack, JSON.stringify(fact));
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Two lives, so that a clean end and a second beginning are in the record too. */
for (const life of [0, 1]) {
  const { handle, outboxHandle } = openProfileStores({ dir, key: Buffer.from(keyHex, 'hex'), clock: systemClock, log: silentLog });
  const store = createEngineStore(handle, outboxHandle);
  const imap = { host: 'localhost', port: 1, security: 'plain' as const, user: 'x' };
  const account =
    store.accounts.list()[0] ?? store.accounts.add(accountConfigSchema.parse({ email: 'a@example.com', primary: { imap, smtp: null } }), 0);
  told({ account: account.id });
  const insert = handle.db.prepare(
    'INSERT INTO segments (raw_bytes, codec, line_width, pack_id, pack_offset, pack_bytes, content) VALUES (?, 0, 0, ?, ?, ?, ?)',
  );
  for (let n = 1; n <= rounds; n += 1) {
    const mail = frozenMessage(account.id, { text: 'x'.repeat(n % 3 === 0 ? 30_000 : 300), messageId: `<m${life}-${n}@example.com>` });
    store.outbox.add(mail, 'a@example.com', n);
    told({ mail: mail.messageId, digest: sha(mail.raw) });
    const op = store.ops.record(account.id, asEntryId(n), { kind: 'set-flags', add: ['\\Seen'], remove: [] }, n);
    told({ op });
    const bytes = randomBytes(6_000);
    const segment = handle.tx('child.mirror', () => {
      const { place, secret } = handle.packs.append(bytes);
      const { lastInsertRowid } = insert.run(bytes.length, place.packId, place.offset, place.bytes, secret);
      handle.packs.retain(place);
      return { segment: Number(lastInsertRowid), digest: sha(bytes) };
    });
    told(segment);
    if (n === Math.ceil(rounds / 2)) {
      outboxHandle.checkpoint();
      handle.checkpoint();
    }
  }
  handle.close();
  outboxHandle.close();
  told({ closed: life });
}
