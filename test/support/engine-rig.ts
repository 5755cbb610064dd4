import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountConfigSchema, type AccountConfig, type AccountConfigInput, type Secret } from '../../shared/model/account.ts';
import type { AccountId, EntryId, OutboxId } from '../../shared/model/ids.ts';
import { systemClock, type Clock } from '../../main/engine/core/clock.ts';
import { silentLog, type Log } from '../../main/engine/core/log.ts';
import { ContinuityEngine, type EngineEventListener } from '../../main/engine/engine.ts';
import type { ImapGateway } from '../../main/engine/imap/gateway.ts';
import { createImapGateway, type ImapGatewayDeps } from '../../main/engine/imap/imapflow-gateway.ts';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import type { Ingest } from '../../main/engine/ingest/protocol.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { onProfileStores } from '../../main/engine/store/open-profile.ts';
import { memorySecrets } from './memory-secrets.ts';
import { seededRandom } from './random.ts';

/** Where a side's IMAP server listens; plain, on loopback. */
export interface RigServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Where its submission listens, with the same log-in; without it the side has none. */
  readonly smtpPort?: number;
}

export interface RigOptions {
  readonly primary: RigServer;
  readonly relay?: RigServer;
  readonly config?: Partial<AccountConfigInput>;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly ingest?: Ingest;
  readonly seed?: number;
  readonly onEvent?: EngineEventListener;
  readonly step?: (name: string) => void;
  /** Other times than those of limits. */
  readonly imapTimes?: ImapGatewayDeps['times'];
  /** Stands between the engine and its servers. */
  readonly aroundImap?: (gateway: ImapGateway) => ImapGateway;
}

const side = ({ port, user, smtpPort }: RigServer) => {
  const of = { host: '127.0.0.1', security: 'plain' as const, user, auth: { type: 'password' as const } };
  return { imap: { ...of, port }, smtp: smtpPort === undefined ? null : { ...of, port: smtpPort } };
};

/** Configuration of one account on these servers: 30 days of everything unless said otherwise. */
export function rigConfig({ primary, relay, config }: RigOptions): AccountConfig {
  return accountConfigSchema.parse({
    email: `${primary.user}@example.com`,
    primary: side(primary),
    relay: relay ? side(relay) : null,
    retention: { incomingDays: 30, outgoingDays: 30, quarantinedDays: 30 },
    ...config,
  });
}

const password = (server: RigServer): { imap: Secret } => ({ imap: { type: 'password', password: server.password } });

/** The engine with a real store file and the real gateway, in this process, on one enrolled account. */
export class EngineRig {
  readonly dir: string;
  readonly key: Uint8Array;
  readonly options: RigOptions;
  readonly secrets = memorySecrets();
  engine: ContinuityEngine;
  accountId!: AccountId;

  private constructor(options: RigOptions, place?: { dir: string; key: Uint8Array }) {
    this.options = options;
    this.dir = place?.dir ?? mkdtempSync(join(tmpdir(), 'holdover-rig-'));
    this.key = place?.key ?? randomBytes(32);
    this.engine = this.#open();
  }

  /** Opens a profile that another rig (or process) has left behind. */
  static async attach(options: RigOptions, place: { dir: string; key: Uint8Array }): Promise<EngineRig> {
    const rig = new EngineRig(options, place);
    const account = rig.engine.store.accounts.list()[0];
    if (!account) throw new Error('the profile has no account');
    rig.accountId = account.id;
    await rig.secrets.set(account.id, 'primary', 'imap', password(options.primary).imap);
    if (options.relay) await rig.secrets.set(account.id, 'relay', 'imap', password(options.relay).imap);
    return rig;
  }

  static async open(options: RigOptions): Promise<EngineRig> {
    const rig = new EngineRig(options);
    const { primary, relay } = options;
    const account = await rig.engine.enrol(rigConfig(options), { primary: password(primary), relay: relay ? password(relay) : null });
    rig.accountId = account.id;
    return rig;
  }

  #open(): ContinuityEngine {
    const { clock = systemClock, log = silentLog, seed = 1, onEvent, step, aroundImap = (gateway) => gateway, imapTimes } = this.options;
    const random = seededRandom(seed);
    const ingest = this.options.ingest ?? createInlineIngest();
    const gateways = {
      imap: aroundImap(createImapGateway({ clock, log, ...(imapTimes ? { times: imapTimes } : {}) })),
      smtp: createSmtpGateway(),
    };
    const deps = { clock, random, log, ingest, ...gateways, secrets: this.secrets, profileDir: this.dir, storeKey: this.key };
    return onProfileStores(
      { dir: this.dir, key: this.key, clock, log, create: true },
      (stores) => new ContinuityEngine({ deps, stores, onEvent: onEvent ?? (() => undefined), ...(step ? { step } : {}) }),
    );
  }

  /** One complete look at every side; throws the first error. */
  async mirror(): Promise<void> {
    for (const run of await this.engine.mirrorOnce()) if (run.error !== null) throw run.error as Error;
  }

  /** Closes and opens again, as a restart of the app does. */
  async restart(): Promise<void> {
    await this.engine.stop();
    this.engine = this.#open();
  }

  /** Rows of the list of the mailbox at this path (primary unless said otherwise). */
  rows(path: string, of: 'primary' | 'relay' = 'primary') {
    const { store } = this.engine;
    const mailbox = store.mailboxes.list(this.accountId, of).find((one) => one.path === path);
    if (!mailbox) throw new Error(`no mailbox ${path}`);
    return store.lists.page({ mailboxId: mailbox.id }, 'all', 0, 100_000).rows;
  }

  /** Writes a mail and sends it. */
  async send(to: readonly string[], subject: string): Promise<OutboxId> {
    const { desk } = this.engine.features.compose;
    const draft = await desk.start({ kind: 'new', accountId: this.accountId, mailto: null });
    const content = { ...draft.content, to: to.map((address) => ({ name: '', address })), subject, text: `Text of ${subject}.` };
    const { version } = desk.save(draft.id, draft.version, content);
    return (await desk.send(draft.id, version)).outboxId;
  }

  recoverable() {
    return this.engine.store.lists.page({ recoverableOf: this.accountId }, 'all', 0, 100_000).rows;
  }

  placements(id: EntryId) {
    return this.engine.store.placements.ofEntry(id);
  }

  async close(): Promise<void> {
    await this.engine.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
