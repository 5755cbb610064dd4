import { z } from 'zod';
import { entryIdSchema } from '../../model/ids.ts';
import { attachmentDangerSchema, remoteImagesSchema, senderFindingSchema } from '../../model/trust.ts';
import { call } from '../call.ts';

const one = () => z.tuple([z.strictObject({ entryId: entryIdSchema })]);

/** What a person should know before they trust a mail. */
export const trustCalls = {
  'messages.sender': call(one, () => z.array(senderFindingSchema)),
  /** By name, declared type and content. */
  'attachments.dangers': call(one, () => z.array(attachmentDangerSchema)),
  /** Asks the servers of this message's images for them, once. Refused (`held-by-policy`) where IT forbids it. */
  'messages.remoteImages': call(one, () => remoteImagesSchema),
} as const;
