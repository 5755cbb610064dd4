import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { emailAddress, secretSchema } from '../model/account.ts';
import { accountTemplateFieldsSchema, ownFieldsSchema } from '../model/account-template.ts';
import { continuityPolicySchema } from '../model/continuity-config.ts';
import { accountSecretsSchema } from '../model/enrolment-file.ts';
import { entryIdSchema } from '../model/ids.ts';
import { proxyWaysSchema } from '../model/proxy.ts';
import { windowLimits as limits } from '../window-limits.ts';
import { engineCallNames, requestId } from './engine-port.ts';

/** What the app process tells its engine; see engine-port.ts. */
export const appToEngineSchema = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('start'),
      profileDir: z.string().min(1).max(4096),
      /** 256-bit raw key; only ever in messages, never in argv or environment. */
      storeKey: z.custom<Uint8Array>((key) => key instanceof Uint8Array && key.length === 32, 'must be 32 bytes'),
      /** BCP 47, for sorting and words made by the engine. */
      locale: z.string().max(60),
      /** False where a store was open before: one that is absent now was taken away, and none is made in its place. */
      mayCreate: z.boolean(),
    }),
    /** `args` is the argument tuple of the contract; the engine parses it again. */
    z.strictObject({ type: z.literal('call'), id: requestId, name: z.enum(engineCallNames), args: z.array(z.unknown()) }),
    /**
     * The only way mail content leaves the store for a file. The person chose the path in a dialog of the app process; the
     * engine creates it with mode 0600 and, unless `mayOverwrite`, refuses one that exists. Answered by `result` with null.
     */
    z.strictObject({
      type: z.literal('attachment.save'),
      id: requestId,
      entryId: entryIdSchema,
      /** As in Attachment; null for the whole mail as it was received. */
      within: z.array(z.number().int().min(0).max(10_000)).max(limits.maxInnerDepth),
      index: z.number().int().min(0).max(10_000).nullable(),
      targetPath: z.string().min(1).max(4096),
      mayOverwrite: z.boolean(),
    }),
    /**
     * What IT holds of an enrolled account, by its address, and what its template says where it has one. Never asked for by a window.
     * Answered by `result` with null.
     */
    z.strictObject({
      type: z.literal('policy.set'),
      id: requestId,
      email: emailAddress(),
      managed: continuityPolicySchema,
      template: accountTemplateFieldsSchema.nullable(),
      /** What its enrolment file says of what the person may change; null where there is no such file. */
      own: ownFieldsSchema.nullable().default(null),
      /** Of the same file, for sides that have none yet. */
      secrets: accountSecretsSchema.nullish(),
    }),
    z.strictObject({
      type: z.literal('secret.answer'),
      id: requestId,
      answer: z.discriminatedUnion('ok', [
        /** For set and delete the secret is null. */
        z.strictObject({ ok: z.literal(true), secret: secretSchema.nullable() }),
        z.strictObject({ ok: z.literal(false), error: packedErrorSchema }),
      ]),
    }),
    z.strictObject({
      type: z.literal('proxy.answer'),
      id: requestId,
      ways: z.union([proxyWaysSchema, z.literal('unknown')]),
      /** The company's own authorities, for servers of which nobody named any. */
      caFile: z.string().max(4096).optional(),
    }),
    /** IT's lease is over, or was renewed after that: for the audit journal. */
    z.strictObject({ type: z.literal('lease'), isOver: z.boolean() }),
    z.strictObject({ type: z.literal('power'), suspended: z.boolean() }),
    // `hasMoved`: another network, or another way into it, since this was last told.
    z.strictObject({ type: z.literal('network'), online: z.boolean(), hasMoved: z.boolean() }),
    /** Tries a disk that refused the store again now. */
    z.strictObject({ type: z.literal('store.retry') }),
    z.strictObject({ type: z.literal('stop') }),
  ]),
);
export type AppToEngine = z.output<typeof appToEngineSchema>;
