import type { BrowserWindow, WebContents } from 'electron';
import { bringToFront } from './lifecycle.ts';

/** The window of mail: not there at a hidden start, hidden rather than closed where the app stays. */
export class MainWindow {
  readonly #open: () => BrowserWindow;
  readonly #isKept: () => boolean;
  #window: BrowserWindow | null = null;

  /** @param isKept whether it is hidden instead of closed */
  constructor(open: () => BrowserWindow, isKept: () => boolean) {
    this.#open = open;
    this.#isKept = isKept;
  }

  get current(): BrowserWindow | null {
    return this.#window && !this.#window.isDestroyed() ? this.#window : null;
  }

  get contents(): WebContents | null {
    return this.current?.webContents ?? null;
  }

  /** Opens it, or brings it to the front. */
  show(): void {
    if (this.current) return bringToFront(this.current);
    const window = this.#open();
    this.#window = window;
    window.on('close', (event) => {
      if (!this.#isKept()) return;
      event.preventDefault();
      window.hide();
    });
  }
}
