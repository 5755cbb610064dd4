import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import { NtExecutable, NtExecutableResource, Resource } from 'resedit';

const MACHINES = { x64: 0x8664, arm64: 0xaa64 };
const MACHINE_OFFSET = 4;
const MACH_CPUS = { x64: 0x01000007, arm64: 0x0100000c };
const MACH_EXECUTE = 2;
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

/** A program of macOS without code: the head of a Mach-O file, which names the processor. */
function emptyMachO(arch) {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(0xfeedfacf, 0);
  head.writeUInt32LE(MACH_CPUS[arch], 4);
  head.writeUInt32LE(MACH_EXECUTE, 12);
  return head;
}

const plistOf = (values) => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>${Object.entries(values)
  .map(([key, value]) => `<key>${key}</key><string>${value}</string>`)
  .join('')}</dict></plist>
`;

function writeMacApp(folder, name, arch) {
  const contents = path.join(folder, `${name}.app`, 'Contents');
  mkdirSync(path.join(contents, 'MacOS'), { recursive: true });
  const id = `com.github.Electron${name === 'Electron' ? '' : '.helper'}`;
  writeFileSync(
    path.join(contents, 'Info.plist'),
    plistOf({ CFBundleExecutable: name, CFBundleIdentifier: id, CFBundleName: name, CFBundlePackageType: 'APPL' }),
  );
  writeFileSync(path.join(contents, 'MacOS', name), emptyMachO(arch), { mode: 0o755 });
  return contents;
}

const MAC_HELPERS = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'].map((kind) => `Electron Helper${kind}`);

/** The same for macOS: the bundle, its helpers, and the framework in which the fuses are. @param {{ to: string, arch: string }} places */
export function makeMacStandIn({ to, arch }) {
  const contents = writeMacApp(to, 'Electron', arch);
  const frameworks = path.join(contents, 'Frameworks');
  for (const name of MAC_HELPERS) writeMacApp(frameworks, name, arch);
  const framework = path.join(frameworks, 'Electron Framework.framework');
  const version = path.join(framework, 'Versions/A');
  for (const language of ['en', 'de', 'fr']) {
    const folder = path.join(version, 'Resources', `${language}.lproj`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'locale.pak'), MARK);
  }
  writeFileSync(path.join(version, 'Electron Framework'), Buffer.concat([emptyMachO(arch), fuseWire()]));
  symlinkSync('A', path.join(framework, 'Versions/Current'));
  for (const name of ['Electron Framework', 'Resources']) symlinkSync(`Versions/Current/${name}`, path.join(framework, name));
  mkdirSync(path.join(contents, 'Resources'), { recursive: true });
  writeFileSync(path.join(to, 'STAND-IN.txt'), MARK);
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
