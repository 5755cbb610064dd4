import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import { NtExecutable, NtExecutableResource, Resource } from 'resedit';

const MACHINES = { x64: 0x8664, arm64: 0xaa64 };
const MACHINE_OFFSET = 4;
/** How @electron/fuses finds the fuses in a binary. */
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const ENGLISH = { lang: 1033, codepage: 1200 };
const MARK = 'This is a stand-in without the Electron runtime: an installer made of it installs no working program.\n';
/** Of a runtime for Linux, what a Windows one has just so. */
const SAME_EVERYWHERE = /^(?:LICENSE(?:S\.chromium\.html|\.electron\.txt)?|icudtl\.dat|.*\.pak|locales|version)$/u;

function fuseWire() {
  const count = Object.keys(FuseV1Options).filter((key) => /^\d+$/u.test(key)).length;
  return Buffer.concat([Buffer.from(FUSE_SENTINEL), Buffer.from([1, count]), Buffer.from('0'.repeat(count))]);
}

/** A Windows program without code, with everything that packing looks for in Electron's: processor, fuses, version, manifest. */
function emptyProgram(arch) {
  const program = NtExecutable.createEmpty(false, false);
  program.setExtraData(Uint8Array.from(fuseWire()).buffer);
  const resources = NtExecutableResource.from(program);
  const version = Resource.VersionInfo.createEmpty();
  version.lang = ENGLISH.lang;
  version.setStringValues(ENGLISH, { FileDescription: 'Stand-in', ProductName: 'Stand-in' });
  version.outputToResourceEntries(resources.entries);
  resources.outputResource(program);
  const bytes = Buffer.from(program.generate());
  bytes.writeUInt16LE(MACHINES[arch], bytes.readUInt32LE(60) + MACHINE_OFFSET);
  return bytes;
}

/**
 * A tree in the place of Electron's for Windows, so that everything of a package but the runtime can be built and looked at
 * where that runtime cannot be had. It is named as what it is, in the tree and by whoever calls this.
 * @param {{ from: string, to: string, arch: string }} places `from`: folder of the runtime at hand
 */
export function makeStandIn({ from, to, arch }) {
  mkdirSync(path.join(to, 'resources'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (SAME_EVERYWHERE.test(name)) cpSync(path.join(from, name), path.join(to, name), { recursive: true });
  }
  writeFileSync(path.join(to, 'electron.exe'), emptyProgram(arch));
  writeFileSync(path.join(to, 'STAND-IN.txt'), MARK);
}
