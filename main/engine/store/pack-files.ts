import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  fstatSync,
  openSync,
  readSync,
  readdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolderDurable, syncFolderOf } from '../core/durable-file.ts';
import { toStoreError } from './errors.ts';
import { damaged } from './segment-seal.ts';

const SUFFIX = '.pack';
const MAX_OPEN = 8;

/** The files of a pack folder: bytes at places, nothing of what they mean. Errors of the file system come out as store errors. */
export class PackFiles {
  readonly #dir: string;
  /** Open files, the one used last at the end. */
  readonly #open = new Map<number, number>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  list(): number[] {
    if (!existsSync(this.#dir)) return [];
    const names = readdirSync(this.#dir).filter((name) => /^\d+\.pack$/u.test(name));
    return names.map((name) => Number(name.slice(0, -SUFFIX.length)));
  }

  /** Makes an empty file whose name survives a power cut. */
  create(id: number): void {
    typed(() => {
      makeFolderDurable(this.#dir);
      closeSync(openSync(this.#path(id), 'w', 0o600));
      syncFolderOf(this.#path(id));
    });
  }

  sizeBytes(id: number): number {
    return existsSync(this.#path(id)) ? typed(() => fstatSync(this.#fd(id)).size) : 0;
  }

  truncate(id: number, bytes: number): void {
    typed(() => ftruncateSync(this.#fd(id), bytes));
  }

  write(id: number, bytes: Uint8Array, offset: number): void {
    typed(() => {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#fd(id), bytes, done, bytes.length - done, offset + done);
    });
  }

  /** @throws MailError `store-corrupt` (scope message) when the file is gone or too short. */
  read(id: number, offset: number, length: number): Buffer {
    if (!existsSync(this.#path(id))) throw damaged('missing pack');
    const bytes = Buffer.allocUnsafe(length);
    return typed(() => {
      for (let done = 0; done < length;) {
        const count = readSync(this.#fd(id), bytes, done, length - done, offset + done);
        if (count === 0) throw damaged('cut-off pack');
        done += count;
      }
      return bytes;
    });
  }

  sync(id: number): void {
    typed(() => fdatasyncSync(this.#fd(id)));
  }

  remove(id: number): void {
    this.#close(id);
    typed(() => unlinkSync(this.#path(id)));
  }

  closeAll(): void {
    for (const id of [...this.#open.keys()]) this.#close(id);
  }

  #path(id: number): string {
    return join(this.#dir, `${String(id).padStart(6, '0')}${SUFFIX}`);
  }

  #fd(id: number): number {
    const known = this.#open.get(id);
    const fd = known ?? openSync(this.#path(id), 'r+');
    this.#open.delete(id);
    this.#open.set(id, fd);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN && oldest !== undefined) this.#close(oldest);
    return fd;
  }

  #close(id: number): void {
    const fd = this.#open.get(id);
    this.#open.delete(id);
    if (fd !== undefined) closeSync(fd);
  }
}

function typed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toStoreError(error);
  }
}
