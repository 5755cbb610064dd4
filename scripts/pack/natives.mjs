import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';

const ELF_MACHINES = { 62: 'x64', 183: 'arm64', 3: 'ia32', 40: 'arm' };
const PE_MACHINES = { 0x8664: 'x64', 0xaa64: 'arm64', 0x14c: 'ia32' };
const MACH_MACHINES = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const MACH_64 = 0xfeedfacf;
const MACH_FAT = 0xcafebabe;
const HEAD_BYTES = 4096;

function headOf(file) {
  const head = Buffer.alloc(HEAD_BYTES);
  const handle = openSync(file, 'r');
  try {
    return head.subarray(0, readSync(handle, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(handle);
  }
}

/**
 * What a native module was made for, read from its header.
 * @returns {{ platform: string, archs: string[] } | null} null when it is no native of any system we know
 */
export function targetOf(file) {
  const head = headOf(file);
  if (head.length >= 20 && head.readUInt32BE(0) === 0x7f454c46) {
    return { platform: 'linux', archs: [ELF_MACHINES[head.readUInt16LE(18)] ?? 'unknown'] };
  }
  if (head.length >= 64 && head.toString('latin1', 0, 2) === 'MZ') {
    const at = head.readUInt32LE(60);
    const isPe = at + 6 <= head.length && head.readUInt32BE(at) === 0x50450000;
    return isPe ? { platform: 'win32', archs: [PE_MACHINES[head.readUInt16LE(at + 4)] ?? 'unknown'] } : null;
  }
  if (head.length >= 8 && head.readUInt32LE(0) === MACH_64)
    return { platform: 'darwin', archs: [MACH_MACHINES[head.readUInt32LE(4)] ?? 'unknown'] };
  if (head.length >= 8 && head.readUInt32BE(0) === MACH_FAT) {
    const count = Math.min(head.readUInt32BE(4), 8);
    const archs = Array.from({ length: count }, (_, n) => MACH_MACHINES[head.readUInt32BE(8 + n * 20)] ?? 'unknown');
    return { platform: 'darwin', archs };
  }
  return null;
}

/** All native modules below a folder. */
export function nativesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.node'))
    .map((name) => path.join(folder, name))
    .sort();
}

/** Natives without which the app is no mail client: the encrypted store and the keyring. */
const NEEDED = ['better-sqlite3', 'keytar'];

/**
 * What is wrong with the natives of an unpacked app; empty when each needed one is there once and made for this target.
 * @param {string} unpackedDir app.asar.unpacked
 * @param {{ platform: string, arch: string }} target
 */
export function wrongNatives(unpackedDir, { platform, arch }) {
  const files = nativesBelow(unpackedDir);
  const wrong = files.flatMap((file) => {
    const found = targetOf(file);
    const isRight = found?.platform === platform && found.archs.includes(arch);
    const name = path.relative(unpackedDir, file);
    return isRight
      ? []
      : [`${name} is for ${found ? `${found.platform} ${found.archs.join('+')}` : 'no known system'}, not ${platform} ${arch}`];
  });
  const missing = NEEDED.filter((name) => files.filter((file) => file.split(path.sep).includes(name)).length !== 1);
  return [...wrong, ...missing.map((name) => `${name}: there must be exactly one native of it`)];
}
