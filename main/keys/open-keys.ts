import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MailError, packError, type PackedError } from '../../shared/errors.ts';
import { OUTBOX_FILE, STORE_FILE } from '../../shared/store-file.ts';
import type { SecretStore } from '../engine/secrets.ts';
import { Keyring, type KeyringBackend } from './keyring.ts';
import { createSecretStore, type ItemStore } from './secret-items.ts';
import { Vault } from './vault.ts';
import { writeFileAtomic } from './write-file.ts';

export interface KeysOptions {
  readonly profileDir: string;
  /** `auto`: the vault where one exists, else the keyring. `passphrase`: always the vault. */
  readonly mode: 'auto' | 'keyring' | 'passphrase';
  readonly loadKeyring?: () => Promise<KeyringBackend>;
  readonly env?: NodeJS.ProcessEnv;
}

export type LockedReason = 'choose-passphrase' | 'enter-passphrase' | 'keyring-unavailable';

export interface ReadyKeys {
  readonly status: 'ready';
  /** 256-bit raw key of the store. */
  readonly storeKey: Uint8Array;
  readonly secrets: SecretStore;
}
export interface LockedKeys {
  readonly status: 'locked';
  readonly reason: LockedReason;
  readonly error: PackedError | null;
  unlock(passphrase: string): Promise<Keys>;
}
export type Keys = ReadyKeys | LockedKeys;

const SERVICE = 'Holdover';
const profileSchema = z.strictObject({ id: z.uuid() });
const keyTextSchema = z.string().regex(/^[0-9a-f]{64}$/u);

/** Unsent mail alone is reason enough never to make another key. */
const hasStore = (dir: string): boolean => [STORE_FILE, OUTBOX_FILE].some((name) => existsSync(join(dir, name)));
const vaultPath = (dir: string): string => join(dir, 'vault.json');

const keyMissing = (detail: string) => new MailError('store-key-missing', { scope: 'store', retry: 'ask', detail });

/** The profile's name in the keyring, made once. A store whose profile file is gone has lost its key's name. */
function profileId(dir: string): string {
  const path = join(dir, 'profile.json');
  if (existsSync(path)) {
    const parsed = profileSchema.safeParse(parseJson(readFileSync(path, 'utf8')));
    if (parsed.success) return parsed.data.id;
    throw keyMissing('profile.json is damaged');
  }
  if (hasStore(dir)) throw keyMissing('profile.json is missing');
  const id = randomUUID();
  writeFileAtomic(path, JSON.stringify({ id }));
  return id;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the schema refuses it, with a name for what is wrong
  }
}

/**
 * The key of the profile's store. A new one is made only where there is neither a store nor a key: a keyring that is
 * locked, missing or answers wrongly never leads to a new key over an old store.
 */
async function storeKey(items: ItemStore, dir: string, id: string): Promise<Uint8Array> {
  const item = `store-key:${id}`;
  const found = await items.get(item);
  if (found !== null) {
    if (!keyTextSchema.safeParse(found).success) throw keyMissing('the key item is damaged');
    return new Uint8Array(Buffer.from(found, 'hex'));
  }
  if (hasStore(dir)) throw keyMissing('the store is there, its key is not');
  const key = randomBytes(32);
  await items.set(item, key.toString('hex'));
  return new Uint8Array(key);
}

async function ready(items: ItemStore, dir: string, id: string): Promise<ReadyKeys> {
  return { status: 'ready', storeKey: await storeKey(items, dir, id), secrets: createSecretStore(items, id) };
}

function locked(options: KeysOptions, id: string, error: PackedError | null): LockedKeys {
  const dir = options.profileDir;
  const path = vaultPath(dir);
  const hasVault = Vault.exists(path);
  const reason = hasVault ? 'enter-passphrase' : hasStore(dir) ? 'keyring-unavailable' : 'choose-passphrase';
  return {
    ...{ status: 'locked', reason, error },
    unlock: async (passphrase) => {
      if (reason === 'keyring-unavailable') throw keyMissing('this store was made with a keyring');
      return ready(await (hasVault ? Vault.open(path, passphrase) : Vault.create(path, passphrase)), dir, id);
    },
  };
}

/** The demo's throw-away profile unlocks itself; any other profile ignores the variable. */
function demoPassphrase({ profileDir, env = process.env }: KeysOptions): string | null {
  return existsSync(join(profileDir, 'demo-profile')) ? (env['HOLDOVER_DEMO_PASSPHRASE'] ?? null) : null;
}

/**
 * Opens the keys of a profile: from its vault, from the keyring, or tells what is needed. Never falls back to plain text.
 * @throws MailError store-key-missing (nothing was written)
 */
export async function openKeys(options: KeysOptions): Promise<Keys> {
  const { profileDir, mode } = options;
  const id = profileId(profileDir);
  const demo = demoPassphrase(options);
  if (demo !== null) return locked(options, id, null).unlock(demo);
  if (mode !== 'keyring' && (mode === 'passphrase' || Vault.exists(vaultPath(profileDir)))) return locked(options, id, null);
  const keyring = new Keyring(SERVICE, options.loadKeyring ? { load: options.loadKeyring } : {});
  try {
    return await ready(keyring, profileDir, id);
  } catch (error) {
    const isKeyring = error instanceof MailError && (error.code === 'keyring-unavailable' || error.code === 'keyring-locked');
    if (!isKeyring) throw error;
    // A keyring that is there and locked holds the key: a passphrase of its own would make a second one.
    const answer = locked(options, id, packError(error));
    return error.code === 'keyring-locked' ? { ...answer, reason: 'keyring-unavailable' } : answer;
  }
}
