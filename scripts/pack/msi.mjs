// Stands in for WiX, which electron-builder fetches from the web and runs under Wine: where that is out of reach, msitools' wixl
// makes the same package of the same project.
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { rootDir } from '../lib/paths.mjs';
import { withWorkDir } from '../lib/work-dir.mjs';
import msiProjectCreated from './msi-project.mjs';
import { toWixl } from './wixl-project.mjs';

const require = createRequire(path.join(rootDir, 'package.json'));
const ARCH_X64 = 1;
const ARCH_ARM64 = 3;
const ENGLISH = 1033;

function run(command, args) {
  const { status, error, stderr, stdout } = spawnSync(command, args, { cwd: '/', encoding: 'utf8' });
  if (error || status !== 0 || /CRITICAL|ERROR|WARNING/u.test(stderr)) throw new Error(`${command}: ${error?.message ?? stderr}`);
  return stdout;
}

/** wixl has no word for arm64. Of the summary, that is the one difference: everything in the tables is said to be for 64 bits. */
function sayArm64(file, { productName, companyName }) {
  const [, number] = /^Revision number \(UUID\): (\{[0-9A-F-]+\})$/mu.exec(run('msiinfo', ['suminfo', file])) ?? [];
  if (!number) throw new Error('the MSI has no package code');
  run('msibuild', [file, '-s', productName, companyName, `Arm64;${ENGLISH}`, number]);
}

/** What electron-builder hands to WiX: the packer's own target is asked for it, so that there is one source of all facts. */
async function projectOf({ packager, appOutDir, outDir }) {
  const { default: MsiTarget } = require('app-builder-lib/out/targets/MsiTarget.js');
  const { getEffectiveOptions } = require('app-builder-lib/out/options/CommonWindowsInstallerConfiguration.js');
  const target = new MsiTarget(packager, outDir);
  // electron-builder says x64 to WiX for arm64, too.
  return { target, project: await target.writeManifest(appOutDir, ARCH_X64, getEffectiveOptions(target.options, packager)) };
}

/**
 * Run by electron-builder when the folder of a Windows app is complete and signed.
 * @throws Error with what wixl or msibuild said
 */
export default async function makeMsi(context) {
  const { packager, appOutDir, outDir, arch } = context;
  const { target, project } = await projectOf(context);
  const name = packager.expandArtifactBeautyNamePattern(target.options, 'msi', arch);
  await withWorkDir(outDir, async (workDir) => {
    const projectFile = path.join(workDir, 'project.wxs');
    const made = path.join(workDir, 'made.msi');
    writeFileSync(projectFile, project);
    msiProjectCreated(projectFile);
    const { text, statements } = toWixl(readFileSync(projectFile, 'utf8'), { appDir: appOutDir });
    writeFileSync(projectFile, text);
    run('wixl', ['-a', 'x64', '-o', made, projectFile]);
    for (const statement of statements) run('msibuild', [made, '-q', statement]);
    if (arch === ARCH_ARM64) sayArm64(made, packager.appInfo);
    await packager.signIf(made);
    renameSync(made, path.join(outDir, name));
  });
}
