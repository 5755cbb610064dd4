import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineChild } from '../../main/app/engine-process.ts';
import runtime from '../../shared/engine-runtime.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');

/** Starts the built engine in a process of Node's own, under the same host as in the app: for what has to be preloaded, which Electron keeps out. */
export function forkNodeEngine(env: Readonly<Record<string, string>>): EngineChild {
  const host = join(root, 'dist/main/engine-host.js');
  if (!existsSync(host)) throw new Error('the engine is not built: run `npm run build` first');
  const child = fork(join(import.meta.dirname, 'node-engine-entry.mjs'), [host], {
    ...{ serialization: 'advanced', execArgv: runtime.v8Flags, stdio: 'ignore' },
    env: { ...process.env, ...runtime.env, ...env },
  });
  return {
    get pid() {
      return child.pid;
    },
    send: (message) => void (child.connected && child.send(message)),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', (code) => listener(code ?? 1)),
    kill: () => void child.kill('SIGKILL'),
  };
}
