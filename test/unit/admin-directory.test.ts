import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fillTemplate, Unfilled } from '../../main/admin/account-template.ts';
import { AdminError } from '../../main/admin/admin-error.ts';
import { askUnseen, bindSecret } from '../../main/admin/bind-secret.ts';
import { comparableDn } from '../../main/admin/directory/dn.ts';
import { escapeValue, inGroupOfActiveDirectory } from '../../main/admin/directory/filter.ts';
import { markOf, personOf } from '../../main/admin/directory/person.ts';
import { openDirectory, type Entry } from '../../main/admin/directory/source.ts';
import { guardVanish, planRollout } from '../../main/admin/rollout-plan.ts';
import { readRolloutConfig, rolloutConfigSchema, type DirectoryConfig } from '../../main/admin/rollout-config.ts';

const entry = (values: Record<string, string[]>, dn = 'cn=x,dc=example,dc=com'): Entry => ({
  dn,
  values: new Map(Object.entries(values).map(([name, list]) => [name.toLowerCase(), list])),
});

describe('what goes into a filter', () => {
  it.each([
    ['Anna', 'Anna'],
    ['a*b', 'a\\2ab'],
    ['(cn=*)', '\\28cn=\\2a\\29'],
    ['back\\slash', 'back\\5cslash'],
    ['nul\u0000', 'nul\\00'],
    ['Müller', 'Müller'],
    [')(uid=*))(|(uid=*', '\\29\\28uid=\\2a\\29\\29\\28|\\28uid=\\2a'],
  ])('%j is escaped as RFC 4515 asks', (value, escaped) => expect(escapeValue(value)).toBe(escaped));

  it('a group of Active Directory is asked for with all within it, and as a primary group', () => {
    const dn = 'CN=Board (EU),OU=Groups,DC=example,DC=com';
    const members = '(memberOf:1.2.840.113556.1.4.1941:=CN=Board \\28EU\\29,OU=Groups,DC=example,DC=com)';
    expect(inGroupOfActiveDirectory(dn, null)).toBe(members);
    expect(inGroupOfActiveDirectory(dn, '513')).toBe(`(|${members}(primaryGroupID=513))`);
  });
});

describe('distinguished names', () => {
  it.each([
    ['CN=Anna, OU=People ,DC=example,DC=com', 'cn=anna,ou=people,dc=example,dc=com'],
    ['cn=Meyer\\, Anna,dc=x', 'cn=meyer\\2c anna,dc=x'],
    ['cn=M\\C3\\BCller,dc=x', 'cn=Müller,dc=x'],
    ['cn = a  b,dc=x', 'cn=a b,dc=x'],
  ])('%s is the same as %s', (a, b) => expect(comparableDn(a)).toBe(comparableDn(b)));

  it('a comma inside a name is no border', () => expect(comparableDn('cn=a\\,dc=x')).not.toBe(comparableDn('cn=a,dc=x')));
});

describe('a person of the directory', () => {
  const guid = '33221100554477668899aabbccddeeff';

  it('of Active Directory is read with address, aliases, lasting name and mark of change', () => {
    const person = personOf(
      entry({
        ...{ objectGUID: [guid], uSNChanged: ['4711'], sAMAccountName: ['anna'], userPrincipalName: ['anna@corp.example.com'] },
        ...{ proxyAddresses: ['smtp:a.meyer@example.com', 'SMTP:Anna@example.com', 'x500:/o=x'], userAccountControl: ['512'] },
      }),
    );
    expect(person).toMatchObject({
      id: '00112233-4455-6677-8899-aabbccddeeff',
      change: '4711',
      mail: 'anna@example.com',
      isDisabled: false,
    });
    expect(person?.aliases).toEqual(['a.meyer@example.com']);
    expect(person?.fields).toMatchObject({ samaccountname: 'anna', mail: 'anna@example.com' });
  });

  it.each([
    [{ userAccountControl: ['514'] }, true],
    [{ userAccountControl: ['66048'] }, false],
    [{ pwdAccountLockedTime: ['000001010000Z'] }, true],
    [{ pwdAccountLockedTime: ['20261101000000Z'] }, false],
    [{ nsAccountLock: ['TRUE'] }, true],
    [{}, false],
  ])('%j: disabled is %s', (values, isDisabled) => {
    expect(personOf(entry({ entryUUID: ['u-1'], mail: ['a@example.com'], ...(values as Record<string, string[]>) }))?.isDisabled).toBe(
      isDisabled,
    );
  });

  it('without a lasting name is nobody', () => expect(markOf(entry({ mail: ['a@example.com'] }))).toBeNull());
  it('an address that is none is not taken', () => {
    expect(personOf(entry({ entryUUID: ['u'], mail: ['not an address', 'a@b'] }))?.mail).toBeNull();
  });
});

describe('templates', () => {
  const fields = { mail: 'anna@example.com', samaccountname: 'anna' };
  it('are filled in every text, whatever the case of the placeholder', () => {
    const made = fillTemplate({ user: '{sAMAccountName}', list: ['x-{MAIL}'], port: 993, none: null }, fields);
    expect(made).toEqual({ user: 'anna', list: ['x-anna@example.com'], port: 993, none: null });
  });
  it('a value is put in as it is, patterns of replacement among it', () => {
    expect(fillTemplate('{mail}', { mail: "$&$'{x}" })).toBe("$&$'{x}");
  });
  it('an unknown placeholder is a fault of the file, a missing value one of the person', () => {
    expect(() => fillTemplate({ user: '{shoeSize}' }, fields)).toThrow(
      new AdminError('config-invalid', 'account.user: no such placeholder {shoeSize}'),
    );
    expect(() => fillTemplate('{uid}', fields)).toThrow(Unfilled);
  });
});

const side = { imap: { host: 'imap.example.com', port: 993, security: 'tls', user: '{mail}' }, smtp: null };
const directory = { url: 'ldaps://dc.example.com', bindDn: 'cn=x', baseDn: 'dc=example,dc=com' };
const config = rolloutConfigSchema.parse({ directory, select: [{ all: true }], account: { primary: side }, output: '/out' });
const people = (...mails: string[]) =>
  mails.map((mail) => ({ id: mail, dn: `cn=${mail}`, change: '1', mail, aliases: [], isDisabled: false, fields: { mail } }));
const reading = (list: ReturnType<typeof people>) => ({ people: list, classes: new Map(), fetched: 0, notes: [] });
const stateOf = (plan: ReturnType<typeof planRollout>) => ({
  ...{ version: 1 as const, readAt: '2026-11-23T09:00:00Z', invocationId: null, pending: null },
  enrolled: plan.wanted.map(({ text: _text, ...one }) => one),
});

describe('what would change', () => {
  it('is added, changed, removed, each once, and nothing the second time', () => {
    const first = planRollout(config, reading(people('a@example.com', 'b@example.com')), null);
    expect(first.added.map((one) => one.file)).toEqual(['a@example.com.json', 'b@example.com.json']);
    expect(planRollout(config, reading(people('a@example.com', 'b@example.com')), stateOf(first))).toMatchObject({
      added: [],
      changed: [],
      removed: [],
    });
    const renamed = people('b@example.com').map((one) => ({ ...one, mail: 'c@example.com', fields: { mail: 'c@example.com' } }));
    const second = planRollout(config, reading(renamed), stateOf(first));
    expect(second.changed.map(({ before, after }) => [before.file, after.file])).toEqual([['b@example.com.json', 'c@example.com.json']]);
    expect(second.removed.map(({ before, why }) => [before.person.mail, why])).toEqual([['a@example.com', 'not selected']]);
  });

  it('a class of its own gives its retention', () => {
    const retention = { incomingDays: 30, outgoingDays: 30, quarantinedDays: 7 };
    const classed = { ...config, classes: [{ name: 'board', of: { all: true as const }, retention }] };
    const plan = planRollout(classed, { ...reading(people('a@example.com')), classes: new Map([['a@example.com', 'board']]) }, null);
    expect(JSON.parse(plan.wanted[0]!.text).accounts[0].config.retention).toEqual(retention);
  });

  it('all addresses of a person are theirs; what is no address, and the one that they write from, are left out', () => {
    const [anna] = people('a@example.com');
    const aliases = ['chef@example.com', 'a.meyer@example.com', 'a@localhost.', 'b@example.com'];
    const of = (account: object) => {
      const wanted = { ...config, account: { ...config.account, ...account } };
      return JSON.parse(planRollout(wanted, reading([{ ...anna!, aliases }] as never), null).wanted[0]!.text).accounts[0].config;
    };
    expect(of({})).toMatchObject({ email: 'a@example.com', aliases: ['a.meyer@example.com', 'b@example.com', 'chef@example.com'] });
    expect(of({ email: 'b@example.com' })).toMatchObject({
      email: 'b@example.com',
      aliases: ['a.meyer@example.com', 'a@example.com', 'chef@example.com'],
    });
    expect(of({ aliases: ['only@example.com'] }).aliases).toEqual(['only@example.com']);
  });

  it('stops where more vanish than allowed, and not before', () => {
    const mails = Array.from({ length: 20 }, (_, n) => `p${n}@example.com`);
    const state = stateOf(planRollout(config, reading(people(...mails)), null));
    const without = (n: number) => planRollout(config, reading(people(...mails.slice(n))), state);
    expect(() => guardVanish(without(2), state, 10)).not.toThrow();
    expect(() => guardVanish(without(3), state, 10)).toThrow(/too-many-vanish: 3 of 20 \(15\.0 %, allowed 10 %\)/u);
    expect(() => guardVanish(without(3), state, 15)).not.toThrow();
    // An empty directory is the largest of all losses.
    expect(() => guardVanish(without(20), state, 99)).toThrow(/too-many-vanish/u);
  });

  it('two people with one address, and nobody at all, end the run', () => {
    const twice = people('a@example.com', 'b@example.com').map((one) => ({ ...one, mail: 'a@example.com' }));
    expect(() => planRollout(config, reading(twice), null)).toThrow(/address-twice: a@example\.com/u);
    expect(() => planRollout(config, reading([]), null)).toThrow(/nobody-selected/u);
  });
});

describe('the rollout file', () => {
  it.each([
    [{ ...directory, url: 'ldap://dc.example.com', security: 'plain' }, 'loopback hosts only'],
    [{ ...directory, url: 'ldap://dc.example.com' }, 'tls goes with ldaps'],
    [{ ...directory, url: 'http://dc.example.com' }, 'Invalid URL'],
    [{ ...directory, secret: { from: 'argument', value: 'x' } }, 'Invalid'],
  ])('%j is refused', (wrong, words) => {
    const parsed = rolloutConfigSchema.safeParse({ directory: wrong, select: [{ all: true }], account: {}, output: 'o' });
    expect(JSON.stringify(parsed.error?.issues)).toContain(words);
  });

  it('that is not there is told apart from a wrong one', () => {
    expect(() => readRolloutConfig('/nowhere/rollout.json')).toThrow('config-unreadable: /nowhere/rollout.json (ENOENT)');
  });
});

it.each([
  ['that is not there', '/nowhere/ca.pem', 'ENOENT'],
  ['that holds none', import.meta.filename, 'no certificate in it'],
])('an authority file %s is named', async (_what, caFile, why) => {
  const directory = { ...config.directory, url: 'ldaps://127.0.0.1:1', caFile };
  await expect(openDirectory(directory, 'secret')).rejects.toThrow(`config-invalid: directory.caFile: ${caFile}: ${why}`);
});

describe('the password of the directory account', () => {
  const places = {
    keyring: { get: () => Promise.resolve('from-keyring'), set: () => Promise.resolve() },
    ask: () => Promise.resolve('typed'),
  };
  const of = (secret: DirectoryConfig['secret'], env = {}) => bindSecret({ ...config.directory, secret }, { ...places, env });

  it('comes from the place that is named', async () => {
    expect(await of({ from: 'keyring' })).toBe('from-keyring');
    expect(await of({ from: 'prompt' })).toBe('typed');
    expect(await of({ from: 'env', name: 'DIRECTORY_PASSWORD' }, { DIRECTORY_PASSWORD: 'from-env' })).toBe('from-env');
  });

  it('is never empty: that would be an anonymous log-in which succeeds', async () => {
    await expect(of({ from: 'env', name: 'MISSING' })).rejects.toThrow('config-invalid: directory.secret: nothing in $MISSING');
    await expect(of({ from: 'file', path: '/nowhere' })).rejects.toThrow(/cannot be read/u);
  });

  it('is read from what is piped in, and nothing is waited for where that ends', async () => {
    expect(await askUnseen('', Readable.from(['piped\n']))).toBe('piped');
    expect(await askUnseen('', Readable.from([]))).toBe('');
  });
});
