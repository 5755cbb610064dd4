import { asMailboxId, type EntryId, type MailboxId } from '../../shared/model/ids.ts';
import { finderOf } from '../crash/finder.ts';
import { messageIdOf, World } from '../crash/world.ts';
import { differences } from './compare.ts';
import { startDovecot, usualMailboxes, type Dovecot, type DovecotOptions } from './dovecot.ts';
import { EngineRig, type RigOptions, type RigServer } from './engine-rig.ts';
import { startImapProxy, type ImapProxy } from './imap-proxy.ts';

/** Two real servers for tests of what a person does with mail, a fresh user for each. */
export class ActionServers {
  readonly primary: Dovecot;
  readonly relay: Dovecot;
  #next = 0;

  private constructor(primary: Dovecot, relay: Dovecot) {
    this.primary = primary;
    this.relay = relay;
  }

  static async start(options: Omit<DovecotOptions, 'users'> = {}, count = 40): Promise<ActionServers> {
    const users = Array.from({ length: count }, (_, n) => `user${n}`);
    const mailboxes = [...usualMailboxes, { path: 'Projects', autoSubscribe: true }, { path: 'Kunden', autoSubscribe: true }];
    const primary = await startDovecot({ mailboxes, ...options, users });
    const relay = await startDovecot({ users, mailboxes: [...usualMailboxes, { path: 'Quarantine', autoSubscribe: true }] });
    return new ActionServers(primary, relay);
  }

  async dispose(): Promise<void> {
    await this.primary.dispose();
    await this.relay.dispose();
  }

  /** Runs a test with an engine on both servers of a user of its own. */
  async with(
    work: (setting: ActionSetting) => Promise<void>,
    { hidden = [], ...options }: Partial<RigOptions> & { hidden?: readonly string[] } = {},
  ): Promise<void> {
    const user = `user${this.#next++}`;
    const proxy = await startImapProxy({ upstreamPort: this.primary.imapPort, hidden });
    const login = (server: Dovecot, port = server.imapPort): RigServer => ({ port, user, password: server.user(user).password });
    const world = new World(await this.primary.connect(user), await this.relay.connect(user));
    const rig = await EngineRig.open({ primary: login(this.primary, proxy.port), relay: login(this.relay), ...options });
    try {
      await work(new ActionSetting(this, rig, world, user, proxy));
    } finally {
      await world.primary.close();
      await world.relay.close();
      await rig.close();
      await proxy.close();
    }
  }
}

export class ActionSetting {
  readonly servers: ActionServers;
  readonly rig: EngineRig;
  readonly world: World;
  readonly user: string;
  /** Between the engine and the primary. */
  readonly proxy: ImapProxy;

  constructor(servers: ActionServers, rig: EngineRig, world: World, user: string, proxy: ImapProxy) {
    this.proxy = proxy;
    this.servers = servers;
    this.rig = rig;
    this.world = world;
    this.user = user;
  }

  get actions() {
    return this.rig.engine.actions;
  }

  /** Adds mails to the primary's INBOX (or elsewhere) and mirrors. */
  async seed(...ids: string[]): Promise<void> {
    for (const id of ids) await this.world.add('primary', { id, path: 'INBOX', ageDays: 1 });
    await this.rig.mirror();
  }

  /** Mirrors until nothing is open any more, at most four times. */
  async settle(): Promise<void> {
    for (let n = 0; n < 4; n += 1) {
      await this.rig.mirror();
      if (n > 0 && this.openCount() === 0) return;
    }
  }

  /** The primary is gone; the relay is mirrored on. */
  async offline(): Promise<void> {
    await this.proxy.outage('refuse');
    await this.lookInVain();
  }

  /** A look at both sides while the primary is gone. */
  async lookInVain(): Promise<void> {
    const runs = await this.rig.engine.mirrorOnce();
    const errors = runs.map((one) => (one.error === null ? null : one.side));
    if (errors.join() !== 'primary,') throw new Error(`expected the primary alone to be away: ${errors.join()}`);
  }

  online(): Promise<void> {
    return this.proxy.restore();
  }

  /** Commands with which the engine changed something on the primary since. */
  sentSince(mark: ReturnType<Dovecot['mark']>): string[] {
    return this.servers.primary.mutatingSince(mark).flatMap((one) => (one.user === this.user ? [one.name] : []));
  }

  openCount(): number {
    return this.rig.engine.store.ops.countOpen(this.rig.accountId);
  }

  entry(id: string): EntryId {
    return finderOf(this.rig)(id);
  }

  mailbox(path: string): MailboxId {
    return asMailboxId(finderOf(this.rig).mailbox(path));
  }

  /** Subjects of a list, newest first, without the word `subject`. */
  list(path: string): string[] {
    return this.rig.rows(path).map((row) => row.subject.replace('subject ', ''));
  }

  recoverable(): string[] {
    return this.rig.recoverable().map((row) => row.subject.replace('subject ', ''));
  }

  unseen(path: string): number {
    return this.rig.engine.store.lists.counts({ mailboxId: this.mailbox(path) }).unseen;
  }

  /** Every place of a message on the primary with its flags, from an independent reading: `INBOX \Seen`. */
  async places(id: string, side: 'primary' | 'relay' = 'primary'): Promise<string[]> {
    const client = this.world[side];
    const found: string[] = [];
    for (const { path } of await client.list()) {
      await client.select(path, { readOnly: true });
      for (const uid of await client.uids(`HEADER Message-ID "${messageIdOf(id)}"`)) {
        const flags: string[] = [];
        for (const flag of ['Seen', 'Flagged', 'Answered', 'Deleted', 'Draft']) {
          if ((await client.uids(`UID ${uid} ${flag.toUpperCase()}`)).length > 0) flags.push(`\\${flag}`);
        }
        found.push([path, ...flags].join(' '));
      }
    }
    return found.sort();
  }

  async equal(): Promise<string[]> {
    const { primary, relay } = this.servers;
    return [...(await differences(this.rig, 'primary', primary, this.user)), ...(await differences(this.rig, 'relay', relay, this.user))];
  }

  failed() {
    return this.actions.failed().map(({ kind, state, detail, subject, error }) => ({ kind, state, detail, subject, code: error?.code }));
  }
}
