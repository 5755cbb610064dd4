import type { MailboxId } from '../../../shared/model/ids.ts';
import type { ChangeListener } from './view-context.ts';

/** Collects which lists changed, so that listeners hear of a batch once. */
export class ChangeBatch {
  readonly #ids = new Set<MailboxId>();
  readonly #listener: ChangeListener;

  constructor(listener: ChangeListener) {
    this.#listener = listener;
  }

  add(ids: readonly MailboxId[]): void {
    for (const id of ids) this.#ids.add(id);
  }

  /** Call after the transaction has been committed. */
  flush(): void {
    if (this.#ids.size === 0) return;
    const ids = [...this.#ids];
    this.#ids.clear();
    this.#listener(ids);
  }
}
