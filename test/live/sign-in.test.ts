import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInByCode } from '../../main/cli/sign-in-commands.ts';
import { answerCall } from '../../main/engine/calls.ts';
import type { SignInState } from '../../shared/model/sign-in.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { ContinuityState } from '../../shared/model/continuity.ts';
import type { Account } from '../../shared/model/account.ts';
import { oauth2Login } from '../support/dovecot-oauth2.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { buildMail } from '../support/mail-builder.ts';
import { startOidc, type Oidc } from '../support/oidc.ts';
import { arrive, authAt } from '../support/sign-in-rig.ts';
import { until } from '../support/until.ts';

const MECHANISMS = ['XOAUTH2', 'OAUTHBEARER'] as const;
let oidc: Oidc;
let login: ReturnType<typeof oauth2Login>;
let primary: Dovecot;
let relay: Dovecot;
let rig: EngineRig;
let states: readonly ContinuityState[] = [];

beforeAll(async () => {
  // Tokens that are near their end from the beginning: each log-in renews, and each renewal spends a refresh token.
  oidc = await startOidc({ accessSeconds: 60 });
  login = oauth2Login(oidc.introspectionUrl);
  primary = await startDovecot({ users: ['alice', 'bob'], extraConfig: login.extraConfig });
  relay = await startDovecot({ users: ['alice', 'bob'] });
  await seedMailbox(primary, 'alice', 'INBOX', [{ raw: buildMail({ subject: 'before' }) }]);
  const of = (server: Dovecot) => ({ port: server.imapPort, user: 'bob', password: 'pw-bob' });
  rig = await EngineRig.open({
    primary: of(primary),
    relay: of(relay),
    onEvent: (name, payload) => {
      if (name === 'continuity.state') states = payload as readonly ContinuityState[];
    },
  });
  rig.engine.start();
});
afterAll(async () => {
  await rig.close();
  await Promise.all([primary.dispose(), relay.dispose(), oidc.close()]);
  login.dispose();
});

const call = (name: Parameters<typeof answerCall>[1], args: object) => answerCall(rig.engine, name, [args]);

async function signIn(of: object, account = 'alice'): Promise<SignInState> {
  const begun = (await call('signIn.begin', { of, side: 'primary', flow: 'browser', language: 'en' })) as SignInState;
  await arrive(await oidc.browse(begun.url, { account }));
  return (await call('signIn.wait', { id: begun.id })) as SignInState;
}

function config(mechanism: (typeof MECHANISMS)[number], email = 'alice@company.example') {
  const endpoint = {
    host: '127.0.0.1',
    port: primary.imapPort,
    security: 'plain',
    user: 'alice',
    auth: authAt(oidc.issuer, { mechanism }),
  };
  const other = { host: '127.0.0.1', port: relay.imapPort, security: 'plain', user: 'alice' };
  return { email, primary: { imap: endpoint, smtp: null }, relay: { imap: other, smtp: null }, pollSeconds: 10 };
}

async function enrol(mechanism: (typeof MECHANISMS)[number], email?: string): Promise<AccountId> {
  const own = config(mechanism, email);
  const { id, phase } = await signIn({ config: own });
  expect(phase).toBe('done');
  const secrets = { primary: { imap: { type: 'signed-in', id } }, relay: { imap: { type: 'password', password: 'pw-alice' } } };
  const steps = (await call('enrol.test', { config: own, secrets })) as { side: string; step: string; status: string }[];
  expect(steps.filter(({ status }) => status === 'failed')).toEqual([]);
  const account = (await call('accounts.enrol', { config: own, secrets })) as Account;
  await expect(call('accounts.enrol', { config: { ...own, email: 'again@company.example' }, secrets })).rejects.toMatchObject({
    code: 'not-found',
  });
  return account.id;
}

const subjects = (id: AccountId): string[] => {
  const inbox = rig.engine.store.mailboxes.list(id, 'primary').find((one) => one.path === 'INBOX');
  return inbox ? rig.engine.store.lists.page({ mailboxId: inbox.id }, 'all', 0, 100).rows.map((row) => row.subject) : [];
};
const side = (id: AccountId) => rig.engine.syncStates().find((one) => one.accountId === id && one.side === 'primary');

describe('a mail server that asks the provider about tokens', () => {
  it.each(MECHANISMS)('is logged in to with %s by who signed in, and mirrored', async (mechanism) => {
    const id = await enrol(mechanism, mechanism === 'XOAUTH2' ? undefined : 'alice@other.example');
    await until('the mail is here', () => subjects(id).includes('before'));
    expect(primary.log()).toContain(`method=${mechanism}`);
    await call('accounts.remove', { accountId: id, acceptLosses: true });
  });

  it('whose provider has withdrawn the sign-in is no outage: mail stays readable, signing in again brings all of it back', async () => {
    const id = await enrol('XOAUTH2');
    await until('the mail is here', () => subjects(id).includes('before'));
    oidc.revokeAll();
    await primary.restart('KILL');
    await until('it is told', () => side(id)?.error?.code === 'sign-in-needed', 60_000);
    rig.engine.syncNow();
    const of = () => states.find((one) => one.accountId === id);
    await until('the cause is known', () => of()?.cause === 'primary-login-refused', 60_000);
    expect(side(id)).toMatchObject({ error: { code: 'sign-in-needed', retry: 'ask' } });
    expect(subjects(id)).toContain('before');
    expect(rig.engine.syncStates().find((one) => one.accountId === id && one.side === 'relay')).toMatchObject({
      isConnected: true,
      error: null,
    });
    // The other account at the same servers goes on.
    await until('bob is back', () => side(rig.accountId)?.isConnected === true);

    await seedMailbox(primary, 'alice', 'INBOX', [{ raw: buildMail({ subject: 'after' }) }]);
    const wrong = await signIn({ accountId: id }, 'bob');
    expect(wrong).toMatchObject({ phase: 'failed', error: { code: 'sign-in-wrong-account' }, signedInAs: 'bob@company.example' });
    expect(side(id)).toMatchObject({ error: { code: 'sign-in-needed' } });
    const said: string[] = [];
    const done = signInByCode(rig.engine, 'Alice@company.example', (text) => void said.push(text));
    await until('a code is shown', () => said.length > 0);
    const [, url = '', code = ''] = /open (\S+) on any device and enter the code (\S+)$/.exec(said[0]!) ?? [];
    await oidc.enterCode(url, code, { account: 'alice' });
    expect(await done).toBe(0);
    expect(said[1]).toBe('alice@company.example, primary: signed in as alice@company.example');
    await until('new mail is here', () => subjects(id).includes('after'));
    const isUp = () => of()?.endpoints.find(({ endpoint }) => endpoint.side === 'primary')?.health === 'up';
    await until('all is well', () => isUp() && side(id)?.error === null, 60_000);
  });
});
