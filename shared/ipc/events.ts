import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { engineStateSchema, sideSyncStateSchema } from '../model/sync.ts';
import { continuityStateSchema } from '../model/continuity.ts';
import { settingsSchema } from '../model/settings.ts';
import { updateStateSchema } from '../model/update.ts';

/** Everything the window is told without asking: name -> payload. Payloads are hints to ask again, never the truth. */
export const events = {
  'engine.state': engineStateSchema,
  'sync.state': z.array(sideSyncStateSchema),
  /** Rows of these mailboxes changed; empty means all. Sent at most every 250 ms. */
  'messages.changed': z.strictObject({ mailboxKeys: z.array(z.string().max(60)) }),
  'mailboxes.changed': z.null(),
  'accounts.changed': z.null(),
  'continuity.state': z.array(continuityStateSchema),
  'drafts.changed': z.null(),
  'outbox.changed': z.null(),
  'actions.changed': z.null(),
  'reconcile.changed': z.null(),
  'alerts.changed': z.null(),
  'drill.changed': z.null(),
  /** Another policy is in force, or why it is not. */
  'policy.changed': packedErrorSchema.nullable(),
  'settings.changed': settingsSchema,
  'update.state': updateStateSchema,
  /** The menu or tray asks the window for something, or the app to take away a mail whose frame does not come to rest. */
  'app.command': z.enum(['search', 'enrol', 'settings', 'sync-now', 'about', 'compose', 'outbox', 'mail-stuck']),
  /** Something waits to be taken by the call of that name. */
  'desktop.request': z.null(),
} as const;

export type Events = typeof events;
export type EventName = keyof Events;
export type EventPayload<N extends EventName> = z.output<Events[N]>;
export const eventNames = Object.keys(events) as EventName[];
