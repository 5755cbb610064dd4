import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { freePort } from './ports.ts';
import { ServerProcess } from './server-process.ts';
import type { TlsIdentity } from './tls.ts';

export const SLAPD_BASE = 'dc=example,dc=com';
export const SLAPD_ADMIN = `cn=admin,${SLAPD_BASE}`;
export const SLAPD_PASSWORD = 'pw-directory';
/** An account to which the server shows no more than 100 entries. */
export const SLAPD_LIMITED = `cn=limited,${SLAPD_BASE}`;

const SLAPD = '/usr/sbin/slapd';
const SCHEMAS = ['core', 'cosine', 'nis', 'inetorgperson', 'msuser'];

export const isSlapdInstalled = (): boolean => existsSync(SLAPD);

export interface Slapd {
  readonly port: number;
  readonly tlsPort: number;
  /** Changes entries as an administrator does. */
  change(work: (client: Client) => Promise<void>): Promise<void>;
  dispose(): Promise<void>;
}

function configText(folder: string, tls: TlsIdentity): string {
  return [
    ...SCHEMAS.map((name) => `include /etc/ldap/schema/${name}.schema`),
    // Of Active Directory's classes the schema file has not all.
    "objectclass ( 1.3.6.1.4.1.99999.1 NAME 'windowsPerson' AUXILIARY MAY ( sAMAccountName $ userPrincipalName $ mail ) )",
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    `pidfile ${join(folder, 'slapd.pid')}`,
    `TLSCertificateFile ${tls.certFile}`,
    `TLSCertificateKeyFile ${tls.keyFile}`,
    'disallow bind_anon',
    'sizelimit unlimited',
    'database mdb',
    `suffix "${SLAPD_BASE}"`,
    `rootdn "${SLAPD_ADMIN}"`,
    `rootpw ${SLAPD_PASSWORD}`,
    `directory ${join(folder, 'db')}`,
    'maxsize 268435456',
    'dbnosync',
    'index objectClass,entryUUID,uid,mail eq',
    `limits dn.exact="${SLAPD_LIMITED}" size.soft=100 size.hard=100 size.pr=50 size.prtotal=100`,
    'access to attrs=userPassword by anonymous auth by * none',
    'access to * by * read',
    '',
  ].join('\n');
}

/** A directory of its own on loopback, filled offline: ten thousand entries take a second so. */
export async function startSlapd(ldif: string, tls: TlsIdentity): Promise<Slapd> {
  const folder = mkdtempSync(join(tmpdir(), 'holdover-slapd-'));
  const config = join(folder, 'slapd.conf');
  mkdirSync(join(folder, 'db'));
  writeFileSync(config, configText(folder, tls));
  const limited = `dn: ${SLAPD_LIMITED}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: limited\nuserPassword: ${SLAPD_PASSWORD}\n\n`;
  const root = `dn: ${SLAPD_BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n`;
  writeFileSync(join(folder, 'all.ldif'), root + limited + ldif);
  execFileSync('/usr/sbin/slapadd', ['-q', '-f', config, '-l', join(folder, 'all.ldif')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await freePort();
  const tlsPort = await freePort();
  const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
  const server = await ServerProcess.start({ program: SLAPD, args: ['-d', '0', '-f', config, '-h', urls], port, greeting: null, folder });
  return {
    ...{ port, tlsPort },
    change: async (work) => {
      const client = new Client({ url: `ldap://127.0.0.1:${port}` });
      await client.bind(SLAPD_ADMIN, SLAPD_PASSWORD);
      await work(client).finally(() => client.unbind());
    },
    dispose: async () => {
      await server.stop('TERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Passes a connection on and cuts it after this many bytes of answers; null: never. */
export async function startCutter(upstream: number, afterBytes: number | null): Promise<{ port: number; close: () => void }> {
  const server: Server = createServer((client) => {
    const up = connect(upstream, '127.0.0.1');
    let passed = 0;
    const end = (): void => void (client.destroy(), up.destroy());
    client.pipe(up);
    up.on('data', (data: Buffer) => {
      passed += data.length;
      if (afterBytes === null || passed < afterBytes) client.write(data);
      else client.write(data.subarray(0, Math.max(0, data.length - (passed - afterBytes))), end);
    });
    for (const one of [client, up]) one.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
