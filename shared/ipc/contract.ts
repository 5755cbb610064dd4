import { z } from 'zod';
import { accountConfigSchema, accountLossesSchema, accountSchema, emailAddress, retentionSchema } from '../model/account.ts';
import { accountIdSchema, entryIdSchema } from '../model/ids.ts';
import { viewMailboxSchema } from '../model/mailbox.ts';
import { attachmentSchema, innerViewSchema, messageFilterSchema, messageRowSchema, messageViewSchema } from '../model/message.ts';
import { connectionStepSchema, engineStateSchema, sideSyncStateSchema } from '../model/sync.ts';
import { windowLimits as limits } from '../window-limits.ts';
import { settingsPatchSchema, settingsSchema } from '../model/settings.ts';
import { givenSecretsSchema } from '../model/sign-in.ts';
import { discoverySchema } from '../model/discovery.ts';
import { updateStateSchema } from '../model/update.ts';
import { bytes, call, done, none } from './call.ts';
import { actionCalls } from './calls/actions.ts';
import { composeCalls } from './calls/compose.ts';
import { continuityCalls } from './calls/continuity.ts';
import { desktopCalls } from './calls/desktop.ts';
import { outboxCalls } from './calls/outbox.ts';
import { policyCalls } from './calls/policy.ts';
import { reconcileCalls } from './calls/reconcile.ts';
import { signInCalls } from './calls/sign-in.ts';
import { spellingCalls } from './calls/spelling.ts';
import { storeCalls } from './calls/store.ts';
import { trustCalls } from './calls/trust.ts';

const mailboxKey = z.string().min(1).max(60);
const place = z.number().int().min(0).max(10_000);
const within = z.array(place).max(limits.maxInnerDepth);
/** `within`: see Attachment. */
const attachmentRef = z.strictObject({ entryId: entryIdSchema, within: within.default([]), index: place });

/**
 * Every call the window can make: name -> arguments and result. Both ends check against these schemas. No call takes a
 * path, SQL, or a raw IMAP or SMTP command. `where` says which process answers.
 */
export const contract = {
  'app.info': call(
    () => none,
    () => z.strictObject({ version: z.string(), platform: z.string(), locale: z.string(), isDemo: z.boolean(), hasStore: z.boolean() }),
  ),
  'app.openExternal': call(
    () => z.tuple([z.strictObject({ url: z.string().max(8192) })]),
    () => z.boolean(),
  ),
  /** What is known of a newer version; `look` asks the company's server first. */
  'app.update': call(
    () => z.tuple([z.strictObject({ look: z.boolean() })]),
    () => updateStateSchema,
  ),
  'settings.get': call(
    () => none,
    () => settingsSchema,
  ),
  'settings.set': call(
    () => z.tuple([settingsPatchSchema]),
    () => settingsSchema,
  ),
  'engine.state': call(
    () => none,
    () => engineStateSchema,
  ),
  'accounts.list': call(
    () => none,
    () => z.array(accountSchema),
  ),
  'accounts.enrol': call(
    () => z.tuple([z.strictObject({ config: accountConfigSchema, secrets: givenSecretsSchema.nullable() })]),
    () => accountSchema,
  ),
  /** Asks the person for an enrolment file and enrols its accounts; null when cancelled, else how many it names. */
  'accounts.enrolFromFile': call(
    () => none,
    () => z.strictObject({ accounts: z.number().int().nullable() }),
  ),
  'accounts.setRetention': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, retention: retentionSchema })]),
    () => accountSchema,
  ),
  /** What would be lost with the account. */
  'accounts.losses': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema })]),
    () => accountLossesSchema,
  ),
  /** Refused (`account-has-unsent`) where something would be lost, unless the person has said yes to that. */
  'accounts.remove': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, acceptLosses: z.boolean() })]),
    () => done,
  ),
  'enrol.discover': call(
    () => z.tuple([z.strictObject({ email: emailAddress() })]),
    () => discoverySchema,
  ),
  'enrol.test': call(
    () => z.tuple([z.strictObject({ config: accountConfigSchema, secrets: givenSecretsSchema })]),
    () => z.array(connectionStepSchema),
  ),
  /** What the window shows first, in one answer: everything but the content of mail, and the first rows of the inbox. */
  'overview.get': call(
    () => z.tuple([z.strictObject({ rows: z.number().int().min(1).max(limits.listPageRows) })]),
    () =>
      z.strictObject({
        /** Kept from the last run, and soon replaced by what the engine says. */
        isProvisional: z.boolean(),
        accounts: z.array(accountSchema),
        sync: z.array(sideSyncStateSchema),
        mailboxes: z.array(viewMailboxSchema),
        inbox: z.strictObject({ mailboxKey, total: z.number().int(), rows: z.array(messageRowSchema) }).nullable(),
      }),
  ),
  'mailboxes.list': call(
    () => none,
    () => z.array(viewMailboxSchema),
  ),
  'messages.list': call(
    () =>
      z.tuple([
        z.strictObject({
          mailboxKey,
          filter: messageFilterSchema,
          offset: z.number().int().min(0).max(10_000_000),
          limit: z.number().int().min(1).max(limits.listPageRows),
          isGrouped: z.boolean().default(false),
        }),
      ]),
    () => z.strictObject({ total: z.number().int(), rows: z.array(messageRowSchema) }),
  ),
  /** Oldest first; of a very long one the newest. */
  'messages.conversation': call(
    () => z.tuple([z.strictObject({ entryId: entryIdSchema })]),
    () =>
      z.strictObject({ mails: z.array(z.strictObject({ row: messageRowSchema, mailboxKey })), omitted: z.number().int().nonnegative() }),
  ),
  'messages.open': call(
    () => z.tuple([z.strictObject({ entryId: entryIdSchema })]),
    () => messageViewSchema,
  ),
  /** A mail or a winmail.dat in a mail: `within` leads to it. */
  'messages.openInner': call(
    () => z.tuple([z.strictObject({ entryId: entryIdSchema, within: within.min(1) })]),
    () => innerViewSchema,
  ),
  /** Asks the person for a place and saves the whole mail as it was received; null when cancelled, else the file name. */
  'messages.saveAs': call(
    () => z.tuple([z.strictObject({ entryId: entryIdSchema })]),
    () => z.strictObject({ savedAs: z.string().nullable() }),
  ),
  /** Shows the system's print dialog for a document of cleaned HTML, in which nothing runs and nothing loads. */
  'app.print': call(
    () => z.tuple([z.strictObject({ html: z.string().max(limits.maxPrintChars) })]),
    () => z.strictObject({ isPrinted: z.boolean() }),
  ),
  'messages.source': call(
    () => z.tuple([z.strictObject({ entryId: entryIdSchema })]),
    () => z.strictObject({ text: z.string(), isTruncated: z.boolean() }),
  ),
  'attachments.preview': call(
    () => z.tuple([attachmentRef]),
    () => z.strictObject({ attachment: attachmentSchema, content: bytes }),
  ),
  /**
   * Asks the person for a place; null when cancelled, else the file name chosen (never the folder). A dangerous file is refused
   * (`call-rejected`) unless the person has said yes to that.
   */
  'attachments.save': call(
    () => z.tuple([attachmentRef.extend({ isRiskAccepted: z.boolean().default(false) })]),
    () => z.strictObject({ savedAs: z.string().nullable() }),
  ),
  'search.query': call(
    () =>
      z.tuple([
        z.strictObject({
          text: z.string().max(1000),
          mailboxKey: mailboxKey.nullable(),
          limit: z.number().int().min(1).max(limits.searchResultRows),
        }),
      ]),
    () => z.strictObject({ rows: z.array(messageRowSchema), hasMore: z.boolean(), tookMs: z.number() }),
  ),
  'sync.state': call(
    () => none,
    () => z.array(sideSyncStateSchema),
  ),
  'sync.now': call(
    () => none,
    () => done,
  ),
  ...storeCalls,
  ...actionCalls,
  ...composeCalls,
  ...outboxCalls,
  ...continuityCalls,
  ...policyCalls,
  ...signInCalls,
  ...reconcileCalls,
  ...trustCalls,
  ...desktopCalls,
  ...spellingCalls,
} as const;

export type Contract = typeof contract;
export type CallName = keyof Contract;
export type CallArgs<N extends CallName> = z.input<Contract[N]['args']>;
export type ParsedArgs<N extends CallName> = z.output<Contract[N]['args']>;
export type CallResult<N extends CallName> = z.output<Contract[N]['result']>;

export const callNames = Object.keys(contract) as CallName[];

/** Calls that the app process answers itself; the engine answers all others. */
export const appCalls = [
  'accounts.enrolFromFile',
  'app.info',
  'app.openExternal',
  'app.update',
  'settings.get',
  'settings.set',
  'engine.state',
  'policy.state',
  'policy.enrol',
  'policy.signIn',
  'store.unlock',
  'store.choosePassphrase',
  'store.retry',
  'store.recover',
  'store.unsent',
  'store.setAside',
  'store.showRecoveryKey',
  'attachments.save',
  'messages.saveAs',
  'app.print',
  'reports.save',
  'desktop.state',
  'desktop.startAtLogin',
  'desktop.openMailto',
  'desktop.request',
  'spelling.check',
  'spelling.suggest',
  'spelling.ownWords',
  'spelling.setOwnWord',
] as const satisfies readonly CallName[];
export type AppCall = (typeof appCalls)[number];
export type EngineCall = Exclude<CallName, AppCall>;
