import type { OutboxId } from '../../shared/model/ids.ts';
import type { OutboxItem } from '../../shared/model/outbox.ts';
import { call, listen, once } from '../api.ts';
import { lacksCopy } from '../outbox/item-kind.ts';
import { isOpen, needsPerson } from '../../shared/outbox-kind.ts';
import { Newest } from './newest.ts';
import { session } from './session.svelte.ts';

/** Mail handed over to be sent: a cache of the engine's list. */
class Outbox {
  items = $state.raw<readonly OutboxItem[]>([]);
  isLoaded = $state(false);
  /** Shown in place of the list and the message. */
  isShown = $state(false);
  readonly #listen = once(() => listen('outbox.changed', () => void this.load()));
  readonly #newest = new Newest();

  /** Not over yet, or waiting for a person. */
  open: readonly OutboxItem[] = $derived(this.items.filter(isOpen));
  troubled: readonly OutboxItem[] = $derived(this.items.filter((one) => needsPerson(one) || lacksCopy(one)));

  /** Asks for the list, and again whenever it changed. */
  start(): void {
    this.#listen();
    void this.load();
  }

  async load(): Promise<void> {
    const items = await this.#newest.ask(() => call('outbox.list'));
    // Without an answer there is nothing to show, and the status says why.
    if (items === null) return;
    this.items = items;
    this.isLoaded = true;
  }

  /** Does something with one of them; the notice bar tells when it fails. */
  async act(
    name: 'outbox.sendNow' | 'outbox.lookUp' | 'outbox.resend' | 'outbox.markSent' | 'outbox.dismiss',
    outboxId: OutboxId,
  ): Promise<void> {
    await session.attempt(async () => void (await call(name, { outboxId })));
    await this.load();
  }
}

export const outbox = new Outbox();
