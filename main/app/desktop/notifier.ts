import { Notification } from 'electron';
import type { WindowRequest } from '../../../shared/ipc/calls/desktop.ts';
import type { AppLog } from '../log-file.ts';
import type { Notice } from './notice-text.ts';

/** More than these are of no use to anybody; the oldest goes. */
const MAX_SHOWN = 8;

/** Notifications of the system. Their text is plain, and never in the log. */
export class Notifier {
  readonly #ask: (request: WindowRequest) => void;
  readonly #log: AppLog;
  /** Kept, since a click on one that was collected is lost. */
  readonly #shown = new Set<Notification>();

  constructor(ask: (request: WindowRequest) => void, log: AppLog) {
    this.#ask = ask;
    this.#log = log;
  }

  get isPossible(): boolean {
    return Notification.isSupported();
  }

  /** Returns what takes it away again. */
  show({ title, body, opens }: Notice): () => void {
    if (!this.isPossible) return () => undefined;
    const notification = new Notification({ title, body });
    const forget = (): void => void this.#shown.delete(notification);
    notification.on('click', () => {
      forget();
      this.#ask(opens);
    });
    notification.on('close', forget);
    notification.on('failed', () => {
      forget();
      this.#log.write('warn', { ev: 'notification.failed' });
    });
    this.#shown.add(notification);
    const [oldest] = this.#shown;
    if (this.#shown.size > MAX_SHOWN) oldest?.close();
    notification.show();
    return () => notification.close();
  }
}
