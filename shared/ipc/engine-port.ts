import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { secretSchema, serviceSchema, sideSchema } from '../model/account.ts';
import { accountIdSchema } from '../model/ids.ts';
import { appCalls, callNames, type EngineCall } from './contract.ts';
import type { EventName } from './events.ts';
import { logLevelSchema } from './log-level.ts';

export type { AppToEngine } from './app-to-engine.ts';
export type { LogLevel } from './log-level.ts';

/**
 * What passes between the app process and the engine process, over the utility process' port in the app and over a
 * MessageChannel in tests. Both ends parse what they receive (the engine by app-to-engine.ts, which the app need not load); a message that does not parse is dropped and logged.
 *
 * Order: app sends `start` once; engine answers `ready`, or `failed` and ends. Calls made before `ready` are not sent.
 * Each `call`, `attachment.save` and `policy.set` is answered by exactly one `result` with its id. After `stop` the engine lets the
 * running writes end, closes the store and sends `stopped` as its last message.
 */
export const requestId = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

const appOnly: ReadonlySet<string> = new Set(appCalls);
export const engineCallNames = callNames.filter((name): name is EngineCall => !appOnly.has(name));

/** Events that the engine may send; the app process makes all others itself. */
export const engineEventNames = [
  'sync.state',
  'messages.changed',
  'mailboxes.changed',
  'accounts.changed',
  'continuity.state',
  'drafts.changed',
  'outbox.changed',
  'actions.changed',
  'reconcile.changed',
  'alerts.changed',
  'drill.changed',
] as const satisfies readonly EventName[];
export type EngineEventName = (typeof engineEventNames)[number];

const secretRef = { id: requestId, accountId: accountIdSchema, side: sideSchema, service: serviceSchema };

const logFieldSchema = z.lazy(() => z.union([z.string().max(500), z.number(), z.boolean(), z.null(), z.undefined()]));

export const engineToAppSchema = z.lazy(() =>
  z.discriminatedUnion('type', [
    /** `notice`: something that a person has to be told of this start, such as a damaged store that was mended. */
    z.strictObject({ type: z.literal('ready'), notice: packedErrorSchema.optional() }),
    /** The engine could not start (store locked, corrupt, newer ...) and ends by itself; nothing was wiped. */
    z.strictObject({ type: z.literal('failed'), error: packedErrorSchema }),
    z.strictObject({
      type: z.literal('result'),
      id: requestId,
      outcome: z.discriminatedUnion('ok', [
        z.strictObject({ ok: z.literal(true), value: z.unknown() }),
        z.strictObject({ ok: z.literal(false), error: packedErrorSchema }),
      ]),
    }),
    z.strictObject({ type: z.literal('event'), name: z.enum(engineEventNames), payload: z.unknown() }),
    /** Through which proxy a server is reached; answered by `proxy.answer`. */
    z.strictObject({
      type: z.literal('proxy.find'),
      id: requestId,
      host: z.string().min(1).max(253),
      port: z.number().int().min(1).max(65535),
    }),
    z.strictObject({ type: z.literal('secret.get'), ...secretRef }),
    z.strictObject({ type: z.literal('secret.set'), ...secretRef, secret: secretSchema }),
    z.strictObject({ type: z.literal('secret.delete'), ...secretRef }),
    /** Event names, ids and figures only. */
    z.strictObject({
      type: z.literal('log'),
      level: logLevelSchema,
      entry: z.object({ ev: z.string().max(100) }).catchall(logFieldSchema),
    }),
    /** What the disk refuses while the engine runs; null when it takes what is written again. */
    z.strictObject({ type: z.literal('store.health'), fault: packedErrorSchema.nullable() }),
    z.strictObject({ type: z.literal('stopped') }),
  ]),
);
export type EngineToApp = z.output<typeof engineToAppSchema>;

/** The little of a port that both ends need: Electron's parentPort and utility process, and node's MessagePort fit. */
export interface EnginePort<Out, In> {
  send(message: Out): void;
  onMessage(listener: (message: In) => void): void;
}
