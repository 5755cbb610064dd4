import type { Account } from '../../shared/model/account.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import { visibleLine } from '../../shared/visible-text.ts';

/** An address that mail can be from. */
export interface Sender {
  readonly accountId: AccountId;
  /** One of the further addresses of the account; undefined for its first one. */
  readonly from: string | undefined;
}

export interface SenderChoice extends Sender {
  readonly key: string;
  readonly label: string;
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** All addresses that mail can be from: account by account, its first address before its others. Pure. */
export function senderChoices(accounts: readonly Account[]): SenderChoice[] {
  return accounts.flatMap(({ id, config: { email, aliases, displayName } }) => {
    const others = aliases.filter((one, at) => !isSame(one, email) && aliases.findIndex((other) => isSame(one, other)) === at);
    return [undefined, ...others].map((from) => {
      const address = from ?? email;
      const label = displayName === '' ? address : `${visibleLine(displayName)} <${address}>`;
      return { key: `${id} ${from ?? ''}`, accountId: id, from, label };
    });
  });
}

/** The choice that a draft is from: the first address of its account where that has the chosen one no longer, as the engine sends it. Pure. */
export function chosenSender(choices: readonly SenderChoice[], { accountId, from }: Sender): SenderChoice | undefined {
  const own = choices.filter((one) => one.accountId === accountId);
  return own.find((one) => one.from !== undefined && from !== undefined && isSame(one.from, from)) ?? own[0];
}
