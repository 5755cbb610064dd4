import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MailError } from '../../shared/errors.ts';
import { KEY_CHECK_SUFFIX, OUTBOX_FILE, STORE_FILE } from '../../shared/store-file.ts';
import { freeName, typed, writeFileAtomic } from './write-file.ts';

/** Holds the name under which the keyring knows the profile. */
export const PROFILE_FILE = 'profile.json';

/** Name of the item that holds the key of a profile's store. */
export const storeKeyItem = (id: string): string => `store-key:${id}`;

/** Keys and secrets sealed by a passphrase, where there is no keyring. */
export const VAULT_FILE = 'vault.json';
export const vaultPath = (dir: string): string => join(dir, VAULT_FILE);

const profileSchema = z.strictObject({ id: z.uuid() });

/** Unsent mail alone is reason enough never to make another key. */
export const hasStore = (dir: string): boolean =>
  // The check value of the key stays where it is while a damaged store is set aside.
  [STORE_FILE, OUTBOX_FILE].some((name) => existsSync(join(dir, name)) || existsSync(join(dir, name + KEY_CHECK_SUFFIX)));

export const keyMissing = (detail: string): MailError => new MailError('store-key-missing', { scope: 'store', retry: 'ask', detail });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the schema refuses it, with a name for what is wrong
  }
}

/** The profile's name in the keyring, made once. @throws MailError store-key-missing when a store is there without it */
export function profileId(dir: string): string {
  const path = join(dir, PROFILE_FILE);
  if (existsSync(path)) {
    const parsed = profileSchema.safeParse(parseJson(readFileSync(path, 'utf8')));
    if (parsed.success) return parsed.data.id;
    throw keyMissing('profile.json is damaged');
  }
  if (hasStore(dir)) throw keyMissing('profile.json is missing');
  return newProfileId(dir);
}

/** A new name where the old one is lost; a file that cannot be read is kept beside it. */
export function renewProfileId(dir: string): string {
  try {
    return profileId(dir);
  } catch {
    const path = join(dir, PROFILE_FILE);
    typed(() => existsSync(path) && renameSync(path, freeName(`${path}.damaged`)));
    return newProfileId(dir);
  }
}

function newProfileId(dir: string): string {
  const id = randomUUID();
  writeFileAtomic(join(dir, PROFILE_FILE), JSON.stringify({ id }));
  return id;
}
