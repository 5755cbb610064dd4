import type { DraftFile } from '../../../shared/model/compose.ts';
import { asDraftFileId, type DraftFileId, type DraftId } from '../../../shared/model/ids.ts';
import { collectBetween } from '../core/collect-buffers.ts';
import type { DatabaseHandle } from './contract.ts';

const CHUNK_BYTES = 1024 * 1024;

export type NewDraftFile = Omit<DraftFile, 'id'> & { readonly content: Uint8Array };

/** Files of mail being written. Change them through DraftStore, which notes that the draft changed. */
export interface DraftFileStore {
  ofDraft(id: DraftId): DraftFile[];
  find(id: DraftId, fileId: DraftFileId): DraftFile | null;
  /** In order, one piece at a time; each call of the result begins anew. */
  pieces(id: DraftFileId): Iterable<Uint8Array>;
  /** Call inside the transaction that notes the change. */
  insert(id: DraftId, file: NewDraftFile): DraftFileId;
  remove(id: DraftId, fileId: DraftFileId): boolean;
}

interface Row {
  id: number;
  file_name: string;
  mime_type: string;
  size_bytes: number;
  is_inline: number;
  content_id: string;
}

const fromRow = (row: Row): DraftFile => ({
  id: asDraftFileId(row.id),
  fileName: row.file_name,
  mimeType: row.mime_type,
  sizeBytes: row.size_bytes,
  isInline: row.is_inline === 1,
  contentId: row.content_id,
});

export function createDraftFileStore({ db }: DatabaseHandle): DraftFileStore {
  const ofDraft = db.prepare('SELECT * FROM draft_files WHERE draft_id = ? ORDER BY id');
  const one = db.prepare('SELECT * FROM draft_files WHERE draft_id = ? AND id = ?');
  const insert = db.prepare(
    'INSERT INTO draft_files (draft_id, file_name, mime_type, size_bytes, is_inline, content_id) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertChunk = db.prepare('INSERT INTO draft_chunks (file_id, number, content) VALUES (?, ?, ?)');
  const chunk = db.prepare('SELECT content FROM draft_chunks WHERE file_id = ? AND number = ?').pluck();
  const remove = db.prepare('DELETE FROM draft_files WHERE draft_id = ? AND id = ?');
  // One query a piece: an open iterator would keep every other statement of the connection waiting.
  function* pieces(id: DraftFileId): Iterable<Uint8Array> {
    for (let number = 0; ; number += 1) {
      const content = chunk.get(id, number) as Uint8Array | undefined;
      if (content === undefined) return;
      yield content;
    }
  }
  return {
    ofDraft: (id) => (ofDraft.all(id) as Row[]).map(fromRow),
    find: (id, fileId) => {
      const row = one.get(id, fileId) as Row | undefined;
      return row ? fromRow(row) : null;
    },
    pieces: (id) => ({ [Symbol.iterator]: () => collectBetween(pieces(id)) }),
    insert: (id, { fileName, mimeType, sizeBytes, isInline, contentId, content }) => {
      const fileId = asDraftFileId(Number(insert.run(id, fileName, mimeType, sizeBytes, Number(isInline), contentId).lastInsertRowid));
      for (let number = 0; number * CHUNK_BYTES < content.length; number += 1) {
        insertChunk.run(fileId, number, content.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES));
      }
      return fileId;
    },
    remove: (id, fileId) => remove.run(id, fileId).changes > 0,
  };
}
