/** Pages of rows by their number, the least recently used dropped first. Rows are never copied or changed in place. */
export class PageCache<Row> {
  readonly pageRows: number;
  readonly #maxPages: number;
  readonly #pages = new Map<number, readonly Row[]>();

  constructor(pageRows: number, maxPages: number) {
    this.pageRows = pageRows;
    this.#maxPages = maxPages;
  }

  get pageNumbers(): number[] {
    return [...this.#pages.keys()];
  }

  pageOf(index: number): number {
    return Math.floor(index / this.pageRows);
  }

  /** Numbers of the pages that cover rows [first, end). */
  pagesFor(first: number, end: number): number[] {
    if (end <= first) return [];
    const from = this.pageOf(first);
    return Array.from({ length: this.pageOf(end - 1) - from + 1 }, (_, step) => from + step);
  }

  has(page: number): boolean {
    return this.#pages.has(page);
  }

  /** The row, or undefined while its page is not here. Counts as a use of the page. */
  row(index: number): Row | undefined {
    const page = this.pageOf(index);
    const rows = this.#pages.get(page);
    if (!rows) return undefined;
    this.#touch(page, rows);
    return rows[index - page * this.pageRows];
  }

  set(page: number, rows: readonly Row[]): void {
    this.#touch(page, rows);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.#maxPages) break;
      this.#pages.delete(oldest);
    }
  }

  /** Replaces rows for which `change` gives another one; used for marks set here before the engine reports them. */
  patch(change: (row: Row) => Row | null): void {
    for (const [page, rows] of this.#pages) {
      let changed: Row[] | null = null;
      rows.forEach((row, at) => {
        const next = change(row);
        if (next === null) return;
        changed ??= [...rows];
        changed[at] = next;
      });
      if (changed) this.#pages.set(page, changed);
    }
  }

  /** Position of the first row that fits, in the pages that are here; -1 if none does. */
  findIndex(fits: (row: Row) => boolean): number {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex(fits);
      if (at >= 0) return page * this.pageRows + at;
    }
    return -1;
  }

  keepOnly(pages: readonly number[]): void {
    const kept = new Set(pages);
    for (const page of [...this.#pages.keys()]) if (!kept.has(page)) this.#pages.delete(page);
  }

  clear(): void {
    this.#pages.clear();
  }

  #touch(page: number, rows: readonly Row[]): void {
    this.#pages.delete(page);
    this.#pages.set(page, rows);
  }
}
