import { describe, expect, it } from 'vitest';
import { dueTemplate, followers } from '../../main/app/policy/account-templates.ts';
import { accountConfigSchema, type Account } from '../../shared/model/account.ts';
import { asAccountId } from '../../shared/model/ids.ts';

const configOf = (email: string, change: object = {}) =>
  accountConfigSchema.parse({
    email,
    primary: { imap: { host: 'imap.example.com', port: 993, security: 'tls', user: email }, smtp: null },
    ...change,
  });
const account = (email: string, change: object = {}): Account => ({ id: asAccountId(1), config: configOf(email, change) });
const prepared = (email: string, change: object = {}) => ({ email, config: configOf(email, change), missing: null });

describe('a template', () => {
  it('is due where it says anything else of what is its own, whatever the case of the address', () => {
    expect(dueTemplate(account('a@example.com'), [prepared('A@example.com')])).not.toBeNull(); // another user at the server
    expect(dueTemplate(account('a@example.com'), [prepared('a@example.com')])).toBeNull();
    expect(dueTemplate(account('a@example.com'), [prepared('a@example.com', { pollSeconds: 30 })])).toMatchObject({ pollSeconds: 30 });
    expect(dueTemplate(account('a@example.com'), [prepared('b@example.com', { pollSeconds: 30 })])).toBeNull();
  });

  it('is due where the directory knows another address of the person', () => {
    const aliases = ['chef@example.com'];
    expect(dueTemplate(account('a@example.com'), [prepared('a@example.com', { aliases })])).toMatchObject({ aliases });
    expect(dueTemplate(account('a@example.com', { aliases }), [prepared('a@example.com', { aliases })])).toBeNull();
  });

  it('takes no address from an account where it does not tell all of them', () => {
    const mine = account('a@example.com', { aliases: ['Chef@example.com'] });
    const partly = (aliases: string[]) => [{ ...prepared('a@example.com', { aliases }), keepsAliases: true }];
    expect(dueTemplate(mine, partly([]))).toBeNull();
    expect(dueTemplate(mine, partly(['chef@example.com']))).toBeNull();
    expect(dueTemplate(mine, partly(['new@example.com']))).toMatchObject({ aliases: ['Chef@example.com', 'new@example.com'] });
    expect(dueTemplate(mine, [prepared('a@example.com')])).toMatchObject({ aliases: [] });
  });

  it('leaves what is the person’s, and a name that it does not know', () => {
    const own = { displayName: 'Anna', signature: 'A.', continuity: { failover: 'ask' }, retention: { incomingDays: 3 } };
    expect(dueTemplate(account('a@example.com', own), [prepared('a@example.com')])).toBeNull();
    const due = dueTemplate(account('a@example.com', own), [prepared('a@example.com', { displayName: 'Anna B.' })]);
    expect(due).toMatchObject({ displayName: 'Anna B.' });
    expect(Object.keys(due!).sort()).toEqual(['aliases', 'displayName', 'mailboxes', 'pollSeconds', 'primary', 'quarantinePath', 'relay']);
  });
});

describe('an account that followed a template', () => {
  const both = [account('a@example.com'), account('b@example.com')];

  it('is told once the template is gone, and follows it again when it is back', () => {
    expect(followers(both, [prepared('a@example.com')], [], true)).toEqual({ followed: ['a@example.com'], released: [] });
    expect(followers(both, [], ['a@example.com'], true)).toEqual({ followed: ['a@example.com'], released: ['a@example.com'] });
    expect(followers(both, [prepared('a@example.com')], ['a@example.com'], true)).toEqual({ followed: ['a@example.com'], released: [] });
  });

  it('is not given up while a template cannot be filled in, and forgotten with the account', () => {
    const unknown = { email: '{mail}', config: null, missing: 'mail' };
    expect(followers(both, [unknown], ['a@example.com'], true)).toEqual({ followed: ['a@example.com'], released: [] });
    // A folder that could not be read proves nothing either.
    expect(followers(both, [], ['a@example.com'], false)).toEqual({ followed: ['a@example.com'], released: [] });
    expect(followers([both[1]!], [], ['a@example.com'], true)).toEqual({ followed: [], released: [] });
  });
});
