import { cpSync } from 'node:fs';
import path from 'node:path';
import { canFetchElectron } from './lib/electron-download.mjs';
import { resolveElectron } from './lib/electron.mjs';
import { rootDir } from './lib/paths.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain, SetupError, stepPrinter } from './lib/steps.mjs';
import { withWorkDir } from './lib/work-dir.mjs';
import { archs, packages, toolPaths, whyNot } from './pack/host.mjs';

const USAGE = `npm run dist [-- <target> ...] [--arch x64|arm64] [--quick]
Targets: ${Object.values(packages).flat().join(', ')}; none: all that this machine can build.
--quick leaves the packages uncompressed: for trying out.`;
/** Packing without compressing takes seconds instead of minutes. */
const QUICK = { compression: 'store', deb: { fpm: ['--deb-compression', 'none'] }, rpm: { fpm: ['--rpm-compression', 'none'] } };

function parse(argv) {
  const at = argv.indexOf('--arch');
  const arch = at < 0 ? null : argv[at + 1];
  if (at >= 0 && !archs.includes(arch)) throw new SetupError(`--arch is x64 or arm64.\n\n${USAGE}`);
  const isQuick = argv.includes('--quick');
  const named = argv.filter((one, n) => one !== '--quick' && (at < 0 || (n !== at && n !== at + 1)));
  const known = Object.values(packages).flat();
  const wrong = named.find((name) => !known.includes(name));
  if (wrong) throw new SetupError(`There is no target "${wrong}".\n\n${USAGE}`);
  return { named, isQuick, chosenArchs: arch ? [arch] : archs };
}

/** The runtime at hand without the start-up app that some come with: only our archive may be started. */
function stageRuntime(executable, workDir) {
  const from = path.dirname(executable);
  const apps = ['app', 'default_app.asar'].map((name) => path.join(from, 'resources', name));
  const to = path.join(workDir, 'electron');
  cpSync(from, to, { recursive: true, filter: (place) => !apps.includes(place) });
  return to;
}

/** Packages by system; electron-builder takes the targets of one system at a time. */
async function buildAll(jobs, config) {
  const { build, Platform, Arch } = await import('electron-builder');
  const platforms = { linux: Platform.LINUX, win: Platform.WINDOWS, mac: Platform.MAC };
  for (const system of Object.keys(packages)) {
    const own = jobs.filter((job) => job.system === system);
    if (own.length === 0) continue;
    const byArch = new Map();
    for (const { target, arch } of own) byArch.set(Arch[arch], [...(byArch.get(Arch[arch]) ?? []), target]);
    await build({ targets: new Map([[platforms[system], byArch]]), config, publish: 'never', projectDir: rootDir });
  }
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
  const judged = jobsOf(wanted).map((job) => ({ ...job, reason: whyNot(job, { runtime }) }));
  const jobs = judged.filter(({ reason }) => reason === null);
  for (const { reason, ...job } of judged) if (reason !== null) printer.note(`left out: ${titleOf(job)}: ${reason}`);
  if (jobs.length === 0) throw new SetupError('Nothing of this can be built here; the reasons are above.');
  await printer.step('icons', () => makeIcons(path.join(rootDir, 'dist/icons')));
  await printer.step('bill of materials and licences', () => makeNotices(path.join(rootDir, 'dist/notices'), version));
  await withWorkDir(path.join(rootDir, 'release'), async (workDir) => {
    const electronDist = runtime.canFetch ? undefined : stageRuntime(executablePath, workDir);
    // What electron-builder and its hook read from the environment.
    Object.assign(process.env, env, toolPaths(runtime));
    await buildAll(jobs, { ...(wanted.isQuick ? QUICK : {}), ...(electronDist ? { electronDist, electronVersion: version } : {}) });
  });
  for (const job of jobs) printer.note(`built: ${titleOf(job)}`);
  return 0;
});
