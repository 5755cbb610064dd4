/** Lets one piece of asynchronous work run at a time, in the order of asking. A failure of one never stops the next. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => undefined); // the caller gets the failure; the queue goes on
    return result;
  }
}
