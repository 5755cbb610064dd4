import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import { bridgeCallNames, bridgeEventNames, type ContinuityBridge } from '../shared/ipc/bridge.ts';
import { callChannel, eventChannel } from '../shared/ipc/channels.ts';

type Listener = (payload: unknown) => void;

const listeners = new Map<string, Set<Listener>>(bridgeEventNames.map((name) => [name, new Set()]));

ipcRenderer.on(eventChannel, (_event: IpcRendererEvent, name: string, payload: unknown) => {
  for (const listener of listeners.get(name) ?? []) listener(payload);
});

function on(name: string, listener: Listener): () => void {
  const known = listeners.get(name);
  if (!known || typeof listener !== 'function') throw new TypeError('unknown event');
  // The same function may be given twice: each registration is its own.
  const own: Listener = (payload) => listener(payload);
  known.add(own);
  return () => void known.delete(own);
}

const calls = Object.fromEntries(
  bridgeCallNames.map((name) => [name, (...args: unknown[]) => ipcRenderer.invoke(callChannel, name, ...args)]),
);

const bridge = { calls: Object.freeze(calls), on } as unknown as ContinuityBridge;
contextBridge.exposeInMainWorld('continuity', Object.freeze(bridge));
