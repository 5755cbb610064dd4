import type { CustomPublishOptions } from 'builder-util-runtime';
import { Provider, type ResolvedUpdateFileInfo, type UpdateInfo } from 'electron-updater';
import type { ProviderRuntimeOptions } from 'electron-updater/out/providers/Provider.js';
import { MAX_SIGNATURE_BYTES, readFeed, type Feed, type FeedExpectations } from './feed.ts';

export interface FeedSource {
  /** Of the feed itself; its signature lies beside it as `.sig`, and so do its files. */
  readonly url: URL;
  readonly expected: FeedExpectations;
}

const toInfo = ({ version, files, releasedAt, stagingPercentage }: Feed): UpdateInfo => ({
  version,
  files: files.map(({ name, sizeBytes, sha512 }) => ({ url: name, size: sizeBytes, sha512 })),
  path: files[0]!.name,
  sha512: files[0]!.sha512,
  releaseDate: releasedAt,
  ...(stagingPercentage === undefined ? {} : { stagingPercentage }),
});

/** Where electron-updater gets its answers: a feed that is believed for its signature, not for the server that it came from. */
export class SignedProvider extends Provider<UpdateInfo> {
  readonly #source: FeedSource;

  /** As electron-updater calls it. */
  constructor(options: CustomPublishOptions, _updater: unknown, runtime: ProviderRuntimeOptions) {
    super(runtime);
    this.#source = options['source'] as FeedSource;
  }

  /** A server needs to know nothing of the device. */
  override setRequestHeaders(): void {
    super.setRequestHeaders(null);
  }

  /** @throws UpdateRefused, or what the connection said */
  async getLatestVersion(): Promise<UpdateInfo> {
    const { url, expected } = this.#source;
    const text = (await this.httpRequest(url)) ?? '';
    const signature = (await this.httpRequest(new URL(`${url.href}.sig`))) ?? '';
    return toInfo(readFeed(text, signature.slice(0, MAX_SIGNATURE_BYTES), expected));
  }

  resolveFiles({ files }: UpdateInfo): ResolvedUpdateFileInfo[] {
    return files.map((info) => ({ url: new URL(info.url, this.#source.url), info }));
  }
}
