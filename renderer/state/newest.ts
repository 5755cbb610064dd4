/** What was asked first may be answered last: of several answers only that to the newest question counts. */
export class Newest {
  #turn = 0;

  /** Something newer came by itself: no question that is under way counts any more. */
  outdate(): void {
    this.#turn += 1;
  }

  /** The answer; null where it failed, or where something newer was asked or came meanwhile. */
  async ask<T>(question: () => Promise<T>): Promise<T | null> {
    const mine = (this.#turn += 1);
    const answer = await question().catch(() => null);
    return mine === this.#turn ? answer : null;
  }
}
