/** What a list keeps of a row to act on it. */
interface Identified<Id> {
  readonly id: Id;
}

/**
 * Rows chosen in a list. The cursor is the row that keys move; the anchor is where a range begins. `isPicked`: chosen one by
 * one or as a range, as against the one row that is simply open. Never changed in place.
 */
export interface Selection<Id, Row extends Identified<Id>> {
  readonly chosen: ReadonlyMap<Id, Row>;
  /** Positions in the list; -1 for none. */
  readonly anchor: number;
  readonly cursor: number;
  readonly isPicked: boolean;
}

export function nothing<Id, Row extends Identified<Id>>(): Selection<Id, Row> {
  return { chosen: new Map(), anchor: -1, cursor: -1, isPicked: false };
}

/** One row alone, as after a click. */
export function only<Id, Row extends Identified<Id>>(index: number, row: Row | undefined): Selection<Id, Row> {
  return { chosen: row ? new Map([[row.id, row]]) : new Map(), anchor: index, cursor: index, isPicked: false };
}

/** Adds the row or takes it out; the next range begins here. */
export function toggled<Id, Row extends Identified<Id>>(selection: Selection<Id, Row>, index: number, row: Row): Selection<Id, Row> {
  const chosen = new Map(selection.chosen);
  if (!chosen.delete(row.id)) chosen.set(row.id, row);
  return { chosen, anchor: index, cursor: index, isPicked: chosen.size > 0 };
}

/** Positions between anchor and target, both included; only the target without an anchor. */
export function rangeTo<Id, Row extends Identified<Id>>(selection: Selection<Id, Row>, target: number): { first: number; end: number } {
  const anchor = selection.anchor < 0 ? target : selection.anchor;
  return { first: Math.min(anchor, target), end: Math.max(anchor, target) + 1 };
}

/** The rows of a range take the place of what was chosen; `isAdding` keeps that as well. */
export function ranged<Id, Row extends Identified<Id>>(
  selection: Selection<Id, Row>,
  target: number,
  rows: readonly Row[],
  isAdding = false,
): Selection<Id, Row> {
  const chosen = new Map(isAdding ? selection.chosen : []);
  for (const row of rows) chosen.set(row.id, row);
  return { chosen, anchor: selection.anchor < 0 ? target : selection.anchor, cursor: target, isPicked: chosen.size > 1 };
}

/** Every row; cursor and anchor stay. */
export function all<Id, Row extends Identified<Id>>(selection: Selection<Id, Row>, rows: readonly Row[]): Selection<Id, Row> {
  return { ...selection, chosen: new Map(rows.map((row) => [row.id, row])), isPicked: rows.length > 0 };
}

/** The cursor alone moves. */
export function withCursor<Id, Row extends Identified<Id>>(selection: Selection<Id, Row>, cursor: number): Selection<Id, Row> {
  return { ...selection, cursor };
}

/** Chosen rows as they are now; rows that were not asked about stay as they were. The same selection where nothing differs. */
export function renewed<Id, Row extends Identified<Id>>(selection: Selection<Id, Row>, rows: readonly Row[]): Selection<Id, Row> {
  const newer = rows.filter((row) => selection.chosen.has(row.id));
  if (newer.length === 0) return selection;
  const chosen = new Map(selection.chosen);
  for (const row of newer) chosen.set(row.id, row);
  return { ...selection, chosen };
}

/**
 * The row to go on with when some leave the list: the first that stays below the cursor, else the nearest above it. The
 * search ends at rows that are not loaded.
 */
export function nextAfter<Id, Row extends Identified<Id>>(
  rowAt: (index: number) => Row | undefined,
  total: number,
  cursor: number,
  leaving: ReadonlySet<Id>,
): Id | null {
  for (let index = Math.max(0, cursor); index < total; index += 1) {
    const row = rowAt(index);
    if (!row) break;
    if (!leaving.has(row.id)) return row.id;
  }
  for (let index = Math.min(cursor, total) - 1; index >= 0; index -= 1) {
    const row = rowAt(index);
    if (!row) break;
    if (!leaving.has(row.id)) return row.id;
  }
  return null;
}
