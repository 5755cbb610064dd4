import type { Database } from 'better-sqlite3';
import { limits } from '../../../shared/limits.ts';
import { giveBack } from '../core/give-back.ts';
import type { Log } from '../core/log.ts';
import { toStoreError } from './errors.ts';
import { forgetSources } from './forget-sources.ts';
import { PackFiles } from './pack-files.ts';
import { seal, unseal } from './segment-seal.ts';
import type { TxParticipant } from './transaction.ts';

/** A segment that was sealed into a pack ahead of the transaction that will point to it. */
export interface SealedSegment {
  readonly place: PackPlace;
  readonly secret: Buffer;
}

/** Where the sealed bytes of a segment are. */
export interface PackPlace {
  readonly packId: number;
  readonly offset: number;
  readonly bytes: number;
}

interface PackRow {
  readonly id: number;
  readonly end_bytes: number;
  readonly live_bytes: number;
}

interface SegmentAt {
  readonly id: number;
  readonly offset: number;
  readonly bytes: number;
}

function prepare(db: Database) {
  return {
    packs: db.prepare('SELECT id, end_bytes, live_bytes FROM packs ORDER BY id'),
    add: db.prepare('INSERT INTO packs (end_bytes, live_bytes) VALUES (0, 0)'),
    grow: db.prepare('UPDATE packs SET end_bytes = max(end_bytes, ?), live_bytes = live_bytes + ? WHERE id = ?'),
    shrink: db.prepare('UPDATE packs SET live_bytes = live_bytes - ? WHERE id = ?'),
    dropPack: db.prepare('DELETE FROM packs WHERE id = ?'),
    inPack: db.prepare(
      'SELECT id, pack_offset AS offset, pack_bytes AS bytes FROM segments WHERE pack_id = ? ORDER BY pack_offset LIMIT ?',
    ),
    move: db.prepare('UPDATE segments SET pack_id = ?, pack_offset = ? WHERE id = ?'),
    beyond: db.prepare(
      `SELECT DISTINCT l.source_id AS id FROM segments s JOIN source_segments l ON l.segment_id = s.id
       WHERE s.pack_id = ? AND s.pack_offset + s.pack_bytes > ?`,
    ),
    dropBeyond: db.prepare('DELETE FROM segments WHERE pack_id = ? AND pack_offset + pack_bytes > ?'),
    live: db.prepare('SELECT coalesce(sum(pack_bytes), 0) AS bytes FROM segments WHERE pack_id = ?'),
    setPack: db.prepare('UPDATE packs SET end_bytes = ?, live_bytes = ? WHERE id = ?'),
  };
}

/**
 * Segments kept outside the database. SQLite would encrypt each of their pages three times on the way (log, checkpoint,
 * file) and push everything else out of its cache; here they are sealed once and appended to a file.
 *
 * Order of writing: bytes, sync of the pack, commit of the row that points to them. A kill leaves a tail that no row knows
 * of; it is cut off at the next opening. Bytes are never overwritten once a row points to them. Bytes may be written long
 * before their row (append), so that what waits for a transaction holds no content in memory.
 */
export class SegmentPacks implements TxParticipant {
  readonly #db: Database;
  readonly #log: Log;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #files: PackFiles;
  readonly #isBackedUp: () => boolean;
  /** Pack being written to; null until the first segment of this process. */
  #active: number | null = null;
  #end = 0;
  /** Packs with bytes that are not on the disk yet. */
  readonly #unsynced = new Set<number>();
  /** What the next commit has to note: where the bytes of a pack end, and how many of them rows came to point to. */
  readonly #growth = new Map<number, { end: number; live: number }>();
  /** Segments appended whose row has not been made yet, by pack: it must stay until then. */
  readonly #awaited = new Map<number, number>();

  /** `isBackedUp`: a copy of the database is kept that still points into the packs, so none may go. */
  constructor(db: Database, dir: string, log: Log, isBackedUp: () => boolean) {
    this.#db = db;
    this.#log = log;
    this.#sql = prepare(db);
    this.#files = new PackFiles(dir);
    this.#isBackedUp = isBackedUp;
  }

  /**
   * Makes files and rows agree after whatever ended the last process: tails that were never committed are cut off, files that
   * no row of this database knows of (any more) are removed, and sources whose bytes are gone are noted as missing, so that they are fetched again.
   * Returns how many sources were lost.
   */
  reconcile(): number {
    const rows = this.#sql.packs.all() as PackRow[];
    const known = new Set(rows.map((row) => row.id));
    if (!this.#isBackedUp()) for (const id of this.#files.list()) if (!known.has(id)) this.#files.remove(id);
    let lost = 0;
    for (const row of rows) {
      const size = this.#files.sizeBytes(row.id);
      if (size < row.end_bytes) lost += this.#forgetBeyond(row.id, size);
      else if (size > row.end_bytes) this.#files.truncate(row.id, row.end_bytes);
    }
    if (lost > 0) this.#log.warn({ ev: 'store.packs-damaged', sources: lost });
    const last = rows.at(-1);
    if (last && last.end_bytes < limits.packBytes && this.#files.sizeBytes(last.id) === last.end_bytes) {
      this.#active = last.id;
      this.#end = last.end_bytes;
    }
    return lost;
  }

  /** Seals and appends, inside a transaction or ahead of it. Follow with retain() when the row is made, or with abandon(). */
  append(content: Uint8Array): SealedSegment {
    const { sealed, secret } = seal(content);
    const place = this.#write(sealed);
    giveBack(sealed);
    this.#awaited.set(place.packId, (this.#awaited.get(place.packId) ?? 0) + 1);
    return { place, secret };
  }

  /** A row points to these bytes now; durable together with the transaction around it. */
  retain(place: PackPlace): void {
    this.abandon(place);
    this.#grow(place.packId, place.offset + place.bytes, place.bytes);
  }

  /** No row will point to these bytes; they go when the pack does. */
  abandon({ packId }: Pick<PackPlace, 'packId'>): void {
    const left = (this.#awaited.get(packId) ?? 1) - 1;
    if (left > 0) this.#awaited.set(packId, left);
    else this.#awaited.delete(packId);
  }

  /** @throws MailError `store-corrupt` (scope message) when the bytes are lost or altered. */
  read(place: PackPlace, secret: Uint8Array): Buffer {
    return unseal(this.#files.read(place.packId, place.offset, place.bytes), secret);
  }

  /** Notes that a segment is gone; its bytes go when the pack does. */
  release(place: Pick<PackPlace, 'packId' | 'bytes'>): void {
    this.#sql.shrink.run(place.bytes, place.packId);
  }

  /** Brings what was appended to the disk, and notes how far it reaches. */
  beforeCommit(): void {
    if (this.#growth.size === 0) return;
    for (const id of this.#unsynced) this.#files.sync(id);
    this.#unsynced.clear();
    for (const [id, { end, live }] of this.#growth) this.#sql.grow.run(end, live, id);
    this.#growth.clear();
  }

  /**
   * Gives room back: packs without live bytes are removed, and of those less than half alive up to `budgetBytes` are moved
   * on. `tx` is the transaction of the store. Returns bytes given back.
   */
  compact(tx: <T>(name: string, work: () => T) => T, budgetBytes: number): number {
    if (this.#isBackedUp()) return 0;
    let budget = budgetBytes;
    let freed = 0;
    for (const row of this.#sql.packs.all() as PackRow[]) {
      if (row.id === this.#active || this.#awaited.has(row.id) || row.live_bytes * 2 > row.end_bytes || row.live_bytes > budget) continue;
      budget -= row.live_bytes;
      tx('store.compact-pack', () => this.#moveOut(row.id));
      this.#files.remove(row.id);
      this.#unsynced.delete(row.id);
      freed += row.end_bytes - row.live_bytes;
    }
    return freed;
  }

  sizeBytes(): number {
    return this.#files.list().reduce((sum, id) => sum + this.#files.sizeBytes(id), 0);
  }

  close(): void {
    this.#files.closeAll();
  }

  #write(sealed: Buffer): PackPlace {
    const packId = this.#active !== null && this.#end < limits.packBytes ? this.#active : this.#next();
    const place = { packId, offset: this.#end, bytes: sealed.length };
    this.#files.write(packId, sealed, this.#end);
    this.#end += sealed.length;
    this.#unsynced.add(packId);
    return place;
  }

  #grow(packId: number, end: number, live: number): void {
    const known = this.#growth.get(packId);
    this.#growth.set(packId, { end: Math.max(end, known?.end ?? 0), live: live + (known?.live ?? 0) });
  }

  #next(): number {
    const id = this.#addRow();
    this.#files.create(id);
    this.#active = id;
    this.#end = 0;
    return id;
  }

  /** A commit of its own where no transaction runs. */
  #addRow(): number {
    try {
      return Number(this.#sql.add.run().lastInsertRowid);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** After a rollback the row of a pack made in it is gone: its file has no owner and the next segment needs another. */
  afterRollback(): void {
    this.#growth.clear();
    const rows = new Set((this.#sql.packs.all() as PackRow[]).map((row) => row.id));
    for (const id of this.#unsynced) if (!rows.has(id)) this.#unsynced.delete(id);
    for (const id of this.#awaited.keys()) if (!rows.has(id)) this.#awaited.delete(id);
    if (this.#active !== null && !rows.has(this.#active)) this.#active = null;
  }

  #moveOut(packId: number): void {
    const BATCH = 500;
    for (;;) {
      const segments = this.#sql.inPack.all(packId, BATCH) as SegmentAt[];
      if (segments.length === 0) break;
      for (const one of segments) {
        const sealed = this.#files.read(packId, one.offset, one.bytes);
        const place = this.#write(sealed);
        giveBack(sealed);
        this.#sql.move.run(place.packId, place.offset, one.id);
        this.#grow(place.packId, place.offset + place.bytes, place.bytes);
      }
    }
    this.#sql.dropPack.run(packId);
  }

  #forgetBeyond(packId: number, size: number): number {
    return this.#db
      .transaction(() => {
        const sources = (this.#sql.beyond.all(packId, size) as { id: number }[]).map((row) => row.id);
        forgetSources(this.#db, sources);
        this.#sql.dropBeyond.run(packId, size);
        this.#sql.setPack.run(size, (this.#sql.live.get(packId) as { bytes: number }).bytes, packId);
        return sources.length;
      })
      .immediate();
  }
}
