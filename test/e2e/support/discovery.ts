import type { Discovery } from '../../../shared/model/discovery.ts';
import type { RunningApp } from './start-app.ts';

/** Sets what the look-up of servers finds: a provider's own word, which no test may ask the network for. */
export async function answerDiscovery({ electron }: RunningApp, discovery: Discovery): Promise<void> {
  await electron.evaluate(({ ipcMain }, found) => {
    type Handle = (event: unknown, name: unknown, ...args: unknown[]) => unknown;
    const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, Handle> })._invokeHandlers;
    const handle = handlers.get('holdover:call')!;
    handlers.set('holdover:call', (event, name, ...args) =>
      name === 'enrol.discover' ? { ok: true, value: found } : handle(event, name, ...args),
    );
  }, discovery);
}
