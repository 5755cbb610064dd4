import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/**
 * What a process that is started to be killed loads before all else. Most of its life is the compiling of what it imports: here it takes what
 * an earlier process has compiled.
 */

type Require = NodeJS.Require;
interface Loader {
  readonly _extensions: Record<string, (module: NodeJS.Module, file: string) => void>;
  _resolveFilename(id: string, parent: NodeJS.Module): string;
  readonly _cache: Require['cache'];
}
const loader = Module as unknown as Loader;
/** Nothing is done but loading, for those that come after. */
const isLoadingOnly = process.env['HOLDOVER_COMPILE'] === '1';
/** With other options other code is made; and where each write is counted, nothing is written. */
const isUsual = process.execArgv.length === 0 && process.env['LD_PRELOAD'] === undefined;
/** Says that one of this kind has lived to its end: by then all that its work needs is compiled. */
const mark = `${process.argv[1]}.whole`;
/** V8 knows a source by its length alone: only where the name changes with the content is it sure that it was this one. */
const hasHash = (file: string): boolean => dirname(file).endsWith('assets');
const compiledOf = (file: string): string => `${file}.compiled`;
const compiled = new Map<string, Script>();

function requireFor(module: NodeJS.Module): Require {
  const resolve = ((id: string) => loader._resolveFilename(id, module)) as Require['resolve'];
  return Object.assign((id: string): unknown => module.require(id), {
    resolve,
    cache: loader._cache,
    main: undefined,
  }) as unknown as Require;
}

loader._extensions['.cjs'] = (module, file) => {
  const known = hasHash(file) && existsSync(compiledOf(file)) ? readFileSync(compiledOf(file)) : undefined;
  const script = new Script(Module.wrap(readFileSync(file, 'utf8')), { filename: file, ...(known ? { cachedData: known } : {}) });
  if (hasHash(file)) compiled.set(file, script);
  const run = script.runInThisContext() as (...args: readonly unknown[]) => void;
  run.call(module.exports, module.exports, requireFor(module), module, file, dirname(file));
};

process.on('exit', (code) => {
  if (!isLoadingOnly && (!isUsual || code !== 0 || existsSync(mark))) return;
  if (!isLoadingOnly) writeFileSync(mark, '');
  for (const [file, script] of compiled) {
    const made = `${compiledOf(file)}.${process.pid}`;
    writeFileSync(made, script.createCachedData());
    renameSync(made, compiledOf(file)); // another run may be reading it
  }
});
