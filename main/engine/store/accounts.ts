import { accountConfigSchema, type Account, type AccountConfig } from '../../../shared/model/account.ts';
import { MailError } from '../../../shared/errors.ts';
import { asAccountId, type AccountId, type SourceId } from '../../../shared/model/ids.ts';
import type { StoreHandle } from './contract.ts';
import { createSourceStore } from './sources.ts';

/** Enrolled accounts; configuration only, never a secret. */
export interface AccountStore {
  list(): Account[];
  /** @throws MailError account-missing */
  get(id: AccountId): Account;
  /** @throws MailError account-exists when the address is enrolled already. */
  add(config: AccountConfig, now: number): Account;
  update(id: AccountId, config: AccountConfig): Account;
  /** Removes the account with everything mirrored for it, or what AccountRemoval has left of that. */
  remove(id: AccountId): void;
}

interface Row {
  id: number;
  config: string;
}

/** Reads rows; one that says what it said before is not parsed again, which most questions to the store would do. */
function createReader(): (row: Row) => Account {
  const known = new Map<number, { readonly text: string; readonly account: Account }>();
  return (row) => {
    const before = known.get(row.id);
    if (before?.text === row.config) return { ...before.account };
    const account = parse(row);
    known.set(row.id, { text: row.config, account });
    return { ...account };
  };
}

function parse(row: Row): Account {
  const config = accountConfigSchema.safeParse(JSON.parse(row.config));
  if (!config.success) {
    const place = config.error.issues[0]?.path.join('.') ?? '';
    throw new MailError('config-invalid', { scope: 'account', retry: 'ask', detail: `account ${row.id}: ${place}` });
  }
  return { id: asAccountId(row.id), config: config.data };
}

const REMOVAL = [
  'DELETE FROM search WHERE rowid IN (SELECT id FROM entries WHERE account_id = ?)',
  'DELETE FROM search_recent WHERE rowid IN (SELECT id FROM entries WHERE account_id = ?)',
  'DELETE FROM placements WHERE mailbox_id IN (SELECT id FROM mailboxes WHERE account_id = ?)',
  'DELETE FROM entries WHERE account_id = ?',
  'DELETE FROM mailboxes WHERE account_id = ?',
  'DELETE FROM accounts WHERE id = ?',
  // What its enrolment file said (follow-template.ts), and that it is to go (account-removal.ts).
  "DELETE FROM meta WHERE key = 'enrolment.' || CAST(? AS INTEGER)",
  "DELETE FROM meta WHERE key = 'removal.' || CAST(? AS INTEGER)",
];

const ORPHANS = `
SELECT id FROM sources WHERE id NOT IN (SELECT source_id FROM placements WHERE source_id IS NOT NULL)
  AND id NOT IN (SELECT source_id FROM entries WHERE source_id IS NOT NULL)`;

/** @param onChanged called when a change of the list is durable */
export function createAccountStore(handle: StoreHandle, onChanged: () => void = () => undefined): AccountStore {
  const { db } = handle;
  const all = db.prepare('SELECT id, config FROM accounts ORDER BY id');
  const one = db.prepare('SELECT id, config FROM accounts WHERE id = ?');
  const byEmail = db.prepare('SELECT id, config FROM accounts WHERE email = ?');
  const insert = db.prepare('INSERT INTO accounts (email, config, created_at) VALUES (?, ?, ?)');
  const change = db.prepare('UPDATE accounts SET email = ?, config = ? WHERE id = ?');
  const read = createReader();
  const get = (id: AccountId): Account => {
    const row = one.get(id) as Row | undefined;
    if (!row) throw new MailError('account-missing', { scope: 'account', retry: 'never', detail: `account ${id}` });
    return read(row);
  };
  const changing = <T>(name: string, work: () => T): T => {
    const result = handle.tx(name, work);
    onChanged();
    return result;
  };
  return {
    list: () => (all.all() as Row[]).map(read),
    get,
    add: (config, now) =>
      changing('accounts.add', () => {
        if (byEmail.get(config.email)) throw new MailError('account-exists', { scope: 'account', retry: 'ask' });
        const { lastInsertRowid } = insert.run(config.email, JSON.stringify(config), now);
        return { id: asAccountId(Number(lastInsertRowid)), config };
      }),
    update: (id, config) =>
      changing('accounts.update', () => {
        get(id);
        change.run(config.email, JSON.stringify(config), id);
        return { id, config };
      }),
    remove: (id) =>
      changing('accounts.remove', () => {
        for (const sql of REMOVAL) db.prepare(sql).run(id);
        createSourceStore(handle).removeUnreferenced(db.prepare(ORPHANS).pluck().all() as SourceId[]);
      }),
  };
}
