import { EngineRig, type RigOptions } from './engine-rig.ts';
import { startImapScript, type ImapScript, type ImapScriptOptions, type ScriptStore } from './imap-script.ts';
import { ShiftClock } from './shift-clock.ts';

export interface MirroredScript {
  readonly server: ImapScript;
  readonly rig: EngineRig;
  readonly clock: ShiftClock;
}

/** Engines of one test file, each of which has mirrored a scripted server of its own; close() after each test. */
export class MirroredScripts {
  readonly #closers: (() => Promise<void>)[] = [];

  /** `fill` puts there what is mirrored; `now` in milliseconds since 1970, whole seconds. */
  async open(
    fill: (store: ScriptStore, now: number) => void,
    { capabilities, step }: Pick<ImapScriptOptions, 'capabilities'> & Pick<RigOptions, 'step'> = {},
  ): Promise<MirroredScript> {
    const clock = new ShiftClock();
    const server = await startImapScript(capabilities ? { capabilities } : {});
    this.#closers.push(() => server.close());
    fill(server.store, Math.floor(clock.now() / 1000) * 1000);
    const primary = { port: server.port, user: 'alice', password: 'pw-alice' };
    const rig = await EngineRig.open({ primary, clock, ...(step ? { step } : {}) });
    this.#closers.push(() => rig.close());
    await rig.mirror();
    return { server, rig, clock };
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}
