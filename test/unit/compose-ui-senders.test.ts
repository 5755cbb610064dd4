import { describe, expect, it } from 'vitest';
import { chosenSender, senderChoices } from '../../renderer/compose/senders.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import { testAccount } from '../support/draft-random.ts';

const account = (id: number, config: Record<string, unknown>) => ({ ...testAccount(config), id: asAccountId(id) });
const accounts = [
  account(1, {
    email: 'me@example.com',
    displayName: 'Me',
    aliases: ['chef@example.com', 'ME@example.com', 'Chef@Example.com', 'x@example.org'],
  }),
  account(2, { email: 'sales@example.com', displayName: '' }),
];
const choices = senderChoices(accounts);

describe('addresses that mail can be from', () => {
  it('are those of all accounts, each once, the first one of each before its others', () => {
    expect(choices.map(({ label }) => label)).toEqual([
      'Me <me@example.com>',
      'Me <chef@example.com>',
      'Me <x@example.org>',
      'sales@example.com',
    ]);
    expect(new Set(choices.map(({ key }) => key)).size).toBe(choices.length);
  });

  it('are one alone where nothing is to be chosen', () => expect(senderChoices([accounts[1]!])).toHaveLength(1));

  it.each([
    [1, undefined, 'me@example.com'],
    [1, 'CHEF@example.com', 'chef@example.com'],
    [1, 'gone@example.com', 'me@example.com'],
    [2, 'chef@example.com', 'sales@example.com'],
  ])('show what a draft leaves by: account %s, %s', (id, from, address) =>
    expect(chosenSender(choices, { accountId: asAccountId(id), from })?.label).toContain(address),
  );

  it('show nothing of an account that is gone', () =>
    expect(chosenSender(choices, { accountId: asAccountId(9), from: undefined })).toBeUndefined());
});
