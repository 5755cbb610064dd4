/** A short notice with at most one thing to do about it. */
export interface Toast {
  readonly key: number;
  /** What is said once, to screen readers, too. */
  readonly text: string;
  /** What is shown besides while the time runs down, `8 s`; read by nobody aloud. */
  readonly countdown: ((seconds: number) => string) | null;
  readonly action: { readonly label: string; readonly run: () => void } | null;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  /** Called when its time is over or it is dismissed, not when the action was taken. */
  readonly onEnd: (() => void) | null;
  /** Asked now and then: what it offers is no longer to be had, so it goes before its time. */
  readonly isOver?: () => boolean;
}

const MAX_TOASTS = 4;

/** Notices that go away by themselves. */
class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #lastKey = 0;

  /** Shows one; returns the function that takes it away again without its `onEnd`. */
  show(toast: Omit<Toast, 'key'>): () => void {
    const key = (this.#lastKey += 1);
    const all = [...this.list, { ...toast, key }];
    for (const old of all.slice(0, -MAX_TOASTS)) old.onEnd?.();
    this.list = all.slice(-MAX_TOASTS);
    return () => this.#remove(key);
  }

  /** Its time is over, or a person has closed it. */
  end(toast: Toast): void {
    this.#remove(toast.key);
    toast.onEnd?.();
  }

  act(toast: Toast): void {
    this.#remove(toast.key);
    toast.action?.run();
  }

  /** Does what the newest one offers; false when none offers anything. */
  actOnNewest(): boolean {
    const newest = this.list.findLast((one) => one.action !== null);
    if (newest) this.act(newest);
    return newest !== undefined;
  }

  #remove(key: number): void {
    this.list = this.list.filter((one) => one.key !== key);
  }
}

export const toasts = new Toasts();
