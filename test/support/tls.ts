import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is wrong (or right) with a server's certificate. All but `wrong-host` are for localhost, 127.0.0.1 and ::1. */
export type CertificateKind = 'good' | 'expired' | 'not-yet-valid' | 'wrong-host' | 'self-signed' | 'untrusted-ca';

/** A server's key and certificate, and the authority that a client of the tests trusts. */
export interface TlsIdentity {
  readonly kind: CertificateKind;
  /** PEM texts. */
  readonly key: string;
  readonly cert: string;
  /** The trusted test authority, the same for every kind: a client given it accepts `good` alone. */
  readonly ca: string;
  readonly keyFile: string;
  readonly certFile: string;
  readonly caFile: string;
}

/** `127.1`: this machine, too, by a name that does not say so. */
const LOCAL_NAMES = 'DNS:localhost,DNS:*.localhost,DNS:127.1,IP:127.0.0.1,IP:::1';
const OTHER_NAMES = 'DNS:mail.example.org';
const AUTHORITY_EXTENSIONS = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';

let folder: string | null = null;
const identities = new Map<CertificateKind, TlsIdentity>();

function inFolder(name: string): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'holdover-tls-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return join(folder, name);
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function newKey(name: string): string {
  const file = inFolder(`${name}.key`);
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file);
  return file;
}

function selfSigned(name: string, subject: string, extensions: string): { keyFile: string; certFile: string } {
  const keyFile = newKey(name);
  const certFile = inFolder(`${name}.crt`);
  const config = inFolder(`${name}.cnf`);
  writeFileSync(config, `[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\n${extensions}`);
  openssl('req', '-new', '-x509', '-key', keyFile, '-out', certFile, '-subj', subject, '-days', '30', '-config', config);
  return { keyFile, certFile };
}

const authorities = new Map<string, { keyFile: string; certFile: string }>();

function authority(name: string): { keyFile: string; certFile: string } {
  const known = authorities.get(name);
  if (known) return known;
  const made = selfSigned(name, `/CN=Holdover test authority ${name}`, AUTHORITY_EXTENSIONS);
  authorities.set(name, made);
  return made;
}

function utcTime(offsetDays: number): string {
  const at = new Date(Date.now() + offsetDays * 86_400_000);
  return `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
}

interface Validity {
  readonly fromDays: number;
  readonly toDays: number;
}

// `openssl ca`, since `openssl x509` of OpenSSL 3.0 cannot give a start date.
function issue(name: string, issuer: string, names: string, validity: Validity): { keyFile: string; certFile: string } {
  const { keyFile: caKey, certFile: caCert } = authority(issuer);
  const keyFile = newKey(name);
  const [request, certFile, config] = [inFolder(`${name}.csr`), inFolder(`${name}.crt`), inFolder(`${name}.cnf`)];
  writeFileSync(inFolder(`${name}.index`), '');
  writeFileSync(
    config,
    `[ca]\ndefault_ca=own\n[own]\ndatabase=${inFolder(`${name}.index`)}\nnew_certs_dir=${inFolder('')}\ndefault_md=sha256\n` +
      `policy=any\nrand_serial=yes\nunique_subject=no\nx509_extensions=ext\n[any]\ncommonName=supplied\n` +
      `[req]\ndistinguished_name=dn\n[dn]\n` +
      `[ext]\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=${names}\n`,
  );
  openssl('req', '-new', '-key', keyFile, '-out', request, '-subj', `/CN=${name}`, '-config', config);
  const dates = ['-startdate', utcTime(validity.fromDays), '-enddate', utcTime(validity.toDays)];
  openssl('ca', '-batch', '-notext', '-config', config, '-in', request, '-out', certFile, '-cert', caCert, '-keyfile', caKey, ...dates);
  return { keyFile, certFile };
}

const VALID: Validity = { fromDays: -1, toDays: 30 };

function make(kind: CertificateKind): { keyFile: string; certFile: string } {
  switch (kind) {
    case 'good':
      return issue(kind, 'trusted', LOCAL_NAMES, VALID);
    case 'expired':
      return issue(kind, 'trusted', LOCAL_NAMES, { fromDays: -30, toDays: -1 });
    case 'not-yet-valid':
      return issue(kind, 'trusted', LOCAL_NAMES, { fromDays: 5, toDays: 30 });
    case 'wrong-host':
      return issue(kind, 'trusted', OTHER_NAMES, VALID);
    case 'untrusted-ca':
      return issue(kind, 'untrusted', LOCAL_NAMES, VALID);
    case 'self-signed':
      return selfSigned(kind, '/CN=localhost', `subjectAltName=${LOCAL_NAMES}\n`);
  }
}

/** Key and certificate of this kind; made by the openssl command on first use, then kept for the process's life. */
export function tlsIdentity(kind: CertificateKind = 'good'): TlsIdentity {
  const known = identities.get(kind);
  if (known) return known;
  const { keyFile, certFile } = make(kind);
  const caFile = authority('trusted').certFile;
  const text = (file: string): string => readFileSync(file, 'utf8');
  const identity = { kind, key: text(keyFile), cert: text(certFile), ca: text(caFile), keyFile, certFile, caFile };
  identities.set(kind, identity);
  return identity;
}
