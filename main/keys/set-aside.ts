import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { OUTBOX_FILE, STORE_FILE, UNSENT_FILE } from '../../shared/store-file.ts';
import { unsentNoteSchema, type UnsentNote } from '../../shared/model/account.ts';
import { syncFolder } from '../engine/core/durable-file.ts';
import { PROFILE_FILE, VAULT_FILE } from './profile-id.ts';
import { freeName, typed } from './write-file.ts';

const PARTIAL = 'set-aside.partial';
/** Everything that the key opens, or that leads to it; the profile's name last, so that a kill in between leaves it findable. */
const BELONGS = [STORE_FILE, OUTBOX_FILE, 'first-view', 'own-words', UNSENT_FILE, VAULT_FILE, PROFILE_FILE];

/** The locks stay: they are held by their place, and hold nothing. */
const isOf = (name: string, start: string): boolean => name.startsWith(start) && !name.endsWith('.lock');

/**
 * Moves everything of a store whose key is lost into a folder of its own in the profile; nothing is deleted. The folder is a
 * whole profile: with its key it opens by `--profile`. One that a kill left half moved is continued. Call while no process has the store open.
 * @param at milliseconds since 1970; names the folder
 * @returns the folder
 * @throws MailError store-read-only, store-io
 */
export function setAsideStore(profileDir: string, at: number): string {
  return typed(() => moveAside(profileDir, at));
}

function moveAside(profileDir: string, at: number): string {
  const partial = join(profileDir, PARTIAL);
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  for (const start of BELONGS) {
    for (const name of readdirSync(profileDir).filter((one) => isOf(one, start))) {
      renameSync(join(profileDir, name), freeName(join(partial, name)));
    }
  }
  syncFolder(partial);
  const stamp = new Date(at).toISOString().slice(0, 19).replaceAll(':', '-');
  const folder = freeName(join(profileDir, `set-aside-${stamp}`));
  renameSync(partial, folder);
  syncFolder(profileDir);
  return folder;
}

/** What was nowhere but here when the engine last looked; null where that cannot be known. */
export function readUnsentNote(profileDir: string): UnsentNote | null {
  const path = join(profileDir, UNSENT_FILE);
  if (!existsSync(path)) return null;
  try {
    return unsentNoteSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Damaged figures are no figures; the person is told that it cannot be known.
    return null;
  }
}
