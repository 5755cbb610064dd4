import type { Database } from 'better-sqlite3';

/** Rows brought over, and whether some could not be read. */
export interface Salvaged {
  readonly rows: number;
  readonly isWhole: boolean;
}

/** Ids between the last row read from the front and the last one read from the back that are asked for one by one. */
const MAX_PROBES = 500_000;

type Row = Readonly<Record<string, unknown>>;

const quoted = (name: string): string => `"${name}"`;

/** Brings every row of a table over that can still be read: from the front, from the back, and one by one in between. */
export function salvageTable(from: Database, to: Database, table: string): Salvaged {
  const columns = commonColumns(from, to, table);
  // The schema itself cannot be read.
  if (columns.length === 0) return { rows: 0, isWhole: false };
  const names = columns.map(quoted).join(', ');
  const insert = to.prepare(`INSERT OR IGNORE INTO ${table} (${names}) VALUES (${columns.map(() => '?').join(', ')})`);
  let rows = 0;
  const take = (row: Row): void => {
    rows += insert.run(...columns.map((name) => row[name])).changes;
  };
  const hasRowId = (to.prepare('SELECT wr FROM pragma_table_list WHERE name = ?').pluck().get(table) as number) === 0;
  const isWhole = hasRowId ? byRowId(from, table, names, take) : byKey(from, table, names, take);
  return { rows, isWhole };
}

function commonColumns(from: Database, to: Database, table: string): string[] {
  const known = (db: Database): string[] => {
    try {
      return db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[];
    } catch {
      return []; // nothing of this table can be read; the caller tells
    }
  };
  const there = new Set(known(from));
  return known(to).filter((name) => there.has(name));
}

function byRowId(from: Database, table: string, names: string, take: (row: Row) => void): boolean {
  const scan = (order: string): { last: number | null; isWhole: boolean } => {
    let last: number | null = null;
    try {
      for (const row of from.prepare(`SELECT rowid AS "#", ${names} FROM ${table} ORDER BY rowid ${order}`).iterate() as Iterable<Row>) {
        take(row);
        last = Number(row['#']);
      }
      return { last, isWhole: true };
    } catch {
      return { last, isWhole: false }; // a damaged page ends the walk; the other ways go on
    }
  };
  const front = scan('ASC');
  if (front.isWhole) return true;
  const back = scan('DESC');
  const begin = (front.last ?? 0) + 1;
  const end = Math.min(back.last ?? begin + 10_000, begin + MAX_PROBES);
  const one = probe(from, table, names);
  for (let id = begin; one !== null && id < end; id += 1) one(id, take);
  return false;
}

function probe(from: Database, table: string, names: string): ((id: number, take: (row: Row) => void) => void) | null {
  try {
    const one = from.prepare(`SELECT ${names} FROM ${table} WHERE rowid = ?`);
    return (id, take) => {
      try {
        const row = one.get(id) as Row | undefined;
        if (row !== undefined) take(row);
      } catch {
        // on the damaged page: lost, as the caller tells
      }
    };
  } catch {
    return null; // the table cannot be asked at all
  }
}

/** Tables without row ids are small: from both ends. */
function byKey(from: Database, table: string, names: string, take: (row: Row) => void): boolean {
  for (const order of ['ASC', 'DESC']) {
    try {
      for (const row of from.prepare(`SELECT ${names} FROM ${table} ORDER BY 1 ${order}`).iterate() as Iterable<Row>) take(row);
      return true;
    } catch {
      // a damaged page ends this walk; the one from the other end goes on
    }
  }
  return false;
}
