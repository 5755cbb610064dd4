import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CredentialProvider } from '../../main/engine/auth/credential-provider.ts';
import type { SignIns, SignInRequest } from '../../main/engine/auth/sign-in/sign-ins.ts';
import { systemClock, type Clock } from '../../main/engine/core/clock.ts';
import type { LogEntry } from '../../main/engine/core/log.ts';
import { accountConfigSchema, type Account } from '../../shared/model/account.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import { memorySecrets } from '../support/memory-secrets.ts';
import { CLIENT_ID, startOidc, type Oidc } from '../support/oidc.ts';
import { arrive, authAt, EMAIL, redirectOf, signInRequest, startSignIns } from '../support/sign-in-rig.ts';
import { tlsIdentity } from '../support/tls.ts';

const alice = { account: 'alice' };
let oidc: Oidc;
let logged: LogEntry[] = [];
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  oidc = await startOidc();
  return () => oidc.close();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function signIns(clock?: Clock): SignIns {
  const started = startSignIns(clock);
  logged = started.logged;
  closers.push(() => started.all.stop());
  return started.all;
}
const request = (more: Partial<SignInRequest> = {}): SignInRequest => signInRequest(oidc.issuer, more);

describe('sign-in in the browser', () => {
  it('asks with PKCE, state and nonce, and keeps what the provider gives', async () => {
    const all = signIns();
    const begun = await all.begin(request());
    expect(begun).toMatchObject({ flow: 'browser', phase: 'waiting', userCode: null, error: null, signedInAs: null });
    const asked = Object.fromEntries(new URL(begun.url).searchParams);
    expect(asked).toMatchObject({
      ...{ response_type: 'code', client_id: CLIENT_ID, code_challenge_method: 'S256', login_hint: EMAIL },
      scope: 'openid profile email offline_access',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/holdover$/),
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]).toMatch(/^[\w-]{43}$/);
    const answer = await arrive(await oidc.browse(begun.url, alice));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('You are signed in');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await all.wait(begun.id)).toMatchObject({ phase: 'done', signedInAs: EMAIL, error: null });
    const secret = all.secretOf(begun.id);
    expect(secret).toMatchObject({ type: 'oauth2', tokenEndpoint: `${oidc.issuer}/token` });
    const told = JSON.stringify([logged, await all.wait(begun.id)]);
    for (const hidden of [secret.refreshToken, secret.accessToken!]) expect(told).not.toContain(hidden);
    expect(JSON.stringify(logged)).not.toMatch(/alice|localhost|127\.0\.0\.1/);
  });

  it('gives tokens that are renewed without a person, each refresh token once, and stored before use', async () => {
    const all = signIns();
    const { id, url } = await all.begin(request());
    await arrive(await oidc.browse(url, alice));
    await all.wait(id);
    const side = { imap: { host: 'imap.company.example', port: 993, security: 'tls', user: EMAIL, auth: authAt(oidc.issuer) }, smtp: null };
    const account: Account = { id: asAccountId(1), config: accountConfigSchema.parse({ email: EMAIL, primary: side }) };
    const store = memorySecrets();
    const first = all.secretOf(id);
    await store.set(account.id, 'primary', 'imap', { ...first, expiresAt: 0 });
    const credentials = new CredentialProvider({ secrets: store, clock: systemClock });
    const given = await credentials.get(account, 'primary', 'imap');
    const kept = await store.get(account.id, 'primary', 'imap');
    expect(kept).toMatchObject({ accessToken: given.type === 'token' ? given.accessToken : '' });
    expect(kept).not.toMatchObject({ refreshToken: first.refreshToken });
    // The old one is void now, and using it voids the whole grant: that is how theft shows. Then a person has to sign in anew.
    await store.set(account.id, 'primary', 'imap', { ...first, expiresAt: 0 });
    await expect(credentials.get(account, 'primary', 'imap')).rejects.toMatchObject({
      code: 'sign-in-needed',
      retry: 'ask',
      side: 'primary',
    });
    expect(await store.get(account.id, 'primary', 'imap')).toMatchObject({ refreshToken: first.refreshToken });
  });

  it('speaks German where the person does', async () => {
    const all = signIns();
    const { url } = await all.begin(request({ language: 'de' }));
    const text = await (await arrive(await oidc.browse(url, alice))).text();
    expect(text).toContain('<html lang="de">');
    expect(text).toContain('Die Anmeldung hat geklappt');
  });

  it('tells that the person said no', async () => {
    const all = signIns();
    const { id, url } = await all.begin(request());
    const answer = await arrive(await oidc.browse(url, { ...alice, agrees: false }));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('did not work');
    expect(await all.wait(id)).toMatchObject({ phase: 'failed', error: { code: 'sign-in-denied', retry: 'ask' } });
  });

  it('does not take somebody else’s account, and says whose it was', async () => {
    const kept: unknown[] = [];
    const all = signIns();
    const { id, url } = await all.begin(request({ keep: (secret) => Promise.resolve(void kept.push(secret)) }));
    expect((await arrive(await oidc.browse(url, { account: 'bob' }))).status).toBe(400);
    const state = await all.wait(id);
    expect(state).toMatchObject({ phase: 'failed', error: { code: 'sign-in-wrong-account' }, signedInAs: 'bob@company.example' });
    expect(() => all.secretOf(id)).toThrow('not-found');
    expect(kept).toEqual([]);
    expect(JSON.stringify([logged, state.error])).not.toContain('bob');
  });

  it('takes the user name at the mail server as well as the address, whatever their case', async () => {
    const all = signIns();
    const { id, url } = await all.begin(request({ names: ['ALICE', 'somebody@company.example'] }));
    await arrive(await oidc.browse(url, alice));
    expect(await all.wait(id)).toMatchObject({ phase: 'done' });
  });

  it('is kept before anybody is told; where the keyring refuses, it has failed', async () => {
    const all = signIns();
    const keep = () => Promise.reject(new Error('keyring'));
    const { id, url } = await all.begin(request({ keep }));
    expect((await arrive(await oidc.browse(url, alice))).status).toBe(400);
    expect(await all.wait(id)).toMatchObject({ phase: 'failed' });
  });

  it('ends when it is cancelled, when another begins, and when nobody comes: the port is closed then', async () => {
    const all = signIns();
    const first = await all.begin(request());
    const second = await all.begin(request());
    expect(await all.wait(first.id)).toMatchObject({ phase: 'failed', error: { code: 'cancelled' } });
    all.cancel(second.id);
    expect(await all.wait(second.id)).toMatchObject({ phase: 'failed', error: { code: 'cancelled' } });
    for (const { url } of [first, second]) {
      await expect(fetch(redirectOf(url))).rejects.toThrow();
    }
    const late = signIns({ ...systemClock, after: (ms, then) => systemClock.after(ms === 600_000 ? 20 : ms, then) });
    const third = await late.begin(request());
    expect(await late.wait(third.id)).toMatchObject({ phase: 'failed', error: { code: 'sign-in-expired' } });
  });

  it('trusts the company’s own authority, and no other', async () => {
    const secured = await startOidc({ tls: tlsIdentity('good') });
    closers.push(() => secured.close());
    const all = signIns();
    await expect(all.begin(request({ auth: authAt(secured.issuer) }))).rejects.toMatchObject({ code: 'tls-certificate-untrusted' });
    const begun = await all.begin(request({ auth: authAt(secured.issuer), caFile: tlsIdentity().caFile }));
    expect(begun.url.startsWith(`${secured.issuer}/auth?`)).toBe(true);
  });
});

describe('sign-in by a code on another device', () => {
  it('shows code and page, waits as long as it is told, and keeps what the provider gives', async () => {
    const all = signIns();
    const begun = await all.begin(request({ flow: 'device' }));
    expect(begun).toMatchObject({ flow: 'device', phase: 'waiting', url: `${oidc.issuer}/device` });
    expect(begun.userCode).toMatch(/^\w{4}-\w{4}$/);
    await oidc.enterCode(begun.url, begun.userCode!, alice);
    expect(await all.wait(begun.id)).toMatchObject({ phase: 'done', signedInAs: EMAIL });
    expect(all.secretOf(begun.id)).toMatchObject({ tokenEndpoint: `${oidc.issuer}/token` });
  });

  it('tells that the person said no, and that the code ran out', async () => {
    const all = signIns();
    const refused = await all.begin(request({ flow: 'device' }));
    await oidc.enterCode(refused.url, refused.userCode!, { ...alice, agrees: false });
    expect(await all.wait(refused.id)).toMatchObject({ phase: 'failed', error: { code: 'sign-in-denied' } });
    const short = await startOidc({ deviceSeconds: 1 });
    closers.push(() => short.close());
    const late = await all.begin(request({ flow: 'device', auth: authAt(short.issuer) }));
    expect(await all.wait(late.id)).toMatchObject({ phase: 'failed', error: { code: 'sign-in-expired' } });
  });

  it('stops asking when it is cancelled', async () => {
    const all = signIns();
    const begun = await all.begin(request({ flow: 'device' }));
    all.cancel(begun.id);
    expect(await all.wait(begun.id)).toMatchObject({ phase: 'failed', error: { code: 'cancelled' } });
    const asked = oidc.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(oidc.requests.length).toBe(asked);
  });
});
