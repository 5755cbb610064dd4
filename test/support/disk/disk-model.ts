import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DiskEvent } from './disk-log.ts';
import type { SeededRandom } from '../random.ts';

/** What became of the changes that were never synced: none is there, all are, or some, whole or in sectors of this many bytes. */
export const LOSSES = ['none', 'all', 'some', 'torn-512', 'torn-4096'] as const;
export type Loss = (typeof LOSSES)[number];

type Data = Extract<DiskEvent, { kind: 'write' | 'truncate' }>;
type Name = { readonly path: string; readonly inode: number | null };

interface Inode {
  content: Buffer;
  readonly isFolder: boolean;
  pending: Data[];
}

function apply(content: Buffer, change: Data): Buffer {
  const end = change.kind === 'write' ? Math.max(content.length, change.offset + change.bytes.length) : change.length;
  const next = Buffer.alloc(end);
  content.copy(next, 0, 0, Math.min(content.length, end));
  if (change.kind === 'write') change.bytes.copy(next, change.offset);
  return next;
}

/**
 * A disk as the POSIX promises leave it: bytes are sure after a sync of their file, names after one of their folder, and of what was not
 * synced any part may be there. It is fed with the record of a process and asked, at any moment, how it could look after a power cut.
 */
export class DiskModel {
  readonly #root: string;
  readonly #inodes = new Map<number, Inode>();
  /** Names that are sure. */
  readonly #names = new Map<string, number>();
  /** Changes of names by folder, in order; a rename is one change of two names. */
  readonly #pending = new Map<string, (readonly Name[])[]>();
  /** As the process sees them. */
  readonly #seen = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  feed(event: DiskEvent): void {
    switch (event.kind) {
      case 'create':
      case 'mkdir':
        this.#inodes.set(event.inode, { content: Buffer.alloc(0), isFolder: event.kind === 'mkdir', pending: [] });
        return this.#name([{ path: event.path, inode: event.inode }]);
      case 'unlink':
        return this.#name([{ path: event.path, inode: null }]);
      case 'rename':
        return this.#name([{ path: event.from, inode: null }, { path: event.to, inode: event.inode }]); // prettier-ignore
      case 'write':
      case 'truncate':
        return void this.#inodes.get(event.inode)?.pending.push(event);
      case 'sync':
        return this.#sync(event.inode);
      case 'told':
    }
  }

  #name(change: readonly Name[]): void {
    const folder = dirname(change[0]!.path);
    this.#pending.set(folder, [...(this.#pending.get(folder) ?? []), change]);
    for (const { path, inode } of change) this.#set(this.#seen, path, inode);
  }

  #set(names: Map<string, number>, path: string, inode: number | null): void {
    if (inode === null) names.delete(path);
    else names.set(path, inode);
  }

  #sync(number: number): void {
    const inode = this.#inodes.get(number);
    const folder = inode === undefined ? this.#root : [...this.#seen].find(([, one]) => one === number)?.[0];
    if (inode && !inode.isFolder) {
      for (const change of inode.pending) inode.content = apply(inode.content, change);
      inode.pending = [];
    } else if (folder !== undefined) {
      for (const change of this.#pending.get(folder) ?? []) for (const { path, inode: one } of change) this.#set(this.#names, path, one);
      this.#pending.delete(folder);
    }
  }

  /** Writes into this folder how the disk could look if the power went now. */
  cut(target: string, loss: Loss, random: SeededRandom): void {
    const names = new Map(this.#names);
    for (const changes of this.#pending.values()) {
      for (const change of changes) if (stays(loss, random)) for (const { path, inode } of change) this.#set(names, path, inode);
    }
    for (const [path, number] of [...names].sort(([a], [b]) => a.length - b.length)) {
      const inode = this.#inodes.get(number);
      const place = join(target, path.slice(this.#root.length));
      // What lies in a folder whose own name is gone cannot be found.
      if (!inode || !existsSync(dirname(place))) continue;
      if (inode.isFolder) mkdirSync(place, { recursive: true, mode: 0o700 });
      else writeFileSync(place, left(inode, loss, random), { mode: 0o600 });
    }
  }
}

function stays(loss: Loss, random: SeededRandom): boolean {
  return loss === 'all' || (loss !== 'none' && random.int(0, 1) === 1);
}

function left({ content, pending }: Inode, loss: Loss, random: SeededRandom): Buffer {
  return pending.reduce((now, change) => {
    const sector = Number(/\d+$/u.exec(loss)?.[0] ?? 0);
    if (sector === 0 || change.kind === 'truncate') return stays(loss, random) ? apply(now, change) : now;
    return torn(change, sector).reduce((one, piece) => (stays(loss, random) ? apply(one, piece) : one), now);
  }, content);
}

/** The sectors of a write; a disk writes each whole or not at all. */
function torn(change: Extract<Data, { kind: 'write' }>, sector: number): Data[] {
  const pieces: Data[] = [];
  for (let at = 0; at < change.bytes.length;) {
    const length = Math.min(change.bytes.length - at, sector - ((change.offset + at) % sector));
    pieces.push({ ...change, offset: change.offset + at, bytes: change.bytes.subarray(at, at + length) });
    at += length;
  }
  return pieces;
}
