import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { constants, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { MailError } from '../../shared/errors.ts';
import type { ItemStore } from './secret-items.ts';
import { freeName, typed, writeFileAtomic } from './write-file.ts';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`, 'u'));
const vaultSchema = z.strictObject({
  version: z.literal(1),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    n: z
      .number()
      .int()
      .min(2 ** 15)
      .max(2 ** 20),
    r: z.literal(8),
    p: z.number().int().min(1).max(4),
    salt: hex(16),
  }),
  nonce: hex(12),
  tag: hex(16),
  data: z.string().regex(/^[0-9a-f]*$/u),
});
type VaultFile = z.infer<typeof vaultSchema>;
const itemsSchema = z.record(z.string(), z.string());

/** RFC 7914; 128 MiB and about half a second a try. */
const KDF = { n: 2 ** 17, r: 8, p: 1 } as const;
const MAX_MEMORY = 512 * 1024 * 1024;
export const MIN_PASSPHRASE = 10;

const vaultError = (code: 'passphrase-wrong' | 'passphrase-weak' | 'vault-damaged', detail: string) =>
  new MailError(code, { scope: 'store', retry: 'ask', detail });

function derive(passphrase: string, { salt, n, r, p }: VaultFile['kdf']): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: n, r, p, maxmem: MAX_MEMORY };
    scrypt(passphrase.normalize('NFKC'), Buffer.from(salt, 'hex'), 32, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** Weak is what a list would find at once: short, or one character over and over. */
export function refuseWeak(passphrase: string): void {
  const isWeak = [...passphrase].length < MIN_PASSPHRASE || new Set(passphrase.toLowerCase()).size < 5;
  if (isWeak) throw vaultError('passphrase-weak', `at least ${MIN_PASSPHRASE} characters, not all alike`);
}

/** Keys and secrets in a file sealed by a passphrase (scrypt, AES-256-GCM), for machines without a keyring. */
export class Vault implements ItemStore {
  readonly #path: string;
  readonly #kdf: VaultFile['kdf'];
  readonly #key: Buffer;
  #items: ReadonlyMap<string, string>;

  private constructor(path: string, kdf: VaultFile['kdf'], key: Buffer, items: Map<string, string>) {
    this.#path = path;
    this.#kdf = kdf;
    this.#key = key;
    this.#items = items;
  }

  static exists(path: string): boolean {
    return existsSync(path);
  }

  /** @throws MailError passphrase-weak; never replaces a vault that is there. */
  static async create(path: string, passphrase: string): Promise<Vault> {
    refuseWeak(passphrase);
    if (existsSync(path)) throw vaultError('passphrase-wrong', 'there is a vault already');
    return Vault.#make(path, passphrase, {});
  }

  /**
   * A new vault in the place of one that nobody can open any more, which is kept beside it; the change is one rename.
   * @throws MailError passphrase-weak
   */
  static async replace(path: string, passphrase: string, items: Readonly<Record<string, string>>): Promise<Vault> {
    refuseWeak(passphrase);
    typed(() => existsSync(path) && copyFileSync(path, freeName(`${path}.replaced`), constants.COPYFILE_EXCL));
    return Vault.#make(path, passphrase, items);
  }

  static async #make(path: string, passphrase: string, items: Readonly<Record<string, string>>): Promise<Vault> {
    const kdf = { name: 'scrypt' as const, ...KDF, salt: randomBytes(16).toString('hex') };
    const vault = new Vault(path, kdf, await derive(passphrase, kdf), new Map());
    vault.#change(new Map(Object.entries(items)));
    return vault;
  }

  /** @throws MailError passphrase-wrong; vault-damaged (it is left as it is). */
  static async open(path: string, passphrase: string): Promise<Vault> {
    const file = readVault(path);
    const key = await derive(passphrase, file.kdf);
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(file.nonce, 'hex')).setAuthTag(Buffer.from(file.tag, 'hex'));
    let text: string;
    try {
      text = Buffer.concat([decipher.update(Buffer.from(file.data, 'hex')), decipher.final()]).toString('utf8');
    } catch {
      // GCM cannot tell a wrong key from changed data; the cause holds nothing more.
      throw vaultError('passphrase-wrong', '');
    }
    return new Vault(path, file.kdf, key, new Map(Object.entries(itemsSchema.parse(JSON.parse(text)))));
  }

  get(item: string): Promise<string | null> {
    return Promise.resolve(this.#items.get(item) ?? null);
  }

  /** @throws MailError store-read-only, store-full, store-io */
  // eslint-disable-next-line @typescript-eslint/require-await -- a refusal of the disk comes as a rejection
  async set(item: string, value: string): Promise<void> {
    this.#change(new Map(this.#items).set(item, value));
  }

  /** @throws MailError as set() */
  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async delete(item: string): Promise<void> {
    const items = new Map(this.#items);
    if (items.delete(item)) this.#change(items);
  }

  /** What could not be written down is not remembered either. */
  #change(items: Map<string, string>): void {
    this.#save(items);
    this.#items = items;
  }

  #save(items: ReadonlyMap<string, string>): void {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const text = JSON.stringify(Object.fromEntries(items));
    const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('hex');
    const file: VaultFile = { version: 1, kdf: this.#kdf, nonce: nonce.toString('hex'), tag: cipher.getAuthTag().toString('hex'), data };
    writeFileAtomic(this.#path, JSON.stringify(file));
  }
}

function readVault(path: string): VaultFile {
  try {
    return vaultSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw vaultError('vault-damaged', 'the vault file is damaged');
  }
}
