import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { whyNoElectronDownload } from './lib/electron-download.mjs';
import { resolveElectron } from './lib/electron.mjs';
import { rootDir } from './lib/paths.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain, SetupError, stepPrinter } from './lib/steps.mjs';
import { withWorkDir } from './lib/work-dir.mjs';
import { buildAll, isFolderOnly, outcomeOf } from './pack/build-all.mjs';
import { distConfig } from './pack/dist-config.mjs';
import { layUpdateKey, writeFeeds } from './pack/update-feed.mjs';
import { publisherOf } from './pack/publisher.mjs';
import { archs, isDryMac, isOwnMsi, packages, toolPaths, whyNot } from './pack/host.mjs';

const USAGE = `npm run dist [-- <target> ...] [--arch x64|arm64] [--quick] [--stand-in]
Targets: ${Object.values(packages).flat().join(', ')}; none: all that this machine can build.
--quick leaves the packages uncompressed: for trying out.
--stand-in builds a Windows MSI without the Electron runtime where that cannot be had, and the folder of the macOS program (named as its\ndmg) where its image cannot be made: to look at, not to install.`;
const FLAGS = { '--quick': 'isQuick', '--stand-in': 'isStandIn' };
/** Where nobody takes what lies there for a release. */
const STAND_IN = {
  directories: { output: 'release/stand-in' },
  msi: { artifactName: '${productName}-${version}-${os}-${arch}-stand-in.${ext}' },
};
const STAND_IN_NOTE = ' as a stand-in: without the Electron runtime, in release/stand-in';
function parse(argv) {
  const at = argv.indexOf('--arch');
  const arch = at < 0 ? null : argv[at + 1];
  if (at >= 0 && !archs.includes(arch)) throw new SetupError(`--arch is x64 or arm64.\n\n${USAGE}`);
  const flags = Object.fromEntries(Object.entries(FLAGS).map(([flag, name]) => [name, argv.includes(flag)]));
  const named = argv.filter((one, n) => !(one in FLAGS) && (at < 0 || (n !== at && n !== at + 1)));
  const known = Object.values(packages).flat();
  const wrong = named.find((name) => !known.includes(name));
  if (wrong) throw new SetupError(`There is no target "${wrong}".\n\n${USAGE}`);
  return { named, ...flags, chosenArchs: arch ? [arch] : archs };
}

/** The runtime at hand without the start-up app that some come with: only our archive may be started. */
function stageRuntime(executable, workDir) {
  const from = path.dirname(executable);
  const apps = ['app', 'default_app.asar'].map((name) => path.join(from, 'resources', name));
  const to = path.join(workDir, 'electron');
  cpSync(from, to, { recursive: true, filter: (place) => !apps.includes(place) });
  return to;
}

async function standInFor({ system, arch }, { electronDist }, workDir) {
  // From packages that set-up has just installed.
  const { makeMacStandIn, makeStandIn } = await import('./pack/stand-in.mjs');
  const to = path.join(workDir, `stand-in-${system}-${arch}`);
  if (system === 'mac') makeMacStandIn({ to, arch });
  else makeStandIn({ from: electronDist, to, arch });
  return { electronDist: to };
}

/** One run of electron-builder: targets of one system. Returns the places of what it made. */
async function runBuilder(jobs, config) {
  const { build, Platform, Arch } = await import('electron-builder');
  const platforms = { linux: Platform.LINUX, win: Platform.WINDOWS, mac: Platform.MAC };
  const byArch = new Map();
  for (const job of jobs) {
    const { target, arch } = job;
    byArch.set(Arch[arch], [...(byArch.get(Arch[arch]) ?? []), isFolderOnly(job) ? 'dir' : target]);
  }
  return build({ targets: new Map([[platforms[jobs[0].system], byArch]]), config, publish: 'never', projectDir: rootDir });
}

/** Whether a folder is built around an empty program. */
const isStandInFor = (job, { canFetch }) => isDryMac(job) || (isOwnMsi(job) && !canFetch);

/** How jobs that belong together are built: what is only a folder to electron-builder is no file of its own. */
function builderOf({ config, runtime, executablePath, version, workDir }) {
  const own = runtime.canFetch ? {} : { electronDist: stageRuntime(executablePath, workDir), electronVersion: version };
  return async (jobs) => {
    const [job] = jobs;
    if (!isFolderOnly(job)) return runBuilder(jobs, { ...config, ...own });
    const standIn = isStandInFor(job, runtime) ? { ...(await standInFor(job, own, workDir)), ...STAND_IN } : {};
    await runBuilder(jobs, { ...config, ...own, ...standIn, ...(isOwnMsi(job) ? { afterSign: 'scripts/pack/msi.mjs' } : {}) });
    return [];
  };
}

function jobsOf({ named, chosenArchs }) {
  return Object.entries(packages).flatMap(([system, targets]) =>
    targets
      .filter((target) => named.length === 0 || named.includes(target))
      .flatMap((target) => chosenArchs.map((arch) => ({ system, target, arch }))),
  );
}

/** What is said of a runtime that is not the one this version is made for; null where it is. */
function remarkOnRuntime(version) {
  const { devDependencies } = JSON.parse(readFileSync(path.join(rootDir, 'package.json'), 'utf8'));
  if (version === devDependencies.electron) return null;
  return `packages hold Electron ${version}, for want of the ${devDependencies.electron} that this version is made for: an older one has known holes. To test, not to give out`;
}

/** What goes into every package, besides the app itself. */
async function layParts(printer, version) {
  // From packages that set-up has just installed.
  const { makeIcons } = await import('./pack/icons.mjs');
  const { makeNotices } = await import('./pack/notices.mjs');
  const { layPolicy } = await import('./pack/policy-file.mjs');
  const inDist = (name) => path.join(rootDir, 'dist', name);
  const keyFile = process.env['HOLDOVER_UPDATE_KEY'] || null;
  layUpdateKey(keyFile, inDist('update'));
  const policyFile = process.env['HOLDOVER_POLICY'] || null;
  await layPolicy(policyFile, inDist('policy'));
  if (policyFile !== null) printer.note(`each package brings the policy ${policyFile}`);
  const publisher = publisherOf(process.env);
  if (publisher.missing.length > 0)
    printer.note(`without ${publisher.missing.join(' and ')}: packages name a placeholder as who gives them out`);
  if (keyFile === null) printer.note('without HOLDOVER_UPDATE_KEY: what is built takes no update by itself');
  await printer.step('icons', () => makeIcons(inDist('icons')));
  await printer.step('bill of materials and licences', () => makeNotices(inDist('notices'), version));
  return { keyFile, publisher };
}

await runMain(async () => {
  const wanted = parse(process.argv.slice(2));
  await ensureSetup({ packages: ['dist'], electron: true });
  const printer = stepPrinter();
  const { executablePath, version, env } = resolveElectron();
  const whyNoFetch = await whyNoElectronDownload();
  if (whyNoFetch !== null) printer.note(`runtimes of other systems and tools of electron-builder cannot be fetched: ${whyNoFetch}`);
  const runtimeRemark = remarkOnRuntime(version);
  if (runtimeRemark !== null) printer.note(runtimeRemark);
  const runtime = { arch: process.arch, canFetch: whyNoFetch === null };
  const judged = jobsOf(wanted).map((job) => ({ ...job, reason: whyNot(job, { runtime, isStandIn: wanted.isStandIn }) }));
  const jobs = judged.filter(({ reason }) => reason === null);
  const remark = (job) => (isStandInFor(job, runtime) ? STAND_IN_NOTE : '');
  if (jobs.length === 0) throw new SetupError(`Nothing of this can be built here.\n${outcomeOf(judged, new Map(), remark).join('\n')}`);
  const { keyFile, publisher } = await layParts(printer, version);
  const failed = await withWorkDir(path.join(rootDir, 'release'), async (workDir) => {
    // What electron-builder and its hook read from the environment.
    Object.assign(process.env, env, toolPaths(runtime));
    const config = { ...distConfig(wanted), ...publisher.config };
    const outcome = await buildAll(jobs, builderOf({ config, runtime, executablePath, version, workDir }), (line) => printer.note(line));
    const files = keyFile === null ? [] : writeFeeds(outcome.made, keyFile, path.join(rootDir, 'release'));
    for (const name of files) printer.note(`signed: ${name}`);
    return outcome.failed;
  });
  for (const line of outcomeOf(judged, failed, remark)) printer.note(line);
  if (failed.size > 0) throw new SetupError(`${failed.size} of ${jobs.length} packages could not be built; the reasons are above.`);
  return 0;
});
