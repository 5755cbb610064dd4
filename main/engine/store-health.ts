import { statSync } from 'node:fs';
import { MailError, isStoreFault, packError, type PackedError } from '../../shared/errors.ts';
import { limits } from '../../shared/limits.ts';
import type { Clock } from './core/clock.ts';
import type { Log } from './core/log.ts';
import type { DatabaseHandle } from './store/contract.ts';
import { exactFault, probeDisk } from './store/disk-probe.ts';
import { toStoreError } from './store/errors.ts';

export interface StoreHealthOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly stores: readonly DatabaseHandle[];
  /** Called whenever what is wrong with the disk changed; null: it takes what is written again. */
  readonly onChange: (fault: PackedError | null) => void;
  /** The files at the place of the stores are others now, or take nothing although the disk does: only a new open helps. */
  readonly onStale: () => void;
}

const inodeOf = (path: string): string => {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}/${ino}`;
};

/**
 * What the disk refuses while the engine runs: told at once, tried again with growing waits and by request, and over as soon as every store
 * takes a commit. The engine goes on meanwhile: everything that is here can be read.
 */
export class StoreHealth {
  readonly #options: StoreHealthOptions;
  readonly #inodes: readonly string[];
  #fault: PackedError | null = null;
  #tries = 0;
  #cancel: () => void = () => undefined;
  #isStopped = false;

  constructor(options: StoreHealthOptions) {
    this.#options = options;
    this.#inodes = options.stores.map(({ path }) => inodeOf(path));
    this.#watchPlace();
  }

  get fault(): PackedError | null {
    return this.#fault;
  }

  /** Takes notice of an error of a store; every other error is none of its business. */
  note(error: unknown): void {
    if (this.#isStopped || !(error instanceof MailError) || error.scope !== 'store' || !isStoreFault(error.code)) return;
    if (this.#fault !== null) return;
    this.#cancel();
    this.#tell(this.#isGone() ? missing() : packError(exactFault(error, this.#options.stores[0]!.path)));
    this.#tries = 0;
    this.#later();
  }

  /** Tries at once: a person has freed space, or has put the disk back. */
  retry(): void {
    if (this.#fault === null || this.#isStopped) return;
    this.#cancel();
    this.#try();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #tell(fault: PackedError | null): void {
    const { log, onChange } = this.#options;
    const isSame = fault?.code === this.#fault?.code;
    this.#fault = fault;
    if (isSame) return;
    if (fault) log.error({ ev: 'store.fault', code: fault.code, detail: fault.detail });
    else log.info({ ev: 'store.well' });
    onChange(fault);
  }

  #later(): void {
    const waits = limits.storeRetryMs;
    const waitMs = waits[Math.min(this.#tries, waits.length - 1)]!;
    this.#tries += 1;
    this.#cancel = this.#options.clock.after(waitMs, () => this.#try());
  }

  /** A volume that is taken away leaves the open files as they were: only its place tells. */
  #watchPlace(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(limits.storePlaceMs, () => {
      if (this.#isGone()) this.note(unpacked(missing()));
      else this.#watchPlace();
    });
  }

  #isGone(): boolean {
    try {
      return this.#options.stores.some(({ path }, n) => inodeOf(path) !== this.#inodes[n]);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
  }

  #try(): void {
    const { stores, onStale } = this.#options;
    const problem = this.#isGone() ? missing() : refusalOf(stores);
    if (problem === null) {
      this.#tell(null);
      return this.#watchPlace();
    }
    this.#tell(problem);
    // With the right files back in another life of the volume, the handles of the old one stay dead.
    const isBack = stores.every(({ path }) => canBeSeen(path));
    if (isBack && (problem.code === 'store-missing' || (this.#tries >= STALE_TRIES && takesFiles(stores)))) onStale();
    this.#later();
  }
}

/** Failures that a disk which takes files again is given before its stores are opened anew. */
const STALE_TRIES = 3;
const missing = (): PackedError =>
  packError(new MailError('store-missing', { scope: 'store', retry: 'later', detail: 'the files are not at their place' }));
const unpacked = ({ code, detail }: PackedError): MailError => new MailError(code, { scope: 'store', retry: 'later', detail });

function canBeSeen(path: string): boolean {
  try {
    return statSync(path).size > 0;
  } catch {
    return false; // gone, or its disk does not answer
  }
}

/** Why the disk takes no file, or a store no commit; null where all is well. */
function refusalOf(stores: readonly DatabaseHandle[]): PackedError | null {
  try {
    probeDisk(stores[0]!.path);
    for (const store of stores) {
      const write = store.db.prepare(
        "INSERT INTO meta (key, value) VALUES ('probe', '1') ON CONFLICT (key) DO UPDATE SET value = 1 - value",
      );
      store.tx('store.probe', () => void write.run());
    }
    return null;
  } catch (error) {
    return packError(exactFault(toStoreError(error), stores[0]!.path));
  }
}

function takesFiles(stores: readonly DatabaseHandle[]): boolean {
  try {
    probeDisk(stores[0]!.path);
    return true;
  } catch {
    return false; // it was told already
  }
}
