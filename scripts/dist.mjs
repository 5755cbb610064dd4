import { cpSync } from 'node:fs';
import path from 'node:path';
import { canFetchElectron } from './lib/electron-download.mjs';
import { resolveElectron } from './lib/electron.mjs';
import { rootDir } from './lib/paths.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain, SetupError, stepPrinter } from './lib/steps.mjs';
import { withWorkDir } from './lib/work-dir.mjs';
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
/** Packing without compressing takes seconds instead of minutes. */
const QUICK = { deb: ['--deb-compression', 'none'], rpm: ['--rpm-compression', 'none'] };
/** Starts the app at log-in where the policy says so, for people who never opened it, too. */
const AUTOSTART = `${path.join(rootDir, 'assets/autostart.desktop')}=/etc/xdg/autostart/holdover.desktop`;
const packaging = (isQuick) => ({
  ...(isQuick ? { compression: 'store' } : {}),
  ...Object.fromEntries(Object.entries(QUICK).map(([target, args]) => [target, { fpm: [...(isQuick ? args : []), AUTOSTART] }])),
});

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

/** Of which electron-builder makes the folder only: the rest is ours, or Apple's. */
const isFolderOnly = (job) => isOwnMsi(job) || isDryMac(job);

/** One run of electron-builder: the targets of one system. Returns the places of what it made. */
async function buildSystem(system, jobs, config) {
  const { build, Platform, Arch } = await import('electron-builder');
  const platforms = { linux: Platform.LINUX, win: Platform.WINDOWS, mac: Platform.MAC };
  const byArch = new Map();
  for (const { target, arch } of jobs)
    byArch.set(Arch[arch], [...(byArch.get(Arch[arch]) ?? []), isFolderOnly({ system, target }) ? 'dir' : target]);
  return build({ targets: new Map([[platforms[system], byArch]]), config, publish: 'never', projectDir: rootDir });
}

/** Whether a folder is built around an empty program. */
const isStandInFor = (job, { canFetch }) => isDryMac(job) || (isOwnMsi(job) && !canFetch);

/** Packages by system; electron-builder takes the targets of one system at a time. */
async function buildAll(jobs, { config, runtime, executablePath, version, workDir }) {
  const own = runtime.canFetch ? {} : { electronDist: stageRuntime(executablePath, workDir), electronVersion: version };
  const made = [];
  for (const system of Object.keys(packages)) {
    const ofSystem = jobs.filter((job) => job.system === system);
    const others = ofSystem.filter((job) => !isFolderOnly(job));
    if (others.length > 0) made.push(...(await buildSystem(system, others, { ...config, ...own })).map((file) => ({ file, system })));
    for (const job of ofSystem.filter(isFolderOnly)) {
      const standIn = isStandInFor(job, runtime) ? { ...(await standInFor(job, own, workDir)), ...STAND_IN } : {};
      await buildSystem(system, [job], { ...config, ...own, ...standIn, ...(isOwnMsi(job) ? { afterSign: 'scripts/pack/msi.mjs' } : {}) });
    }
  }
  return made;
}

function jobsOf({ named, chosenArchs }) {
  return Object.entries(packages).flatMap(([system, targets]) =>
    targets
      .filter((target) => named.length === 0 || named.includes(target))
      .flatMap((target) => chosenArchs.map((arch) => ({ system, target, arch }))),
  );
}

const titleOf = ({ system, target, arch }) => `${system} ${target} ${arch}`;

await runMain(async () => {
  const wanted = parse(process.argv.slice(2));
  await ensureSetup({ packages: ['dist'], electron: true });
  // From packages that set-up has just installed.
  const { makeIcons } = await import('./pack/icons.mjs');
  const { makeNotices } = await import('./pack/notices.mjs');
  const printer = stepPrinter();
  const { executablePath, version, env } = resolveElectron();
  const runtime = { arch: process.arch, canFetch: await canFetchElectron() };
  const judged = jobsOf(wanted).map((job) => ({ ...job, reason: whyNot(job, { runtime, isStandIn: wanted.isStandIn }) }));
  const jobs = judged.filter(({ reason }) => reason === null);
  for (const { reason, ...job } of judged) if (reason !== null) printer.note(`left out: ${titleOf(job)}: ${reason}`);
  if (jobs.length === 0) throw new SetupError('Nothing of this can be built here; the reasons are above.');
  const keyFile = process.env['HOLDOVER_UPDATE_KEY'] || null;
  layUpdateKey(keyFile, path.join(rootDir, 'dist/update'));
  const publisher = publisherOf(process.env);
  if (publisher.missing.length > 0)
    printer.note(`without ${publisher.missing.join(' and ')}: packages name a placeholder as who gives them out`);
  if (keyFile === null) printer.note('without HOLDOVER_UPDATE_KEY: what is built takes no update by itself');
  await printer.step('icons', () => makeIcons(path.join(rootDir, 'dist/icons')));
  await printer.step('bill of materials and licences', () => makeNotices(path.join(rootDir, 'dist/notices'), version));
  await withWorkDir(path.join(rootDir, 'release'), async (workDir) => {
    // What electron-builder and its hook read from the environment.
    Object.assign(process.env, env, toolPaths(runtime));
    const made = await buildAll(jobs, {
      config: { ...packaging(wanted.isQuick), ...publisher.config },
      runtime,
      executablePath,
      version,
      workDir,
    });
    if (keyFile !== null) for (const name of writeFeeds(made, keyFile, path.join(rootDir, 'release'))) printer.note(`signed: ${name}`);
  });
  for (const job of jobs) printer.note(`built: ${titleOf(job)}${isStandInFor(job, runtime) ? STAND_IN_NOTE : ''}`);
  return 0;
});
