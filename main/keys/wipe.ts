import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { unsentNoteSchema } from '../../shared/model/account.ts';
import { loadKeytar, type KeyringBackend } from './keyring.ts';
import { SERVICE } from './open-keys.ts';
import { PROFILE_FILE, VAULT_FILE } from './profile-id.ts';
import { readUnsentNote } from './set-aside.ts';
import { syncFolder } from '../engine/core/durable-file.ts';
import { writeFileAtomic } from './write-file.ts';

/** What is left of a profile that was wiped: the order, how far it was carried out, and what went with it. */
export const WIPE_FILE = 'wipe.json';
const noteSchema = z.strictObject({
  order: z.string().max(100),
  /** Where IT wants to hear of it; null for nowhere. */
  report: z.string().max(4096).nullable(),
  /** Milliseconds since 1970. */
  at: z.number().int().nonnegative(),
  /** What was nowhere but here; null where that could not be known. */
  unsent: unsentNoteSchema.nullable(),
  profile: z.string().max(100).nullable(),
  /** Key and secrets of the keyring are gone. */
  areKeysGone: z.boolean(),
  areFilesGone: z.boolean(),
  /** Names in the profile that the system did not let go of. */
  left: z.array(z.string().max(300)).max(1000),
  isReported: z.boolean(),
});
export type WipeNote = z.infer<typeof noteSchema>;

/** Called after each step that is durable; tests stop there. */
export type WipeStep = (name: 'noted' | 'vault' | 'keyring' | 'files' | 'done') => void;

export interface WipeOptions {
  readonly profileDir: string;
  readonly loadKeyring?: () => Promise<KeyringBackend>;
  readonly step?: WipeStep;
}

const noteFile = (dir: string): string => path.join(dir, WIPE_FILE);

/** The wipe of a profile that was begun; null where there was none. */
export function readWipeNote(profileDir: string): WipeNote | null {
  if (!existsSync(noteFile(profileDir))) return null;
  return noteSchema.parse(JSON.parse(readFileSync(noteFile(profileDir), 'utf8')));
}

export function writeWipeNote(profileDir: string, note: WipeNote): WipeNote {
  writeFileAtomic(noteFile(profileDir), JSON.stringify(note));
  return note;
}

function profileName(dir: string): string | null {
  try {
    return z.looseObject({ id: z.uuid() }).parse(JSON.parse(readFileSync(path.join(dir, PROFILE_FILE), 'utf8'))).id;
  } catch {
    return null; // a profile that was never set up, or is damaged: then its items cannot be told from others'
  }
}

/** Writes down that the profile is to be wiped; from then on every start goes on with it. Durable on return. */
export function beginWipe({ profileDir, step }: WipeOptions, order: string, report: string | null, at: number): WipeNote {
  const note = writeWipeNote(profileDir, {
    ...{ order, report, at },
    unsent: readUnsentNote(profileDir),
    profile: profileName(profileDir),
    ...{ areKeysGone: false, areFilesGone: false, left: [], isReported: false },
  });
  step?.('noted');
  return note;
}

/** Overwrites what a passphrase seals, older copies included, before its name goes. */
function eraseVaults(dir: string): void {
  for (const name of readdirSync(dir).filter((one) => one.startsWith(VAULT_FILE))) {
    const file = openSync(path.join(dir, name), 'r+');
    try {
      writeSync(file, Buffer.alloc(fstatSync(file).size));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    rmSync(path.join(dir, name));
  }
  syncFolder(dir);
}

async function eraseItems(load: () => Promise<KeyringBackend>, profile: string | null): Promise<boolean> {
  if (profile === null) return true;
  try {
    const backend = await load();
    const items = (await backend.findCredentials?.(SERVICE)) ?? [];
    for (const { account } of items.filter((one) => one.account.includes(profile))) await backend.deletePassword(SERVICE, account);
    return true;
  } catch {
    // Told in the report, and tried again at the next start: the files go all the same.
    return false;
  }
}

/** Everything but the note; what the system holds open is listed and tried again. */
function eraseFiles(dir: string): string[] {
  const left: string[] = [];
  for (const name of readdirSync(dir).filter((one) => one !== WIPE_FILE)) {
    try {
      rmSync(path.join(dir, name), { recursive: true, force: true });
    } catch {
      left.push(name);
    }
  }
  syncFolder(dir);
  return left;
}

/**
 * Goes on with a wipe that was begun: the keys first, without which the files are noise, then the files. Killed at any step it ends
 * the same when it is called again. Call while no engine runs.
 */
export async function carryOutWipe({ profileDir, loadKeyring = loadKeytar, step }: WipeOptions, begun: WipeNote): Promise<WipeNote> {
  eraseVaults(profileDir);
  step?.('vault');
  const areKeysGone = begun.areKeysGone || (await eraseItems(loadKeyring, begun.profile));
  let note = writeWipeNote(profileDir, { ...begun, areKeysGone });
  step?.('keyring');
  const left = eraseFiles(profileDir);
  step?.('files');
  note = writeWipeNote(profileDir, { ...note, areFilesGone: left.length === 0, left });
  step?.('done');
  return note;
}
