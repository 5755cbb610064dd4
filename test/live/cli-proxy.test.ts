import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCheapVault } from '../support/cheap-vault.ts';
import { CommandLine, runAlone, type EndedCommand } from '../support/command-line.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { startConnectProxy, startSocksProxy, type ProxyServerOfTests } from '../support/proxy-server.ts';
import { tlsIdentity } from '../support/tls.ts';

/** `npm run engine` in a network that has a way out through its proxy alone: the server's name is known to nobody else. */
const HOST = 'mail.example.org';
const PASSPHRASE = 'correct horse battery';
const LOGIN = { user: 'anna', password: 'proxy-CANARY' };
const identity = tlsIdentity('wrong-host');

let server: Dovecot;
let cli: CommandLine;
let dir: string;
let proxy: ProxyServerOfTests;
const profile = () => path.join(dir, 'profile');
const at = ({ url }: ProxyServerOfTests, { user, password } = LOGIN): string => url.replace('://', `://${user}:${password}@`);

const ofProfile = (args: readonly string[]): string[] => [
  ...args,
  '--profile',
  profile(),
  '--passphrase-file',
  path.join(dir, 'passphrase'),
];
const environment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/iu.test(name))),
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus',
  ...env,
});
const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<EndedCommand> => cli.run(ofProfile(args), environment(env));
/** The same as a process of its own. */
const alone = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<EndedCommand> => runAlone(ofProfile(args), environment(env));

/** A policy file as a package ships it. */
function policyOf(network: object): NodeJS.ProcessEnv {
  const resources = path.join(dir, 'resources');
  mkdirSync(resources, { recursive: true });
  writeFileSync(path.join(resources, 'policies.json'), JSON.stringify({ network }));
  return { HOLDOVER_RESOURCES: resources };
}

beforeAll(async () => {
  cli = new CommandLine();
  dir = mkdtempSync(path.join(tmpdir(), 'holdover-cli-proxy-'));
  makeCheapVault(profile(), PASSPHRASE);
  writeFileSync(path.join(dir, 'passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 });
  server = await startDovecot({ tls: identity });
  const raw = Buffer.from('From: a@example.org\r\nSubject: Offer\r\nMessage-ID: <a@example.org>\r\n\r\nWords.\r\n');
  await seedMailbox(server, 'alice', 'INBOX', [{ raw, internalDate: Math.floor(Date.now() / 1000) * 1000 - 60_000, flags: [] }]);
  const imap = { host: HOST, port: server.imapsPort, security: 'tls', user: 'alice', caFile: identity.caFile };
  const config = { email: 'alice@example.org', primary: { imap, smtp: null } };
  const secrets = { primary: { imap: { type: 'password', password: server.user('alice').password } } };
  writeFileSync(path.join(dir, 'enrol.json'), JSON.stringify({ accounts: [{ config, secrets }] }), { mode: 0o600 });
  expect((await run(['enrol', '--file', path.join(dir, 'enrol.json')])).code).toBe(0);
});
afterEach(() => proxy.close());
afterAll(async () => {
  await cli.close();
  await server.dispose();
  rmSync(dir, { recursive: true, force: true });
});

describe.each([
  ['CONNECT', startConnectProxy],
  ['SOCKS 5', startSocksProxy],
] as const)('a command behind a %s proxy', (_kind, start) => {
  it('reaches its server through the one that the variable names, with the log-in in it, which is told nowhere', async () => {
    proxy = await start({ login: LOGIN });
    const verbose = await alone(['mirror', '--verbose'], { HTTPS_PROXY: at(proxy) });
    expect(verbose).toMatchObject({ code: 0 });
    expect(new Set(proxy.asked)).toEqual(new Set([`${HOST}:${server.imapsPort}`]));
    expect((await run(['verify'], { all_proxy: at(proxy) })).code).toBe(0);

    const wrong = await run(['mirror', '--verbose'], { HTTPS_PROXY: at(proxy, { user: 'anna', password: 'wrong-CANARY' }) });
    expect(wrong.code).toBe(1);
    expect(wrong.out + wrong.err).toContain('proxy-refused');
    const none = await alone(['mirror', '--verbose'], { HTTPS_PROXY: proxy.url });
    expect(none.code).toBe(1);
    expect(none.out + none.err).toContain('proxy-refused');

    for (const { out, err } of [verbose, wrong, none]) expect(out + err).not.toMatch(/CANARY|Basic/u);
    for (const name of readdirSync(profile(), { recursive: true, encoding: 'utf8' })) {
      const file = path.join(profile(), name);
      if (statSync(file).isFile()) expect(readFileSync(file).includes('CANARY')).toBe(false);
    }
  });

  it('takes what was typed before what the policy says, and that before the variables', async () => {
    proxy = await start();
    const [typed, held] = [proxy, await start()];
    const policy = policyOf({ proxy: held.url });
    const nowhere = { HTTPS_PROXY: 'http://127.0.0.1:1' };
    try {
      expect((await run(['mirror', '--proxy', typed.url], { ...policy, ...nowhere })).code).toBe(0);
      expect([typed.asked.length > 0, held.asked]).toEqual([true, []]);
      const before = typed.asked.length;
      expect((await run(['mirror'], { ...policy, ...nowhere })).code).toBe(0);
      expect([typed.asked.length, held.asked.length > 0]).toEqual([before, true]);
      const gone = await run(['mirror'], nowhere);
      expect(gone.code).toBe(1);
      expect(gone.out + gone.err).toContain('proxy-unreachable');
      const directly: readonly [readonly string[], NodeJS.ProcessEnv][] = [
        [['mirror'], { HTTPS_PROXY: typed.url, NO_PROXY: 'example.org' }],
        [['mirror', '--proxy', 'none'], policy],
      ];
      for (const [args, env] of directly) {
        const { code, out, err } = await run(args, env);
        expect(code).toBe(1);
        expect(out + err).toContain('dns-failed');
      }
    } finally {
      await held.close();
    }
  });
});

it('a wrong policy is told, and no server is reached past it', async () => {
  proxy = await startConnectProxy();
  const { code, out, err } = await run(['mirror'], { ...policyOf({ proxy: 'http://anna:pw-CANARY@p:1' }), HTTPS_PROXY: proxy.url });
  expect(code).toBe(1);
  expect(out + err).toContain('policy-invalid');
  expect(out + err).not.toContain('CANARY');
  expect(proxy.asked).toEqual([]);
  const shown = await run(['policy', 'show'], policyOf({ proxy: 'http://anna:pw-CANARY@p:1' }));
  expect(shown.out).toContain('network.proxy');
  expect(shown.out).not.toContain('CANARY');
});
