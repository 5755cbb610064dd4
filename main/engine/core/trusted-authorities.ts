import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import * as tls from 'node:tls';

/** Where Linux distributions keep the authorities of the machine, those that IT added included; the first that exists is the one in use. */
const LINUX_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Certificates of the machine's own store as PEM texts, bundled ones among them, read again where they changed. Never throws. */
export type SystemStore = () => readonly string[];

/** What a runtime that can read the stores of Windows and macOS has beside the usual (Node 22.15, 23.10). */
type WithSystemStore = typeof tls & { readonly getCACertificates?: (type: 'system') => string[] };

/** The store of Windows or macOS; nothing where the runtime cannot read it. */
function platformStore(): readonly string[] {
  try {
    return (tls as WithSystemStore).getCACertificates?.('system') ?? [];
  } catch {
    return [];
  }
}

/** The store of a Linux machine, read from the first of these files that is there. */
export function bundleStore(files: readonly string[] = LINUX_BUNDLES): SystemStore {
  let seen = '';
  let kept: readonly string[] = [];
  return () => {
    for (const file of files) {
      try {
        const { mtimeMs, size } = statSync(file);
        const now = `${file} ${mtimeMs} ${size}`;
        if (now !== seen) {
          kept = size > MAX_BUNDLE_BYTES ? [] : certificatesIn(readFileSync(file, 'latin1'));
          seen = now;
        }
        return kept;
      } catch {
        continue;
      }
    }
    return [];
  };
}

let store: SystemStore = process.platform === 'linux' ? bundleStore() : platformStore;

/** Reads another store than the machine's from now on; the result takes it back. */
export function useSystemStore(other: SystemStore): () => void {
  const before = store;
  store = other;
  return () => {
    store = before;
  };
}

const bare = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, '');
const bundled = new Set<string>();
let addedOf: readonly string[] | null = null;
let added: readonly string[] = [];

/** What the machine trusts beyond the authorities that every copy of the program has: the company's own, as a rule. */
function addedAuthorities(): readonly string[] {
  const all = store();
  if (all === addedOf) return added;
  if (bundled.size === 0) for (const pem of tls.rootCertificates) bundled.add(bare(pem));
  added = all.filter((pem) => !bundled.has(bare(pem)) && canBeRead(pem));
  addedOf = all;
  return added;
}

/** The certificates of a PEM text, each with its frame. */
export const certificatesIn = (pem: string): readonly string[] => pem.match(CERTIFICATE) ?? [];

/** OpenSSL leaves out what it cannot read, and says nothing. */
export function canBeRead(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** Every authority that is trusted: bundled, the machine's, and these PEM texts; null where the bundled ones are all. */
function authorities(own: readonly string[]): string[] | null {
  const more = [...addedAuthorities(), ...own];
  return more.length === 0 ? null : [...tls.rootCertificates, ...more];
}

/** Trusts the machine's authorities and those of a PEM file beside the bundled ones. @throws what reading the file throws */
export function trusting(caFile: string | undefined): { ca?: string[] } {
  const ca = authorities(caFile === undefined ? [] : [readFileSync(caFile, 'utf8')]);
  return ca === null ? {} : { ca };
}

let made: { readonly texts: readonly string[]; readonly context: tls.SecureContext }[] = [];
const MADE_KEPT = 8;

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((text, at) => text === b[at]);

/**
 * The same for connections that are made often, TLS 1.2 at least: reading some hundred certificates takes longer than the handshake.
 * @param own PEM texts beside the bundled ones and the machine's
 */
export function trustedContext(own: readonly string[] = []): { secureContext?: tls.SecureContext } {
  const texts = authorities(own);
  if (texts === null) return {};
  const known = made.find((one) => isSame(one.texts, texts));
  if (known) return { secureContext: known.context };
  const context = tls.createSecureContext({ ca: texts, minVersion: 'TLSv1.2' });
  made = [{ texts, context }, ...made].slice(0, MADE_KEPT);
  return { secureContext: context };
}
