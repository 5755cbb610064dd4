import { sleepOver, type Clock } from '../../main/engine/core/clock.ts';

/** Events this close together are one moment to the simulation. */
const MOMENT_MS = 10;
/** Fewer of them are not worth clearing away. */
const FEW = 256;

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  /** Null once it was called off. */
  callback: (() => void) | null;
}

/** A clock over a heap: millions of timers, in their order. */
export class HeapClock implements Clock {
  #heap: Timer[] = [];
  #calledOff = 0;
  #order = 0;
  #t = 0;

  monotonic(): number {
    return this.#t;
  }

  now(): number {
    return Date.UTC(2026, 10, 23, 9) + Math.floor(this.#t);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOver(this, ms, signal);
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { dueAt: this.#t + Math.max(0, ms), order: this.#order++, callback };
    this.#push(timer);
    return () => {
      if (timer.callback === null) return;
      timer.callback = null;
      this.#calledOff += 1;
      // Most timers are called off; kept until they are due they would be most of the memory.
      if (this.#calledOff > FEW && this.#calledOff * 2 > this.#heap.length) this.#clear();
    };
  }

  /** Lets time pass; what a moment sets off is done before the next. */
  async run(untilMs: number): Promise<void> {
    for (let top = this.#heap[0]; top && top.dueAt <= untilMs; top = this.#heap[0]) {
      const end = top.dueAt + MOMENT_MS;
      let hasRun = false;
      for (let next = this.#heap[0]; next && next.dueAt <= Math.min(end, untilMs); next = this.#heap[0]) {
        this.#pop();
        const { callback } = next;
        if (callback === null) {
          this.#calledOff -= 1;
          continue;
        }
        next.callback = null;
        hasRun = true;
        this.#t = Math.max(this.#t, next.dueAt);
        callback();
      }
      if (hasRun) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#t = untilMs;
  }

  /** A sorted list is a heap. */
  #clear(): void {
    this.#heap = this.#heap.filter(({ callback }) => callback !== null).sort((a, b) => a.dueAt - b.dueAt || a.order - b.order);
    this.#calledOff = 0;
  }

  #less(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!];
    return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }

  #push(timer: Timer): void {
    let at = this.#heap.push(timer) - 1;
    for (let up = (at - 1) >> 1; at > 0 && this.#less(at, up); at = up, up = (at - 1) >> 1) this.#swap(at, up);
  }

  #pop(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < this.#heap.length && this.#less(child, least)) least = child;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }
}
