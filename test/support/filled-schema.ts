import type { Database } from 'better-sqlite3';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
}

/** Rows that each table of a fixture gets. */
export const ROWS = 2;
const FIRST_NUMBER = 1000;
/** Columns that hold JSON, by what a new row has there. */
const JSON_TEXT: Readonly<Record<string, string>> = { attachments: '[]', problems: '[]', steps: '[]', thread: '[]' };
const OBJECTS = /^(?:config|args|headers|content|step_result|baseline|original|error|last_error)$/u;

/** Ordinary tables; the parts of full-text indexes belong to SQLite. */
export function tablesOf(db: Database): string[] {
  const virtual = db.prepare("SELECT name FROM pragma_table_list WHERE type = 'virtual'").pluck().all() as string[];
  const all = db.prepare("SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'").pluck().all() as string[];
  return all.filter((name) => !name.startsWith('sqlite_') && !virtual.some((one) => name.startsWith(`${one}_`))).sort();
}

function columnsOf(db: Database, table: string): Column[] {
  return db.prepare(`SELECT name, type, "notnull" FROM pragma_table_info(?)`).all(table) as Column[];
}

/** Values that a CHECK of the column allows, by its name. */
function allowedIn(db: Database, table: string): Map<string, (string | number)[]> {
  const sql = db.prepare('SELECT sql FROM sqlite_master WHERE name = ?').pluck().get(table) as string;
  const checks = [...sql.matchAll(/CHECK \((\w+) IN \(([^)]*)\)\)/gu)];
  const valueOf = (text: string) => (text.startsWith("'") ? text.slice(1, -1) : Number(text));
  return new Map(checks.map(([, name = '', list = '']) => [name, list.split(',').map((one) => valueOf(one.trim()))]));
}

function valueOf(table: string, { name, type }: Column, row: number, allowed: readonly (string | number)[] | undefined): unknown {
  if (allowed) return allowed[row % allowed.length];
  // A pack is a file beside the store, which a fixture does not have: nothing points into one, and none reaches anywhere.
  if (name === 'pack_id') return null;
  if (table === 'packs' && name !== 'id') return 0;
  if (type === 'INTEGER') return name === 'id' || name.endsWith('_id') || name === 'undo_of' ? row + 1 : FIRST_NUMBER + row;
  if (type === 'REAL') return row + 0.5;
  if (type === 'BLOB') return Buffer.from(`${table}.${name}.${row}`);
  return JSON_TEXT[name] ?? (OBJECTS.test(name) ? '{}' : `${table}.${name}.${row}`);
}

/** Puts rows into every table, as the schema of that version allows them. */
export function fillTables(db: Database): void {
  db.pragma('foreign_keys = 0');
  for (const table of tablesOf(db)) {
    const columns = columnsOf(db, table);
    const allowed = allowedIn(db, table);
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    const insert = db.prepare(`INSERT OR REPLACE INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`);
    for (let row = 0; row < ROWS; row += 1) {
      insert.run(
        ...columns
          .map((column) => valueOf(table, column, row, allowed.get(column.name)))
          .map((one) => (typeof one === 'number' && Number.isInteger(one) ? BigInt(one) : one)),
      );
    }
  }
  db.pragma('foreign_keys = 1');
}

export type TableRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** Every row of every ordinary table. */
export function rowsOf(db: Database): TableRows {
  return Object.fromEntries(
    tablesOf(db).map((table) => [table, db.prepare(`SELECT * FROM "${table}" ORDER BY 1`).all() as Record<string, unknown>[]]),
  );
}

/** Rows of `before` that are not in `after` with all columns that both have. */
export function lostRows(before: TableRows, after: TableRows): string[] {
  return Object.entries(before).flatMap(([table, rows]) => {
    const texts = (after[table] ?? []).map((row) => new Map(Object.entries(row).map(([name, value]) => [name, JSON.stringify(value)])));
    const isKept = (row: Readonly<Record<string, unknown>>) =>
      texts.some((other) => Object.entries(row).every(([name, value]) => !other.has(name) || other.get(name) === JSON.stringify(value)));
    return rows.filter((row) => !isKept(row)).map((row) => `${table}: ${JSON.stringify(row)}`);
  });
}

/** The schema without what does not matter: order and white space. */
export function schemaOf(db: Database): string[] {
  const indexes = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite%' ORDER BY name")
    .pluck()
    .all() as string[];
  const columns = tablesOf(db).flatMap((table) =>
    columnsOf(db, table).map(({ name, type, notnull }) => `${table}.${name} ${type} ${notnull}`),
  );
  return [...columns.sort(), ...indexes];
}
