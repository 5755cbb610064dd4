import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import type { StoreHandle } from '../../main/engine/store/contract.ts';
import { openStore, type OpenStoreOptions } from '../../main/engine/store/open.ts';

/** A profile folder of one test with a key; remove() at the end. */
export class StoreFixture {
  readonly dir = mkdtempSync(join(tmpdir(), 'holdover-store-'));
  readonly path = join(this.dir, 'mail.db');
  readonly key: Uint8Array = randomBytes(32);

  open(change: Partial<OpenStoreOptions> = {}): StoreHandle {
    return openStore({ path: this.path, key: this.key, clock: systemClock, log: silentLog, ...change });
  }

  /** Bytes of the log; 0 where there is none. */
  walBytes(): number {
    return existsSync(`${this.path}-wal`) ? statSync(`${this.path}-wal`).size : 0;
  }

  /** Name and SHA-256 of every file, for "nothing was changed". The lock file is no content. */
  digests(): Record<string, string> {
    const names = readdirSync(this.dir).filter((name) => !name.includes('.lock') && statSync(join(this.dir, name)).isFile());
    return Object.fromEntries(
      names.sort().map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(this.dir, name)))
          .digest('hex'),
      ]),
    );
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
