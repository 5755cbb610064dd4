import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountConfigSchema, type Account, type Endpoint, type Side } from '../../shared/model/account.ts';
import type { MailError } from '../../shared/errors.ts';
import { asAccountId, asOutageId, type OutboxId } from '../../shared/model/ids.ts';
import type { OutboxState } from '../../shared/model/outbox.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import type { SmtpGateway } from '../../main/engine/smtp/gateway.ts';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import type { DatabaseHandle } from '../../main/engine/store/contract.ts';
import type { FrozenMessage } from '../../main/engine/store/frozen-message.ts';
import { openOutbox } from '../../main/engine/store/open-outbox.ts';
import type { OutboxRow } from '../../main/engine/store/outbox-item.ts';
import { createOutboxStore, type OutboxStore } from '../../main/engine/store/outbox.ts';
import type { OutboxContext } from '../../main/engine/outbox/context.ts';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { contentReader } from '../../main/engine/content-reader.ts';
import { Outbox } from '../../main/engine/outbox/outbox.ts';
import type { Route } from '../../shared/model/outbox.ts';
import { frozenMessage } from './frozen.ts';
import { seededRandom } from './random.ts';
import { RateClock } from './rate-clock.ts';
import { until } from './until.ts';

export interface OutboxRigOptions {
  /** Ports of the submission servers; log-in is alice with pw-alice. */
  readonly primary: number | null;
  readonly relay?: number | null;
  /** What else is said of these servers; the default is clear text. */
  readonly endpoint?: Partial<Endpoint>;
  readonly clock?: RateClock;
  readonly seed?: number;
  readonly smtp?: SmtpGateway;
  readonly step?: (name: string) => void;
  readonly around?: (context: OutboxContext) => Partial<OutboxContext>;
  readonly place?: { readonly dir: string; readonly key: Uint8Array };
  /** In place of the file: a second connection to it, as another machine has. */
  readonly handle?: DatabaseHandle;
}

const endpoint = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' as const, user: 'alice' });

/** The outbox with a real store file and the real submission, without mirrors: route, time and hooks are the test's. */
export class OutboxRig {
  readonly dir: string;
  readonly key: Uint8Array;
  readonly clock: RateClock;
  readonly account: Account;
  readonly options: OutboxRigOptions;
  route: Route = { side: 'primary', hold: null };
  maySentCopy = true;
  readonly reports: { readonly side: Side; readonly error: MailError | null }[] = [];
  readonly marked: OutboxId[] = [];
  readonly reopened: { readonly id: OutboxId; readonly only: readonly string[] | null }[] = [];
  readonly woken: (Side | undefined)[] = [];
  handle!: DatabaseHandle;
  store!: OutboxStore;
  outbox!: Outbox;
  context!: OutboxContext;

  constructor(options: OutboxRigOptions) {
    this.options = options;
    this.dir = options.place?.dir ?? mkdtempSync(join(tmpdir(), 'holdover-outbox-'));
    this.key = options.place?.key ?? randomBytes(32);
    this.clock = options.clock ?? new RateClock();
    const smtp = (port: number | null) => (port === null ? null : { ...endpoint(port), ...options.endpoint });
    this.account = {
      id: asAccountId(1),
      config: accountConfigSchema.parse({
        email: 'anna@example.com',
        primary: { imap: endpoint(1), smtp: smtp(options.primary) },
        relay: options.relay === undefined ? null : { imap: endpoint(1), smtp: smtp(options.relay) },
      }),
    };
    this.open();
  }

  open(): void {
    const { clock, options } = this;
    this.handle = options.handle ?? openOutbox({ path: join(this.dir, 'outbox.db'), key: this.key, clock, log: silentLog });
    this.store = createOutboxStore(this.handle);
    const context: OutboxContext = {
      ...{ clock, random: seededRandom(options.seed ?? 1), log: silentLog, smtp: options.smtp ?? createSmtpGateway() },
      ...{ handle: this.handle, store: this.store, machine: 'here' },
      accounts: () => [this.account],
      credentials: () => Promise.resolve({ type: 'password', password: 'pw-alice' }),
      rejectCredentials: () => undefined,
      route: () => this.route,
      report: (_id, side, error) => void this.reports.push({ side, error }),
      outageId: () => asOutageId(7),
      maySentCopy: () => this.maySentCopy,
      audited: () => undefined,
      markOriginal: (row) => void this.marked.push(row.id),
      readContent: () => contentReader(createInlineIngest()),
      reopenDraft: (row, only) => {
        this.reopened.push({ id: row.id, only });
        return row.draftId;
      },
      wake: (_id, side) => void this.woken.push(side),
      changed: () => undefined,
      closed: () => undefined,
      step: options.step ?? (() => undefined),
    };
    this.context = { ...context, ...options.around?.(context) };
    this.outbox = new Outbox(this.context);
  }

  /** Hands a mail over; it leaves at once unless said otherwise. */
  send(change: Parameters<typeof frozenMessage>[1] = {}): OutboxId {
    return this.outbox.enqueue(frozenMessage(this.account.id, { sendAfter: this.clock.now(), ...change }));
  }

  row(id: OutboxId): OutboxRow {
    return this.store.get(id);
  }

  async reaches(id: OutboxId, ...states: OutboxState[]): Promise<OutboxRow> {
    await until(`${states.join(' or ')} of ${id}, now ${this.row(id).state}`, () => states.includes(this.row(id).state));
    return this.row(id);
  }

  /** Lets the jobs of a side run on a session, as a mirror does. */
  async runJobs(side: Side, session: ImapSession): Promise<void> {
    for (const job of this.outbox.jobs(this.account.id, side)) await job.run(session);
  }

  async restart(): Promise<void> {
    await this.stop();
    this.open();
  }

  async stop(): Promise<void> {
    await this.outbox.stop();
    this.handle.close();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export const frozenFor = (rig: OutboxRig, change: Parameters<typeof frozenMessage>[1] = {}): FrozenMessage =>
  frozenMessage(rig.account.id, change);
