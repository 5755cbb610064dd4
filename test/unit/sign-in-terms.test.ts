import { describe, expect, it } from 'vitest';
import { termsOf } from '../../main/engine/auth/sign-in/terms.ts';
import { prepareAccounts } from '../../main/policy/prepare-accounts.ts';
import { authOf, clientDraft, providerOfHost } from '../../renderer/sign-in/clients.ts';
import { needOfTrouble, signInNeeds } from '../../renderer/sign-in/needs.ts';
import { accountConfigSchema, authSchema, type Account, type OAuth2 } from '../../shared/model/account.ts';
import type { ContinuityState } from '../../shared/model/continuity.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import { policySchema } from '../../shared/policy/schema.ts';

const auth = (provider: OAuth2['provider'], more: Partial<OAuth2> = {}): OAuth2 => ({
  ...{ type: 'oauth2', mechanism: 'XOAUTH2', clientId: 'client' },
  ...(provider ? { provider } : {}),
  ...more,
});

describe('what is asked of a provider', () => {
  it('Microsoft: the directory’s issuer or the place for one, and nobody else’s', () => {
    const terms = termsOf(auth({ type: 'microsoft', tenant: 'organizations' }))!;
    expect(terms.issuer).toBe('https://login.microsoftonline.com/organizations/v2.0');
    expect(terms.scope).toContain('https://outlook.office.com/IMAP.AccessAsUser.All');
    const directory = '9188040d-6c67-4c5b-b112-36a304b66dad';
    for (const right of ['{tenantid}', directory]) expect(terms.isIssuer(`https://login.microsoftonline.com/${right}/v2.0`)).toBe(true);
    for (const wrong of [
      `https://login.microsoftonline.com.evil.example/${directory}/v2.0`,
      `https://login.microsoftonline.com/${directory}/v2.0/x`,
      'https://login.microsoftonline.com/organizations/v2.0',
      `http://login.microsoftonline.com/${directory}/v2.0`,
    ])
      expect(terms.isIssuer(wrong)).toBe(false);
  });

  it('Google: access that lasts; others: what IT names, always with openid', () => {
    expect(termsOf(auth({ type: 'google' }))).toMatchObject({ issuer: 'https://accounts.google.com', extras: { access_type: 'offline' } });
    const own = auth({ type: 'oidc', issuer: 'https://login.company.example' }, { scope: 'mail offline_access' });
    expect(termsOf(own)).toMatchObject({ issuer: 'https://login.company.example', scope: 'openid mail offline_access' });
    expect(termsOf(auth(undefined, { tokenEndpoint: 'https://login.company.example/token' }))).toBeNull();
  });
});

describe('configuration', () => {
  it('takes https only, but for this machine, and names what is missing', () => {
    const parse = (more: object) => authSchema.safeParse({ type: 'oauth2', clientId: 'c', ...more });
    expect(parse({ provider: { type: 'oidc', issuer: 'https://login.company.example' } }).success).toBe(true);
    expect(parse({ provider: { type: 'oidc', issuer: 'http://127.0.0.1:1' } }).success).toBe(true);
    for (const issuer of ['http://login.company.example', 'ftp://login.company.example', 'login.company.example'])
      expect(parse({ provider: { type: 'oidc', issuer } }).success).toBe(false);
    expect(parse({ provider: { type: 'microsoft', tenant: 'a/../b' } }).success).toBe(false);
    expect(parse({}).error?.issues[0]).toMatchObject({ path: ['provider'], message: 'needs a provider or a tokenEndpoint' });
    expect(parse({ provider: { type: 'microsoft' } }).data).toMatchObject({ mechanism: 'XOAUTH2', provider: { tenant: 'organizations' } });
  });

  it('of a template tells an account that nobody could sign in to', () => {
    const imap = (more: object) => ({
      host: 'h',
      port: 993,
      security: 'tls',
      user: '{mail}',
      auth: { type: 'oauth2', clientId: 'c', ...more },
    });
    const prepared = (more: object) =>
      prepareAccounts(policySchema.parse({ accounts: [{ primary: { imap: imap(more), smtp: null } }] }), { mail: 'a@company.example' })[0];
    expect(prepared({ provider: { type: 'google' } })).toMatchObject({ missing: null, config: { email: 'a@company.example' } });
    expect(prepared({ tokenEndpoint: 'https://h/token' })).toMatchObject({ missing: 'primary.imap.auth.provider', config: null });
  });
});

describe('the window', () => {
  it('knows a provider by the name of the mail server, and takes IT’s registration before a person’s', () => {
    expect(['outlook.office365.com', 'imap.gmail.com', 'imap.company.example', 'gmail.com.evil.example'].map(providerOfHost)).toEqual([
      ...['microsoft', 'google', 'oidc', 'oidc'],
    ]);
    const registered = { provider: { type: 'microsoft', tenant: 'company.example' }, mechanism: 'XOAUTH2', clientId: 'of-it' } as const;
    const { draft, managed } = clientDraft('microsoft', [registered]);
    expect(authOf({ ...draft, clientId: 'typed' }, managed)).toMatchObject({ clientId: 'of-it', provider: { tenant: 'company.example' } });
    expect(authOf({ ...draft, clientId: ' typed ' }, null)).toMatchObject({ clientId: 'typed', provider: { tenant: 'organizations' } });
  });

  it('asks to sign in again, or for the password, where the log-in is what fails, and for no other trouble', () => {
    const endpoint = (more: object) => ({ imap: { host: 'h', port: 993, security: 'tls', user: 'u', ...more }, smtp: null });
    const config = accountConfigSchema.parse({
      email: 'a@company.example',
      primary: endpoint({ auth: auth({ type: 'google' }) }),
      relay: endpoint({}),
    });
    const accounts: Account[] = [{ id: asAccountId(1), config }];
    const state = (side: 'primary' | 'relay', code: string) => ({ accountId: 1, side, error: { code } }) as unknown as SideSyncState;
    expect(signInNeeds(accounts, [state('primary', 'sign-in-needed')])).toMatchObject([{ side: 'primary', way: 'provider' }]);
    expect(signInNeeds(accounts, [state('relay', 'auth-rejected')])).toMatchObject([{ side: 'relay', way: 'password' }]);
    expect(signInNeeds(accounts, [state('primary', 'connect-refused')])).toEqual([]);
    expect(signInNeeds(accounts, [{ ...state('primary', ''), error: null }])).toEqual([]);
  });

  it('asks for it where the trouble is told, if it is that of one account and the log-in its cause', () => {
    const need = (id: number, side: 'primary' | 'relay') => ({ accountId: asAccountId(id), side, way: 'password' }) as const;
    const trouble = (id: number, cause: string | null) => ({ accountId: asAccountId(id), cause }) as ContinuityState;
    const needs = [need(1, 'relay'), need(1, 'primary'), need(2, 'primary')];
    expect(needOfTrouble([trouble(1, 'primary-login-refused')], needs)).toBe(needs[1]);
    expect(needOfTrouble([trouble(3, 'primary-login-refused')], needs)).toBeUndefined();
    for (const cause of ['primary-unreachable', 'relay-down', null]) expect(needOfTrouble([trouble(1, cause)], needs)).toBeUndefined();
    expect(needOfTrouble([trouble(1, 'primary-login-refused'), trouble(2, 'primary-login-refused')], needs)).toBeUndefined();
  });
});
