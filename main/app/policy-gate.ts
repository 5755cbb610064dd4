import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { app } from 'electron';
import { machineFile, mayHavePolicy, packageFile, preferenceFiles } from '../policy/policy-paths.ts';
import type { FindWay } from './engine-link-types.ts';
import type { PolicyDesk, PolicyDeskOptions } from './policy/policy-desk.ts';

/** Where there is no policy at the start, one is looked for from then on. */
const LATE_MS = 3_000;

/** What IT holds, loaded at the start where there may be some, and else when the window has long been there. */
export class PolicyGate {
  readonly #options: PolicyDeskOptions;
  #desk: Promise<PolicyDesk> | null = null;
  #isKeyTold = false;

  constructor(options: PolicyDeskOptions) {
    this.#options = options;
    const { keptFile, resourcesDir, testFile } = options;
    const { platform, env } = process;
    const shipped = resourcesDir === null ? [] : [packageFile(resourcesDir)];
    const managed = platform === 'darwin' ? preferenceFiles(userInfo().username) : [];
    const files = testFile === undefined ? [machineFile(platform, env), ...managed, ...shipped] : [testFile];
    if (mayHavePolicy([...files, keptFile], platform)) void this.desk();
  }

  /** Goes on with a wipe that was cut off. Call before any key is asked for. */
  async endWipe(): Promise<void> {
    const { profileDir, log, preferences } = this.#options;
    if (!existsSync(path.join(profileDir, 'wipe.json'))) return;
    const { resumeWipe } = await import('./policy/wipe-orders.ts');
    await app.whenReady();
    const way = async () => (await this.desk()).wayToCompany();
    await resumeWipe({ profileDir, log, way, language: () => preferences.language, stopEngine: () => Promise.resolve() });
  }

  /** Loaded once, and read. */
  desk(): Promise<PolicyDesk> {
    return (this.#desk ??= this.#load());
  }

  /** The store's key is there: what was in force before is known, before the engine starts. */
  async keysOpened(key: Uint8Array): Promise<void> {
    if (!this.#desk) return;
    this.#isKeyTold = true;
    (await this.#desk).keysOpened(key);
  }

  /** Where there is no policy, every server is reached directly. */
  readonly findWay: FindWay = async (host, port) => {
    if (!this.#desk) return { ways: [null] };
    const desk = await this.#desk;
    return { ways: await desk.findProxy(host, port), caFile: desk.inForce.section('network')?.caFile };
  };

  /** Goes on where IT wants the app to start at log-in, for people who never opened it, too; else ends it. */
  async ifHeld(begin: () => void): Promise<void> {
    if ((await this.desk()).inForce.section('desktop')?.startAtLogin) begin();
    else app.exit(0);
  }

  engineRuns(): void {
    const tell = async (): Promise<void> => {
      const desk = await this.desk();
      const { storeKey } = this.#options.engine;
      // Whoever asked for it first, it was loaded after the key was known.
      if (!this.#isKeyTold && storeKey) desk.keysOpened(storeKey);
      this.#isKeyTold = true;
      desk.engineRuns();
    };
    if (this.#desk) void tell();
    else setTimeout(() => void tell(), LATE_MS).unref();
  }

  async #load(): Promise<PolicyDesk> {
    const { PolicyDesk: Desk } = await import('./policy/policy-desk.ts');
    const desk = new Desk(this.#options);
    await desk.start();
    return desk;
  }
}
