import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountConfigSchema } from '../../shared/model/account.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { StoreHandle } from '../../main/engine/store/contract.ts';
import { createAccountStore } from '../../main/engine/store/accounts.ts';
import { migrate, migrations } from '../../main/engine/store/migrate.ts';
import { nativeBinding } from '../../main/engine/store/native-binding.ts';
import { createOutageStore } from '../../main/engine/store/outages.ts';
import { StoreFixture } from '../support/store-fixture.ts';

let fixture: StoreFixture;
let handle: StoreHandle;
let accountId: AccountId;
beforeEach(() => {
  fixture = new StoreFixture();
  handle = fixture.open();
  const endpoint = { host: 'mail.example.com', port: 993, security: 'tls' as const, user: 'anna' };
  const config = accountConfigSchema.parse({ email: 'anna@example.com', primary: { imap: endpoint, smtp: null } });
  accountId = createAccountStore(handle).add(config, 1).id;
});
afterEach(() => {
  handle.close();
  fixture.remove();
});

const outage = { cause: 'primary-unreachable', isDrill: false, troubleAt: 10, startedAt: 20 } as const;

describe('outages', () => {
  it('are one at a time for an account, from confirmation to the end of the reconciliation', () => {
    const store = createOutageStore(handle);
    const id = store.start(accountId, outage);
    expect(store.current(accountId)).toEqual({ id, accountId, ...outage, relayMark: 0, backAt: null, endedAt: null });
    expect(() => store.start(accountId, outage)).toThrow(/UNIQUE/u);
    store.setBack(id, 30);
    store.setBack(id, null);
    store.setCause(id, 'primary-login-refused', false);
    store.setBack(id, 40);
    store.end(id, 50);
    expect(store.current(accountId)).toBeNull();
    expect(store.get(id)).toMatchObject({ cause: 'primary-login-refused', backAt: 40, endedAt: 50 });
    const second = store.start(accountId, { ...outage, cause: 'drill', isDrill: true });
    expect(store.list(accountId, 10).map((one) => [one.id, one.isDrill])).toEqual([
      [second, true],
      [id, false],
    ]);
  });

  it('keep the mode log newest first, who decides, and which log-ins were accepted', () => {
    const store = createOutageStore(handle);
    const change = { from: 'normal', to: 'degraded', reason: 'primary-suspect', cause: 'primary-unreachable' } as const;
    for (const at of [1, 2, 3]) store.recordMode(accountId, { at, ...change });
    expect(store.modeChanges(accountId, 2)).toEqual([
      { at: 3, ...change },
      { at: 2, ...change },
    ]);
    expect(store.control(accountId)).toBe('automatic');
    for (const control of ['forced-continuity', 'forced-normal'] as const) {
      store.setControl(accountId, control);
      expect(store.control(accountId)).toBe(control);
    }
    expect(store.hasLoggedIn(accountId, 'primary', 'imap')).toBe(false);
    for (const at of [5, 6]) store.recordLogin(accountId, 'primary', 'imap', at);
    expect(store.hasLoggedIn(accountId, 'primary', 'imap')).toBe(true);
    expect(store.hasLoggedIn(accountId, 'primary', 'smtp')).toBe(false);
  });

  it('go with their account', () => {
    const store = createOutageStore(handle);
    store.start(accountId, outage);
    store.recordMode(accountId, { at: 1, from: 'normal', to: 'continuity', reason: 'primary-down-confirmed', cause: null });
    store.setControl(accountId, 'forced-normal');
    store.recordLogin(accountId, 'primary', 'imap', 1);
    createAccountStore(handle).remove(accountId);
    for (const table of ['outages', 'mode_changes', 'continuity_controls', 'endpoint_logins'])
      expect(handle.db.prepare(`SELECT count(*) AS n FROM ${table}`).get(), table).toEqual({ n: 0 });
  });
});

describe('migration 40', () => {
  it('knows that a side of which mailboxes are there has been logged in to', () => {
    const binding = nativeBinding();
    const db = new Database(':memory:', binding ? { nativeBinding: binding } : {});
    migrate(
      db,
      migrations.filter((one) => one.version < 40),
    );
    db.exec(`INSERT INTO accounts (id, email, config, created_at) VALUES (1, 'a@example.com', '{}', 77), (2, 'b@example.com', '{}', 78)`);
    const columns = (db.pragma('table_info(mailboxes)') as { name: string; notnull: number; dflt_value: unknown; pk: number }[])
      .filter((one) => one.notnull === 1 && one.dflt_value === null && one.pk === 0)
      .map((one) => one.name);
    const values: Record<string, string | number> = { account_id: 1, side: 'primary', path: 'INBOX', role: 'inbox', kind: 'incoming' };
    db.prepare(`INSERT INTO mailboxes (${columns.join(',')}) VALUES (${columns.map(() => '?').join(',')})`).run(
      ...columns.map((name) => values[name] ?? 0),
    );
    migrate(
      db,
      migrations.filter((one) => one.version <= 40),
    );
    expect(db.prepare('SELECT * FROM endpoint_logins').all()).toEqual([
      { account_id: 1, side: 'primary', service: 'imap', accepted_at: 77 },
    ]);
    db.close();
  });
});
