import { MailError } from '../../../shared/errors.ts';
import type { RemoteImages } from '../../../shared/model/trust.ts';
import { imageTypeOf } from '../../../shared/trust/image-type.ts';
import type { Clock } from '../core/clock.ts';
import { fetchImage, type ImageNet } from './fetch-image.ts';
import { imageSources } from './image-sources.ts';

const MIB = 1024 * 1024;
/** Bounds of what one message may have loaded. */
const MAX_IMAGES = 100;
const MAX_IMAGE_BYTES = 5 * MIB;
const MAX_ALL_BYTES = 20 * MIB;
const AT_ONCE = 6;
const IMAGE_TIMEOUT_MS = 10_000;
const ALL_TIMEOUT_MS = 25_000;
/** What the mail frame takes. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/**
 * Asks for the images of one message, and gives what came as `data:` addresses: the frame that shows them has no network.
 * @throws MailError of the proxy where none came since it did not let any through: IT can mend that, and nobody else
 */
export async function fetchRemoteImages(html: string, net: ImageNet, clock: Clock): Promise<RemoteImages> {
  const sources = imageSources(html);
  const wanted = sources.filter(({ isTracker }) => !isTracker);
  const pending = wanted.slice(0, MAX_IMAGES).map(({ url }) => url);
  const images: Record<string, string> = {};
  const ending = new AbortController();
  const cancel = clock.after(ALL_TIMEOUT_MS, () => ending.abort());
  let room = MAX_ALL_BYTES;
  let ofProxy: MailError | null = null;
  const work = async (): Promise<void> => {
    for (let url = pending.shift(); url !== undefined && room > 0 && !ending.signal.aborted; url = pending.shift()) {
      const options = { net, clock, maxBytes: Math.min(MAX_IMAGE_BYTES, room), timeoutMs: IMAGE_TIMEOUT_MS, signal: ending.signal };
      const content = await fetchImage(url, options).catch((error: unknown) => {
        // An image that does not come is counted, and is all that is lost.
        if (isOfProxy(error)) ofProxy ??= error;
        return null;
      });
      const type = content === null ? null : imageTypeOf(content);
      if (content === null || type === null || !SHOWN.has(type) || content.length > room) continue;
      room -= content.length;
      images[url] = `data:${type};base64,${content.toString('base64')}`;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  cancel();
  const came = Object.keys(images).length;
  if (came === 0 && ofProxy !== null) throw ofProxy as MailError;
  return { images, trackers: sources.length - wanted.length, failed: wanted.length - came };
}

const isOfProxy = (error: unknown): error is MailError => error instanceof MailError && error.code.startsWith('proxy-');
