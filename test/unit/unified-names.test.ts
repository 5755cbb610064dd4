import { expect, it } from 'vitest';
import { accountName } from '../../renderer/state/account-name.ts';
import type { Account } from '../../shared/model/account.ts';
import { asAccountId } from '../../shared/model/ids.ts';

const account = (id: number, displayName: string, email: string) => ({ id, config: { displayName, email } }) as unknown as Account;

it('an account is called by its name, and by its address where that tells no other apart or is missing', () => {
  const accounts = [
    account(1, 'Katharina Brandt', 'k@a.example'),
    account(2, 'Katharina Brandt', 'k@b.example'),
    account(3, 'Vertrieb', 'v@a.example'),
    account(4, '', 'x@a.example'),
  ];
  expect([1, 2, 3, 4, 5].map((id) => accountName(asAccountId(id), accounts))).toEqual([
    'k@a.example',
    'k@b.example',
    'Vertrieb',
    'x@a.example',
    '',
  ]);
  expect(accountName(asAccountId(1), accounts.slice(0, 1))).toBe('Katharina Brandt');
});
