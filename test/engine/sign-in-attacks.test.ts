import { request as httpRequest } from 'node:http';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SignIns } from '../../main/engine/auth/sign-in/sign-ins.ts';
import type { LogEntry } from '../../main/engine/core/log.ts';
import { startOidc, type Oidc } from '../support/oidc.ts';
import { json, startOidcScript, type OidcScript, type ScriptedAnswer } from '../support/oidc-script.ts';
import { arrive, authAt, redirectOf, signInRequest, startSignIns } from '../support/sign-in-rig.ts';

const alice = { account: 'alice' };
let oidc: Oidc;
let all: SignIns;
let logged: LogEntry[];
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  oidc = await startOidc();
  return () => oidc.close();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function signIns(): SignIns {
  ({ all, logged } = startSignIns());
  closers.push(() => all.stop());
  return all;
}

async function script(...of: Parameters<typeof startOidcScript>): Promise<OidcScript> {
  const made = await startOidcScript(...of);
  closers.push(() => made.close());
  return made;
}

/** A request with headers that fetch would not send. */
function knock(
  url: URL,
  options: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: options.method ?? 'GET', headers: options.headers ?? {} }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

const nothing = { status: 404, text: '' };

describe('the port that waits for the browser', () => {
  it('gives nothing to whoever has not our state, and still takes the right answer', async () => {
    signIns();
    const { id, url } = await all.begin(signInRequest(oidc.issuer));
    const answer = new URL(await oidc.browse(url, alice));
    const { host } = answer;
    const changed = (change: (one: URL) => void): URL => {
      const one = new URL(answer);
      change(one);
      return one;
    };
    const stateOf = answer.searchParams.get('state')!;
    const wrong: [URL, Parameters<typeof knock>[1]][] = [
      [changed((one) => one.searchParams.set('state', 'x'.repeat(43))), {}],
      [changed((one) => one.searchParams.delete('state')), {}],
      [changed((one) => one.searchParams.append('state', stateOf)), {}],
      [changed((one) => (one.pathname = '/')), {}],
      [changed((one) => (one.pathname = '/holdover/x')), {}],
      [changed((one) => (one.pathname = '/favicon.ico')), {}],
      // A page elsewhere that posts a form or asks by a name of its own.
      [answer, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: answer.search.slice(1) }],
      [answer, { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' } }],
      [answer, { method: 'HEAD' }],
      [answer, { headers: { host: 'evil.example' } }],
      [answer, { headers: { host: `localhost:${answer.port}` } }],
    ];
    for (const [target, options] of wrong) expect(await knock(target, options)).toEqual(nothing);
    expect(await knock(answer, { method: 'POST', headers: { host }, body: 'x'.repeat(1_000_000) })).toEqual(nothing);
    expect((await arrive(answer.href)).status).toBe(200);
    expect(await all.wait(id)).toMatchObject({ phase: 'done' });
  });

  it('takes one answer: a second finds nobody, and the code is not used twice', async () => {
    signIns();
    const { id, url } = await all.begin(signInRequest(oidc.issuer));
    const answer = await oidc.browse(url, alice);
    const both = await Promise.allSettled([arrive(answer), arrive(answer)]);
    expect(both.map((one) => (one.status === 'fulfilled' ? one.value.status : 0)).toSorted()).toEqual(
      [200, expect.toSatisfy((code) => code === 404 || code === 0)].toSorted(),
    );
    expect(await all.wait(id)).toMatchObject({ phase: 'done' });
    await expect(arrive(answer)).rejects.toThrow();
    expect(oidc.requests.filter((one) => one === 'POST /token')).toHaveLength(2);
  });

  it('does not take an answer of another provider (RFC 9207)', async () => {
    signIns();
    const { id, url } = await all.begin(signInRequest(oidc.issuer));
    const answer = new URL(await oidc.browse(url, alice));
    expect(answer.searchParams.get('iss')).toBe(oidc.issuer);
    const asked = oidc.requests.length;
    answer.searchParams.set('iss', 'https://evil.example');
    const response = await arrive(answer.href);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('evil');
    expect(await all.wait(id)).toMatchObject({ phase: 'failed', error: { code: 'sign-in-failed', detail: 'invalid_response' } });
    // The code went nowhere.
    expect(oidc.requests.length).toBe(asked);
  });

  it('does not take an answer without an issuer where the provider says that there is one', async () => {
    signIns();
    const { id, url } = await all.begin(signInRequest(oidc.issuer));
    const answer = new URL(await oidc.browse(url, alice));
    answer.searchParams.delete('iss');
    expect((await arrive(answer.href)).status).toBe(400);
    expect(await all.wait(id)).toMatchObject({ error: { code: 'sign-in-failed' } });
  });

  it('does not take a code of another sign-in: it was asked for with another secret (PKCE)', async () => {
    const [mine, theirs] = [startSignIns(), startSignIns()];
    closers.push(
      () => mine.all.stop(),
      () => theirs.all.stop(),
    );
    const [own, other] = [await mine.all.begin(signInRequest(oidc.issuer)), await theirs.all.begin(signInRequest(oidc.issuer))];
    const stolen = new URL(await oidc.browse(other.url, alice)).searchParams.get('code')!;
    const injected = redirectOf(own.url);
    const state = new URL(own.url).searchParams.get('state')!;
    injected.search = new URLSearchParams({ code: stolen, state, iss: oidc.issuer }).toString();
    expect((await arrive(injected.href)).status).toBe(400);
    expect(await mine.all.wait(own.id)).toMatchObject({ phase: 'failed', error: { code: 'sign-in-failed', detail: 'invalid_grant' } });
  });
});

describe('a provider that lies', () => {
  const token = (more: object = {}) => ({
    access_token: 'access-canary',
    token_type: 'bearer',
    expires_in: 3600,
    refresh_token: 'refresh-canary',
    ...more,
  });
  const jwt = (claims: object): string =>
    [{ alg: 'RS256' }, claims].map((one) => Buffer.from(JSON.stringify(one)).toString('base64url')).join('.') + '.c2lnbmF0dXJl';

  async function answeredWith(answer: ScriptedAnswer): Promise<{ state: Awaited<ReturnType<SignIns['wait']>>; fake: OidcScript }> {
    const fake = await script({ '/token': answer });
    signIns();
    const { id, url } = await all.begin(signInRequest(fake.issuer));
    const to = redirectOf(url);
    to.search = new URLSearchParams({ code: 'c', state: new URL(url).searchParams.get('state')! }).toString();
    await arrive(to.href);
    return { state: await all.wait(id), fake };
  }

  it.each<[string, ScriptedAnswer]>([
    ['garbage', (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":')],
    ['a page', (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hello</h1>')],
    ['no token', json({ token_type: 'bearer' })],
    ['a token of a kind nobody knows', json(token({ token_type: 'mac' }))],
    ['tokens without saying whose', json(token())],
    ['tokens for another client', json(token({ id_token: jwt({ iss: 'x', aud: 'other', sub: 'a', iat: 1, exp: 9e9 }) }))],
    ['an error of its own words', json({ error: 'alice@company.example said: no' }, 400)],
    ['a redirect', (response) => void response.writeHead(307, { location: 'https://evil.example/token' }).end()],
    ['an end without an answer', (response) => void response.destroy()],
    [
      'an answer without end',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('with %s as token answer gets nothing, and nothing is kept', async (_, answer) => {
    const { state, fake } = await answeredWith(answer);
    expect(state).toMatchObject({ phase: 'failed', signedInAs: null });
    expect(['sign-in-failed', 'connection-lost']).toContain(state.error?.code);
    expect(() => all.secretOf(state.id)).toThrow('not-found');
    expect(fake.requests.filter(({ path }) => path === '/token')).toHaveLength(1);
    expect(JSON.stringify([logged, state])).not.toMatch(/canary|said|evil/);
  });

  it('is not asked where its metadata are another’s, no metadata, or name http elsewhere', async () => {
    signIns();
    const begin = async (...of: Parameters<typeof startOidcScript>) => all.begin(signInRequest((await script(...of)).issuer));
    const page = '/.well-known/openid-configuration';
    const refused = { code: 'sign-in-failed', retry: 'ask' };
    await expect(begin({}, (right) => ({ ...right, issuer: 'https://evil.example' }))).rejects.toMatchObject(refused);
    await expect(begin({ [page]: json({ error: 'no' }, 404) })).rejects.toMatchObject(refused);
    await expect(begin({ [page]: (response) => void response.writeHead(200).end('<html>') })).rejects.toMatchObject(refused);
    await expect(
      begin({ [page]: (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end() }),
    ).rejects.toMatchObject(refused);
    for (const address of ['http://evil.example/auth', 'javascript:alert(1)', 'file:///etc/passwd', undefined])
      await expect(begin({}, (right) => ({ ...right, authorization_endpoint: address }))).rejects.toMatchObject(refused);
  });

  it('does not get the code where its token endpoint is http elsewhere', async () => {
    const fake = await script({}, (right) => ({ ...right, token_endpoint: 'http://evil.example/token' }));
    signIns();
    const { id, url } = await all.begin(signInRequest(fake.issuer));
    const to = redirectOf(url);
    to.search = new URLSearchParams({ code: 'c', state: new URL(url).searchParams.get('state')! }).toString();
    await arrive(to.href);
    expect(await all.wait(id)).toMatchObject({ phase: 'failed', error: { code: 'plain-refused' } });
  });

  it('cannot make the app show a page that is no page, or a code that is no code', async () => {
    const device = (more: object): ScriptedAnswer =>
      json({ device_code: 'd', user_code: 'AB-CD', verification_uri: 'https://login.example/d', expires_in: 60, ...more });
    for (const wrong of [
      { verification_uri: 'http://evil.example/' },
      { verification_uri: 'javascript:alert(1)' },
      { user_code: '\u202eABC' },
      { user_code: 'x'.repeat(200) },
      { expires_in: 'soon' },
    ]) {
      const fake = await script({ '/device/auth': device(wrong) });
      signIns();
      await expect(all.begin(signInRequest(fake.issuer, { flow: 'device' }))).rejects.toMatchObject({ code: 'sign-in-failed' });
    }
  });

  it('is asked less often when it says so, and again when the way there was gone for a moment', async () => {
    const answers: ScriptedAnswer[] = [
      json({ error: 'authorization_pending' }, 400),
      json({ error: 'slow_down' }, 400),
      (response) => void response.destroy(),
      json({ error: 'access_denied' }, 400),
    ];
    const waits: number[] = [];
    const { systemClock } = await import('../../main/engine/core/clock.ts');
    const started = startSignIns({ ...systemClock, sleep: (ms, signal) => (waits.push(ms), systemClock.sleep(1, signal)) });
    closers.push(() => started.all.stop());
    const fake = await script({ '/token': (response, request, nth) => answers[nth - 1]?.(response, request, nth) });
    const { id } = await started.all.begin(signInRequest(fake.issuer, { flow: 'device' }));
    expect(await started.all.wait(id)).toMatchObject({ phase: 'failed', error: { code: 'sign-in-denied' } });
    expect(waits).toEqual([1000, 1000, 6000, 11_000]);
  });

  it('that cannot be signed in to at all is told at once', async () => {
    signIns();
    const tokenEndpoint = 'https://login.example/token';
    const { provider: _provider, ...rest } = authAt('https://login.example');
    await expect(all.begin(signInRequest('', { auth: { ...rest, tokenEndpoint } }))).rejects.toMatchObject({ code: 'sign-in-failed' });
    const fake = await script({}, (right) => ({ ...right, device_authorization_endpoint: undefined }));
    await expect(all.begin(signInRequest(fake.issuer, { flow: 'device' }))).rejects.toMatchObject({
      ...{ code: 'sign-in-failed', detail: 'the provider offers no sign-in by code' },
    });
  });
});
