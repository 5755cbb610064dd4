import '../../shared/no-jit.ts';
import { appToEngineSchema, type AppToEngine } from '../../shared/ipc/app-to-engine.ts';
import type { EnginePort, EngineToApp } from '../../shared/ipc/engine-port.ts';
import { systemClock } from './core/clock.ts';
import { EngineHost } from './engine-host.ts';

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

/** Electron's utility process hands its port over as process.parentPort; there is no import for it. */
function parentPort(): ParentPort {
  const { parentPort: port } = process as unknown as { parentPort?: ParentPort };
  if (!port) throw new Error('the engine host runs in a utility process only; use the command line instead');
  return port;
}

function wrap(port: ParentPort): EnginePort<EngineToApp, AppToEngine> {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', ({ data }) => {
        const parsed = appToEngineSchema.safeParse(data);
        if (parsed.success) listener(parsed.data);
        else port.postMessage({ type: 'log', level: 'error', entry: { ev: 'host.message-rejected' } });
      });
    },
  };
}

/** Messages leave the process by themselves a moment later; one that is lost would make a told failure look like a crash. */
const LAST_WORDS_MS = 200;

new EngineHost(wrap(parentPort()), () => void systemClock.after(LAST_WORDS_MS, () => process.exit(0))).listen();
