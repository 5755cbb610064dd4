import { describe, expect, it } from 'vitest';
import { usage } from '../../main/cli/commands.ts';
import { isExempt } from '../../main/cli/no-proxy.ts';
import { commandProxies, type ProxyParts } from '../../main/cli/proxies.ts';
import { readProxyAddress } from '../../main/cli/proxy-address.ts';
import { UsageError } from '../../main/cli/usage-error.ts';
import { packError } from '../../shared/errors.ts';
import type { Policy } from '../../shared/policy/schema.ts';

const PASSWORD = 'pw-CANARY';
const option = { scheme: 'http', host: 'option.example', port: 1 };
const policyProxy = { scheme: 'socks5', host: 'policy.example', port: 2 };
const ofEnv = { scheme: 'http', host: 'env.example', port: 3 };

const parts = (env: NodeJS.ProcessEnv, network?: Policy['network']): ProxyParts => ({
  env,
  readPolicy: () => Promise.resolve({ isRight: true, policy: network ? { network } : {}, from: {} }),
});
/** The one way there is. */
const found = async (typed: string | undefined, given: ProxyParts, host = 'mail.company.example', port = 993) => {
  const ways = await commandProxies(typed, given).find(host, port);
  expect(ways).toHaveLength(1);
  return ways[0];
};

describe('the way of a command line', () => {
  const env = { HTTPS_PROXY: 'http://env.example:3' };
  const network = { proxy: 'socks5://policy.example:2', proxyBypass: ['*.inside.example'] };

  it('is what was typed, else what the policy says, else what the variables say, else the direct one', async () => {
    expect(await found('http://option.example:1', parts(env, network))).toEqual(option);
    expect(await found(undefined, parts(env, network))).toEqual(policyProxy);
    expect(await found(undefined, parts(env))).toEqual(ofEnv);
    expect(await found(undefined, parts({}))).toBeNull();
    expect(await found('none', parts(env, network))).toBeNull();
    expect(await found(undefined, parts(env, { proxy: 'none' }))).toBeNull();
  });

  it('takes "system" of a policy for the variables, with the bypass and the authorities of the policy', async () => {
    const system = { proxy: 'system', proxyBypass: ['*.inside.example'], caFile: '/etc/ca.pem' };
    expect(await found(undefined, parts(env, system))).toEqual({ ...ofEnv, caFile: '/etc/ca.pem' });
    expect(await found(undefined, parts(env, system), 'mail.inside.example')).toBeNull();
    expect(await found(undefined, parts(env, network), 'mail.inside.example')).toBeNull();
  });

  it('knows the variables in both cases, the narrower before the wider, and an empty one as none', async () => {
    expect(await found(undefined, parts({ all_proxy: 'env.example:3' }))).toEqual(ofEnv);
    expect(await found(undefined, parts({ ALL_PROXY: 'socks5h://a', https_proxy: 'env.example:3', HTTPS_PROXY: 'b:1' }))).toEqual(ofEnv);
    expect(await found(undefined, parts({ https_proxy: '', ALL_PROXY: 'b:1' }))).toBeNull();
    expect(await found(undefined, parts({ HTTP_PROXY: 'b:1' }))).toBeNull();
  });

  it('goes past the proxy where NO_PROXY says so, also past one that was typed, and not past that of the policy', async () => {
    const exempt = { ...env, NO_PROXY: 'company.example' };
    expect(await found(undefined, parts(exempt))).toBeNull();
    expect(await found('http://option.example:1', parts(exempt))).toBeNull();
    expect(await found(undefined, parts(exempt, network))).toEqual(policyProxy);
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      expect(await found('http://option.example:1', parts({}), host)).toBeNull();
      expect(await found(undefined, parts(env), host)).toBeNull();
      expect(await found(undefined, parts(env, network), host)).toBeNull();
    }
  });

  it('reads the policy once, and only where a server is to be reached', async () => {
    let reads = 0;
    const given = { ...parts(env), readPolicy: () => ((reads += 1), parts(env).readPolicy()) };
    const proxies = commandProxies(undefined, given);
    expect(reads).toBe(0);
    await Promise.all([proxies.find('a.example', 1), proxies.find('b.example', 1)]);
    expect(reads).toBe(1);
    await found('none', given);
    expect(reads).toBe(1);
  });

  it('is none at all where the policy is wrong', async () => {
    const faults = [{ place: 'machine-file', path: 'network.proxy', what: 'must be a proxy', value: null } as const];
    const given = { ...parts(env), readPolicy: () => Promise.resolve({ isRight: false, faults } as const) };
    await expect(found(undefined, given)).rejects.toMatchObject({ code: 'policy-invalid', detail: 'network.proxy' });
  });

  it('is refused by the name of what is wrong, never by a password in it', async () => {
    expect(() => commandProxies(`http://anna:${PASSWORD}@p.example:1`, parts({}))).toThrow(UsageError);
    for (const typed of ['ftp://p', 'http://', 'http://p/path', 'system', '', `http://anna:${PASSWORD}@p:1`])
      expect(() => commandProxies(typed, parts({}))).toThrow(/^--proxy (?!.*CANARY)/u);
    for (const value of [`ftp://anna:${PASSWORD}@p`, `http://anna:${PASSWORD}@p/x`, `http://anna:${PASSWORD}%@p`]) {
      const error = await found(undefined, parts({ https_proxy: value })).catch((one: unknown) => one);
      expect(packError(error)).toMatchObject({ code: 'config-invalid', detail: 'https_proxy is no address of a proxy' });
      expect(String((error as Error).stack)).not.toContain(PASSWORD);
    }
  });

  it('is in the help', () => {
    for (const word of ['--proxy URL', 'network.proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) expect(usage()).toContain(word);
  });
});

describe('the address of a proxy', () => {
  it.each([
    ['proxy.example:3128', { scheme: 'http', host: 'proxy.example', port: 3128 }],
    ['http://PROXY.example', { scheme: 'http', host: 'proxy.example', port: 80 }],
    ['https://proxy.example/', { scheme: 'https', host: 'proxy.example', port: 443 }],
    ['socks5h://[2001:db8::1]', { scheme: 'socks5', host: '2001:db8::1', port: 1080 }],
    ['anna:p%40ss@p.example:1', { scheme: 'http', host: 'p.example', port: 1, login: { user: 'anna', password: 'p@ss' } }],
    ['socks5://anna@p.example', { scheme: 'socks5', host: 'p.example', port: 1080, login: { user: 'anna', password: '' } }],
  ])('%s', (text, expected) => expect(readProxyAddress(text)).toEqual(expected));

  it.each(['', 'ftp://p', 'http://p/x', 'http://p?q', 'http://a%0d%0aX:b@p', 'http://a%3ab:c@p', `http://a:${'x'.repeat(256)}@p`])(
    '"%s" is none',
    (text) => expect(readProxyAddress(text)).toBeNull(),
  );
});

describe('NO_PROXY', () => {
  it.each([
    ['company.example', 'company.example', true],
    ['company.example', 'MAIL.company.example.', true],
    ['.company.example', 'mail.company.example', true],
    ['*.company.example', 'mail.company.example', true],
    ['company.example', 'mycompany.example', false],
    ['a.example, b.example', 'b.example', true],
    ['mail.example:993', 'mail.example', true],
    ['mail.example:143', 'mail.example', false],
    ['*', 'mail.example', true],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/8', 'ten.example', false],
    ['10.0.0.0/99', '10.1.2.3', false],
    ['2001:db8::/32', '[2001:db8::5]', true],
    ['2001:db8::5', '2001:db8::5', true],
    ['[2001:db8::5]:993', '2001:db8::5', true],
    ['0.0.5', '10.0.0.5', false],
    [' , .', 'mail.example', false],
    ['', 'mail.example', false],
    ['', 'localhost', true],
  ])('"%s" for %s: %s', (list, host, expected) => expect(isExempt(host, 993, list)).toBe(expected));
});
