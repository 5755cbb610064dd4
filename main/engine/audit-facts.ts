import type { AccountConfig } from '../../shared/model/account.ts';
import type { AuditData } from '../../shared/model/audit.ts';
import type { AccountId, EntryId } from '../../shared/model/ids.ts';
import type { AuditJournal } from './audit/journal.ts';
import type { Mailbox } from './store/mailboxes.ts';
import type { EngineStore } from './store/engine-store.ts';

type Rules = Pick<AccountConfig, 'continuity' | 'managed' | 'retention' | 'primary' | 'relay'>;

/** Where an account's servers are: who changed the way of the mail is what an auditor asks. */
function serversOf({ primary, relay }: Rules): [string, string | null][] {
  return Object.entries({ primary, relay }).flatMap(([side, of]) =>
    (['imap', 'smtp'] as const).map((service): [string, string | null] => {
      const endpoint = of?.[service];
      return [`server.${side}.${service}`, endpoint ? `${endpoint.host}:${endpoint.port} ${endpoint.security}` : null];
    }),
  );
}

function flat(rules: Rules): Map<string, string | number | boolean | null> {
  const all = Object.entries({ continuity: rules.continuity, managed: rules.managed, retention: rules.retention });
  return new Map([
    ...serversOf(rules),
    ...all.flatMap(([group, values]) =>
      Object.entries(values).map(([name, value]): [string, string | number | boolean | null] => [
        `${group}.${name}`,
        Array.isArray(value) ? value.join(' ') : (value ?? null),
      ]),
    ),
  ]);
}

/** Rules of an account that are others now, with the old and the new value. Pure. */
export function ruleChanges(before: Rules, after: Rules): AuditData {
  const old = flat(before);
  const now = flat(after);
  const names = [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name));
  return Object.fromEntries(
    names.flatMap((name) => [[`${name}.before`, old.get(name) ?? null] as const, [name, now.get(name) ?? null] as const]),
  );
}

/** Somebody wants lost, deleted or quarantined mail back: by whom it is known, in each account. */
export function noteRestores(journal: AuditJournal, store: EngineStore, entries: readonly EntryId[]): void {
  for (const id of entries) {
    const detail = store.lists.detail(id);
    if (!detail) continue;
    const { config } = store.accounts.get(detail.row.accountId);
    journal.append('restored', config.email, { messageId: detail.messageId, wasQuarantined: detail.row.isQuarantined });
  }
}

/** New mail in a mailbox; what is written here itself does not count. */
export function noteReceived(journal: AuditJournal, store: EngineStore, id: AccountId, mailbox: Mailbox, count: number): void {
  const { path, side, uidValidity, uidNext, role } = mailbox;
  if (role === 'drafts' || role === 'sent') return;
  const { email } = store.accounts.get(id).config;
  journal.append('received', email, { side, mailbox: path, uidValidity: String(uidValidity), uidNext, count });
}
