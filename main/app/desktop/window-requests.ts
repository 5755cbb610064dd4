import type { WindowRequest } from '../../../shared/ipc/calls/desktop.ts';

/** More would be the work of a program gone wild. */
const MAX_WAITING = 10;

/** What the desktop asks of the window, kept until the window can do it: it may not be there yet, locked, or without an account. */
export class WindowRequests {
  readonly #announce: () => void;
  readonly #waiting: WindowRequest[] = [];

  /** @param announce shows the window and tells it that something waits */
  constructor(announce: () => void) {
    this.#announce = announce;
  }

  add(request: WindowRequest): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(request);
    this.#announce();
  }

  /** Takes the oldest one. */
  take(): WindowRequest | null {
    return this.#waiting.shift() ?? null;
  }
}
