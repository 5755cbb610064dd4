import { verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { UpdateReason } from '../../../shared/model/update.ts';

/** No signature of anything else can be taken for one of a feed. */
export const FEED_CONTEXT = 'holdover-update-v1\n';
export const MAX_FEED_BYTES = 64 * 1024;
/** Of an Ed25519 signature, base64 with a line end. */
export const MAX_SIGNATURE_BYTES = 200;
const MAX_FILE_BYTES = 1024 ** 3;

/** A name without any folder, so that it cannot lead anywhere. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/);

const feedSchema = z.strictObject({
  product: z.literal('holdover'),
  platform: z.enum(['linux', 'win32', 'darwin']),
  arch: z.enum(['x64', 'arm64']),
  version: z
    .string()
    .max(60)
    .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/),
  releasedAt: z.iso.datetime(),
  /** How many of a hundred devices may take it. */
  stagingPercentage: z.number().int().min(0).max(100).optional(),
  files: z
    .array(
      z.strictObject({
        name: fileName,
        sizeBytes: z.number().int().min(1).max(MAX_FILE_BYTES),
        /** Base64. */
        sha512: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
      }),
    )
    .min(1)
    .max(10),
});
export type Feed = z.infer<typeof feedSchema>;

/** An update that was not taken. Nothing of what came with it was used. */
export class UpdateRefused extends Error {
  readonly reason: UpdateReason;
  constructor(reason: UpdateReason, detail: string) {
    super(`${reason}: ${detail}`);
    this.reason = reason;
  }
}

export interface FeedExpectations {
  readonly key: KeyObject;
  readonly platform: string;
  readonly arch: string;
  readonly pinnedVersion?: string | undefined;
}

function parse(text: string): Feed {
  try {
    return feedSchema.parse(JSON.parse(text));
  } catch {
    throw new UpdateRefused('damaged', 'the feed is signed, but not understood');
  }
}

/**
 * Reads what a server says about an update. Not a byte is looked into before the signature is proved; then it must be for this
 * product and machine. Pure.
 * @param signature Ed25519 (RFC 8032) over FEED_CONTEXT and the text, base64
 * @throws UpdateRefused `untrusted`, `damaged`
 */
export function readFeed(text: string, signature: string, { key, platform, arch, pinnedVersion }: FeedExpectations): Feed {
  const isGenuine = verify(null, Buffer.from(FEED_CONTEXT + text), key, Buffer.from(signature.trim(), 'base64'));
  if (!isGenuine) throw new UpdateRefused('untrusted', 'the signature of the feed is wrong');
  const feed = parse(text);
  if (feed.platform !== platform || feed.arch !== arch) throw new UpdateRefused('untrusted', 'the feed is for another system');
  if (pinnedVersion !== undefined && feed.version !== pinnedVersion) throw new UpdateRefused('untrusted', 'not the version that IT holds');
  return feed;
}
