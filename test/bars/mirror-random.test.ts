import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { compareLocal, compareServer, followCounters } from '../support/mail-model/model-check.ts';
import { PersonModel } from '../support/mail-model/person-model.ts';
import { RandomLife } from '../support/mail-model/random-life.ts';
import { ServerModel } from '../support/mail-model/server-model.ts';
import { seededRandom } from '../support/random.ts';
import { ShiftClock } from '../support/shift-clock.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, seed } from '../support/this-run.ts';

/** The full run takes about four hours on two cores with nothing else to do; HOLDOVER_SLICE=k/n takes the k-th of n parts. */
const SEQUENCES = isFull ? 10_000 : 12;
/** A new user, and so new mailboxes, after this many sequences: long histories and fresh starts both. */
const PER_USER = isFull ? 20 : 6;
const USERS = Math.ceil(SEQUENCES / PER_USER);
/** Looks after which nothing may be left to do. */
const MAX_LOOKS = 14;

let primary: Dovecot;
let relay: Dovecot;
beforeAll(async () => {
  const users = Array.from({ length: USERS }, (_, n) => `r${n}`);
  primary = await startDovecot({ users, rawlog: false, mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
  relay = await startDovecot({ users, rawlog: false });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
});

const totals = { sequences: 0, operations: 0, looks: 0, failovers: 0, cutLooks: 0, restarts: 0, carriedOver: 0, shown: 0, different: 0 };

/** The life of one user over some sequences, next to the model of what has to come of it. */
class UserRun {
  readonly user: string;
  readonly rig: EngineRig;
  readonly clock: ShiftClock;
  readonly life: RandomLife;
  history: string[] = [];

  private constructor(user: string, rig: EngineRig, clock: ShiftClock) {
    this.user = user;
    this.rig = rig;
    this.clock = clock;
    const here = new ServerModel(['INBOX', 'Drafts', 'Sent', 'Archive', 'Projects'], ['Trash', 'Junk']);
    const there = new ServerModel(['INBOX', 'Sent', 'Drafts', 'Archive'], ['Trash', 'Junk']);
    const person = new PersonModel(here, here.at('Trash'));
    this.life = new RandomLife({ primary: here, relay: there, person }, rig, seededRandom(seed));
  }

  static async open(user: string): Promise<UserRun> {
    const clock = new ShiftClock();
    const login = (server: Dovecot) => ({ port: server.imapPort, user, password: server.user(user).password });
    const continuity = {
      ...({ failover: 'automatic', reconcile: 'automatic' } as const),
      ...{ stableSeconds: 0, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: 60 },
    };
    const rig = await EngineRig.open({ primary: login(primary), relay: login(relay), clock, config: { continuity } });
    const run = new UserRun(user, rig, clock);
    await rig.mirror();
    run.life.state.agree();
    return run;
  }

  async meet(): Promise<void> {
    this.life.state.primary = await primary.connect(this.user);
    this.life.state.relay = await relay.connect(this.user);
  }

  async part(): Promise<void> {
    await this.life.state.primary?.close();
    await this.life.state.relay?.close();
    this.life.state.primary = this.life.state.relay = null;
  }

  /** The primary dies, in the middle of a look or between two, and the person goes on over the relay. */
  async lose(): Promise<void> {
    const { random } = this.life.state;
    const isInLook = random.bool();
    this.history.push(isInLook ? '-- primary dies in a look' : '-- primary dies');
    totals.failovers += 1;
    await this.life.state.primary?.close();
    this.life.state.primary = null;
    if (isInLook) {
      totals.cutLooks += 1;
      const looking = this.rig.engine.mirrorOnce();
      await new Promise((resolve) => setTimeout(resolve, random.int(0, 40)));
      await primary.stop('KILL');
      await looking;
    } else await primary.stop('KILL');
    this.rig.engine.features.monitor.setControl(this.rig.accountId, 'forced-continuity');
    this.life.state.lose(isInLook);
  }

  async comeBack(): Promise<void> {
    this.history.push('-- primary is back');
    await primary.start();
    this.rig.engine.features.monitor.setControl(this.rig.accountId, 'forced-normal');
    this.life.state.primary = await primary.connect(this.user);
    if (this.life.state.wasCutOff) await followCounters(this.life.state.model.primary, this.life.state.primary);
  }

  async #look(): Promise<void> {
    totals.looks += 1;
    await this.rig.mirror();
  }

  /** Looks until nothing is left to be carried over, and compares: model with server, model with what is here. */
  async settle(): Promise<string[]> {
    const { engine, accountId } = this.rig;
    const isOpen = (): boolean =>
      engine.store.ops.countOpen(accountId) > 0 ||
      engine.features.reconciler.current(accountId) !== null ||
      engine.features.monitor.mode(accountId) !== 'normal';
    for (let n = 0; n < MAX_LOOKS && (n === 0 || isOpen()); n += 1) {
      this.clock.pass(this.life.waitMs);
      await this.#look();
    }
    // What was put there last is seen here by another look.
    await this.#look();
    this.life.settle();
    const found = isOpen()
      ? [`still open: ${engine.store.ops.countOpen(accountId)} changes, mode ${engine.features.monitor.mode(accountId)}`]
      : [];
    const { primary: here, relay: there } = this.life.state.model;
    found.push(...(await compareServer(here, this.life.state.primary!)), ...(await compareServer(there, this.life.state.relay!)));
    found.push(...compareLocal(here, this.rig, 'primary'), ...compareLocal(there, this.rig, 'relay'));
    this.life.state.agree();
    return found;
  }

  /** Between 5 and 50 changes with looks, restarts and failovers in between. What was different at any time. */
  async sequence(n: number): Promise<string[]> {
    this.history = [];
    const random = seededRandom(seed * 100_003 + n);
    this.life.state.random = random;
    await this.meet();
    const length = random.int(5, 50);
    const failsAt = random.bool(0.3) ? random.int(0, length - 1) : -1;
    const isBackAt = failsAt + random.int(1, 12);
    for (let k = 0; k < length; k += 1) {
      if (k === failsAt) await this.lose();
      if (k === isBackAt && this.life.isAway) await this.comeBack();
      this.history.push(await this.life.once(`t${n}-${k}`));
      totals.operations += 1;
      if (!random.bool(0.1)) continue;
      if (this.life.isAway) await this.rig.engine.mirrorOnce();
      else {
        this.history.push('-- look');
        const found = await this.settle();
        if (found.length > 0) return found;
      }
      if (random.bool(0.2)) {
        this.history.push('-- restart');
        totals.restarts += 1;
        await this.rig.restart();
      }
    }
    if (this.life.isAway) await this.comeBack();
    const found = await this.settle();
    await this.part();
    return found;
  }

  async close(): Promise<void> {
    await this.part();
    if (!primary.isRunning) await primary.start();
    const { counts } = this.life.state.model.person;
    totals.carriedOver += counts.done;
    totals.shown += counts.shown;
    await this.rig.close();
  }
}

it(
  'is what the model says, on both servers and here, after any random sequence of changes (I2)',
  { timeout: isFull ? 4 * 3_600_000 : 240_000 },
  async () => {
    const different: string[] = [];
    for (const n of sliceOf(Array.from({ length: USERS }, (_, index) => index))) {
      const run = await UserRun.open(`r${n}`);
      for (let sequence = n * PER_USER; sequence < Math.min((n + 1) * PER_USER, SEQUENCES); sequence += 1) {
        totals.sequences += 1;
        const found = await run.sequence(sequence);
        totals.different += found.length;
        if (found.length === 0) continue;
        different.push(`user ${n}, sequence ${sequence}, seed ${seed}: ${found.join('; ')} after ${run.history.join(' | ')}`);
        // From here on nothing of this user is comparable.
        break;
      }
      await run.close();
    }
    reportFigure('I2 random sequences', { ...totals, of: SEQUENCES, seed });
    expect(different).toEqual([]);
  },
);
