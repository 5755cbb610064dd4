import { createHash } from 'node:crypto';
import { limits } from '../../../shared/limits.ts';
import { invariant } from '../../../shared/invariant.ts';
import { asSourceId, type SourceId } from '../../../shared/model/ids.ts';
import { giveBack } from '../core/give-back.ts';
import { decodeSegment } from '../ingest/segment-codec.ts';
import type { Segment } from '../ingest/protocol.ts';
import type { SourceStore, StorableSegment, StoreHandle } from './contract.ts';
import type { SegmentPacks } from './segment-packs.ts';

interface SegmentRow {
  digest: Buffer | null;
  raw_bytes: number;
  codec: number;
  line_width: number;
  content: Buffer;
  pack_id: number | null;
  pack_offset: number;
  pack_bytes: number;
}

function toSegment(packs: SegmentPacks, row: SegmentRow): Segment {
  const place = row.pack_id === null ? null : { packId: row.pack_id, offset: row.pack_offset, bytes: row.pack_bytes };
  const content = place === null ? row.content : packs.read(place, row.content);
  return { digest: row.digest, rawBytes: row.raw_bytes, codec: row.codec, lineWidth: row.line_width, content };
}

function prepare(db: StoreHandle['db']) {
  return {
    insertSource: db.prepare(
      `INSERT INTO sources (raw_digest, header_digest, body_digest, size_bytes, stored_bytes, is_complete, content_digest, content_blocks)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    byRaw: db.prepare('SELECT id FROM sources WHERE raw_digest = ? AND is_complete = 1 AND id <> ? LIMIT 1'),
    one: db.prepare('SELECT * FROM sources WHERE id = ?'),
    finish: db.prepare(
      `UPDATE sources SET raw_digest = ?, header_digest = ?, body_digest = ?, size_bytes = ?, stored_bytes = ?, is_complete = 1,
       content_digest = ?, content_blocks = ? WHERE id = ?`,
    ),
    noteContent: db.prepare('UPDATE sources SET content_digest = ?, content_blocks = ? WHERE id = ? AND content_digest IS NULL'),
    stored: db.prepare('UPDATE sources SET stored_bytes = ? WHERE id = ?'),
    segmentByDigest: db.prepare('SELECT id FROM segments WHERE digest = ?'),
    insertSegment: db.prepare(
      'INSERT INTO segments (digest, raw_bytes, codec, line_width, content, pack_id, pack_offset, pack_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    link: db.prepare('INSERT INTO source_segments (source_id, seq, segment_id) VALUES (?, ?, ?)'),
    nextSeq: db.prepare('SELECT coalesce(max(seq) + 1, 0) AS seq FROM source_segments WHERE source_id = ?'),
    segment: db.prepare(
      `SELECT s.digest, s.raw_bytes, s.codec, s.line_width, s.content, s.pack_id, s.pack_offset, s.pack_bytes FROM source_segments l JOIN segments s ON s.id = l.segment_id
       WHERE l.source_id = ? AND l.seq = ?`,
    ),
    linked: db.prepare('SELECT segment_id AS id FROM source_segments WHERE source_id = ?'),
    isLinked: db.prepare('SELECT 1 FROM source_segments WHERE segment_id = ? LIMIT 1'),
    isUsed: db.prepare(
      'SELECT 1 WHERE EXISTS (SELECT 1 FROM placements WHERE source_id = ?) OR EXISTS (SELECT 1 FROM entries WHERE source_id = ?)',
    ),
    dropLinks: db.prepare('DELETE FROM source_segments WHERE source_id = ?'),
    dropSource: db.prepare('DELETE FROM sources WHERE id = ?'),
    dropSegment: db.prepare('DELETE FROM segments WHERE id = ? RETURNING pack_id AS packId, pack_bytes AS bytes'),
  };
}

type Sql = ReturnType<typeof prepare> & { readonly packs: SegmentPacks };
interface SourceRow {
  raw_digest: Buffer | null;
  header_digest: Buffer | null;
  body_digest: Buffer | null;
  content_digest: Buffer | null;
  content_blocks: Buffer | null;
  stored_bytes: number;
}

function linkSegments(sql: Sql, id: number, segments: readonly StorableSegment[], firstSeq: number): void {
  segments.forEach((segment, index) => sql.link.run(id, firstSeq + index, segmentId(sql, segment)));
}

const isPacked = ({ content }: Segment): boolean => content.length >= limits.packedFromBytes;

function isKnown(sql: Sql, digest: Uint8Array | null): boolean {
  return digest !== null && sql.segmentByDigest.get(digest) !== undefined;
}

function segmentId(sql: Sql, segment: StorableSegment): number {
  const { digest, rawBytes, codec, lineWidth } = segment;
  const known = digest === null ? undefined : (sql.segmentByDigest.get(digest) as { id: number } | undefined);
  if (known) {
    if ('sealed' in segment) sql.packs.abandon(segment.sealed.place);
    return known.id;
  }
  const fixed = [digest, rawBytes, codec, lineWidth] as const;
  if ('content' in segment && !isPacked(segment)) {
    return Number(sql.insertSegment.run(...fixed, segment.content, null, null, null).lastInsertRowid);
  }
  const { place, secret } = 'sealed' in segment ? segment.sealed : sql.packs.append(segment.content);
  sql.packs.retain(place);
  return Number(sql.insertSegment.run(...fixed, secret, place.packId, place.offset, place.bytes).lastInsertRowid);
}

function removeSource(sql: Sql, id: number): void {
  const segments = sql.linked.all(id) as { id: number }[];
  sql.dropLinks.run(id);
  sql.dropSource.run(id);
  for (const segment of new Set(segments.map((one) => one.id))) if (!sql.isLinked.get(segment)) dropSegment(sql, segment);
}

function dropSegment(sql: Sql, id: number): void {
  const gone = sql.dropSegment.get(id) as { packId: number | null; bytes: number } | undefined;
  if (gone && gone.packId !== null) sql.packs.release({ packId: gone.packId, bytes: gone.bytes });
}

function* readSegments(sql: Sql, id: SourceId): Generator<Segment> {
  // One by one: a large message must not be in memory whole, and other statements may run in between.
  for (let seq = 0; ; seq += 1) {
    const row = sql.segment.get(id, seq) as SegmentRow | undefined;
    if (!row) return;
    yield toSegment(sql.packs, row);
  }
}

/** Sources as lists of shared segments. */
export function createSourceStore(handle: StoreHandle): SourceStore {
  const sql: Sql = { ...prepare(handle.db), packs: handle.packs };
  const row = (id: SourceId): SourceRow | undefined => sql.one.get(id) as SourceRow | undefined;
  const abandon = (list: readonly StorableSegment[]): void => {
    for (const segment of list) if ('sealed' in segment) sql.packs.abandon(segment.sealed.place);
  };
  const segments = (id: SourceId): Iterable<Segment> => ({ [Symbol.iterator]: () => readSegments(sql, id) });
  return {
    writeAhead: (list) =>
      list.map((segment) => {
        if (!isPacked(segment) || isKnown(sql, segment.digest)) return segment;
        const { content, ...rest } = segment;
        const sealed = sql.packs.append(content);
        giveBack(content);
        return { ...rest, sealed };
      }),
    abandon,
    record: ({ segments: list, digest, parsed: { contentDigest, contentBlocks } }) => {
      invariant(handle.db.inTransaction, 'sources.record needs a transaction');
      const known = sql.byRaw.get(digest.raw, -1) as { id: number } | undefined;
      if (known) {
        abandon(list);
        sql.noteContent.run(contentDigest, contentBlocks, known.id);
        return asSourceId(known.id);
      }
      const { sizeBytes } = digest;
      const id = Number(
        sql.insertSource.run(digest.raw, digest.header, digest.body, sizeBytes, sizeBytes, 1, contentDigest, contentBlocks).lastInsertRowid,
      );
      linkSegments(sql, id, list, 0);
      return asSourceId(id);
    },
    begin: (sizeBytes) => asSourceId(Number(sql.insertSource.run(null, null, null, sizeBytes, 0, 0, null, null).lastInsertRowid)),
    append: (id, list, rawEnd) => {
      invariant(handle.db.inTransaction, 'sources.append needs a transaction');
      linkSegments(sql, id, list, (sql.nextSeq.get(id) as { seq: number }).seq);
      sql.stored.run(rawEnd, id);
    },
    complete: (id, { digest, parsed: { contentDigest, contentBlocks } }) => {
      const known = sql.byRaw.get(digest.raw, id) as { id: number } | undefined;
      if (known) {
        handle.db.prepare('UPDATE placements SET source_id = ? WHERE source_id = ?').run(known.id, id);
        handle.db.prepare('UPDATE entries SET source_id = ? WHERE source_id = ?').run(known.id, id);
        removeSource(sql, id);
        sql.noteContent.run(contentDigest, contentBlocks, known.id);
        return asSourceId(known.id);
      }
      sql.finish.run(digest.raw, digest.header, digest.body, digest.sizeBytes, digest.sizeBytes, contentDigest, contentBlocks, id);
      return id;
    },
    storedBytes: (id) => row(id)?.stored_bytes ?? 0,
    segments,
    raw: (id) => ({
      *[Symbol.iterator]() {
        for (const segment of segments(id)) yield decodeSegment(segment);
      },
    }),
    headerDigest: (id) => row(id)?.header_digest ?? null,
    bodyDigest: (id) => row(id)?.body_digest ?? null,
    contentMarks: (id) => {
      const { body_digest: body = null, content_digest: content = null, content_blocks: blocks = null } = row(id) ?? {};
      return body === null ? null : { body, content, blocks };
    },
    removeUnreferenced: (ids) => {
      const unused = ids.filter((id) => sql.isUsed.get(id, id) === undefined);
      for (const id of unused) removeSource(sql, id);
      return unused.length;
    },
  };
}

/** Whether what is stored still has the digest noted when it came. */
export function isSourceIntact(handle: StoreHandle, sources: SourceStore, id: SourceId): boolean {
  const noted = (
    handle.db.prepare('SELECT raw_digest AS digest FROM sources WHERE id = ?').get(id) as { digest: Buffer | null } | undefined
  )?.digest;
  const hash = createHash('sha256');
  for (const piece of sources.raw(id)) hash.update(piece);
  return noted !== null && noted !== undefined && hash.digest().equals(noted);
}
