import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';

const OTHERS_WRITE = 0o022;

export interface Ownership {
  readonly uid: number;
  readonly mode: number;
}

/** Why a file of the machine is not to be trusted, or null: it and its folder are root's and nobody else can write them. Pure. */
export function ownerFault(what: 'file' | 'folder', { uid, mode }: Ownership): string | null {
  if (uid !== 0) return `the ${what} does not belong to root`;
  // The sticky bit keeps others from replacing what is not theirs.
  if ((mode & OTHERS_WRITE) !== 0 && !(what === 'folder' && (mode & 0o1000) !== 0)) return `the ${what} can be written by others than root`;
  return null;
}

/** The same for a file on this machine; a link is not followed into a place of somebody else. */
export function findOwnerFault(file: string): string | null {
  const own = lstatSync(file);
  if (!own.isFile()) return 'it is not a plain file';
  return ownerFault('file', own) ?? ownerFault('folder', statSync(path.dirname(file)));
}

/** SYSTEM, the administrators, and Windows' own installer. */
const TRUSTED_SIDS = ['SY', 'BA', 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464'];
/** Rights of reading and running, as letters and as bits; in a folder also adding what is new, which replaces nothing. */
const HARMLESS = { file: ['FR', 'FX', 'GR', 'GX', 'RC', 'CC', 'SW', 'WP', 'LO'], folder: ['DC', 'LC', 'RP', 'CR'] };
const HARMLESS_BITS = { file: 0x001200a9, folder: 0x001200a9 | 0x116 };

/** Pairs of letters, or a number. */
function mayWrite(what: 'file' | 'folder', rights: string): boolean {
  if (rights.startsWith('0x')) return (Number(rights) & ~HARMLESS_BITS[what]) !== 0;
  const harmless = what === 'file' ? HARMLESS.file : [...HARMLESS.file, ...HARMLESS.folder];
  return (rights.match(/../g) ?? []).some((pair) => !harmless.includes(pair));
}

/** Why a file with this security descriptor (SDDL, as `Get-Acl` gives it) is not to be trusted, or null. Pure. */
export function sddlFault(what: 'file' | 'folder', sddl: string): string | null {
  const owner = /^O:(.+?)(?=G:|D:|S:|$)/.exec(sddl)?.[1] ?? '';
  if (!TRUSTED_SIDS.includes(owner)) return `the ${what} does not belong to the administrators`;
  const dacl = /D:[A-Z]*((?:\([^)]*\))*)/.exec(sddl)?.[1];
  if (dacl === undefined || dacl === '') return `the ${what} has no list of rights`;
  for (const [, entry = ''] of dacl.matchAll(/\(([^)]*)\)/g)) {
    const [type, flags = '', rights = '', , , sid = ''] = entry.split(';');
    const isInherited = flags.includes('IO');
    if (type === 'A' && !isInherited && !TRUSTED_SIDS.includes(sid) && mayWrite(what, rights))
      return `the ${what} can be written by others than administrators`;
  }
  return null;
}
