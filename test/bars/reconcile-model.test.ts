import { afterAll, beforeAll, expect, it } from 'vitest';
import { limits } from '../../shared/limits.ts';
import { census } from '../support/census.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapProxy } from '../support/imap-proxy.ts';
import { draftPairs, expectedOf as expectedOfDraft, isKeptThere, OutageDrafts } from '../support/outage-drafts.ts';
import { idOf, OutageWorld, worldMail } from '../support/outage-world.ts';
import { newRemovalCounts, RemovalLog } from '../support/removal-log.ts';
import { seededRandom, type SeededRandom } from '../support/random.ts';
import { isFull, seed } from '../support/this-run.ts';

const OPERATIONS = isFull ? 500 : 60;
const ROUNDS = isFull ? 4 : 2;
/** Mails that were lost before the outage and are put back in it. */
const RESTORES = isFull ? 40 : 8;
/** Drafts of before the outage, each changed here and elsewhere in it: all pairs of changes over the rounds. */
const KEPT = isFull ? 40 : 18;
const PAIRS = draftPairs(seededRandom(seed));
/** Of a server in every second round, so that what is moved is copied, proved and removed. */
const HIDDEN = ['MOVE'];
/** More that vanish from one mailbox at once are held back by the mirror for days, and changes to them wait as long. */
const MAX_GONE = limits.massVanishCount - 5;

let primary: Dovecot;
let relay: Dovecot;
beforeAll(async () => {
  const users = Array.from({ length: ROUNDS }, (_, n) => `m${n}`);
  primary = await startDovecot({ users, rawlog: false, mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
  relay = await startDovecot({ users, rawlog: false });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
});

type Ours = 'flags' | 'move' | 'delete' | 'chain';
type Theirs = 'nothing' | 'answered' | 'moved' | 'expunged';

/** What one mail went through on both sides, and what has to come of it. */
interface Fate {
  readonly name: string;
  readonly ours: Ours;
  readonly theirs: Theirs;
  readonly flags: Set<string>;
  place: string;
}

const THEIRS: Readonly<Record<Ours, readonly Theirs[]>> = {
  flags: ['nothing', 'answered', 'moved', 'expunged'],
  move: ['nothing', 'answered', 'moved', 'expunged'],
  delete: ['nothing', 'answered', 'moved', 'expunged'],
  // Of several moves the last one counts; what it means that the other side moved it, too, is the journal's own test.
  chain: ['nothing', 'answered'],
};

const GONE: ReadonlySet<Theirs> = new Set(['moved', 'expunged']);

/** Where the mail has to be at the end, by the rules of the journal. */
function expected({ ours, theirs, flags, place }: Fate): string[] {
  if (theirs === 'expunged') return [];
  const kept = [...flags, ...(theirs === 'answered' ? ['\\Answered'] : [])].sort();
  if (ours === 'delete') {
    // A person elsewhere has done something with it: it is not thrown away over their head.
    if (theirs === 'nothing') return ['Trash'];
    return [theirs === 'answered' ? 'INBOX \\Answered' : 'Archive'];
  }
  const stands = theirs === 'moved' ? 'Archive' : place;
  return [[stands, ...kept].join(' ')];
}

/** A mail that another program took away before the outage and a person puts back in it. */
interface Lost {
  readonly name: string;
  readonly how: 'expunged' | 'trashed';
  /** Somebody puts it back elsewhere, too, while we cannot know. */
  readonly isBack: boolean;
}

/** Where it stands already it stays, and it is there once. */
const expectedOf = ({ isBack }: Lost): string[] => [isBack ? 'Archive' : 'INBOX'];

class Outage {
  readonly world: OutageWorld;
  readonly fates: Fate[] = [];
  readonly #random: SeededRandom;
  readonly lost: Lost[] = [];
  sends = 0;
  drafts = 0;

  /** Internal date of all mail of before, milliseconds since 1970. */
  readonly seededAt: number;

  constructor(world: OutageWorld, random: SeededRandom, seededAt: number) {
    this.world = world;
    this.seededAt = seededAt;
    this.#random = random;
  }

  get operations(): number {
    const { db } = this.world.engine.store.handle;
    return (db.prepare('SELECT count(*) AS n FROM ops').get() as { n: number }).n + this.sends + this.drafts;
  }

  /** Changes one mail here: as many operations as its kind takes. */
  change(name: string): void {
    const ours = this.#random.pick(['flags', 'flags', 'move', 'delete', 'chain'] as const);
    const gone = this.fates.filter(({ theirs }) => GONE.has(theirs)).length;
    const possible = THEIRS[ours].filter((theirs) => gone < MAX_GONE || !GONE.has(theirs));
    const fate: Fate = { name, ours, theirs: this.#random.pick(possible), flags: new Set(), place: 'INBOX' };
    this.fates.push(fate);
    if (ours === 'delete') this.world.engine.actions.delete([this.world.entry(name)]);
    else if (ours === 'move') this.#move(fate);
    else
      for (let n = this.#random.int(1, 4); n > 0; n -= 1)
        if (ours === 'chain' && this.#random.bool()) this.#move(fate);
        else this.#flag(fate);
  }

  #move(fate: Fate): void {
    fate.place = this.#random.pick(
      ['Projects', 'Archive', 'INBOX'].filter((path) => path !== fate.place && !(fate.theirs === 'moved' && path === 'Archive')),
    );
    this.world.engine.actions.move([this.world.entry(fate.name)], this.world.mailbox(fate.place));
  }

  #flag(fate: Fate): void {
    const [flag, name] = this.#random.pick([
      ['seen', '\\Seen'],
      ['flagged', '\\Flagged'],
    ] as const);
    const isSet = this.#random.bool(0.7);
    if (isSet) fate.flags.add(name);
    else fate.flags.delete(name);
    this.world.engine.actions.setFlag([this.world.entry(fate.name)], flag, isSet);
  }

  /** Before the outage: gone from its place, and kept here. */
  async lose(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const how = this.#random.pick(['expunged', 'trashed'] as const);
      this.lost.push({ name, how, isBack: this.#random.bool(0.4) });
      await this.world.elsewhere(name, (client, uids) => (how === 'expunged' ? client.expunge(uids) : client.move(uids, 'Trash')));
    }
  }

  restore({ name }: Lost): void {
    this.world.engine.actions.restore([this.world.entry(name)]);
  }

  async write(): Promise<void> {
    if (this.#random.bool()) this.world.sentByRelay(`s${(this.sends += 1)}`);
    else {
      const { desk } = this.world.engine.features.compose;
      const draft = await desk.start({ kind: 'new', accountId: null, mailto: null });
      desk.save(draft.id, 0, { ...draft.content, subject: `draft ${(this.drafts += 1)}.`, text: 'a draft' });
    }
  }

  /** What the others did meanwhile, after our changes were recorded. */
  async elsewhere(): Promise<void> {
    for (const { name, how, isBack } of this.lost) {
      if (!isBack) continue;
      const { primary } = this.world;
      if (how === 'expunged') await primary.append('Archive', worldMail({ name }, 'mx'), { internalDate: this.seededAt });
      else {
        await primary.select('Trash');
        await primary.move(await primary.uids(`HEADER Message-ID "${idOf(name)}"`), 'Archive');
      }
    }
    for (const { name, theirs } of this.fates) {
      if (theirs === 'nothing') continue;
      await this.world.elsewhere(name, async (client, uids) => {
        if (uids.length === 0) return;
        if (theirs === 'answered') await client.store(uids, '+', ['\\Answered']);
        else if (theirs === 'moved') await client.move(uids, 'Archive');
        else await client.expunge(uids);
      });
    }
  }
}

const removals = newRemovalCounts();
const COUNTED = ['operations', 'done', 'shown', 'received', 'restored', 'kept'] as const;

async function play(round: number, random: SeededRandom, hidden: readonly string[]): Promise<Record<(typeof COUNTED)[number], number>> {
  const mails = Array.from({ length: OPERATIONS }, (_, n) => `a${n}`);
  const gateway = await startImapProxy({ upstreamPort: primary.imapPort, hidden });
  const ports = { primary: gateway.port };
  const world = await OutageWorld.open({ primary, relay, user: `m${round}` }, { continuity: { deliveryGraceSeconds: 60 }, ports });
  const kept = new OutageDrafts(world, random);
  let readTo = 0;
  // Bar O11: up to here by the log, and from here on with what the others have done meanwhile.
  const readLog = async (): Promise<void> => {
    expect(log.read(gateway.commands.slice(readTo))).toEqual([]);
    readTo = gateway.commands.length;
    log.learn(await census(world.primary));
  };
  const internalDate = world.clock.now() - 86_400_000;
  for (const name of mails) await world.seed(name, internalDate);
  const lost = Array.from({ length: RESTORES }, (_, n) => `g${n}`);
  for (const name of lost) await world.seed(name, internalDate);
  await kept.write(Array.from({ length: KEPT }, (_, n) => PAIRS[(round * KEPT + n) % PAIRS.length]!));
  const log = new RemovalLog(removals, kept.mayGo);
  const outage = new Outage(world, random, internalDate);
  await outage.lose(lost);
  // A message is lost when a second look does not find it elsewhere.
  await world.look(3);
  world.lose();
  for (const one of outage.lost) outage.restore(one);
  for (const name of mails) {
    if (outage.operations >= OPERATIONS) break;
    outage.change(name);
    if (random.bool(0.25)) await outage.write();
  }
  await kept.here();
  await outage.elsewhere();
  await kept.elsewhere();
  const received = Array.from({ length: Math.ceil(OPERATIONS / 20) }, (_, n) => `r${n}`);
  await world.relayReceives(...received);
  await world.look(1);
  await readLog();
  world.back();
  await world.look(2);
  for (const name of received) if (random.bool()) await world.deliver(name);
  await readLog();
  for (let n = 0; n < 10 && world.reconciler.current(world.rig.accountId) !== null; n += 1) {
    world.clock.pass(130_000);
    await world.look(1);
  }
  await readLog();
  const operations = outage.operations + kept.sent + kept.written.length + kept.ended.length;
  const places = await world.allPlaces([
    ...outage.fates.map((one) => one.name),
    ...received,
    ...lost,
    ...Array.from({ length: outage.sends }, (_, n) => `s${n + 1}`),
  ]);
  for (const fate of outage.fates) expect(places[fate.name], JSON.stringify({ ...fate, flags: [...fate.flags] })).toEqual(expected(fate));
  for (const one of outage.lost) expect(places[one.name], JSON.stringify(one)).toEqual(expectedOf(one));
  for (const name of received) expect(places[name], name).toEqual(['INBOX']);
  for (let n = 1; n <= outage.sends; n += 1) expect(places[`s${n}`]).toEqual(['Sent \\Seen']);
  await world.primary.select('Drafts', { readOnly: true });
  for (let n = 1; n <= outage.drafts; n += 1) expect(await world.primary.uids(`SUBJECT "draft ${n}."`)).toHaveLength(1);
  const drafts = await kept.outcomes();
  const canMove = !hidden.includes('MOVE');
  for (const fate of kept.fates) expect(drafts[fate.name], JSON.stringify(fate)).toEqual(expectedOfDraft(fate, canMove));
  const { balance, state } = world.run();
  expect(state).toBe('finished');
  for (const figure of Object.values(balance)) expect(figure.expected).toBe(figure.confirmed + figure.exceptions);
  const sent = outage.sends + kept.sent;
  expect(balance.sent).toEqual({ expected: sent, confirmed: sent, exceptions: 0 });
  // Of what was written on both sides both are kept, and it is told.
  const met = kept.fates.filter((one) => expectedOfDraft(one, canMove).hasConflict).length;
  const stay = kept.ended.filter((one) => isKeptThere(one, canMove)).length;
  const carried = outage.drafts + kept.written.length + kept.ended.length;
  expect(balance.draft).toEqual({ expected: carried, confirmed: carried - met - stay, exceptions: met + stay });
  expect(balance.restore).toEqual({ expected: lost.length, confirmed: lost.length, exceptions: 0 });
  expect(balance.received).toEqual({ expected: received.length, confirmed: received.length, exceptions: 0 });
  const shown = world.engine.actions.failed().length;
  expect(balance.change.exceptions).toBe(shown);
  expect(world.engine.store.ops.countOpen(world.rig.accountId)).toBe(0);
  const done = balance.change.confirmed + balance.sent.confirmed + balance.draft.confirmed + balance.restore.confirmed;
  // None dropped in silence: what went in is done or shown.
  expect(operations).toBe(done + shown + met + stay);
  // What was refused is shown as the server has it.
  for (const fate of outage.fates.filter((one) => one.theirs === 'moved')) {
    const row = world.rig.rows('Archive').find((one) => one.id === world.entry(fate.name));
    expect(row, fate.name).toBeDefined();
  }
  await world.close();
  await gateway.close();
  return { operations, done, shown: shown + met + stay, received: received.length, restored: lost.length, kept: kept.fates.length };
}

it('carries any outage into a primary that changed, too, as the model says (O10)', { timeout: isFull ? 3_600_000 : 180_000 }, async () => {
  const totals = { operations: 0, done: 0, shown: 0, received: 0, restored: 0, kept: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const one = await play(round, seededRandom(seed + round), round % 2 === 1 ? HIDDEN : []);
    for (const key of COUNTED) totals[key] += one[key];
  }
  expect(removals.removals).toBeGreaterThan(0);
  reportFigure('O10 reconciliation against the model', { ...totals, ...removals, dropped: 0, seed });
});
