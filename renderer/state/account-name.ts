import type { Account } from '../../shared/model/account.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import { visibleLine } from '../../shared/visible-text.ts';

/** What an account is called where several are: by its name, or by its address where two have the same name. */
export function accountName(id: AccountId, accounts: readonly Account[]): string {
  const account = accounts.find((one) => one.id === id);
  if (!account) return '';
  const { displayName, email } = account.config;
  const isTaken = accounts.some((one) => one.id !== id && one.config.displayName === displayName);
  return visibleLine(displayName === '' || isTaken ? email : displayName);
}
