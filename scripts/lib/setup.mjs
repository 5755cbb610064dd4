import { ensureBuild } from './build.mjs';
import { electronNapi, ensureElectron } from './electron.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { ensurePackages } from './packages.mjs';
import { ensureSqlite } from './sqlite.mjs';
import { SetupError, stepPrinter } from './steps.mjs';

const OLDEST_NODE = [20, 19];

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (!isNewEnough) throw new SetupError(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
}

/**
 * Everything a command needs on a fresh machine, in the order in which it depends on each other. What is there is skipped
 * at once; an interrupted run is taken up where it stopped.
 * @param {{ packages?: readonly import('./packages.mjs').PackageGroup[], electron?: boolean, build?: boolean, isQuiet?: boolean }} need
 * @throws {SetupError} in plain words, with the remedy
 */
export async function ensureSetup({ packages = [], electron = false, build = true, isQuiet = false }) {
  checkNode();
  const printer = stepPrinter({ isQuiet });
  // keytar compiles against libsecret: its package has to be there before npm's.
  await ensurePackages(['compile', ...packages, ...(electron ? ['electron'] : [])], printer);
  await ensureNodeModules(printer);
  if (electron) await ensureElectron(printer);
  const napi = electron ? electronNapi() : null;
  await ensureSqlite([Number(process.versions.napi), ...(napi === null ? [] : [napi])], printer);
  if (build) await ensureBuild(printer);
}
