import { rm } from 'node:fs/promises';
import type { UpdateFileInfo } from 'builder-util-runtime';
import { AppImageUpdater, NsisUpdater, type AppUpdater } from 'electron-updater';
import type { ProxyFinder } from '../../engine/core/proxy/proxy-finder.ts';
import { HttpsExecutor } from './https-executor.ts';
import { UpdateRefused } from './feed.ts';
import { proveFile, replaceProgram } from './update-file.ts';
import { SignedProvider, type FeedSource } from './signed-provider.ts';

/** What electron-updater wants to know of the app. */
export interface AppFacts {
  readonly version: string;
  readonly name: string;
  /** Keeps the number that decides which devices are the first of a staged release. */
  readonly userDataPath: string;
  readonly baseCachePath: string;
}

export interface FetcherOptions {
  readonly app: AppFacts;
  readonly kind: 'appimage' | 'nsis' | 'managed';
  readonly source: FeedSource;
  readonly ca: string[] | undefined;
  readonly proxies?: ProxyFinder;
  /** The running program, of an AppImage. */
  readonly program: string | null;
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** electron-updater takes the old file away before it has the new one in place, and starts the new one; neither is wanted. */
class WholeAppImageUpdater extends AppImageUpdater {
  program = '';
  protected override doInstall(): boolean {
    const { installerPath } = this;
    if (installerPath === null) return false;
    replaceProgram(installerPath, this.program);
    return true;
  }
}

/**
 * electron-updater with our own connection, our own proof of what the server says, and nothing that it does by itself. One for each
 * feed; ask, fetch and install are called in this order.
 */
export class Fetcher {
  readonly #updater: AppImageUpdater | NsisUpdater;
  readonly #executor: HttpsExecutor;
  #found: UpdateFileInfo | null = null;
  #file: { readonly path: string; readonly sha512: string } | null = null;

  constructor({ app, kind, source, ca, proxies, program }: FetcherOptions) {
    const adapter = {
      ...app,
      isPackaged: true,
      // Never read: everything that it could say is said here.
      appUpdateConfigPath: '',
      whenReady: () => Promise.resolve(),
      relaunch: () => undefined,
      quit: () => undefined,
      onQuit: () => undefined,
    };
    const updater = kind === 'nsis' ? new NsisUpdater(null, adapter) : new WholeAppImageUpdater(null, adapter);
    if (updater instanceof WholeAppImageUpdater) updater.program = program ?? '';
    this.#executor = new HttpsExecutor(ca, proxies);
    const inner = updater as unknown as { httpExecutor: HttpsExecutor; configOnDisk: { value: Promise<unknown> } };
    inner.httpExecutor = this.#executor;
    inner.configOnDisk = { value: Promise.resolve({ updaterCacheDirName: 'holdover-updater' }) };
    updater.setFeedURL({ provider: 'custom', updateProvider: SignedProvider, source });
    Object.assign(updater, settings);
    updater.on('error', () => undefined);
    this.#updater = updater;
  }

  /**
   * Asks the server.
   * @returns the newer version that this device may take; null where there is none
   * @throws UpdateRefused, or what the connection said
   */
  async ask(): Promise<string | null> {
    const found = await this.#updater.checkForUpdates();
    if (!found?.isUpdateAvailable) return null;
    this.#found = found.updateInfo.files[0] ?? null;
    return found.updateInfo.version;
  }

  /** Fetches what `ask` found; a file that is there from before and still right is not fetched again. @throws like ask() */
  async fetch(): Promise<void> {
    const file = this.#found;
    if (file?.size === undefined) throw new UpdateRefused('damaged', 'nothing was found before');
    this.#executor.maxBytes = file.size;
    const [path] = await this.#updater.downloadUpdate();
    if (path === undefined) throw new UpdateRefused('damaged', 'no file was left');
    this.#file = { path, sha512: file.sha512 };
  }

  /** Proves the file once more and puts it in the place of the running program. @throws UpdateRefused `damaged` */
  async install(): Promise<void> {
    if (this.#file === null) throw new UpdateRefused('damaged', 'nothing was fetched');
    await proveFile(this.#file.path, this.#file.sha512);
    let failure: unknown = null;
    this.#updater.once('error', (error: unknown) => (failure = error));
    if (!this.#updater.install(true, false)) throw failure ?? new UpdateRefused('damaged', 'the installer did not start');
  }

  /** Takes the fetched file away: another version is wanted. */
  async drop(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    if (file !== null) await rm(file.path, { force: true });
  }
}

const settings = {
  logger: silent,
  autoDownload: false,
  autoInstallOnAppQuit: false,
  autoRunAppAfterInstall: false,
  allowDowngrade: false,
  allowPrerelease: false,
  disableWebInstaller: true,
  disableDifferentialDownload: true,
  forceDevUpdateConfig: true,
} satisfies Partial<AppUpdater>;
