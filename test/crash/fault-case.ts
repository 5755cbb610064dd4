import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { census, type CountedMail } from '../support/census.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import type { CaseTally } from '../support/figures.ts';
import { isCounted, startImapProxy, type ImapProxy, type ProxiedCommand } from '../support/imap-proxy.ts';
import { keepMail } from '../support/kept-mail.ts';
import { OutageWorld } from '../support/outage-world.ts';
import { RemovalLog, type RemovalCounts } from '../support/removal-log.ts';
import { askForRemoval, leftToDo, prepareWorld, toldSubjects, type FaultWorld, type Wish } from './fault-worlds.ts';

type Gateways = Readonly<Record<'primary' | 'relay', ImapProxy>>;

/** Patience of the engine where a server falls silent; a busy machine may be slow to answer. */
const SILENCE_MS = 900;
const ROUND_MS = 130_000;
/** Longer than any pause after a refusal. */
const LONG_ROUND_MS = 31 * 60_000;
const SHORT_ROUNDS = 6;
const ROUNDS = 16;

export interface CaseResult {
  /** Commands up to the moment when everything had settled, by side. */
  readonly commands: Readonly<Record<'primary' | 'relay', readonly ProxiedCommand[]>>;
  /** Mail at the primary before and after. */
  readonly before: readonly CountedMail[];
  readonly after: readonly CountedMail[];
  /** What is not as it should be, in words. */
  readonly wrong: readonly string[];
  /** Things the person was told that they could not be done. */
  readonly told: number;
}

export interface CaseOptions {
  /** Capabilities that neither server offers. */
  readonly hidden?: readonly string[];
  readonly isSilent?: boolean;
  /** Plans what goes wrong. */
  readonly plan?: (gateways: Gateways) => void;
}

/** Two servers and a profile in which an outage is about to end; played again and again from the same beginning. */
export class FaultStage {
  readonly world: FaultWorld;
  readonly #servers: { readonly primary: Dovecot; readonly relay: Dovecot; readonly user: string };
  readonly #place: { readonly dir: string; readonly key: Uint8Array };
  readonly #ports: Readonly<Record<'primary' | 'relay', number>>;
  readonly #putBack: readonly (() => Promise<void>)[];
  readonly #tally: CaseTally;
  /** Bar O11, over all that was played. */
  readonly #removals: RemovalCounts;

  private constructor(
    world: FaultWorld,
    tally: CaseTally,
    made: {
      readonly servers: { readonly primary: Dovecot; readonly relay: Dovecot; readonly user: string };
      readonly place: { readonly dir: string; readonly key: Uint8Array };
      readonly ports: Readonly<Record<'primary' | 'relay', number>>;
      readonly putBack: readonly (() => Promise<void>)[];
      readonly removals: RemovalCounts;
    },
  ) {
    this.world = world;
    this.#tally = tally;
    this.#removals = made.removals;
    this.#servers = made.servers;
    this.#place = made.place;
    this.#ports = made.ports;
    this.#putBack = made.putBack;
  }

  static async open(servers: FaultServers, world: FaultWorld, tally: CaseTally, removals: RemovalCounts): Promise<FaultStage> {
    const of = { ...servers, user: world.name };
    const gateways = await startGateways(of);
    const ports = { primary: gateways.primary.port, relay: gateways.relay.port };
    const place = await prepareWorld(of, world, ports);
    await closeGateways(gateways);
    const putBack = [await keepMail(servers.primary, of.user), await keepMail(servers.relay, of.user)];
    return new FaultStage(world, tally, { servers: of, place, ports, putBack, removals });
  }

  /** What a person has deleted for good. */
  get #mayGo(): ReadonlySet<string> {
    return new Set(this.world.wishes.flatMap((one) => (one.want.length === 0 ? [`subject ${one.name}`] : [])));
  }

  close(): void {
    rmSync(this.#place.dir, { recursive: true, force: true });
  }

  /** Carries everything back, with what the options let go wrong, until it has settled; and looks what the primary holds then. */
  async play({ hidden = [], isSilent = false, plan }: CaseOptions = {}): Promise<CaseResult> {
    for (const one of this.#putBack) await one();
    const dir = mkdtempSync(join(tmpdir(), 'holdover-fault-'));
    cpSync(this.#place.dir, dir, { recursive: true });
    const gateways = await startGateways(this.#servers, this.#ports, hidden);
    const imapTimes = isSilent ? { commandTimeoutMs: SILENCE_MS, stallTimeoutMs: SILENCE_MS } : {};
    const world = await OutageWorld.attach(this.#servers, { dir, key: this.#place.key }, 60_000, { imapTimes });
    try {
      const before = await census(world.primary);
      plan?.(gateways);
      await this.#carryBack(world);
      const commands = { primary: countedOf(gateways.primary), relay: countedOf(gateways.relay) };
      const wrong = this.#stuck(world);
      // What has not struck by now was planned for a command that this run did without.
      gateways.primary.calm();
      gateways.relay.calm();
      wrong.push(...(await this.#lookAgain(world, gateways)));
      wrong.push(...this.#forbidden(gateways));
      const log = new RemovalLog(this.#removals, this.#mayGo);
      log.learn(before);
      wrong.push(...log.read(gateways.primary.commands));
      const after = await census(world.primary);
      const told = toldSubjects(world);
      wrong.push(...this.#compare(after, told));
      return { commands, before, after, wrong, told: told.size };
    } finally {
      await world.leave();
      await closeGateways(gateways);
      rmSync(dir, { recursive: true, force: true });
    }
  }

  async #carryBack(world: OutageWorld): Promise<void> {
    if (world.mode() === 'continuity') world.back();
    const isAsking = this.world.isDouble === true;
    if (isAsking) askForRemoval(world);
    for (let n = 0; n < ROUNDS; n += 1) {
      // What a look could not do is what the next one is for.
      await world.engine.mirrorOnce();
      world.clock.pass(n < SHORT_ROUNDS ? ROUND_MS : LONG_ROUND_MS);
      const isAskedAgain = isAsking && askForRemoval(world);
      if (n > 0 && !isAskedAgain && leftToDo(world).length === 0) break;
    }
  }

  #stuck(world: OutageWorld): string[] {
    const left = leftToDo(world);
    if (left.length > 0) this.#tally.stuck += 1;
    return left.map((one) => `left undone: ${one} (${world.words().join('; ')})`);
  }

  /** One more look sends nothing that changes anything. */
  async #lookAgain(world: OutageWorld, { primary, relay }: Gateways): Promise<string[]> {
    const sent = [primary.mutating().length, relay.mutating().length];
    const errors = (await world.engine.mirrorOnce()).filter((one) => one.error !== null);
    const more = [...primary.mutating().slice(sent[0]), ...relay.mutating().slice(sent[1])];
    return [...errors.map((one) => `the last look failed: ${String(one.error)}`), ...more.map((one) => `the last look sent ${one.name}`)];
  }

  /** What takes other clients' mail along, and what the server does not offer any more. */
  #forbidden({ primary, relay }: Gateways): string[] {
    const sent = [...primary.commands, ...relay.commands].filter((one) => one.name === 'EXPUNGE' || one.name === 'CLOSE');
    const refused = [...primary.violations(), ...relay.violations()];
    return [...sent.map((one) => `sent ${one.name}`), ...refused.map((one) => `sent ${one.name} without ${one.refusedFor}`)];
  }

  #compare(after: readonly CountedMail[], told: ReadonlySet<string>): string[] {
    const { wishes, marked } = this.world;
    const wrong = wishes.flatMap((wish) => this.#judge(wish, placesOf(after, wish.name), told.has(`subject ${wish.name}`)));
    for (const path of marked) {
      if (after.some((one) => one.path === path && one.subject === `subject marked in ${path}` && !isLive(one))) continue;
      this.#tally.lost += 1;
      wrong.push(`what another client has marked in ${path} is gone`);
    }
    return wrong;
  }

  #judge({ name, want, told: [least, most] }: Wish, places: readonly string[], isTold: boolean): string[] {
    if (JSON.stringify(places) === JSON.stringify(want)) return [];
    if (isTold && places.length >= least && places.length <= most) return [];
    if (places.length < (isTold ? least : want.length)) this.#tally.lost += 1;
    else if (places.length > (isTold ? most : want.length)) this.#tally.duplicated += 1;
    else this.#tally.stuck += 1;
    return [`${name} is at [${places.join(', ')}], not [${want.join(', ')}]${isTold ? ', and told' : ''}`];
  }
}

async function startGateways(
  { primary, relay }: FaultServers,
  ports?: Readonly<Record<'primary' | 'relay', number>>,
  hidden: readonly string[] = [],
): Promise<Gateways> {
  const start = (server: Dovecot, port: number | undefined): Promise<ImapProxy> =>
    startImapProxy({ upstreamPort: server.imapPort, hidden, ...(port === undefined ? {} : { port }) });
  return { primary: await start(primary, ports?.primary), relay: await start(relay, ports?.relay) };
}

async function closeGateways({ primary, relay }: Gateways): Promise<void> {
  await primary.close();
  await relay.close();
}

export interface FaultServers {
  readonly primary: Dovecot;
  readonly relay: Dovecot;
}

/** Servers with a user for each world. */
export async function startFaultServers(worlds: readonly FaultWorld[]): Promise<FaultServers> {
  const users = worlds.map((one) => one.name);
  const mailboxes = [...usualMailboxes, { path: 'Projects', autoSubscribe: true }];
  return { primary: await startDovecot({ users, mailboxes, rawlog: false }), relay: await startDovecot({ users, rawlog: false }) };
}

const countedOf = (gateway: ImapProxy): ProxiedCommand[] => gateway.commands.filter((one) => isCounted(one.name));
const isLive = ({ flags }: CountedMail): boolean => !flags.includes('\\Deleted');

/** Live places of a mail with their flags: `INBOX \\Seen`. */
function placesOf(mails: readonly CountedMail[], name: string): string[] {
  const found = mails.filter((one) => one.subject === `subject ${name}` && isLive(one));
  return found.map(({ path, flags }) => [path, ...flags].join(' ')).sort();
}
