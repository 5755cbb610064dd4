import { asDraftId, asEntryId, type EntryId, type MailboxId, type OutboxId } from '../../shared/model/ids.ts';
import type { AccountConfig, Side } from '../../shared/model/account.ts';
import type { ReconcileItem, ReconcileRun } from '../../shared/model/reconcile.ts';
import type { EngineEventListener } from '../../main/engine/engine.ts';
import { buildMail } from './mail-builder.ts';
import { readSnapshot } from './dovecot-snapshot.ts';
import type { Dovecot } from './dovecot.ts';
import { EngineRig, type RigOptions } from './engine-rig.ts';
import type { SecondClient } from './second-client.ts';
import { ShiftClock } from './shift-clock.ts';

export const GRACE_SECONDS = 60;
const DAY_MS = 86_400_000;
const DATE = Date.UTC(2026, 10, 20, 8, 0, 0);

export const idOf = (name: string): string => `<${name}@outage.example.com>`;

export interface WorldMail {
  readonly name: string;
  readonly path?: string;
  readonly flags?: readonly string[];
  readonly text?: string;
  readonly withId?: boolean;
}

/** One mail as a server holds it; each way it was delivered left its own trace line. */
export function worldMail({ name, text = `text of ${name}`, withId = true }: WorldMail, by: string): Buffer {
  return buildMail({
    ...{ from: 'Anna <anna@example.org>', to: 'Bernd <bernd@example.com>', subject: `subject ${name}`, date: DATE, text },
    ...{ messageId: withId ? idOf(name) : null, headers: [['Received', `by ${by} for <bernd@example.com>`]] },
  });
}

/** The same mail as the relay's queue delivers it. */
export const deliveredMail = (mail: WorldMail): Buffer => worldMail(mail, `mx from filter, queue of ${mail.name}`);

/** An account on two servers, an outage by a person's word, a second client on each server, and time that a test can let pass. */
export class OutageWorld {
  readonly rig: EngineRig;
  readonly clock: ShiftClock;
  /** The other device, or the relay's queue delivering. */
  readonly primary: SecondClient;
  readonly relay: SecondClient;
  #form = (raw: Buffer): Buffer => raw;

  private constructor(rig: EngineRig, clock: ShiftClock, primary: SecondClient, relay: SecondClient) {
    this.rig = rig;
    this.clock = clock;
    this.primary = primary;
    this.relay = relay;
  }

  static async open(
    servers: { readonly primary: Dovecot; readonly relay: Dovecot; readonly user: string },
    options: {
      continuity?: Partial<AccountConfig['continuity']>;
      retention?: AccountConfig['retention'];
      onEvent?: EngineEventListener;
      seed?: readonly WorldMail[];
      /** Where the engine reaches a server in place of its own port. */
      ports?: Partial<Record<Side, number>>;
      /** Where the time of the world begins, from now: a server takes no date from its own future. */
      aheadMs?: number;
      aroundImap?: RigOptions['aroundImap'];
      /** What the primary makes of a mail that is delivered to it. */
      form?: (raw: Buffer) => Buffer;
    } = {},
  ): Promise<OutageWorld> {
    const clock = new ShiftClock();
    clock.pass(options.aheadMs ?? 0);
    const { user } = servers;
    const login = (server: Dovecot, port = server.imapPort) => ({ port, user, password: server.user(user).password });
    const { ports = {}, form = (raw) => raw } = options;
    const continuity = {
      ...({ failover: 'automatic', reconcile: 'automatic' } as const),
      ...{ stableSeconds: 0, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: GRACE_SECONDS },
      ...options.continuity,
    };
    const [primary, relay] = await Promise.all([servers.primary.connect(user), servers.relay.connect(user)]);
    const internalDate = clock.now() - DAY_MS;
    for (const mail of options.seed ?? []) {
      await primary.append(mail.path ?? 'INBOX', form(worldMail(mail, 'mx')), { flags: mail.flags ?? [], internalDate });
      await relay.append('INBOX', worldMail(mail, 'filter'), { flags: mail.flags ?? [], internalDate });
    }
    const rig = await EngineRig.open({
      ...{ primary: login(servers.primary, ports.primary), relay: login(servers.relay, ports.relay), clock },
      config: { continuity, ...(options.retention ? { retention: options.retention } : {}) },
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
      ...(options.aroundImap ? { aroundImap: options.aroundImap } : {}),
    });
    const world = new OutageWorld(rig, clock, primary, relay);
    world.#form = form;
    await rig.mirror();
    return world;
  }

  /** Takes up a profile that another process has left behind; `aheadMs` of time have passed since. */
  static async attach(
    servers: { readonly primary: Dovecot; readonly relay: Dovecot; readonly user: string },
    place: { readonly dir: string; readonly key: Uint8Array },
    aheadMs: number,
    options: Partial<RigOptions> = {},
  ): Promise<OutageWorld> {
    const clock = new ShiftClock();
    clock.pass(aheadMs);
    const { user } = servers;
    const login = (server: Dovecot) => ({ port: server.imapPort, user, password: server.user(user).password });
    const [primary, relay] = await Promise.all([servers.primary.connect(user), servers.relay.connect(user)]);
    const rig = await EngineRig.attach({ primary: login(servers.primary), relay: login(servers.relay), clock, ...options }, place);
    return new OutageWorld(rig, clock, primary, relay);
  }

  /** Ends this process's part and leaves the profile where it is. */
  async leave(): Promise<{ dir: string; key: Uint8Array }> {
    await this.primary.close();
    await this.relay.close();
    await this.rig.engine.stop();
    return { dir: this.rig.dir, key: this.rig.key };
  }

  get engine() {
    return this.rig.engine;
  }

  get reconciler() {
    return this.engine.features.reconciler;
  }

  /** The primary counts as gone from now on. */
  lose(): void {
    this.engine.features.monitor.setControl(this.rig.accountId, 'forced-continuity');
  }

  /** The primary is back and stable. */
  back(): void {
    this.engine.features.monitor.setControl(this.rig.accountId, 'forced-normal');
  }

  mode() {
    return this.engine.features.monitor.mode(this.rig.accountId);
  }

  async relayReceives(...mails: (WorldMail | string)[]): Promise<void> {
    for (const one of mails) {
      const mail = typeof one === 'string' ? { name: one } : one;
      await this.relay.append(mail.path ?? 'INBOX', worldMail(mail, 'filter'), { flags: mail.flags ?? [], internalDate: this.clock.now() });
    }
  }

  /** A mail that the primary had before. */
  async seed(name: string, internalDate: number): Promise<void> {
    await this.primary.append('INBOX', worldMail({ name }, 'mx'), { internalDate });
  }

  /** A mail of ours that the relay took, and whose copy at the primary is still to be filed. */
  sentByRelay(name: string, to = 'kunde@example.net'): OutboxId {
    const { outbox } = this.engine.store;
    const now = this.clock.now();
    const id = outbox.add(
      {
        ...{ accountId: this.rig.accountId, messageId: idOf(name), date: now, raw: worldMail({ name }, 'here'), bcc: [] },
        ...{ envelope: { from: 'bernd@example.com', to: [to] }, original: null, subject: `subject ${name}` },
        ...{ to: [{ name: '', address: to }], preview: '', sendAfter: now, draftId: asDraftId(1), needsSmtpUtf8: false },
      },
      'bernd@example.com',
      now,
    );
    outbox.change(id, { state: 'accepted', route: 'relay', acceptedAt: now, sentCopy: 'waiting' });
    return id;
  }

  /** The relay's queue hands a mail to the primary. */
  async deliver(mail: WorldMail | string): Promise<void> {
    const of = typeof mail === 'string' ? { name: mail } : mail;
    await this.primary.append(of.path ?? 'INBOX', this.#form(deliveredMail(of)), { flags: of.flags ?? [] });
  }

  /** Looks until nothing changes any more. */
  async look(times = 2): Promise<void> {
    for (let n = 0; n < times; n += 1) await this.rig.mirror();
  }

  /** The reconciliation takes what the mirror knows at this moment; a run that has begun is not begun anew. */
  judge(): void {
    this.reconciler.approve(this.run().id);
  }

  /** Lets the grace for deliveries pass, and what is due then be done. */
  async passGrace(): Promise<void> {
    this.clock.pass((GRACE_SECONDS + 1) * 1000);
    await this.look(3);
  }

  run(): ReconcileRun {
    const [run] = this.reconciler.list();
    if (!run) throw new Error('there is no run');
    return run;
  }

  items(): ReconcileItem[] {
    return this.reconciler.items(this.run().id, 0, 1000).items;
  }

  /** `received confirmed appended INBOX` and so on, in words. */
  words(): string[] {
    return this.items().map((one) => [one.kind, one.state, one.detail, one.error?.code].filter(Boolean).join(' '));
  }

  has(name: string): boolean {
    return this.#find(name) !== null;
  }

  entry(name: string): EntryId {
    const id = this.#find(name);
    if (id === null) throw new Error(`no entry ${name}`);
    return id;
  }

  mailbox(path: string): MailboxId {
    const mailbox = this.engine.store.mailboxes.list(this.rig.accountId, 'primary').find((one) => one.path === path);
    if (!mailbox) throw new Error(`no mailbox ${path}`);
    return mailbox.id;
  }

  /** Where the primary really holds a mail, with its flags: `INBOX \\Seen`. */
  async places(name: string, client = this.primary): Promise<string[]> {
    return (await this.allPlaces([name], client))[name] ?? [];
  }

  async allPlaces(names: readonly string[], client = this.primary): Promise<Record<string, string[]>> {
    const places: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]));
    for (const [path, { messages }] of await readSnapshot(client, { bodies: false })) {
      if (messages.length === 0) continue;
      await client.select(path, { readOnly: true });
      for (const name of names) {
        for (const uid of await client.uids(`HEADER Message-ID "${idOf(name)}"`)) {
          const flags = messages.find((one) => one.uid === uid)?.flags ?? [];
          places[name]?.push([path, ...flags.filter((flag) => flag !== '\\Recent').sort()].join(' '));
        }
      }
    }
    for (const list of Object.values(places)) list.sort();
    return places;
  }

  /** Another device does something to a mail in the inbox of the primary. */
  async elsewhere(name: string, act: (client: SecondClient, uids: number[]) => Promise<void>): Promise<void> {
    await this.primary.select('INBOX');
    await act(this.primary, await this.primary.uids(`HEADER Message-ID "${idOf(name)}"`));
  }

  #find(name: string): EntryId | null {
    const find = this.engine.store.handle.db.prepare('SELECT id FROM entries WHERE message_id = ? ORDER BY id LIMIT 1');
    const row = find.get(idOf(name)) as { id: number } | undefined;
    return row === undefined ? null : asEntryId(row.id);
  }

  async close(): Promise<void> {
    await this.primary.close();
    await this.relay.close();
    await this.rig.close();
  }
}
