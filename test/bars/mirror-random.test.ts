import { afterAll, beforeAll, expect, it } from 'vitest';
import { differences } from '../support/compare.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { seededRandom, type SeededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { RefusedError } from '../support/second-client.ts';
import { World } from '../crash/world.ts';

const isFull = process.env['HOLDOVER_FULL'] === '1';
const seed = Number(process.env['HOLDOVER_SEED'] ?? 20261124);
const SEQUENCES = isFull ? 10_000 : 24;
/** A new user, and so new mailboxes, after this many sequences: long histories and fresh starts both. */
const PER_USER = isFull ? 20 : 12;
const USERS = Math.ceil(SEQUENCES / PER_USER);

let primary: Dovecot;
let relay: Dovecot;
beforeAll(async () => {
  const users = Array.from({ length: USERS }, (_, n) => `r${n}`);
  primary = await startDovecot({ users, rawlog: false, mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
  relay = await startDovecot({ users, rawlog: false, mailboxes: [...usualMailboxes, { path: 'Quarantine', autoSubscribe: true }] });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
});

const FLAGS = ['\\Seen', '\\Flagged', '\\Answered', '$Forwarded', 'Wichtig'] as const;

/** One random change, by another client or by us. Returns its name for the history of a failure. */
class RandomLife {
  readonly #random: SeededRandom;
  readonly #world: World;
  readonly #rig: EngineRig;
  #created = 0;

  constructor(random: SeededRandom, world: World, rig: EngineRig) {
    this.#random = random;
    this.#world = world;
    this.#rig = rig;
  }

  async once(tag: string): Promise<string> {
    const kind = this.#random.pick([
      'append',
      'append',
      'append',
      'relay-append',
      'flag',
      'flag',
      'move',
      'copy',
      'expunge',
      'create',
      'rename',
      'delete',
      'our-flag',
      'our-flag',
      'our-move',
      'our-copy',
      'our-delete',
      'our-create',
    ] as const);
    try {
      return `${kind} ${await this.#act(kind, tag)}`;
    } catch (error) {
      // The server may refuse: the mailbox is gone, or holds no mail. That is life, too.
      if (error instanceof RefusedError) return `${kind} refused`;
      throw error;
    }
  }

  async #act(kind: string, tag: string): Promise<string> {
    if (kind.startsWith('our-')) return this.#ours(kind);
    const { primary: client } = this.#world;
    const paths = (await client.list()).map((one) => one.path).filter((path) => path !== 'Trash' && path !== 'Junk');
    const path = this.#random.pick(paths);
    if (kind === 'append' || kind === 'relay-append') {
      const flags = this.#random.bool(0.3) ? [this.#random.pick(FLAGS)] : [];
      const message = {
        id: tag,
        path: kind === 'append' ? path : 'INBOX',
        ageDays: this.#random.int(0, 40),
        flags,
        bytes: this.#random.int(10, 4_000),
      };
      await this.#world.add(kind === 'append' ? 'primary' : 'relay', message);
      if (kind === 'append' && path === 'INBOX' && this.#random.bool()) await this.#world.add('relay', message);
      return `${message.path} ${tag}`;
    }
    if (kind === 'create') {
      const name = `Neu ${(this.#created += 1)} ${tag}`;
      await client.create(name);
      await client.subscribe(name);
      return name;
    }
    const own = paths.filter((one) => one.startsWith('Neu'));
    if (kind === 'rename' || kind === 'delete') {
      if (own.length === 0) return 'nothing';
      const chosen = this.#random.pick(own);
      // Dovecot ends the connection of a client whose selected mailbox goes.
      await client.select('INBOX');
      if (kind === 'delete') await client.delete(chosen);
      else {
        await client.rename(chosen, `${chosen}x`);
        await client.subscribe(`${chosen}x`);
      }
      return chosen;
    }
    return this.#onMessages(kind, path, this.#random.pick(paths));
  }

  async #onMessages(kind: string, path: string, target: string): Promise<string> {
    const { primary: client } = this.#world;
    await client.select(path);
    const uids = await client.uids();
    if (uids.length === 0) return 'nothing';
    const some = this.#random.shuffle(uids).slice(0, this.#random.int(1, Math.min(3, uids.length)));
    if (kind === 'flag') await client.store(some, this.#random.pick(['+', '-'] as const), [this.#random.pick(FLAGS)]);
    else if (kind === 'expunge') await client.expunge(some);
    else if (kind === 'copy') await client.copy(some, target);
    else if (target !== path) await client.move(some, target);
    return `${path} ${some.join(',')} ${target}`;
  }

  #ours(kind: string): string {
    const { engine, accountId } = this.#rig;
    const rows = engine.store.mailboxes.list(accountId, 'primary').filter((one) => one.isMirrored);
    if (kind === 'our-create') {
      engine.actions.changeMailbox(accountId, { kind: 'create-mailbox', path: `Neu von hier ${this.#random.word(6)}` });
      return '';
    }
    const mailbox = this.#random.pick(rows);
    const list = engine.store.lists.page({ mailboxId: mailbox.id }, 'all', 0, 50).rows;
    if (list.length === 0) return 'nothing';
    const row = this.#random.pick(list);
    const targetMailboxId = this.#random.pick(rows).id;
    if (kind === 'our-flag') engine.actions.setFlag([row.id], this.#random.pick(['seen', 'flagged'] as const), this.#random.bool());
    else if (kind === 'our-move') engine.actions.changePlace(row.id, { kind: 'move', targetMailboxId });
    else if (kind === 'our-copy') engine.actions.changePlace(row.id, { kind: 'copy', targetMailboxId });
    else engine.actions.changePlace(row.id, { kind: 'delete' });
    return `${row.subject} to ${targetMailboxId}`;
  }
}

/** Lets everything come to rest: changes of ours carried over, moves settled, bodies here. */
async function quiesce(rig: EngineRig): Promise<void> {
  for (let n = 0; n < 6; n += 1) {
    await rig.mirror();
    if (n >= 1 && rig.engine.store.ops.countOpen(rig.accountId) === 0) return;
  }
}

it('is equal to both servers after any random sequence of changes (I2)', { timeout: isFull ? 4 * 3_600_000 : 240_000 }, async () => {
  let operations = 0;
  let failovers = 0;
  let sequences = 0;
  for (const n of sliceOf(Array.from({ length: USERS }, (_, index) => index))) {
    const user = `r${n}`;
    const login = (server: Dovecot) => ({ port: server.imapPort, user, password: server.user(user).password });
    const rig = await EngineRig.open({ primary: login(primary), relay: login(relay) });
    await rig.mirror();
    for (let sequence = n * PER_USER; sequence < Math.min((n + 1) * PER_USER, SEQUENCES); sequence += 1) {
      sequences += 1;
      const random = seededRandom(seed * 100_003 + sequence);
      const world = new World(await primary.connect(user), await relay.connect(user));
      const life = new RandomLife(random, world, rig);
      const history: string[] = [];
      const length = random.int(5, 50);
      for (let k = 0; k < length; k += 1) {
        history.push(await life.once(`t${sequence}-${k}`));
        operations += 1;
        if (!random.bool(0.1)) continue;
        history.push('-- look');
        await rig.mirror();
      }
      await world.primary.close();
      await world.relay.close();
      if (random.bool(0.05)) {
        // The primary goes away in the middle of a look, and comes back.
        failovers += 1;
        const looking = rig.engine.mirrorOnce();
        await primary.stop('KILL');
        await looking;
        await primary.start();
      }
      if (random.bool(0.1)) await rig.restart();
      await quiesce(rig);
      const found = [...(await differences(rig, 'primary', primary, user)), ...(await differences(rig, 'relay', relay, user))];
      expect(found, `sequence ${sequence}, seed ${seed}: ${history.join(' | ')}`).toEqual([]);
      expect(rig.engine.store.ops.countOpen(rig.accountId), `open operations, sequence ${sequence}: ${history.join(' | ')}`).toBe(0);
    }
    await rig.close();
  }
  reportFigure('I2 random sequences', { sequences, of: SEQUENCES, operations, failovers, different: 0, seed });
});
