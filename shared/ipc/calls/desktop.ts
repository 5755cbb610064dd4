import { z } from 'zod';
import { entryIdSchema } from '../../model/ids.ts';
import { windowLimits as limits } from '../../window-limits.ts';
import { call, none } from '../call.ts';

/** What a `mailto:` link may not hold. */
export const leftOutSchema = z.enum(['attachment', 'sender', 'header', 'hidden', 'encoding', 'length']);
export type LeftOut = z.infer<typeof leftOutSchema>;

/** What a click on a notification, the tray or a link asks of the window. */
export const windowRequestSchema = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('inbox') }),
    z.strictObject({ kind: z.literal('mail'), entryId: entryIdSchema }),
    z.strictObject({ kind: z.literal('outbox') }),
    z.strictObject({ kind: z.literal('compose') }),
    /** `link` is canonical; null where nothing of it could be read. */
    z.strictObject({ kind: z.literal('mailto'), link: z.string().max(limits.maxMailtoChars).nullable(), leftOut: z.array(leftOutSchema) }),
  ]),
);
export type WindowRequest = z.infer<typeof windowRequestSchema>;

export const desktopStateSchema = z.lazy(() =>
  z.strictObject({
    /** False where a closed window comes back by another start only. */
    hasTray: z.boolean(),
    canNotify: z.boolean(),
    startsAtLogin: z.boolean().nullable(),
    /** Whether mail links open here; null where that cannot be set. */
    isMailProgram: z.boolean().nullable(),
  }),
);
export type DesktopState = z.infer<typeof desktopStateSchema>;

/** The app among the others of the computer. */
export const desktopCalls = {
  'desktop.state': call(
    () => none,
    () => desktopStateSchema,
  ),
  'desktop.startAtLogin': call(
    () => z.tuple([z.strictObject({ isOn: z.boolean() })]),
    () => desktopStateSchema,
  ),
  /** Links to mail addresses open here from now on. */
  'desktop.openMailto': call(
    () => none,
    () => desktopStateSchema,
  ),
  /** The oldest request that waits, which is gone with the answer; null when there is none. */
  'desktop.request': call(
    () => none,
    () => windowRequestSchema.nullable(),
  ),
} as const;
