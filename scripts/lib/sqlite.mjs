import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { nodeHeadersDir } from './npm.mjs';
import { cacheDir, inModules } from './paths.mjs';
import { mustRun } from './run.mjs';
import { SetupError } from './steps.mjs';
import { withWorkDir } from './work-dir.mjs';

/** Node-API version that the natives inside the package were made for. */
const SHIPPED_NAPI = 10;

/** The Node-API versions of the runtimes that will load it: ours and, where given, Electron's. */
export function needsOwnSqlite(napiVersions) {
  return napiVersions.some((version) => version < SHIPPED_NAPI);
}

function packageVersion() {
  return JSON.parse(readFileSync(inModules('better-sqlite3/package.json'), 'utf8')).version;
}

/**
 * Where the native for runtimes below Node-API 10 lies. One file serves all of them: it uses nothing newer than 9.
 * @param {number} napi Node-API version in its name; of the runtime that will load it
 */
export function sqliteNativeFile(napi = Number(process.versions.napi)) {
  const name = `better-sqlite3-mc-${packageVersion()}-napi${napi}-${process.platform}-${process.arch}.node`;
  return path.join(cacheDir(), 'native', name);
}

/**
 * The shipped define asks for Node-API 10 and the resulting native crashes older runtimes. Older numbers compile, but abort:
 * the code keeps references to strings, which they allow only as an experiment.
 */
function patchBuildFile(file) {
  const asked = "'NAPI_VERSION=10'";
  const text = readFileSync(file, 'utf8');
  if (!text.includes(asked)) throw new SetupError(`${file} does not ask for Node-API 10 any more; scripts/lib/sqlite.mjs must be adapted`);
  writeFileSync(file, text.replace(asked, "'NAPI_EXPERIMENTAL', 'NODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT'"));
}

async function compile(workDir) {
  const from = inModules('better-sqlite3');
  const target = path.join(workDir, 'node_modules/better-sqlite3');
  const addonApi = path.dirname(createRequire(path.join(from, 'package.json')).resolve('node-addon-api/package.json'));
  cpSync(from, target, { recursive: true, filter: (place) => path.basename(place) !== 'prebuilds' });
  cpSync(addonApi, path.join(workDir, 'node_modules/node-addon-api'), { recursive: true });
  patchBuildFile(path.join(target, 'binding.gyp'));
  const headers = nodeHeadersDir();
  const nodeGyp = inModules('node-gyp/bin/node-gyp.js');
  const flags = ['rebuild', '--release', '--force_build=1', '--jobs=2', ...(headers ? [`--nodedir=${headers}`] : [])];
  await mustRun(process.execPath, [nodeGyp, ...flags], { cwd: target });
  return path.join(target, 'build/Release/better_sqlite3.node');
}

/** Opens an encrypted store in another process, since a wrong native does not throw but crashes. */
async function proveNative(file) {
  const script = `
    const Database = require(${JSON.stringify(inModules('better-sqlite3'))});
    const db = new Database(':memory:', { nativeBinding: ${JSON.stringify(file)} });
    db.pragma("cipher='sqlcipher'");
    db.exec("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram'); INSERT INTO t VALUES ('abc')");
    if (db.prepare("SELECT count(*) AS n FROM t WHERE t MATCH 'abc'").get().n !== 1) process.exit(3);`;
  await mustRun(process.execPath, ['-e', script]);
}

/**
 * A native of the encrypted SQLite that the runtimes can load. Does nothing where the shipped one will do.
 * @param {readonly number[]} napiVersions Node-API versions of the runtimes
 * @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer
 */
export async function ensureSqlite(napiVersions, printer) {
  const wanted = [...new Set(napiVersions.filter((version) => needsOwnSqlite([version])))];
  for (const napi of wanted) {
    const file = sqliteNativeFile(napi);
    if (existsSync(file)) continue;
    const title = 'encrypted SQLite for this runtime (compiled once, one to three minutes)';
    await printer.step(title, () =>
      withWorkDir(path.dirname(file), async (workDir) => {
        const built = await compile(workDir);
        await proveNative(built);
        renameSync(built, file);
      }),
    );
  }
}
