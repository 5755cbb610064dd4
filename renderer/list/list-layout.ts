/** Rows [first, end) that have to be in the document, and where the first of them stands. */
export interface RowWindow {
  readonly first: number;
  readonly end: number;
}

/** Where a row stays while the list changes around it. */
export interface Anchor {
  readonly index: number;
  /** Pixels between the top of the view and the top of the row; negative when the row is cut off. */
  readonly offset: number;
}

/** Rows that a person wants to see before the words of any of them. */
const ROWS_FIRST = 3;

/**
 * Lines of preview that a row gets: those that are wanted, and fewer where the list is so low that not even some rows would fit.
 * All measures in CSS pixels. Pure.
 */
export function fittingPreview(wanted: number, { viewHeight, bareRow, line }: Record<'viewHeight' | 'bareRow' | 'line', number>): number {
  return Math.max(0, Math.min(wanted, Math.floor((viewHeight / ROWS_FIRST - bareRow) / line)));
}

/**
 * Geometry of a list of rows of one height with headings before some of them. Which rows start a group is known only
 * for rows that were loaded once, so headings are added as they are found and the view is held by an anchor.
 * All measures in CSS pixels.
 */
export class ListLayout {
  readonly total: number;
  readonly rowHeight: number;
  readonly headingHeight: number;
  readonly #headings: readonly number[];
  readonly #isHeading: ReadonlySet<number>;

  /** @param headings indexes of rows that start a group, in any order */
  constructor(total: number, rowHeight: number, headingHeight: number, headings: readonly number[]) {
    this.total = total;
    this.rowHeight = rowHeight;
    this.headingHeight = headingHeight;
    this.#headings = headings.filter((index) => index < total).sort((a, b) => a - b);
    this.#isHeading = new Set(this.#headings);
  }

  get height(): number {
    return this.total * this.rowHeight + this.#headings.length * this.headingHeight;
  }

  hasHeading(index: number): boolean {
    return this.#isHeading.has(index);
  }

  /** Top of a row itself, below its heading. */
  topOf(index: number): number {
    return index * this.rowHeight + this.#headingsUpTo(index) * this.headingHeight;
  }

  /** Row whose area (its heading included) covers this height; the last one below the end. */
  indexAt(y: number): number {
    let low = 0;
    let high = Math.max(0, this.total - 1);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.topOf(middle) + this.rowHeight > y) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Rows to draw for a view, with some more on both sides so that a quick scroll finds them ready. */
  window(scrollTop: number, viewHeight: number, overscan: number): RowWindow {
    if (this.total === 0) return { first: 0, end: 0 };
    const first = Math.max(0, this.indexAt(scrollTop) - overscan);
    const end = Math.min(this.total, this.indexAt(scrollTop + viewHeight) + 1 + overscan);
    return { first, end };
  }

  anchorAt(scrollTop: number): Anchor {
    const index = this.indexAt(scrollTop);
    return { index, offset: this.topOf(index) - scrollTop };
  }

  /** Scroll position at which the anchor's row stands where it stood, `shift` rows further down the list. */
  scrollTopFor(anchor: Anchor, shift: number): number {
    const index = Math.min(Math.max(0, anchor.index + shift), Math.max(0, this.total - 1));
    return Math.max(0, this.topOf(index) - anchor.offset);
  }

  /** Scroll position that brings a row fully into view below a cover of `coverHeight`; unchanged if it is already. */
  scrollTopToShow(index: number, scrollTop: number, viewHeight: number, coverHeight: number): number {
    const top = this.topOf(index) - (this.hasHeading(index) ? this.headingHeight : coverHeight);
    const bottom = this.topOf(index) + this.rowHeight;
    if (top < scrollTop) return Math.max(0, top);
    return bottom > scrollTop + viewHeight ? bottom - viewHeight : scrollTop;
  }

  #headingsUpTo(index: number): number {
    let count = 0;
    for (const heading of this.#headings) {
      if (heading > index) break;
      count += 1;
    }
    return count;
  }
}
