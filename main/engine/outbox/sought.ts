import type { OutboxRow } from '../store/outbox-item.ts';
import { withBcc } from '../store/bcc-header.ts';
import { bodyDigestOf } from './body-digest.ts';
import type { OutboxContext } from './context.ts';
import type { SoughtMail } from './find-copy.ts';

/** What copies of a mail of ours are known by. */
export function soughtMail({ store, readContent }: Pick<OutboxContext, 'store' | 'readContent'>, row: OutboxRow): SoughtMail {
  let digest: Buffer | null = null;
  const bccBytes = withBcc(new Uint8Array(), row.bcc).length;
  return {
    ...{ messageId: row.messageId, date: row.date, subject: row.subject, from: row.from },
    sizes: bccBytes === 0 ? [row.sizeBytes] : [row.sizeBytes, row.sizeBytes + bccBytes],
    bodyDigest: () => (digest ??= bodyDigestOf(store.bytes.pieces(row.id))),
    contentDigest: async () => {
      const reader = readContent();
      for (const piece of store.bytes.pieces(row.id)) await reader.push(piece);
      return reader.end();
    },
    reader: readContent,
  };
}
