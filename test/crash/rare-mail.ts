import type { FrozenMessage } from '../../main/engine/store/frozen-message.ts';
import type { OutboxRow } from '../../main/engine/store/outbox-item.ts';
import { Outbox } from '../../main/engine/outbox/outbox.ts';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import type { Side } from '../../shared/model/account.ts';
import { asAccountId, type OutboxId } from '../../shared/model/ids.ts';
import { openGatewaySession } from '../support/gateway-session.ts';
import type { ScriptAction, ScriptCommand, ScriptMailbox, ScriptMessage } from '../support/imap-script.ts';
import { frozenFor, type OutboxRig } from '../support/outbox-rig.ts';
import { BLIND, sha256, type OutboxTask } from './outbox-world.ts';

/** What happens to each mail; its number tells the server which one it is, by the size. */
const ROLES = { held: 1, spoilt: 2, refused: 3, hidden: 4, cut: 5, own: 6, last: 7 } as const;
export type RareRole = keyof typeof ROLES;
const SIZE_STEP = 10_000;
/** So often its copy in Sent is refused, and asked for anew by a person. */
const REFUSALS = 3;
const CUTS = 2;
const HOUR_MS = 3_600_000;

export const rareIdOf = (role: RareRole, run: number): string => `<${role}-${run}@crash.example.com>`;
const addressOf = (role: RareRole): string => `${role}@example.com`;

/** Who gets which mail; the one whose bytes are spoilt goes to nobody. */
export const rareExpected = (run: number): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    (Object.keys(ROLES) as RareRole[]).filter((role) => role !== 'spoilt').map((role) => [rareIdOf(role, run), [addressOf(role)]]),
  );

/** Another account, which is removed, and one whose place ours takes. */
export const OTHER_ACCOUNT = asAccountId(7);
const FORMER_ACCOUNT = 99;
export const otherId = (run: number): string => `<other-${run}@crash.example.com>`;

/** A primary that files some copies only at a later try. */
export class RareServer {
  readonly #sent: ScriptMailbox;
  readonly #appends = new Map<RareRole, number>();
  #hidden: ScriptMessage | null = null;
  #looks = 0;

  constructor(sent: ScriptMailbox) {
    this.#sent = sent;
  }

  act({ name, args, tag }: ScriptCommand): ScriptAction | undefined {
    if (name === 'UID SEARCH') return this.#onSearch();
    if (name !== 'APPEND') return undefined;
    const size = Number(/\{(\d+)\+?\}/u.exec(args)?.[1] ?? 0);
    const role = (Object.keys(ROLES) as RareRole[]).find((one) => ROLES[one] === Math.floor(size / SIZE_STEP));
    if (role === undefined) return undefined;
    const nth = (this.#appends.get(role) ?? 0) + 1;
    this.#appends.set(role, nth);
    if (role === 'refused' && nth <= REFUSALS) return { no: '[LIMIT] not now' };
    if (role === 'cut' && nth <= CUTS) return { bye: 'too much' };
    return role === 'hidden' ? { rewrite: () => this.#hide(tag) } : undefined;
  }

  /** Filed, and neither told where nor shown at the first look. */
  #hide(tag: string): Buffer {
    this.#hidden = this.#sent.messages.pop() ?? null;
    this.#looks = 0;
    return Buffer.from(`${tag} OK done\r\n`);
  }

  #onSearch(): ScriptAction | undefined {
    if (this.#hidden === null || (this.#looks += 1) < 2) return undefined;
    return { before: () => this.show() };
  }

  /** Shows what it has hidden. */
  show(): void {
    if (this.#hidden !== null) this.#sent.messages.push(this.#hidden);
    this.#hidden = null;
  }
}

interface Doing {
  readonly rig: OutboxRig;
  readonly run: number;
  readonly imap: OutboxTask['imap'];
  readonly tell: (line: string) => void;
}

const ROUND_MS = 20;
const MAX_ROUNDS = 500;

/** The looks of both sides, whose connections may end. */
class Looks {
  readonly #of: Doing;
  readonly #sessions = new Map<Side, ImapSession>();

  constructor(of: Doing) {
    this.#of = of;
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    for (let round = 0; !isSo(); round += 1) {
      if (round === MAX_ROUNDS) throw new Error(`never came about: ${what}`);
      for (const side of ['primary', 'relay'] as const) await this.#look(side);
      await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    }
  }

  async #look(side: Side): Promise<void> {
    const known = this.#sessions.get(side);
    const session = known?.isOpen ? known : await openGatewaySession({ port: this.#of.imap[side], side });
    this.#sessions.set(side, session);
    await this.#of.rig.runJobs(side, session).catch((error: unknown) => {
      if (session.isOpen) throw error;
    });
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await session.close();
  }
}

function frozenOf({ rig, run }: Doing, role: RareRole): FrozenMessage {
  const line = 'a line of the usual length in a mail that something rare happens to\r\n';
  return frozenFor(rig, {
    ...{ messageId: rareIdOf(role, run), bcc: [BLIND], envelope: { from: 'anna@example.com', to: [addressOf(role)] } },
    text: line.repeat(Math.ceil((ROLES[role] * SIZE_STEP) / line.length)),
    sendAfter: rig.clock.now() + (role === 'spoilt' ? HOUR_MS : 0),
  });
}

/** Hands a mail over, unless a process before has done it. */
function handOver(of: Doing, role: RareRole): OutboxId {
  const { rig, run, tell } = of;
  const known = rig.store.withMessageId(rig.account.id, rareIdOf(role, run));
  if (known !== null) return known.id;
  const frozen = frozenOf(of, role);
  tell(`offered ${frozen.messageId} ${sha256(frozen.raw)}`);
  const id = rig.outbox.enqueue(frozen);
  tell(`kept ${frozen.messageId}`);
  return id;
}

/** In Sent, or uncertain after a kill while it was on its way. */
const isThrough = ({ state, sentCopy }: OutboxRow): boolean => state === 'filed' || state === 'unknown' || sentCopy === 'failed';

async function through(of: Doing, looks: Looks, role: RareRole): Promise<OutboxRow> {
  const id = handOver(of, role);
  await looks.until(`${role} in Sent`, () => isThrough(of.rig.row(id)));
  return of.rig.row(id);
}

async function hold(of: Doing, looks: Looks): Promise<OutboxRow> {
  const { rig } = of;
  const way = rig.route;
  rig.route = { side: null, hold: 'no-route' };
  rig.outbox.routeChanged(rig.account.id);
  const id = handOver(of, 'held');
  await looks.until('a hold', () => rig.row(id).state !== 'queued' || rig.row(id).hold === 'no-route');
  rig.route = way;
  rig.outbox.routeChanged(rig.account.id);
  return through(of, looks, 'held');
}

/** Its bytes are changed while it waits. */
async function spoil(of: Doing, looks: Looks): Promise<void> {
  const { rig } = of;
  const id = handOver(of, 'spoilt');
  if (rig.row(id).state === 'queued') {
    rig.handle.db.prepare('UPDATE outbox_chunks SET content = zeroblob(length(content)) WHERE outbox_id = ?').run(id);
    rig.outbox.sendNow(id);
  }
  await looks.until('a quarantine', () => rig.row(id).state === 'quarantined');
}

/** A person asks for the copy as often as it is refused. */
async function refuse(of: Doing, looks: Looks): Promise<void> {
  const { rig } = of;
  const id = handOver(of, 'refused');
  const isRefused = (): boolean => rig.row(id).sentCopy === 'waiting' && rig.row(id).sentStep?.error !== undefined;
  while (!isThrough(rig.row(id))) {
    await looks.until('an answer to the copy', () => isThrough(rig.row(id)) || isRefused());
    if (isRefused()) await rig.outbox.lookUp(id);
  }
}

/** The store of mirrored mail was made anew, and numbers its accounts in another way. */
async function adopt({ rig }: Doing): Promise<void> {
  await rig.outbox.stop();
  rig.handle.db.prepare('UPDATE outbox SET account_id = ? WHERE account_id = ?').run(FORMER_ACCOUNT, rig.account.id);
  rig.outbox = new Outbox(rig.context);
  rig.outbox.start();
}

/** Goes through everything once; what a process before has done is not done again. */
export async function doRarely(of: Doing): Promise<void> {
  const { rig, run, tell } = of;
  const { account, store } = rig;
  const looks = new Looks(of);
  const relayRoute = rig.route;
  if (store.withMessageId(account.id, rareIdOf('held', run)) === null && store.withMessageId(OTHER_ACCOUNT, otherId(run)) === null) {
    const frozen = frozenFor(rig, { messageId: otherId(run), accountId: OTHER_ACCOUNT, sendAfter: rig.clock.now() });
    store.add(frozen, 'other@example.com', rig.clock.now());
  }
  const held = await hold(of, looks);
  await spoil(of, looks);
  await refuse(of, looks);
  await through(of, looks, 'hidden');
  await through(of, looks, 'cut');
  rig.route = { side: 'primary', hold: null };
  await through(of, looks, 'own');
  rig.route = relayRoute;
  const recipient = { address: addressOf('refused'), action: 'delayed', status: '4.4.1', text: 'later', retryUntil: null } as const;
  rig.outbox.noteReport(account.id, { originalMessageId: rareIdOf('refused', run), recipients: [recipient] }, held.createdAt);
  tell('done report');
  if (held.state === 'filed') {
    rig.outbox.dismiss(held.id);
    tell('done dismiss');
  }
  await adopt(of);
  tell('done adopt');
  if (store.withMessageId(OTHER_ACCOUNT, otherId(run)) !== null) await rig.outbox.accountRemoved(OTHER_ACCOUNT);
  tell('done remove-account');
  await through(of, looks, 'last');
  await looks.close();
}

/** What is not as it has to be in the end, beside who got what. @param done what a process told as done */
export function rareFaults(rig: OutboxRig, run: number, done: readonly string[]): string[] {
  const rowOf = (role: RareRole): OutboxRow | null => rig.store.withMessageId(rig.account.id, rareIdOf(role, run));
  const reported = rowOf('refused');
  const count = (account: number): number =>
    rig.handle.db.prepare('SELECT count(*) FROM outbox WHERE account_id = ?').pluck().get(account) as number;
  const facts: Readonly<Record<string, boolean>> = {
    'spoilt mail is not set aside': rowOf('spoilt')?.state !== 'quarantined',
    'a report is not kept once': reported === null || rig.store.evidence.notices(reported.id).length !== 1,
    'what was put away is back': done.includes('dismiss') && rowOf('held')?.dismissedAt === null,
    'not learnt that the server files no copy': rig.store.filesOwnCopy('127.0.0.1') !== false,
    'mail of an account of before': count(FORMER_ACCOUNT) > 0,
    'mail of a removed account': count(OTHER_ACCOUNT) > 0,
  };
  return Object.keys(facts).filter((one) => facts[one]);
}
