import { describe, expect, it } from 'vitest';
import { findProxy, waysOfList, isBypassed } from '../../main/policy/find-proxy.ts';
import { proxyWaysSchema } from '../../shared/model/proxy.ts';
import { policySchema } from '../../shared/policy/schema.ts';

const at = { host: 'mail.company.example', port: 993 };
const directly = [null];
const never = (): Promise<string> => Promise.reject(new Error('the system was asked'));

describe('the way to a server', () => {
  it.each([
    ['http://proxy.example:3128', { scheme: 'http', host: 'proxy.example', port: 3128 }],
    ['https://proxy.example/', { scheme: 'https', host: 'proxy.example', port: 443 }],
    ['http://PROXY.example', { scheme: 'http', host: 'proxy.example', port: 80 }],
    ['socks5://[2001:db8::1]', { scheme: 'socks5', host: '2001:db8::1', port: 1080 }],
  ])('%s', async (proxy, expected) => {
    expect(await findProxy({ proxy }, at, never)).toEqual([expected]);
    expect(await findProxy({ proxy, caFile: '/etc/ca.pem' }, at, never)).toEqual([{ ...expected, caFile: '/etc/ca.pem' }]);
    for (const host of ['localhost', '127.0.0.1', '::1', '[::1]'])
      expect(await findProxy({ proxy }, { host, port: 993 }, never)).toEqual(directly);
  });

  it('is a direct one without a policy, and by its word', async () => {
    expect(await findProxy(undefined, at, never)).toEqual(directly);
    expect(await findProxy({ caFile: '/etc/ca.pem' }, at, never)).toEqual(directly);
    expect(await findProxy({ proxy: 'none' }, at, never)).toEqual(directly);
  });

  it('is asked of the system, for each server', async () => {
    const asked: string[] = [];
    const system = (url: string) => (asked.push(url), Promise.resolve('PROXY proxy.example:8080; DIRECT'));
    const proxy = { scheme: 'http', host: 'proxy.example', port: 8080 };
    const expected = [proxy, null];
    expect(await findProxy({ proxy: 'system' }, at, system)).toEqual(expected);
    expect(await findProxy({ proxy: 'system' }, { host: '2001:db8::9', port: 465 }, system)).toEqual(expected);
    expect(await findProxy({ proxy: 'system', caFile: '/etc/ca.pem' }, at, system)).toEqual([{ ...proxy, caFile: '/etc/ca.pem' }, null]);
    expect(await findProxy({ proxy: 'system', proxyBypass: ['*.company.example'] }, at, never)).toEqual(directly);
    expect(asked).toEqual(['https://mail.company.example:993/', 'https://[2001:db8::9]:465/', 'https://mail.company.example:993/']);
  });

  const a = { scheme: 'http', host: 'a', port: 1 };
  const b = { scheme: 'https', host: 'b', port: 2 };
  it.each([
    ['DIRECT', directly],
    ['', directly],
    [' ', directly],
    ['PROXY a:1', [a]],
    ['PROXY a:1; HTTPS b:2', [a, b]],
    ['HTTPS b:2;PROXY a:1;', [b, a]],
    ['proxy a:1; direct', [a, null]],
    ['DIRECT; PROXY a:1', directly],
    ['PROXY a:1; DIRECT; HTTPS b:2', [a, null]],
    ['SOCKS4 a:1; HTTPS b:2', [b]],
    ['PROXY a:0; PROXY a:65536; PROXY a; HTTPS b:2', [b]],
    ['SOCKS5 [2001:db8::1]:1080', [{ scheme: 'socks5', host: '2001:db8::1', port: 1080 }]],
  ])('of the list "%s"', (list, expected) => expect(waysOfList(list)).toEqual(expected));

  it('of a list without an end are its first eight, and of one that is not known there is none, not the direct one either', () => {
    expect(waysOfList('PROXY a:1;'.repeat(50))).toEqual(Array.from({ length: 8 }, () => a));
    expect(proxyWaysSchema.safeParse(waysOfList(`${'PROXY a:1;'.repeat(50)}DIRECT`)).success).toBe(true);
    for (const list of ['SOCKS4 a:1', 'PROXY', 'QUIC a:1; nonsense', ';']) expect(() => waysOfList(list)).toThrow();
  });

  it('goes past the proxy for names, everything below a domain, and addresses', () => {
    const patterns = ['mail.company.example', '*.inside.example', '10.0.0.5', '[2001:db8::5]'];
    const passed = ['MAIL.company.example', 'mail.company.example.', 'a.b.inside.example', '10.0.0.5', '2001:db8::5'];
    for (const host of passed) expect([host, isBypassed(host, patterns)]).toEqual([host, true]);
    for (const host of ['company.example', 'inside.example', 'xinside.example', 'mail.company.example.org', '10.0.0.50'])
      expect([host, isBypassed(host, patterns)]).toEqual([host, false]);
  });
});

describe('a proxy in a policy', () => {
  it.each(['http://p:1', 'https://p.example', 'socks5://10.0.0.1:1080', 'http://[2001:db8::1]:3128', 'system', 'none'])(
    '%s is taken',
    (proxy) => expect(policySchema.safeParse({ network: { proxy } }).success).toBe(true),
  );
  it.each(['http://user:secret@p:1', 'http://user@p:1', 'http://p/path', 'http://p/?q', 'socks4://p:1', 'ftp://p', 'p:3128', 'direct', ''])(
    '%s is refused',
    (proxy) => expect(policySchema.safeParse({ network: { proxy } }).success).toBe(false),
  );
});
