import type { EngineRig } from '../engine-rig.ts';
import type { SeededRandom } from '../random.ts';
import { LifeState, type LifeModel } from './life-state.ts';
import { AT_RELAY, OtherClients, THEIRS } from './other-clients.ts';
import { OURS, OwnActs } from './own-acts.ts';

const MINUTE = 60_000;

/** Changes by chance, each made on a server (or here) and in the model. */
export class RandomLife {
  readonly state: LifeState;
  readonly #others: OtherClients;
  readonly #own: OwnActs;

  constructor(model: LifeModel, rig: EngineRig, random: SeededRandom) {
    this.state = new LifeState(model, rig, random);
    this.#others = new OtherClients(this.state);
    this.#own = new OwnActs(this.state);
  }

  get isAway(): boolean {
    return this.state.isOutage && this.state.primary === null;
  }

  /** One change; gives its words for the history of a failure. */
  async once(tag: string): Promise<string> {
    const { random, primary } = this.state;
    const who = primary === null ? (['relay', 'us'] as const) : (['primary', 'primary', 'primary', 'relay', 'us', 'us'] as const);
    const by = random.pick(who);
    if (by === 'us') return `we ${await this.#own.act(random.pick(OURS), tag)}`;
    if (by === 'relay') return `relay ${await this.#others.atRelay(random.pick(AT_RELAY), tag)}`;
    return `they ${await this.#others.atPrimary(random.pick(THEIRS), tag)}`;
  }

  /** Everything that waited is carried over. */
  settle(): void {
    const { model, received } = this.state;
    const { primary, person } = model;
    person.replay();
    this.#own.fileDrafts();
    for (const { mail, flags } of received.values()) {
      primary.arriveByUs({ mail, flags: new Set(flags), mailbox: null, uid: null }, primary.at('INBOX'));
    }
    received.clear();
    this.state.isOutage = false;
  }

  /** Time that has to pass until what the relay took, and its queue does not deliver, is carried over; and until a draft is filed. */
  get waitMs(): number {
    return this.state.received.size > 0 ? 2 * MINUTE : 10_000;
  }
}
