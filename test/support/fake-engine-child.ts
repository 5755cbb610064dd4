import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { EngineChild } from '../../main/app/engine-process.ts';
import { appToEngineSchema, type AppToEngine } from '../../shared/ipc/app-to-engine.ts';
import type { EngineToApp } from '../../shared/ipc/engine-port.ts';

/** What stands in for the engine process: it sees every message and may answer, fail, stay silent or die. */
export type EngineBehaviour = (message: AppToEngine, engine: FakeEngine) => void;

/** The far end of a real MessageChannel, so that every message is cloned as between processes. */
export class FakeEngine {
  readonly received: AppToEngine[] = [];
  wasKilled = false;
  readonly #port: MessagePort;
  readonly #exit: (code: number) => void;

  constructor(port: MessagePort, behave: EngineBehaviour, exit: (code: number) => void) {
    this.#port = port;
    this.#exit = exit;
    port.on('message', (raw: unknown) => {
      const message = appToEngineSchema.parse(raw);
      this.received.push(message);
      behave(message, this);
    });
  }

  send(message: EngineToApp | object): void {
    this.#port.postMessage(message);
  }

  /** Answers a call with a value. */
  answer(id: number, value: unknown): void {
    this.send({ type: 'result', id, outcome: { ok: true, value } });
  }

  die(code = 1): void {
    this.#port.close();
    this.#exit(code);
  }
}

/** Starts like an engine that is well: ready at once, `null` for every call, ends when told to. */
export const wellEngine: EngineBehaviour = (message, engine) => {
  if (message.type === 'start') engine.send({ type: 'ready' });
  if (message.type === 'call' || message.type === 'attachment.save' || message.type === 'policy.set') engine.answer(message.id, null);
  if (message.type === 'stop') engine.send({ type: 'stopped' });
};

/** Makes children one after the other; `behaviours` says how each life goes, the last one for all further. */
export function fakeEngines(...behaviours: EngineBehaviour[]): { fork: () => EngineChild; lives: FakeEngine[] } {
  const lives: FakeEngine[] = [];
  const fork = (): EngineChild => {
    const { port1, port2 } = new MessageChannel();
    const exits: ((code: number) => void)[] = [];
    let isGone = false;
    const exit = (code: number) => {
      if (isGone) return;
      isGone = true;
      port1.close();
      setImmediate(() => exits.forEach((listener) => listener(code)));
    };
    const behave = behaviours[Math.min(lives.length, behaviours.length - 1)] ?? wellEngine;
    const engine = new FakeEngine(port2, behave, exit);
    lives.push(engine);
    return {
      pid: 1000 + lives.length,
      send: (message) => port1.postMessage(message),
      onMessage: (listener) => void port1.on('message', listener),
      onExit: (listener) => void exits.push(listener),
      kill: () => {
        engine.wasKilled = true;
        exit(143);
      },
    };
  };
  return { fork, lives };
}
