import { utilityProcess } from 'electron';
import runtime from '../../shared/engine-runtime.json';
import { excludeMemoryFromCoreDumps } from './core-dumps.ts';
import type { EngineChild } from './engine-process.ts';

/** What of our environment the engine gets: where things are, how text looks. Nothing else, so no secret by accident. */
const ENGINE_ENV = [
  'HOLDOVER_SQLITE_NATIVE',
  'HOME',
  'LANG',
  'LC_ALL',
  'NODE_EXTRA_CA_CERTS',
  'PATH',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
  'SystemRoot',
  'TEMP',
  'TMPDIR',
  'TZ',
  'USERPROFILE',
  'XDG_CACHE_HOME',
];

/**
 * What keeps the engine small: by default V8 and glibc let tens of megabytes of buffers that carried mail pile up before they
 * give them back (measured at a first mirror of 600 MB: 280 MB with the defaults, about 165 with these).
 */
const V8_FLAGS = [`--js-flags=${runtime.v8Flags.join(' ')}`];

/** Starts the engine in a utility process. Its output is dropped: a stack trace could quote mail. */
export function forkEngine(hostFile: string): EngineChild {
  const passed = Object.fromEntries(ENGINE_ENV.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const env = { ...passed, ...runtime.env };
  const child = utilityProcess.fork(hostFile, [], { serviceName: 'Holdover engine', env, execArgv: V8_FLAGS, stdio: 'ignore' });
  child.once('spawn', () => child.pid !== undefined && excludeMemoryFromCoreDumps(child.pid));
  return {
    get pid() {
      return child.pid;
    },
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', listener),
    kill: () => void child.kill(),
  };
}
